/*
 * operator.c - what outlives a tenant: own customers, invoices, logins,
 * visits.
 *
 * The rows are tables of cells, as rows.c's.  It must never hold anything
 * that operator.h does not name, nor have an address in a key.
 */
#include "operator.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypt.h"
#include "erase.h"
#include "log.h"
#include "secret.h"
#include "shape.h"
#include "str.h"

#define VERSION 1
#define PURGE ((struct bytes){ "purge", 5 })

struct operator_store { struct env env; };

static const struct cell customer_cells[] = {
	TEXT(customer_row, tenant),
	NUM(CELL_I64, customer_row, seen_at),
	NUM(CELL_DAY, customer_row, start),
	NUM(CELL_DAY, customer_row, end),
	NUM(CELL_I64, customer_row, shredded_at),
	TEXT(customer_row, name),
	TEXT(customer_row, address),
	TEXT(customer_row, postcode),
	TEXT(customer_row, city),
	TEXT(customer_row, country),
	TEXT(customer_row, email),
	TEXT(customer_row, iban),
	TEXT(customer_row, vat_number),
	TEXT(customer_row, services),
	TEXT(customer_row, hold),
};

static const struct cell invoice_cells[] = {
	TEXT(invoice_row, tenant),
	TEXT(invoice_row, number),
	NUM(CELL_DAY, invoice_row, date),
	TEXT(invoice_row, currency),
	NUM(CELL_I64, invoice_row, excl.e6),
	NUM(CELL_I64, invoice_row, vat.e6),
	NUM(CELL_I64, invoice_row, incl.e6),
	ENUM(invoice_row, term, INVOICE_PROPERTY),
	TEXT(invoice_row, description),
	TEXT(invoice_row, hold),
};

static const struct cell login_cells[] = {
	TEXT(login_row, email),
	TEXT(login_row, tenant),
	NUM(CELL_I64, login_row, made_at),
	TEXT(login_row, salt),
	TEXT(login_row, password),
	TEXT(login_row, key),
	NUM(CELL_I32, login_row, scrypt_n),
	NUM(CELL_I32, login_row, scrypt_r),
	NUM(CELL_I32, login_row, scrypt_p),
};

static const struct cell visit_cells[] = {
	NUM(CELL_DAY, visit_row, day),
	TEXT(visit_row, page),
	TEXT(visit_row, net),
	NUM(CELL_I64, visit_row, count),
};

static const struct cell purge_cells[] = {
	NUM(CELL_I64, purge_row, at),
	NUM(CELL_I64, purge_row, wrong_at),
};

static const struct rows_shape shapes[] = {
	[OPERATOR_META] = SHAPE(VERSION, purge_row, purge_cells),
	[OPERATOR_CUSTOMERS] = SHAPE(VERSION, customer_row, customer_cells),
	[OPERATOR_INVOICES] = SHAPE(VERSION, invoice_row, invoice_cells),
	[OPERATOR_LOGINS] = SHAPE(VERSION, login_row, login_cells),
	[OPERATOR_VISITS] = SHAPE(VERSION, visit_row, visit_cells),
};

/* --- opening and transactions --- */

enum rc
operator_open(const struct store_place *p, enum store_mode mode,
    struct operator_store **out)
{
	struct store_place own = *p;
	struct operator_store *o = mem_alloc(sizeof(*o));
	enum rc rc;

	own.tenant = ENV_OPERATOR;
	rc = env_open(&o->env, &own, mode, false);
	if (rc == RC_OK)
		*out = o;
	else
		free(o);
	return rc;
}

void
operator_close(struct operator_store *o)
{
	if (o == NULL)
		return;
	env_close(&o->env);
	free(o);
}

/* Nothing here has to be looked up again: that it was restored is said once. */
enum rc
operator_begin(struct operator_store *o)
{
	enum rc rc = env_begin(&o->env);

	if (rc == RC_OK)
		env_trusted(&o->env);
	return rc;
}

enum rc
operator_commit(struct operator_store *o)
{
	return env_commit(&o->env);
}

void
operator_abort(struct operator_store *o)
{
	env_abort(&o->env);
}

enum rc
operator_mark(struct operator_store *o)
{
	return erase_mark(&o->env);
}

bool
operator_marked(const struct operator_store *o)
{
	return erase_marked(&o->env);
}

enum rc
operator_reload(struct operator_store *o)
{
	return erase_reload(&o->env);
}

/* --- rows --- */

static enum rc
get(struct operator_store *o, enum operator_table table, struct bytes key,
    void *row)
{
	return sealed_row_get(&o->env.sealed, table, key, &shapes[table], row);
}

static void
put(struct operator_store *o, enum operator_table table, struct bytes key,
    const void *row)
{
	sealed_row_put(&o->env.sealed, table, key, &shapes[table], row);
}

enum rc
operator_customer_get(struct operator_store *o, const char *tenant,
    struct customer_row *out)
{
	return get(o, OPERATOR_CUSTOMERS, text_bytes(tenant), out);
}

void
operator_customer_put(struct operator_store *o, const struct customer_row *r)
{
	put(o, OPERATOR_CUSTOMERS, text_bytes(r->tenant), r);
}

void
operator_customer_del(struct operator_store *o, const char *tenant)
{
	db_del(o->env.db, OPERATOR_CUSTOMERS, text_bytes(tenant));
}

struct invoice_key { char text[SALE_NAME + OPERATOR_NUMBER]; };

/* TENANT NUL NUMBER; what is too long for a row is not there. */
static struct bytes
invoice_key(const char *tenant, const char *number, struct invoice_key *k)
{
	size_t n = strnlen(tenant, SALE_NAME - 1);
	size_t m = strnlen(number, OPERATOR_NUMBER);

	memcpy(k->text, tenant, n);
	k->text[n] = '\0';
	memcpy(k->text + n + 1, number, m);
	return (struct bytes){ k->text, n + 1 + m };
}

enum rc
operator_invoice_get(struct operator_store *o, const char *tenant,
    const char *number, struct invoice_row *out)
{
	struct invoice_key k;

	return get(o, OPERATOR_INVOICES, invoice_key(tenant, number, &k), out);
}

void
operator_invoice_put(struct operator_store *o, const struct invoice_row *r)
{
	struct invoice_key k;

	put(o, OPERATOR_INVOICES, invoice_key(r->tenant, r->number, &k), r);
}

void
operator_invoice_del(struct operator_store *o, const char *tenant,
    const char *number)
{
	struct invoice_key k;

	db_del(o->env.db, OPERATOR_INVOICES, invoice_key(tenant, number, &k));
}

void
operator_hash(struct operator_store *o, const char *label, const void *bytes,
    size_t n, uint8_t out[CRYPT_HASH])
{
	struct part parts[] = { { label, strlen(label) }, { bytes, n } };

	crypt_hash(o->env.ring.index, parts, COUNT(parts), out);
}

struct hash_key { uint8_t b[CRYPT_HASH]; };

static struct bytes
login_key(struct operator_store *o, const char *email, struct hash_key *k)
{
	char plain[sizeof(((struct login_row *)0)->email)];

	(void)str_copy(plain, sizeof(plain), email);
	str_trim(plain);
	str_lower(plain);
	operator_hash(o, "login", plain, strlen(plain), k->b);
	secret_zero(plain, sizeof(plain));
	return (struct bytes){ k->b, STORE_KEY };
}

enum rc
operator_login_get(struct operator_store *o, const char *email,
    struct login_row *out)
{
	struct hash_key k;

	return get(o, OPERATOR_LOGINS, login_key(o, email, &k), out);
}

void
operator_login_put(struct operator_store *o, const struct login_row *r)
{
	struct hash_key k;

	put(o, OPERATOR_LOGINS, login_key(o, r->email, &k), r);
}

void
operator_login_del(struct operator_store *o, const char *email)
{
	struct hash_key k;

	db_del(o->env.db, OPERATOR_LOGINS, login_key(o, email, &k));
}

/* --- visits --- */

enum rc
operator_visit_add(struct operator_store *o, struct day day,
    const char *page, const char *net)
{
	struct visit_row key = { .day = day }, r;
	uint8_t bytes[ROWS_MAX];
	struct hash_key k;
	struct bytes at = { k.b, STORE_KEY };
	enum rc rc;

	(void)str_copy(key.page, sizeof(key.page), page);
	(void)str_copy(key.net, sizeof(key.net), net);
	operator_hash(o, "visit", bytes,
	    rows_pack(&shapes[OPERATOR_VISITS], &key, bytes), k.b);
	rc = get(o, OPERATOR_VISITS, at, &r);
	if (rc == RC_END)
		r = key;
	else if (rc != RC_OK)
		return rc;
	r.count++;
	put(o, OPERATOR_VISITS, at, &r);
	return RC_OK;
}

struct each {
	struct operator_store *o;
	enum operator_table table;
	enum rc (*take)(void *arg, const void *row);
	void *arg;
	struct day before;		/* when fading */
	size_t n;
};

static enum rc
take_visit(void *arg, struct bytes key, const uint8_t *plain, size_t n)
{
	struct each *e = arg;
	struct visit_row r;
	enum rc rc = sealed_unpack(&e->o->env.sealed, &shapes[OPERATOR_VISITS],
	    plain, n, &r);

	if (rc == RC_OK && clock_day_cmp(r.day, e->before) < 0) {
		db_del(e->o->env.db, OPERATOR_VISITS, key);
		e->n++;
	}
	return rc;
}

enum rc
operator_visit_fade(struct operator_store *o, struct day before, size_t *n)
{
	struct each e = { .o = o, .before = before };
	enum rc rc = sealed_each(&o->env.sealed, OPERATOR_VISITS, take_visit,
	    &e);

	if (rc == RC_OK)
		*n = e.n;
	return rc;
}

/* --- all of a table --- */

static enum rc
take_row(void *arg, struct bytes key, const uint8_t *plain, size_t n)
{
	struct each *e = arg;
	_Alignas(max_align_t) char row[ROWS_MAX];
	enum rc rc = sealed_unpack(&e->o->env.sealed, &shapes[e->table],
	    plain, n, row);

	(void)key;
	if (rc == RC_OK)
		rc = e->take(e->arg, row);
	secret_zero(row, shapes[e->table].size);
	return rc;
}

enum rc
operator_each(struct operator_store *o, enum operator_table table,
    enum rc (*take)(void *arg, const void *row), void *arg)
{
	struct each e = { .o = o, .table = table, .take = take, .arg = arg };

	return sealed_each(&o->env.sealed, table, take_row, &e);
}

enum rc
operator_count(struct operator_store *o, enum operator_table table,
    uint64_t *n)
{
	return db_count(o->env.db, table, n);
}

/* --- the last purge --- */

enum rc
operator_purge_get(struct operator_store *o, struct purge_row *out)
{
	return get(o, OPERATOR_META, PURGE, out);
}

void
operator_purge_put(struct operator_store *o, const struct purge_row *r)
{
	put(o, OPERATOR_META, PURGE, r);
}
