/*
 * tomb_test.c - the lists of erased debtors: whole, or told to be not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "place.h"
#include "str.h"
#include "tomb.h"

#define MANY 300000
#define GOOD "2026-11-25 000102030405060708090a0b0c0d0e0f 7\n"

static struct place place;
static struct tomb_place at = { .tenant = "acme", .witness = "" };

static void
test_faults(void **state)
{
	static const struct { const char *text, *line; } bad[] = {
		{ "x\n", ": line 1 is" },
		{ GOOD "2026-02-30 000102030405060708090a0b0c0d0e0f 7\n",
		    ": line 2 is" },
		{ GOOD "2026-11-25 0001 7\n", ": line 2 is" },
		{ GOOD "2026-11-25 000102030405060708090a0b0c0d0e0f -7\n",
		    ": line 2 is" },
		{ GOOD GOOD "\n" GOOD, ": line 3 is" },
		{ GOOD GOOD "\xff\n", ": line 3 is" },
	};
	struct tombs l = { NULL, 0 };
	const char *path = place_path(&place, "acme.erased");

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(file_write(path, bad[i].text,
		    strlen(bad[i].text), 0600), RC_OK);
		assert_int_equal(tomb_read(&at, &l), RC_FATAL);
		assert_int_equal(l.n, 0);
		if (!place_said(&place, bad[i].line))
			fail_msg("%zu: not%s", i, bad[i].line);
	}
	assert_int_equal(file_write(path, GOOD GOOD, 2 * strlen(GOOD), 0600),
	    RC_OK);
	assert_int_equal(tomb_read(&at, &l), RC_OK);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.t[0].generation, 7);
	tomb_free(&l);
}

/* None is dropped for want of room. */
static void
test_many(void **state)
{
	struct tombs l = { calloc(MANY, sizeof(struct tomb)), MANY };
	struct stat st;

	(void)state;
	assert_non_null(l.t);
	for (size_t i = 0; i < MANY; i++)
		l.t[i] = (struct tomb){ .day = { 2026, 11, 25 },
		    .generation = UINT64_MAX - 1 };
	assert_int_equal(tomb_write(&at, &l), RC_OK);
	assert_int_equal(stat(place_path(&place, "acme.erased"), &st), 0);
	assert_int_equal(st.st_size, MANY * (strlen(GOOD) + 19));
	tomb_free(&l);
	assert_int_equal(tomb_write(&at, &l), RC_OK);
	assert_int_not_equal(stat(place_path(&place, "acme.erased"), &st), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_many),
	};
	int failed;

	place_make(&place);
	at.keys = place.dir;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
