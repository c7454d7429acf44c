/*
 * certificate.c - the proof that a purge deleted: counts, signed.
 *
 * It must never hold anything of a debtor: rules, tenants and counts alone.
 */
#include "certificate.h"

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "log.h"
#include "secret.h"
#include "str.h"

#define MEMBER ",\"signature\":\""
#define TAIL (sizeof(MEMBER) - 1 + 2 * CRYPT_SIGNATURE + 3)	/* and "}\n */
#define MOST ((size_t)64 << 20)

static void
seed_of(struct operator_store *o, uint8_t seed[CRYPT_KEY])
{
	operator_hash(o, "certificate", "", 0, seed);
}

void
certificate_pem(struct operator_store *o, char pem[CRYPT_PEM])
{
	uint8_t seed[CRYPT_KEY];

	seed_of(o, seed);
	crypt_public_pem(seed, pem);
	secret_zero(seed, sizeof(seed));
}

static void
put_row(struct json_out *j, const struct plan_row *r)
{
	json_open_object(j);
	json_put_member(j, "rule", rules_kept[r->rule].name);
	json_put_member(j, "tenant", r->tenant);
	json_put_key(j, "count");
	json_put_i64(j, (int64_t)r->gone);
	json_put_member(j, "term", rules_kept[r->rule].term);
	json_put_member(j, "from", rules_kept[r->rule].from);
	json_close_object(j);
}

/* All but the signature and the last brace; how many rows there are. */
static size_t
put_body(struct buf *b, const struct plan *p, struct operator_store *o,
    const char *program, const char *at)
{
	uint8_t id[CRYPT_HASH];
	char store[17];
	struct json_out j;
	size_t n = 0;

	/* Which store it was, whatever host it moves to. */
	operator_hash(o, "store", "", 0, id);
	str_hex(store, id, 8);
	json_begin(&j, b);
	json_open_object(&j);
	json_put_member(&j, "program", program);
	json_put_member(&j, "store", store);
	json_put_member(&j, "at", at);
	json_put_key(&j, "deleted");
	json_open_array(&j);
	for (size_t i = 0; i < p->rows_n; i++)
		if (p->row[i].gone > 0) {
			put_row(&j, &p->row[i]);
			n++;
		}
	json_close_array(&j);
	return n;
}

static MUST enum rc
path_of(const char *dir, int64_t at, char out[FILE_PATH])
{
	char iso[CLOCK_ISO], name[64];

	/* A colon in a file's name is trouble elsewhere. */
	clock_iso(iso, at);
	(void)str_fmt(name, sizeof(name), "purge-%.13s%.2s%.2sZ.json", iso,
	    iso + 14, iso + 17);
	return file_path(out, dir, name);
}

/* Under a name that is always the same first, so that what a crash left of
 * it can be found. */
static MUST enum rc
publish(const struct plan *p, const struct buf *b)
{
	char dir[FILE_PATH], draft[FILE_PATH], path[FILE_PATH];
	int64_t at = p->now;
	enum rc rc = file_path(dir, p->cfg->store, "certificates");

	if (rc == RC_OK)
		rc = file_path(draft, dir, "draft");
	if (rc == RC_OK)
		rc = file_remove(draft);
	if (rc != RC_OK || b->len == 0)
		return rc;
	rc = file_mkdir(dir);
	if (rc == RC_OK)
		rc = file_write(draft, b->data, b->len, 0600);
	do
		rc = rc == RC_OK ? path_of(dir, at++, path) : rc;
	while (rc == RC_OK && access(path, F_OK) == 0);
	if (rc == RC_OK)
		rc = file_rename(draft, path);
	if (rc == RC_OK)
		SAY(M_CERTIFICATE, F_WORD("file", path));
	return rc;
}

/* The last member, over all that is there. */
static void
put_signature(struct buf *b, struct operator_store *o)
{
	uint8_t seed[CRYPT_KEY], signature[CRYPT_SIGNATURE];
	char hex[2 * CRYPT_SIGNATURE + 1];

	seed_of(o, seed);
	crypt_sign(seed, (struct part){ b->data, b->len }, signature);
	secret_zero(seed, sizeof(seed));
	str_hex(hex, signature, sizeof(signature));
	buf_fmt(b, MEMBER "%s\"}\n", hex);
}

enum rc
certificate_write(const struct plan *p, struct operator_store *o,
    const char *program)
{
	char iso[CLOCK_ISO];
	struct buf b;
	enum rc rc;

	buf_init(&b, MOST);
	clock_iso(iso, p->now);
	if (put_body(&b, p, o, program, iso) == 0)
		buf_clear(&b);
	else
		put_signature(&b, o);
	rc = publish(p, &b);
	buf_free(&b);
	return rc;
}

/* Whether it ends as we would end it: to sign is to come to the same bytes
 * each time, so that not even a letter's case may differ. */
static bool
is_signed(struct operator_store *o, const struct buf *b)
{
	struct buf again;
	bool good;

	if (b->len <= TAIL)
		return false;
	buf_init(&again, MOST);
	buf_add(&again, b->data, b->len - TAIL);
	put_signature(&again, o);
	good = again.len == b->len &&
	    memcmp(again.data, b->data, b->len) == 0;
	buf_free(&again);
	return good;
}

enum rc
certificate_read(struct operator_store *o, const char *path,
    struct json_doc *d, const struct json **out)
{
	struct buf b;
	enum rc rc;

	buf_init(&b, MOST);
	rc = file_read(path, &b);
	if (rc == RC_END) {
		SAY(M_CONFIG_FILE, F_WORD("file", path),
		    F_WORD("text", "there is no such file"));
		rc = RC_CONFIG;
	}
	if (rc == RC_OK && (!is_signed(o, &b) ||
	    json_parse(d, b.data, b.len, out) != RC_OK)) {
		SAY(M_CERTIFICATE_BAD, F_WORD("file", path));
		rc = RC_REJECT;
	}
	buf_free(&b);
	return rc;
}
