/*
 * store.c - all that salesync keeps, in its own words.
 *
 * Each kind of thing has a table; its rows are found through keyed hashes of
 * what the shop calls them.  It must never hold anything that store.h does
 * not name, and never have a debtor's own values in an error's row: those
 * stand in a table apart, which fades.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypt.h"
#include "erase.h"
#include "log.h"
#include "str.h"

struct store { struct env env; };

#define KEY(k) ((struct bytes){ (k)->b, sizeof((k)->b) })
#define TEXT(text) ((struct bytes){ (text), strlen(text) })
#define PART(text) ((struct part){ (text), strlen(text) })

/* --- opening and transactions --- */

static enum rc
open_as(const struct store_place *p, enum store_mode mode, bool take_over,
    struct store **out)
{
	struct store *s = mem_alloc(sizeof(*s));
	enum rc rc = env_open(&s->env, p, mode, take_over);

	if (rc == RC_OK && mode != STORE_READ)
		rc = erase_repeat(&s->env);
	if (rc == RC_OK)
		*out = s;
	else
		store_close(s);
	return rc;
}

enum rc
store_open(const struct store_place *p, enum store_mode mode,
    struct store **out)
{
	return open_as(p, mode, false, out);
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	env_close(&s->env);
	free(s);
}

bool
store_restored(const struct store *s)
{
	return s->env.restored;
}

enum rc
store_take_over(const struct store_place *p)
{
	struct store *s = NULL;
	enum rc rc = open_as(p, STORE_WRITE, true, &s);

	if (rc == RC_OK)
		rc = env_begin(&s->env);
	if (rc == RC_OK) {
		env_own(&s->env);
		rc = env_commit(&s->env);
	}
	store_close(s);
	return rc;
}

enum rc
store_begin(struct store *s)
{
	return env_begin(&s->env);
}

enum rc
store_commit(struct store *s)
{
	return env_commit(&s->env);
}

void
store_abort(struct store *s)
{
	env_abort(&s->env);
}

void
store_trusted(struct store *s)
{
	env_trusted(&s->env);
}

enum rc
store_mark(struct store *s)
{
	return erase_mark(&s->env);
}

bool
store_marked(const struct store *s)
{
	return erase_marked(&s->env);
}

enum rc
store_reload(struct store *s)
{
	return erase_reload(&s->env);
}

void
store_relax(struct store *s)
{
	db_relax(s->env.db);
}

/* --- sales --- */

void
store_sale_key(struct store *s, const char *source, enum sale_kind kind,
    const char *id, unsigned revision, struct sale_key *out)
{
	uint8_t hash[CRYPT_HASH], number[4];
	const char *name = sale_kind_name(kind);
	struct part parts[] = { PART("sale"), PART(source), PART(name),
	    PART(id), { number, sizeof(number) } };

	for (int i = 0; i < 4; i++)
		number[i] = (uint8_t)(revision >> (8 * i));
	crypt_hash(s->env.ring.index, parts, COUNT(parts), hash);
	memcpy(out->b, hash, sizeof(out->b));
}

enum rc
store_sale_get(struct store *s, const struct sale_key *k, struct record *out)
{
	return sealed_row_get(&s->env.sealed, ENV_SALES, KEY(k), &rows_record, out);
}

void
store_sale_put(struct store *s, const struct sale_key *k,
    const struct record *r)
{
	sealed_row_put(&s->env.sealed, ENV_SALES, KEY(k), &rows_record, r);
}

void
store_sale_del(struct store *s, const struct sale_key *k)
{
	db_del(s->env.db, ENV_SALES, KEY(k));
}

/* --- what went back --- */

enum rc
store_refunded_get(struct store *s, const struct sale_key *k,
    struct record *out)
{
	return sealed_row_get(&s->env.sealed, ENV_REFUNDED, KEY(k),
	    &rows_record, out);
}

void
store_refunded_put(struct store *s, const struct sale_key *k,
    const struct record *r)
{
	sealed_row_put(&s->env.sealed, ENV_REFUNDED, KEY(k), &rows_record, r);
}

void
store_refunded_del(struct store *s, const struct sale_key *k)
{
	db_del(s->env.db, ENV_REFUNDED, KEY(k));
}

struct crypt_key *
store_digest_key(struct store *s)
{
	struct part label = PART("digest");
	uint8_t key[CRYPT_HASH];
	struct crypt_key *k;

	crypt_hash(s->env.ring.index, &label, 1, key);
	k = crypt_key_new(key);
	secret_zero(key, sizeof(key));
	return k;
}

/* --- intents --- */

enum rc
store_intent_get(struct store *s, const struct sale_key *k,
    struct intent *out)
{
	return sealed_row_get(&s->env.sealed, ENV_INTENTS, KEY(k), &rows_intent, out);
}

void
store_intent_put(struct store *s, const struct sale_key *k,
    const struct intent *i)
{
	sealed_row_put(&s->env.sealed, ENV_INTENTS, KEY(k), &rows_intent, i);
}

void
store_intent_del(struct store *s, const struct sale_key *k)
{
	db_del(s->env.db, ENV_INTENTS, KEY(k));
}

struct each {
	struct store *s;
	enum rc (*intent)(void *arg, const struct sale_key *k,
	    const struct intent *i);
	enum rc (*error)(void *arg, const struct sale_key *k,
	    const struct error_row *r);
	void *arg;
	size_t n;
};

static enum rc
each_key(const struct each *e, struct bytes key, struct sale_key *k)
{
	if (key.len == sizeof(k->b)) {
		memcpy(k->b, key.data, sizeof(k->b));
		return RC_OK;
	}
	SAY(M_SEALED, F_WORD("tenant", e->s->env.tenant));
	return RC_FATAL;
}

static enum rc
take_intent(void *arg, struct bytes key, const uint8_t *plain, size_t n)
{
	struct each *e = arg;
	struct sale_key k;
	struct intent i;
	enum rc rc = each_key(e, key, &k);

	if (rc == RC_OK)
		rc = sealed_unpack(&e->s->env.sealed, &rows_intent, plain, n, &i);
	return rc == RC_OK ? e->intent(e->arg, &k, &i) : rc;
}

enum rc
store_intent_each(struct store *s, enum rc (*take)(void *arg,
    const struct sale_key *k, const struct intent *i), void *arg)
{
	struct each e = { .s = s, .intent = take, .arg = arg };

	return sealed_each(&s->env.sealed, ENV_INTENTS, take_intent, &e);
}

/* --- debtors --- */

enum rc
store_debtor_key(struct store *s, const char *source, const struct debtor *d,
    struct debtor_key *out)
{
	uint8_t hash[CRYPT_HASH];
	char email[sizeof(d->email)];
	struct part parts[] = { PART("debtor"), PART(source), PART(d->id) };

	(void)str_copy(email, sizeof(email), d->email);
	str_trim(email);
	str_lower(email);
	if (email[0] == '\0' && d->id[0] == '\0')
		return RC_END;
	if (email[0] != '\0')
		parts[1] = PART(email);
	crypt_hash(s->env.ring.index, parts, email[0] != '\0' ? 2 : 3, hash);
	secret_zero(email, sizeof(email));
	memcpy(out->b, hash, sizeof(out->b));
	return RC_OK;
}

enum rc
store_debtor_get(struct store *s, const struct debtor_key *k,
    struct debtor_row *out)
{
	return sealed_row_get(&s->env.sealed, ENV_DEBTORS, KEY(k), &rows_debtor, out);
}

void
store_debtor_put(struct store *s, const struct debtor_key *k,
    const struct debtor_row *r)
{
	sealed_row_put(&s->env.sealed, ENV_DEBTORS, KEY(k), &rows_debtor, r);
}

void
store_debtor_del(struct store *s, const struct debtor_key *k)
{
	db_del(s->env.db, ENV_DEBTORS, KEY(k));
}

/* --- cursors --- */

enum rc
store_cursor_get(struct store *s, const char *source, struct cursor_row *out)
{
	return sealed_row_get(&s->env.sealed, ENV_CURSORS, TEXT(source),
	    &rows_cursor, out);
}

void
store_cursor_put(struct store *s, const char *source,
    const struct cursor_row *r)
{
	sealed_row_put(&s->env.sealed, ENV_CURSORS, TEXT(source),
	    &rows_cursor, r);
}

/* --- errors, and the debtor's own values in them --- */

static enum rc
detail_add(struct store *s, const struct sale_key *k, struct error_row *r)
{
	struct detail_row d;
	enum rc rc = sealed_row_get(&s->env.sealed, ENV_DETAILS, KEY(k),
	    &rows_detail, &d);

	if (rc == RC_OK) {
		memcpy(r->debtor_text, d.debtor_text, sizeof(r->debtor_text));
		r->debtor = d.debtor;
		secret_zero(&d, sizeof(d));
	}
	return rc == RC_END ? RC_OK : rc;
}

enum rc
store_error_get(struct store *s, const struct sale_key *k,
    struct error_row *out)
{
	struct error_row r;
	enum rc rc = sealed_row_get(&s->env.sealed, ENV_ERRORS, KEY(k),
	    &rows_error, &r);

	if (rc == RC_OK)
		rc = detail_add(s, k, &r);
	if (rc == RC_OK)
		*out = r;
	return rc;
}

void
store_error_put(struct store *s, const struct sale_key *k,
    const struct error_row *r)
{
	struct detail_row d = { .at = r->last_at, .debtor = r->debtor };

	sealed_row_put(&s->env.sealed, ENV_ERRORS, KEY(k), &rows_error, r);
	if (r->debtor_text[0] == '\0') {
		db_del(s->env.db, ENV_DETAILS, KEY(k));
		return;
	}
	memcpy(d.debtor_text, r->debtor_text, sizeof(d.debtor_text));
	sealed_row_put(&s->env.sealed, ENV_DETAILS, KEY(k), &rows_detail, &d);
	secret_zero(&d, sizeof(d));
}

void
store_error_del(struct store *s, const struct sale_key *k)
{
	db_del(s->env.db, ENV_ERRORS, KEY(k));
	db_del(s->env.db, ENV_DETAILS, KEY(k));
}

static enum rc
take_error(void *arg, struct bytes key, const uint8_t *plain, size_t n)
{
	struct each *e = arg;
	struct error_row r;
	struct sale_key k;
	enum rc rc = each_key(e, key, &k);

	if (rc == RC_OK)
		rc = sealed_unpack(&e->s->env.sealed, &rows_error, plain, n, &r);
	if (rc == RC_OK)
		rc = detail_add(e->s, &k, &r);
	if (rc == RC_OK)
		rc = e->error(e->arg, &k, &r);
	secret_zero(&r, sizeof(r));
	return rc;
}

enum rc
store_error_each(struct store *s, enum rc (*take)(void *arg,
    const struct sale_key *k, const struct error_row *r), void *arg)
{
	struct each e = { .s = s, .error = take, .arg = arg };

	return sealed_each(&s->env.sealed, ENV_ERRORS, take_error, &e);
}

enum rc
store_error_fade(struct store *s, int64_t before, size_t *n)
{
	return erase_details(&s->env, before, NULL, n);
}

enum rc
store_debtor_erase(struct store *s, const struct debtor_key *k,
    struct day today, size_t *n)
{
	return erase_debtor(&s->env, k, today, n);
}

enum rc
store_erased_expire(struct store *s, struct day before, size_t *gone,
    size_t *kept)
{
	return erase_expire(&s->env, before, gone, kept);
}

/* --- secrets --- */

const struct sealed *
store_safe(const struct store *s)
{
	return &s->env.sealed;
}

enum rc
store_counts(struct store *s, struct store_counts *out)
{
	struct store_counts c = { 0 };
	struct { int table; uint64_t *n; } all[] = {
		{ ENV_SALES, &c.sales },
		{ ENV_INTENTS, &c.intents },
		{ ENV_DEBTORS, &c.debtors },
		{ ENV_CURSORS, &c.cursors },
		{ ENV_ERRORS, &c.errors },
		{ ENV_DETAILS, &c.details },
		{ ENV_SECRETS, &c.secrets },
		{ ENV_REFUNDED, &c.refunded },
	};
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < COUNT(all); i++)
		rc = db_count(s->env.db, all[i].table, all[i].n);
	if (rc == RC_OK)
		*out = c;
	return rc;
}

enum rc
store_tally(const struct store_place *p, struct store_counts *out)
{
	struct store s;
	enum rc rc = env_open_sealed(&s.env, p);

	if (rc == RC_OK)
		rc = store_counts(&s, out);
	env_close(&s.env);
	return rc;
}
