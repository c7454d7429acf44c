/*
 * shelf.h - a store to test with: opened, filled, looked into from behind.
 */
#ifndef SHELF_H
#define SHELF_H

#include "box.h"

#include "db.h"
#include "store.h"

#define DATA "store/tenants/acme/data.mdb"

static const char *const tables[] = { "meta", "sales", "intents", "debtors",
    "cursors", "errors", "details", "secrets", "refunded", NULL };

static inline struct store *
open_store(enum store_mode mode)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&at, mode, &s), RC_OK);
	assert_non_null(s);
	return s;
}

static inline void
refused(enum store_mode mode, enum rc want, const char *code)
{
	struct store *s = NULL;

	(void)place_said(&place, "x");
	assert_int_equal(store_open(&at, mode, &s), want);
	assert_null(s);
	if (code != NULL)
		assert_true(place_said(&place, code));
}

static inline struct sale_key
key_of(struct store *s, const char *id)
{
	struct sale_key k;

	store_sale_key(s, "shop", SALE_ORDER, id, 0, &k);
	return k;
}

static inline void
book(struct store *s, const char *id, int64_t e6)
{
	struct sale_key k = key_of(s, id);
	struct record r = { { e6 }, { e6 + 1 } };

	assert_int_equal(store_begin(s), RC_OK);
	store_sale_put(s, &k, &r);
	assert_int_equal(store_commit(s), RC_OK);
}

static inline bool
booked(struct store *s, const char *id, int64_t e6)
{
	struct sale_key k = key_of(s, id);
	struct record r = { { 5 }, { 5 } };
	enum rc rc = store_sale_get(s, &k, &r);

	if (rc == RC_END)
		return false;
	assert_int_equal(rc, RC_OK);
	assert_int_equal(r.excl.e6, e6);
	assert_int_equal(r.incl.e6, e6 + 1);
	return true;
}

static inline void
fill_error(struct error_row *r, int64_t last_at)
{
	memset(r, 0, sizeof(*r));
	*r = (struct error_row){ .why = M_BOOKS_REFUSED, .first_at = 100,
	    .last_at = last_at, .times = 2, .digest = 0xfedcba9876543210,
	    .held = true, .kind = SALE_SUMMARY };
	strcpy(r->source, "shop");
	strcpy(r->id, "id-1");
	strcpy(r->number, "1001");
	strcpy(r->text, "invalid_country");
	strcpy(r->debtor_text, "canary Jansen, Dorpsstraat 1");
}

/* Write into the tables behind the store's back. */
static inline void
tamper(int table, const void *key, size_t key_len, const char *value,
    size_t len)
{
	struct db *d = NULL;

	assert_int_equal(db_open(place_path(&place, "store/tenants/acme"),
	    tables, false, false, &d), RC_OK);
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, table, (struct bytes){ key, key_len },
	    (struct bytes){ value, len });
	assert_int_equal(db_commit(d), RC_OK);
	db_close(d);
}

static inline size_t
peek(int table, const void *key, size_t key_len, char *out)
{
	struct bytes v = { NULL, 0 };
	struct db *d = NULL;

	assert_int_equal(db_open(place_path(&place, "store/tenants/acme"),
	    tables, false, true, &d), RC_OK);
	assert_int_equal(db_get(d, table, (struct bytes){ key, key_len }, &v),
	    RC_OK);
	memcpy(out, v.data, v.len);
	db_close(d);
	return v.len;
}

#endif
