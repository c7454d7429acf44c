/*
 * ring.c - the tenants' keys, wrapped by the master key.
 *
 * A ring file is a magic, the master key's id (so that a wrong master key is
 * told from a broken file), and the data, index and old data key, sealed; as
 * a rule there is no old one.  The seal's version byte is the data key's
 * version.
 *
 * It must never write a key in the clear, and never count a ring as rewrapped
 * before it was read back with the new master key alone.
 */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "secret.h"
#include "str.h"

#define MAGIC "SSRING1\n"
#define MAGIC_LEN 8
#define KEYS_MAX (3 * CRYPT_KEY)
#define SEALED_AT (MAGIC_LEN + MASTER_ID)
#define RING_MAX (SEALED_AT + KEYS_MAX + CRYPT_OVERHEAD)
#define SUFFIX ".ring"
#define NAME_MAX_LEN 250

struct keys {			/* in the clear: wiped after use */
	uint8_t version;
	size_t n;		/* bytes: of two keys or three */
	uint8_t b[KEYS_MAX];	/* data, index, old data */
};

/* A ring's keys, and the master key that opened it. */
struct found {
	struct keys keys;
	const struct master *by;
	struct master *late;	/* it was read anew */
};

static enum rc
keys_path(const char *dir, const char *tenant, const char *suffix,
    char out[FILE_PATH])
{
	char name[NAME_MAX_LEN];

	if (!str_fmt(name, sizeof(name), "%s%s", tenant, suffix)) {
		SAY(M_INTERNAL, F_WORD("text", "a tenant's name is too long"));
		return RC_CONFIG;
	}
	return file_path(out, dir, name);
}

static struct part
bound(const char *tenant, char out[300])
{
	static const char label[] = "salesync ring";
	size_t n = strlen(tenant);

	memcpy(out, label, sizeof(label));
	memcpy(out + sizeof(label), tenant, n + 1);
	return (struct part){ out, sizeof(label) + n + 1 };
}

static enum rc
keys_write(const char *path, const struct keys *k, const char *tenant,
    const struct master *m)
{
	uint8_t out[RING_MAX];
	char aad[300];

	memcpy(out, MAGIC, MAGIC_LEN);
	memcpy(out + MAGIC_LEN, m->id, MASTER_ID);
	if (crypt_seal(m->key, k->version, bound(tenant, aad), k->b, k->n,
	    out + SEALED_AT) != RC_OK) {
		SAY(M_INTERNAL, F_WORD("text", "a key can't be sealed"));
		abort();
	}
	return file_write(path, out, SEALED_AT + k->n + CRYPT_OVERHEAD, 0600);
}

/* RC_END: not there; RC_REJECT: of another master key; RC_FATAL: said. */
static enum rc
keys_read(const char *path, const char *tenant, const struct master *m,
    struct keys *k)
{
	const uint8_t *p;
	char aad[300];
	struct buf b;
	enum rc rc;

	buf_init(&b, 2 * RING_MAX);
	rc = file_read(path, &b);
	if (rc != RC_OK)
		goto out;
	p = (const uint8_t *)b.data;
	rc = RC_FATAL;
	k->n = b.len - SEALED_AT - CRYPT_OVERHEAD;
	if ((k->n == 2 * CRYPT_KEY || k->n == 3 * CRYPT_KEY) &&
	    memcmp(p, MAGIC, MAGIC_LEN) == 0) {
		if (memcmp(p + MAGIC_LEN, m->id, MASTER_ID) != 0)
			rc = RC_REJECT;
		else
			rc = crypt_open(m->key, bound(tenant, aad),
			    p + SEALED_AT, b.len - SEALED_AT, k->b);
		k->version = p[SEALED_AT];
	}
	if (rc == RC_FATAL)
		SAY(M_RING_BROKEN, F_WORD("file", path));
out:
	buf_free(&b);
	return rc;
}

/* By m or what follows it. */
static enum rc
find(const char *path, const char *tenant, const struct master *m,
    struct found *f)
{
	enum rc rc = RC_REJECT;

	for (; m != NULL && rc == RC_REJECT; m = m->next) {
		rc = keys_read(path, tenant, m, &f->keys);
		f->by = m;
	}
	return rc;
}

static void
found_end(struct found *f)
{
	master_free(f->late);
	secret_zero(f, sizeof(*f));
}

static enum rc
wrong_master(const char *path)
{
	SAY(M_MASTER_WRONG, F_WORD("file", path));
	return RC_CONFIG;
}

enum rc
ring_lock(const char *keys_dir, int *fd)
{
	int f = open(keys_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (f >= 0 && flock(f, LOCK_EX) != 0) {
		if (errno == EINTR)
			continue;
		(void)close(f);
		f = -1;
	}
	if (f < 0) {
		SAY(M_DISK, F_WORD("file", keys_dir),
		    F_WORD("text", strerror(errno)));
		return RC_FATAL;
	}
	*fd = f;
	return RC_OK;
}

/* Under the lock, so that no new master key comes meanwhile; and by the last
 * one that there is, since a change that was broken off goes on to it. */
static enum rc
make_ring(const char *dir, const char *path, const char *tenant,
    const struct master *m)
{
	struct keys k = { .version = 1, .n = 2 * CRYPT_KEY };
	struct master *now = NULL;
	int lock = -1;
	enum rc rc = ring_lock(dir, &lock);

	if (rc != RC_OK)
		return rc;
	rc = master_again(m, dir, &now);
	for (m = now; m != NULL && m->next != NULL;)
		m = m->next;
	crypt_random(k.b, k.n);
	if (rc == RC_OK && access(path, F_OK) != 0)
		rc = keys_write(path, &k, tenant, m);
	(void)close(lock);
	master_free(now);
	secret_zero(&k, sizeof(k));
	return rc;
}

/* What does not open may have been wrapped anew since m was read: wait until
 * that is over, and look again. */
static enum rc
find_late(const char *dir, const char *path, const char *tenant,
    const struct master *m, struct found *f)
{
	int lock = -1;
	enum rc rc = ring_lock(dir, &lock);

	if (rc != RC_OK)
		return rc;
	rc = master_again(m, dir, &f->late);
	if (rc == RC_OK)
		rc = find(path, tenant, f->late, f);
	(void)close(lock);
	return rc == RC_REJECT ? wrong_master(path) : rc;
}

enum rc
ring_open(const char *keys_dir, const char *tenant, const struct master *m,
    int make, struct ring *out)
{
	char path[FILE_PATH];
	struct found f = { .by = NULL };
	const struct keys *k = &f.keys;
	enum rc rc = keys_path(keys_dir, tenant, SUFFIX, path);

	if (rc != RC_OK)
		return rc;
	rc = find(path, tenant, m, &f);
	if (rc == RC_END && make) {
		rc = make_ring(keys_dir, path, tenant, m);
		if (rc == RC_OK)
			rc = find(path, tenant, m, &f);
	}
	if (rc == RC_REJECT)
		rc = find_late(keys_dir, path, tenant, m, &f);
	if (rc == RC_OK)
		*out = (struct ring){ .data = crypt_key_new(k->b),
		    .data_version = k->version,
		    .index = crypt_key_new(k->b + CRYPT_KEY),
		    .old = k->n < KEYS_MAX ? NULL :
		    crypt_key_new(k->b + 2 * CRYPT_KEY),
		    .dir = keys_dir, .tenant = tenant, .master = m };
	found_end(&f);
	return rc;
}

void
ring_close(struct ring *r)
{
	crypt_key_free(r->data);
	crypt_key_free(r->old);
	crypt_key_free(r->index);
	*r = (struct ring){ 0 };
}

/* --- a new data key --- */

static uint8_t
version_after(uint8_t v)
{
	return v == UINT8_MAX ? 1 : v + 1;
}

static struct crypt_key *
key_of(const struct ring *r, uint8_t version)
{
	if (version == r->data_version)
		return r->data;
	return version_after(version) == r->data_version ? r->old : NULL;
}

/* As its file is now. */
static enum rc
open_again(struct ring *r)
{
	struct ring now = { 0 };
	enum rc rc = ring_open(r->dir, r->tenant, r->master, 0, &now);

	if (rc == RC_OK) {
		ring_close(r);
		*r = now;
	}
	return rc;
}

struct crypt_key *
ring_key(struct ring *r, uint8_t version)
{
	struct crypt_key *k = key_of(r, version);

	if (k == NULL && open_again(r) == RC_OK)
		k = key_of(r, version);
	return k;
}

static void
turn(struct keys *k)
{
	memcpy(k->b + 2 * CRYPT_KEY, k->b, CRYPT_KEY);
	crypt_random(k->b, CRYPT_KEY);
	k->version = version_after(k->version);
	k->n = 3 * CRYPT_KEY;
}

static void
settle(struct keys *k)
{
	k->n = 2 * CRYPT_KEY;
}

/* On disk first, then here. */
static enum rc
change(struct ring *r, void (*edit)(struct keys *k))
{
	struct found f = { .by = NULL };
	char path[FILE_PATH];
	int lock = -1;
	enum rc rc = keys_path(r->dir, r->tenant, SUFFIX, path);

	if (rc == RC_OK)
		rc = ring_lock(r->dir, &lock);
	if (rc != RC_OK)
		return rc;
	rc = master_again(r->master, r->dir, &f.late);
	if (rc == RC_OK)
		rc = find(path, r->tenant, f.late, &f);
	if (rc == RC_REJECT)
		rc = wrong_master(path);
	if (rc == RC_OK) {
		edit(&f.keys);
		rc = keys_write(path, &f.keys, r->tenant, f.by);
	}
	(void)close(lock);
	found_end(&f);
	return rc == RC_OK ? open_again(r) : rc;
}

enum rc
ring_turn(struct ring *r)
{
	return r->old != NULL ? RC_OK : change(r, turn);
}

enum rc
ring_settle(struct ring *r)
{
	return r->old == NULL ? RC_OK : change(r, settle);
}

/* --- a new master key --- */

struct rewrap {
	const char *dir;
	const struct master *from, *to;
	bool dry;		/* only see whether it can be done */
};

/* The tenant of a ring file, and its path. */
static enum rc
ring_file(const struct rewrap *w, const char *file, char tenant[256],
    char path[FILE_PATH])
{
	size_t n = strlen(file) - strlen(SUFFIX);

	if (!str_copy_n(tenant, 256, file, n))
		return RC_FATAL;
	return file_path(path, w->dir, file);
}

static enum rc
rewrap_one(const struct rewrap *w, const char *file)
{
	char tenant[256], path[FILE_PATH];
	struct found was = { .by = NULL }, is = { .by = NULL };
	enum rc rc = ring_file(w, file, tenant, path);

	if (rc == RC_OK)
		rc = keys_read(path, tenant, w->to, &was.keys);
	if (rc == RC_END)
		rc = RC_OK;		/* the tenant's data has just ended */
	if (rc != RC_REJECT)
		goto out;
	rc = find(path, tenant, w->from, &was);
	if (rc == RC_REJECT)
		rc = wrong_master(path);
	if (rc != RC_OK || w->dry)
		goto out;
	rc = keys_write(path, &was.keys, tenant, w->to);
	if (rc == RC_OK)
		rc = keys_read(path, tenant, w->to, &is.keys);
	if (rc == RC_OK && (is.keys.version != was.keys.version ||
	    is.keys.n != was.keys.n ||
	    !crypt_equal(is.keys.b, was.keys.b, was.keys.n)))
		rc = RC_REJECT;
	if (rc == RC_REJECT || rc == RC_END) {
		SAY(M_RING_BROKEN, F_WORD("file", path));
		rc = RC_FATAL;
	}
out:
	found_end(&was);
	found_end(&is);
	return rc;
}

enum rc
ring_rewrap(const char *keys_dir, const struct master *from,
    const struct master *to, bool dry, size_t *n)
{
	static const char *const suffixes[] = { SUFFIX, NULL };
	struct rewrap w = { keys_dir, from, to, true };
	struct file_info *list = NULL;
	size_t count = 0;
	enum rc rc = file_list(keys_dir, suffixes, &list, &count);

	/* First all of them for show: a ring that can't be done must be known
	 * before the first one is changed. */
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = rewrap_one(&w, list[i].name);
	w.dry = false;
	for (size_t i = 0; !dry && rc == RC_OK && i < count; i++)
		rc = rewrap_one(&w, list[i].name);
	if (rc == RC_OK)
		*n = count;
	free(list);
	return rc;
}

/* --- the counter that tells a restored store --- */

enum rc
ring_generation(const char *keys_dir, const char *tenant, uint64_t *out)
{
	char path[FILE_PATH];
	struct buf text;
	enum rc rc = keys_path(keys_dir, tenant, ".generation", path);

	if (rc != RC_OK)
		return rc;
	buf_init(&text, 64);
	rc = file_read(path, &text);
	if (rc == RC_OK) {
		if (text.data != NULL)
			str_trim(text.data);
		if (text.data == NULL ||
		    str_u64(text.data, UINT64_MAX - 1, out) != RC_OK) {
			SAY(M_RING_BROKEN, F_WORD("file", path));
			rc = RC_FATAL;
		}
	} else if (rc == RC_END) {
		*out = 0;
		rc = RC_OK;
	}
	buf_free(&text);
	return rc;
}

enum rc
ring_generation_set(const char *keys_dir, const char *tenant, uint64_t value)
{
	char path[FILE_PATH], text[32];
	enum rc rc = keys_path(keys_dir, tenant, ".generation", path);

	if (rc != RC_OK)
		return rc;
	(void)str_fmt(text, sizeof(text), "%llu\n",
	    (unsigned long long)value);
	return file_write(path, text, strlen(text), 0600);
}
