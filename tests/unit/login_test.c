/*
 * login_test.c - which passwords are good enough, and that what is stored
 * fits its password and key and no other, and does not hold them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "box.h"

#include "login.h"
#include "str.h"

#define EMAIL "jan.jansen@example.nl"
#define GOOD "Vloer%tegel4blauw"

static void
weak(const char *password, const char *part)
{
	const char *why = login_weak(password, EMAIL);

	if (part == NULL) {
		assert_null(why);
		return;
	}
	if (why == NULL)
		fail_msg("%s passes", password);
	if (strstr(why, part) == NULL)
		fail_msg("%s: %s", password, why);
}

static void
test_rule(void **state)
{
	char text[600] = "";

	(void)state;
	weak(GOOD, NULL);
	weak("aB3-fxhkwm", NULL);
	weak("aB3-fxhkw", "fewer than 10");
	weak("", "fewer than 10");
	weak("ab3-fxhkwm", "lacks");
	weak("AB3-FGHKLM", "lacks");
	weak("aBc-fxhkwm", "lacks");
	weak("aB3dfxhkwm", "lacks");
	weak("aB3 fxhkwm", "lacks");
	weak("aB3-fxh\tkwm", "control");
	weak("aB3-\xff" "gxkwmn", "UTF-8");
	/* Characters, not bytes; and only those of ASCII are told apart. */
	weak("aB3-\xc3\xa9\xc3\xa9x\xc3\xa9", "fewer than 10");
	weak("aB3-\xc3\xa9q\xc3\xa9x\xc3\xa9w", NULL);
	weak("\xc3\x89" "b3-fxhkwmq", "lacks");
	for (int i = 0; i < 124; i++)
		(void)str_add(text, sizeof(text), i % 2 == 0 ? "\xe2\x82\xac" :
		    "\xf0\x9f\x90\xb8");
	(void)str_add(text, sizeof(text), "aB3-");
	weak(text, NULL);
	(void)str_add(text, sizeof(text), "x");
	weak(text, "more than 128");
	for (const char *p = "!?@$^&*-%#\"'(),./:;<=>[\\]_`{|}~+"; *p != '\0';
	    p++) {
		(void)str_fmt(text, sizeof(text), "aB3%cfxhkwm", *p);
		weak(text, NULL);
	}
}

static void
test_common(void **state)
{
	static const char *const bad[] = { "Password1!", "P@ssw0rd123!",
	    "Welkom2024!", "Wachtwoord1!", "Qwerty123!@#", "Salesync-2026",
	    "Jan.Jansen1!", "J4n.J4nsen-99", "Abcdefgh1!", "1234567890aB!",
	    "Aaaaaaaaaa1!", "Zxcvbnm,987A", "$ummer2026Aa!", "!QAZ123456a",
	    "Admin-admin1", "Test1234Test!", "9876543210-Aa" };
	static const char *const good[] = { "Tr0ub4dor&3x", "Zomer-langs-7-Zeeen",
	    "Fiets2026+bel",
	    "correct-Horse7battery", "xK9$mmPq2v" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		weak(bad[i], "little of it is left");
	for (size_t i = 0; i < COUNT(good); i++)
		weak(good[i], NULL);
	/* It is this address that counts. */
	assert_null(login_weak("Jan.Jansen1!", "piet@example.nl"));
}

static void
test_key(void **state)
{
	char a[LOGIN_KEY + 1], b[LOGIN_KEY + 1];
	int seen[128] = { 0 };
	int kinds = 0;

	(void)state;
	login_key(a);
	assert_int_equal(strlen(a), 32);
	for (int i = 0; i < 1000; i++) {
		login_key(b);
		assert_int_equal(strlen(b), 32);
		assert_string_not_equal(a, b);
		for (int k = 0; k < LOGIN_KEY; k++)
			seen[(unsigned char)b[k]]++;
	}
	for (int c = 0; c < 128; c++) {
		kinds += seen[c] > 0;
		/* 1,000 of each, or none. */
		assert_true(seen[c] == 0 || (seen[c] > 800 && seen[c] < 1200));
	}
	assert_int_equal(kinds, 32);
	assert_int_equal(seen['i'] + seen['l'] + seen['o'] + seen['1'], 0);
}

static void
test_fits(void **state)
{
	struct login_row r = { .made_at = 1 }, got, again;
	struct operator_store *o = NULL;
	char key[LOGIN_KEY + 1], other[LOGIN_KEY + 1];

	(void)state;
	assert_int_equal(operator_open(&at, STORE_MAKE, &o), RC_OK);
	assert_true(str_copy(r.email, sizeof(r.email), EMAIL));
	login_key(key);
	login_key(other);
	login_make(o, GOOD, key, &r);
	assert_int_equal(r.scrypt_n, 131072);
	assert_int_equal(r.scrypt_r, 8);
	assert_int_equal(r.scrypt_p, 1);
	assert_int_equal(strlen(r.salt), 32);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_login_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_login_get(o, "JAN.Jansen@example.nl", &got),
	    RC_OK);
	assert_true(login_fits(o, &got, GOOD, key));
	assert_false(login_fits(o, &got, GOOD "x", key));
	assert_false(login_fits(o, &got, GOOD, other));
	assert_false(login_fits(o, &got, "", ""));
	assert_false(login_fits(o, NULL, GOOD, key));
	/* The same once more is stored otherwise. */
	again = r;
	login_make(o, GOOD, key, &again);
	assert_string_not_equal(again.salt, r.salt);
	assert_string_not_equal(again.password, r.password);
	got.salt[0] = got.salt[0] == '0' ? '1' : '0';
	assert_false(login_fits(o, &got, GOOD, key));
	operator_close(o);
}

/* Of processor time, in ticks. */
static clock_t
spent(struct operator_store *o, const struct login_row *r, const char *key)
{
	clock_t began = clock();

	assert_false(login_fits(o, r, GOOD "x", key));
	return clock() - began;
}

/* An address without a login takes as long, and so does a wrong key. */
static void
test_time(void **state)
{
	struct login_row r = { .email = EMAIL };
	struct operator_store *o = NULL;
	char key[LOGIN_KEY + 1];
	clock_t known, unknown;

	(void)state;
	assert_int_equal(operator_open(&at, STORE_MAKE, &o), RC_OK);
	login_key(key);
	login_make(o, GOOD, key, &r);
	known = spent(o, &r, key);
	unknown = spent(o, NULL, "");
	assert_in_range(unknown, known / 3, known * 3);
	operator_close(o);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rule),
		TEST(test_common),
		TEST(test_key),
		TEST(test_fits),
		TEST(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
