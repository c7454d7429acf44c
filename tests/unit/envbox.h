/*
 * envbox.h - an environment to test with, of two tables.
 */
#ifndef ENVBOX_H
#define ENVBOX_H

#include "place.h"

#include "db.h"

static const char *const tables[] = { "one", "two", NULL };
static struct place place;

static inline struct bytes
b(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static inline struct db *
open_db(bool make, bool read_only)
{
	struct db *d = NULL;

	assert_int_equal(db_open(place_path(&place, "env"), tables, make,
	    read_only, &d), RC_OK);
	assert_non_null(d);
	return d;
}

static inline void
put(struct db *d, int table, const char *key, const char *value)
{
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, table, b(key), b(value));
	assert_int_equal(db_commit(d), RC_OK);
}

static inline void
expect(struct db *d, int table, const char *key, const char *value)
{
	struct bytes v;
	enum rc rc = db_get(d, table, b(key), &v);

	if (value == NULL) {
		assert_int_equal(rc, RC_END);
		return;
	}
	assert_int_equal(rc, RC_OK);
	assert_int_equal(v.len, strlen(value));
	assert_memory_equal(v.data, value, v.len);
}

static inline int
setup(void **state)
{
	(void)state;
	if (place_hush() != 0)
		return 1;
	(void)place_said(&place, "x");
	if (file_remove(place_path(&place, "env")) != RC_OK)
		return 1;
	return mkdir(place_path(&place, "env"), 0700);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, place_speak)

#endif
