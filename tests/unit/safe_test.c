/*
 * safe_test.c - secrets in their slots: apart, and gone in time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "safe.h"
#include "shelf.h"

static void
put(struct store *s, enum safe_slot slot, const char *connection,
    const char *value, int64_t drop_at)
{
	struct secret_row r = { .at = 77, .until_at = 88, .drop_at = drop_at };

	assert_int_equal(secret_set(&r.value, value, strlen(value)), RC_OK);
	safe_put(store_safe(s), slot, connection, "token", &r);
	secret_wipe(&r.value);
}

static void
is(struct store *s, enum safe_slot slot, const char *connection,
    const char *want)
{
	struct secret_row r = { .at = 0 };
	enum rc rc = safe_get(store_safe(s), slot, connection, "token", &r);

	assert_int_equal(rc, want != NULL ? RC_OK : RC_END);
	if (want == NULL)
		return;
	assert_string_equal(r.value.text, want);
	assert_int_equal(r.at, 77);
	assert_int_equal(r.until_at, 88);
	secret_wipe(&r.value);
}

static void
test_slots(void **state)
{
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	assert_int_equal(store_begin(s), RC_OK);
	put(s, SAFE_CURRENT, "books", "canary-c", 0);
	put(s, SAFE_CANDIDATE, "books", "canary-n", 5);
	put(s, SAFE_PREVIOUS, "books", "canary-p", 5);
	put(s, SAFE_CURRENT, "book", "canary-o", 0);
	assert_int_equal(store_commit(s), RC_OK);
	is(s, SAFE_CURRENT, "books", "canary-c");
	is(s, SAFE_CANDIDATE, "books", "canary-n");
	is(s, SAFE_PREVIOUS, "books", "canary-p");
	is(s, SAFE_CURRENT, "book", "canary-o");
	is(s, SAFE_PREVIOUS, "book", NULL);
	assert_int_equal(store_begin(s), RC_OK);
	safe_put(store_safe(s), SAFE_CANDIDATE, "books", "token", NULL);
	assert_int_equal(store_commit(s), RC_OK);
	is(s, SAFE_CANDIDATE, "books", NULL);
	is(s, SAFE_CURRENT, "books", "canary-c");
	store_close(s);
	assert_false(place_holds(place_path(&place, DATA), "canary", 6));
}

static void
test_longest(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct secret_row r = { .at = 3, .drop_at = 4 }, back = { 0 };
	static char longest[SECRET_MAX];

	(void)state;
	memset(longest, 'k', sizeof(longest));
	assert_int_equal(secret_set(&r.value, longest, sizeof(longest)),
	    RC_OK);
	assert_int_equal(store_begin(s), RC_OK);
	safe_put(store_safe(s), SAFE_CURRENT, "books", "token", &r);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(safe_get(store_safe(s), SAFE_CURRENT, "books",
	    "token", &back), RC_OK);
	assert_int_equal(back.value.len, sizeof(longest));
	assert_memory_equal(back.value.text, longest, sizeof(longest));
	secret_wipe(&back.value);
	secret_wipe(&r.value);
	store_close(s);
}

static void
test_fade(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct grant_row g = { .asked_at = 1, .tries = 1 }, back = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(store_begin(s), RC_OK);
	put(s, SAFE_CURRENT, "books", "c", 0);
	put(s, SAFE_CANDIDATE, "books", "n", 101);
	put(s, SAFE_PREVIOUS, "books", "p", 100);
	put(s, SAFE_PREVIOUS, "shop", "p", 101);
	safe_grant_put(store_safe(s), SAFE_CURRENT, "books", &g);
	assert_int_equal(safe_fade(store_safe(s), 100, &n), RC_OK);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(n, 1);
	is(s, SAFE_PREVIOUS, "books", NULL);
	is(s, SAFE_PREVIOUS, "shop", "p");
	is(s, SAFE_CANDIDATE, "books", "n");
	is(s, SAFE_CURRENT, "books", "c");
	assert_int_equal(safe_grant_get(store_safe(s), SAFE_CURRENT, "books",
	    &back), RC_OK);
	assert_int_equal(back.tries, 1);
	assert_int_equal(store_begin(s), RC_OK);
	assert_int_equal(safe_drop(store_safe(s), &n), RC_OK);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(n, 3);
	is(s, SAFE_CURRENT, "books", NULL);
	memset(&back, 0, sizeof(back));
	assert_int_equal(safe_grant_get(store_safe(s), SAFE_CURRENT, "books",
	    &back), RC_OK);
	assert_int_equal(back.tries, 0);
	store_close(s);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_slots),
		TEST(test_longest),
		TEST(test_fade),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
