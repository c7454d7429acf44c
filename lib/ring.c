/*
 * ring.c - the tenants' keys, wrapped by the master key.
 *
 * A ring file is a magic, the master key's id (so that a wrong master key is
 * told from a broken file), and the data and index key, sealed.  The seal's
 * version byte is the data key's version.
 *
 * It must never write a key in the clear, and never count a ring as rewrapped
 * before it was read back with the new master key alone.
 */
#include "ring.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "secret.h"
#include "str.h"

#define MAGIC "SSRING1\n"
#define MAGIC_LEN 8
#define KEYS (2 * CRYPT_KEY)		/* data, index */
#define SEALED_AT (MAGIC_LEN + MASTER_ID)
#define RING_LEN (SEALED_AT + KEYS + CRYPT_OVERHEAD)
#define SUFFIX ".ring"
#define NAME_MAX_LEN 250

struct keys {			/* in the clear: wiped after use */
	uint8_t version;
	uint8_t b[KEYS];	/* data, index */
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

static void
keys_seal(const struct keys *k, const char *tenant, const struct master *m,
    uint8_t out[RING_LEN])
{
	char aad[300];

	memcpy(out, MAGIC, MAGIC_LEN);
	memcpy(out + MAGIC_LEN, m->id, MASTER_ID);
	if (crypt_seal(m->key, k->version, bound(tenant, aad), k->b, KEYS,
	    out + SEALED_AT) != RC_OK) {
		SAY(M_INTERNAL, F_WORD("text", "a key can't be sealed"));
		abort();
	}
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

	buf_init(&b, 2 * RING_LEN);
	rc = file_read(path, &b);
	if (rc != RC_OK)
		goto out;
	p = (const uint8_t *)b.data;
	rc = RC_FATAL;
	if (b.len == RING_LEN && memcmp(p, MAGIC, MAGIC_LEN) == 0) {
		if (memcmp(p + MAGIC_LEN, m->id, MASTER_ID) != 0)
			rc = RC_REJECT;
		else
			rc = crypt_open(m->key, bound(tenant, aad),
			    p + SEALED_AT, RING_LEN - SEALED_AT, k->b);
		k->version = p[SEALED_AT];
	}
	if (rc == RC_FATAL)
		SAY(M_RING_BROKEN, F_WORD("file", path));
out:
	buf_free(&b);
	return rc;
}

static enum rc
keys_make(const char *path, const char *tenant, const struct master *m,
    struct keys *k)
{
	uint8_t bytes[RING_LEN];

	k->version = 1;
	crypt_random(k->b, sizeof(k->b));
	keys_seal(k, tenant, m, bytes);
	return file_create(path, bytes, sizeof(bytes), 0600);
}

enum rc
ring_open(const char *keys_dir, const char *tenant, const struct master *m,
    int make, struct ring *out)
{
	char path[FILE_PATH];
	struct keys k = { 0 };
	enum rc rc = keys_path(keys_dir, tenant, SUFFIX, path);

	if (rc != RC_OK)
		return rc;
	rc = keys_read(path, tenant, m, &k);
	if (rc == RC_REJECT && m->next != NULL)
		rc = keys_read(path, tenant, m->next, &k);
	if (rc == RC_END && make)
		rc = keys_make(path, tenant, m, &k);
	if (rc == RC_REJECT) {
		SAY(M_MASTER_WRONG, F_WORD("file", path));
		rc = RC_CONFIG;
	}
	if (rc == RC_OK) {
		out->data = crypt_key_new(k.b);
		out->data_version = k.version;
		out->index = crypt_key_new(k.b + CRYPT_KEY);
	}
	secret_zero(&k, sizeof(k));
	return rc;
}

void
ring_close(struct ring *r)
{
	crypt_key_free(r->data);
	crypt_key_free(r->index);
	*r = (struct ring){ 0 };
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
	struct keys was = { 0 }, is = { 0 };
	uint8_t bytes[RING_LEN];
	enum rc rc = ring_file(w, file, tenant, path);

	if (rc == RC_OK)
		rc = keys_read(path, tenant, w->to, &was);
	if (rc != RC_REJECT)
		goto out;
	rc = keys_read(path, tenant, w->from, &was);
	if (rc == RC_REJECT) {
		SAY(M_MASTER_WRONG, F_WORD("file", path));
		rc = RC_CONFIG;
	}
	if (rc != RC_OK || w->dry)
		goto out;
	keys_seal(&was, tenant, w->to, bytes);
	rc = file_write(path, bytes, sizeof(bytes), 0600);
	if (rc == RC_OK)
		rc = keys_read(path, tenant, w->to, &is);
	if (rc == RC_OK && (is.version != was.version ||
	    !crypt_equal(is.b, was.b, KEYS)))
		rc = RC_REJECT;
	if (rc == RC_REJECT || rc == RC_END) {
		SAY(M_RING_BROKEN, F_WORD("file", path));
		rc = RC_FATAL;
	}
out:
	secret_zero(&was, sizeof(was));
	secret_zero(&is, sizeof(is));
	return rc;
}

enum rc
ring_rewrap(const char *keys_dir, const struct master *from,
    const struct master *to, size_t *n)
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
	for (size_t i = 0; rc == RC_OK && i < count; i++)
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
