/*
 * keys_test.c - equal keys are found however many there are, and objects
 * within objects do not mix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "keys.h"

#define MOST 400

static char names[MOST][48];

/* n keys of the same first and last letters, all different. */
static void
add_some(struct keys *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "billing_%04zu_address",
		    i);
		keys_add(s, names[i], strlen(names[i]));
	}
}

static void
finds_one_among_many(void **unused)
{
	static const size_t sizes[] = { 1, 2, 3, 48, 49, 127, 128, 129, 399 };
	struct keys s = { .k = NULL };

	(void)unused;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t twice = 0; twice < sizes[i]; twice += 7) {
			add_some(&s, sizes[i]);
			assert_true(keys_close(&s, 0));
			assert_int_equal(s.n, 0);
			add_some(&s, sizes[i]);
			keys_add(&s, names[twice], strlen(names[twice]));
			assert_false(keys_close(&s, 0));
			assert_int_equal(s.n, 0);
		}
	keys_free(&s);
}

/* Which part of a key differs must not matter. */
static void
tells_near_ones_apart(void **unused)
{
	static const char *const near[] = { "", "a", "b", "aa", "ab", "ba",
	    "aaaaaaaa", "aaaaaaab", "baaaaaaa", "aaaaaaaaa",
	    "aaaaaaaa0aaaaaaaa", "aaaaaaaa1aaaaaaaa", "aaaaaaaaaaaaaaaaa" };
	size_t n = sizeof(near) / sizeof(near[0]);
	struct keys s = { .k = NULL };

	(void)unused;
	for (size_t i = 0; i < n; i++)
		keys_add(&s, near[i], strlen(near[i]));
	assert_true(keys_close(&s, 0));
	for (size_t i = 0; i < n; i++) {
		char copy[48];

		for (size_t j = 0; j < n; j++)
			keys_add(&s, near[j], strlen(near[j]));
		memcpy(copy, near[i], strlen(near[i]) + 1);
		keys_add(&s, copy, strlen(copy));
		assert_false(keys_close(&s, 0));
	}
	keys_free(&s);
}

static void
objects_do_not_mix(void **unused)
{
	struct keys s = { .k = NULL };

	(void)unused;
	keys_add(&s, "a", 1);
	keys_add(&s, "b", 1);
	keys_add(&s, "a", 1);
	keys_add(&s, "b", 1);
	assert_true(keys_close(&s, 2));
	assert_int_equal(s.n, 2);
	keys_add(&s, "b", 1);
	assert_false(keys_close(&s, 0));
	keys_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_one_among_many),
		cmocka_unit_test(tells_near_ones_apart),
		cmocka_unit_test(objects_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
