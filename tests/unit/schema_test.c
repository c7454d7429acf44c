/*
 * schema_test.c - which keys are taken for secrets, and names and URLs that
 * must not pass.  The tables are tested through the files of config_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "schema.h"
#include "str.h"

static void
test_secret_key(void **state)
{
	static const char *const yes[] = { "password", "passwd", "secret",
	    "token", "api_key", "apikey", "consumer_key", "consumer_secret",
	    "client_secret", "refresh_token", "access_key", "private_key",
	    "key", "Key", "X-Api-Key", "accessKey", "smtp_pass", "db.pwd",
	    "webhook_secret_2", "PASSWORD" };
	static const char *const no[] = { "url", "statuses", "administration",
	    "monkey", "compass", "keyed", "currency", "", "tok" };

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++)
		if (!config_secret_key(yes[i]))
			fail_msg("%s is not taken for a secret", yes[i]);
	for (size_t i = 0; i < COUNT(no); i++)
		if (config_secret_key(no[i]))
			fail_msg("%s is taken for a secret", no[i]);
}

static void
test_name(void **state)
{
	static const char *const no[] = { "", ".", "..", ".a", "-a", "a/b",
	    "a b", "a:b", "\xc3\xa9", "a\n",
	    "a23456789012345678901234567890123" };

	(void)state;
	assert_true(typed_name_ok("a"));
	assert_true(typed_name_ok("0.a_b-C"));
	assert_true(typed_name_ok("a2345678901234567890123456789012"));
	for (size_t i = 0; i < COUNT(no); i++)
		if (typed_name_ok(no[i]))
			fail_msg("%s is taken for a name", no[i]);
}

static void
test_user(void **state)
{
	(void)state;
	assert_true(typed_has_user("https://u:p@h"));
	assert_true(typed_has_user("https://u@h/"));
	assert_true(typed_has_user("u:p@h"));
	assert_false(typed_has_user("https://h/@u"));
	assert_false(typed_has_user("https://h?q=a@b"));
	assert_false(typed_has_user("https://h#a@b"));
	assert_false(typed_has_user("https://h"));
}

/* A text that is not what was expected leaves the preset alone. */
static void
test_preset(void **state)
{
	struct typed_key k = { .type = TYPED_DURATION, .min = 1, .max = 60 };
	int64_t s = 7;

	(void)state;
	assert_int_equal(typed_take(&k, "/d", "61s", &s), RC_CONFIG);
	assert_int_equal(typed_take(&k, "/d", "0s", &s), RC_CONFIG);
	assert_int_equal(typed_take(&k, "/d", "1", &s), RC_CONFIG);
	assert_int_equal(s, 7);
	assert_int_equal(typed_take(&k, "/d", "1m", &s), RC_OK);
	assert_int_equal(s, 60);
	assert_int_equal(typed_take(&k, "/d", "1s", NULL), RC_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret_key),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_preset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
