/*
 * shelf.h - a store to test with: opened, filled, looked into from behind.
 */
#ifndef SHELF_H
#define SHELF_H

#include "place.h"

#include "db.h"
#include "store.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DATA "store/tenants/acme/data.mdb"

static const char *const tables[] = { "meta", "sales", "intents", "debtors",
    "cursors", "errors", "details", "secrets", NULL };
static struct place place;
static struct master *master;
static struct store_place at;

static inline int
setup(void **state)
{
	(void)state;
	if (place_hush() != 0 ||
	    file_remove(place_path(&place, "store")) != RC_OK)
		return 1;
	(void)place_said(&place, "x");
	return 0;
}

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


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, place_speak)

static inline int
run_all(int (*run)(void))
{
	char dir[128];
	int failed;

	place_make(&place);
	snprintf(dir, sizeof(dir), "%s", place_path(&place, "store"));
	if (file_write(place_path(&place, "m.key"), HEX, 64, 0600) != RC_OK ||
	    master_load("file:m.key", place.dir, &master) != RC_OK)
		return 1;
	at = (struct store_place){ .dir = dir, .tenant = "acme",
	    .master = master };
	failed = run();
	master_free(master);
	place_end(&place);
	return failed;
}

#endif
