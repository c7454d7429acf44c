/*
 * str_test.c - bounded strings: what fits, what is cut and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rc.h"
#include "str.h"

static void
test_copy(void **state)
{
	char b[6] = "zzzzz";

	(void)state;
	assert_true(str_copy(b, sizeof(b), "abcde"));
	assert_string_equal(b, "abcde");
	assert_false(str_copy(b, sizeof(b), "abcdef"));
	assert_string_equal(b, "abcde");
	assert_true(str_copy(b, sizeof(b), NULL));
	assert_string_equal(b, "");
	assert_false(str_copy(b, 0, "a"));
	assert_string_equal(b, "");
	assert_false(str_copy(b, 1, "a"));
	assert_string_equal(b, "");
	assert_true(str_copy(b, 1, ""));
}

static void
test_copy_n(void **state)
{
	char b[6] = "zzzzz";

	(void)state;
	assert_true(str_copy_n(b, sizeof(b), "abcdefgh", 3));
	assert_string_equal(b, "abc");
	assert_false(str_copy_n(b, sizeof(b), "abcdefgh", 7));
	assert_string_equal(b, "abcde");
	assert_false(str_copy_n(b, sizeof(b), "ab\0de", 5));
	assert_string_equal(b, "ab");
	assert_true(str_copy_n(b, sizeof(b), NULL, 3));
	assert_string_equal(b, "");
	assert_true(str_copy_n(b, sizeof(b), "abc", 0));
	assert_string_equal(b, "");
}

/* Whatever the size, what is left is whole characters and nothing is written
 * behind it. */
static void
test_cut_utf8(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t ends[] = { 0, 1, 3, 6, 10, 11 };
	char b[16];
	size_t size, want, i;

	(void)state;
	for (size = 1; size <= sizeof(text); size++) {
		for (want = 0, i = 0; i < COUNT(ends); i++)
			if (ends[i] < size)
				want = ends[i];
		memset(b, 'z', sizeof(b));
		assert_int_equal(str_copy(b, size, text),
		    size == sizeof(text));
		assert_int_equal(strlen(b), want);
		assert_memory_equal(b, text, want);
		assert_int_equal(b[size], 'z');
		memset(b, 'z', sizeof(b));
		assert_int_equal(str_fmt(b, size, "%s", text),
		    size == sizeof(text));
		assert_int_equal(strlen(b), want);
		assert_int_equal(b[size], 'z');
	}
	/* Not UTF-8: cut as it is. */
	assert_false(str_copy(b, 5, "\x80\x80\x80\x80\x80\x80"));
	assert_int_equal(strlen(b), 4);
}

static void
test_add_fmt(void **state)
{
	char b[8] = "";

	(void)state;
	assert_true(str_add(b, sizeof(b), "abc"));
	assert_true(str_add(b, sizeof(b), NULL));
	assert_true(str_add(b, sizeof(b), "defg"));
	assert_string_equal(b, "abcdefg");
	assert_false(str_add(b, sizeof(b), "h"));
	assert_string_equal(b, "abcdefg");
	memset(b, 'x', sizeof(b));
	assert_false(str_add(b, sizeof(b), "h"));
	assert_true(str_fmt(b, sizeof(b), "%d-%s", 12, "ab"));
	assert_string_equal(b, "12-ab");
	assert_false(str_fmt(b, sizeof(b), "%s", "123456789"));
	assert_string_equal(b, "1234567");
	assert_false(str_fmt(b, 0, "x"));
}

static void
test_compare(void **state)
{
	(void)state;
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "A"));
	assert_true(str_eq_nocase("aBz", "AbZ"));
	assert_false(str_eq_nocase("ab", "abc"));
	assert_false(str_eq_nocase("abc", "ab"));
	assert_false(str_eq_nocase("@", "`"));
	assert_false(str_eq_nocase("[", "{"));
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("a", "ab"));
	assert_true(str_ends("a.csv", ".csv"));
	assert_false(str_ends("csv", ".csv"));
	assert_false(str_ends("a.csv ", ".csv"));
	assert_true(str_empty(NULL));
	assert_true(str_empty(""));
	assert_false(str_empty(" "));
}

static void
test_lower_trim(void **state)
{
	char a[] = "AbZ\xc3\x89@[";
	char b[] = " \t\r\n\v\f a b \n";
	char c[] = "  ";

	(void)state;
	str_lower(a);
	assert_string_equal(a, "abz\xc3\x89@[");
	str_trim(b);
	assert_string_equal(b, "a b");
	str_trim(c);
	assert_string_equal(c, "");
}

/* Every code point once, encoded by the definition; and all that is not one. */
static void
test_utf8_all(void **state)
{
	uint32_t c;
	char s[5];

	(void)state;
	for (c = 0; c < 0x200000; c++) {
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		bool good = c > 0 && c < 0x110000 && (c < 0xd800 ||
		    c > 0xdfff);
		size_t i;
		uint32_t rest = c;

		for (i = n - 1; i > 0; i--) {
			s[i] = (char)(0x80 | (rest & 0x3f));
			rest >>= 6;
		}
		s[0] = (char)((n == 1 ? 0 : 0xf00 >> n) | rest);
		if (str_utf8(s, n) != good ||
		    str_utf8_char(s, n) != (good ? n : 0))
			fail_msg("U+%04X", c);
	}
}

static void
test_utf8_bad(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xff", "\xfe",
		"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\x28",
		"\xe2\x28\xac", "\xe2\x82\x28", "\xf0\x9f\x98\x28", "ab\xc3" };
	size_t i;

	(void)state;
	assert_true(str_utf8("", 0));
	assert_true(str_utf8("a\xe2\x82\xac", 4));
	assert_false(str_utf8("a\xe2\x82\xac", 3));
	assert_false(str_utf8("a\0b", 3));
	assert_int_equal(str_utf8_char("\xe2\x82\xac" "b", 4), 3);
	assert_int_equal(str_utf8_char("\xe2\x82\xac", 2), 0);
	assert_int_equal(str_utf8_char("", 0), 0);
	assert_true(str_hash(STR_HASH, "") == UINT64_C(0xaf63bd4c8601b7df));
	assert_true(str_hash(str_hash(STR_HASH, "a"), "b") !=
	    str_hash(STR_HASH, "ab"));
	for (i = 0; i < COUNT(bad); i++)
		if (str_utf8(bad[i], strlen(bad[i])))
			fail_msg("bad[%zu]", i);
}

static void
test_u64(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "1.0",
		"0x1", "1e3", "18446744073709551616", "99999999999999999999" };
	uint64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_int_equal(str_u64(bad[i], UINT64_MAX, &v), RC_REJECT);
	assert_int_equal(v, 7);
	assert_int_equal(str_u64("18446744073709551615", UINT64_MAX, &v),
	    RC_OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_u64("0", 0, &v), RC_OK);
	assert_int_equal(v, 0);
	assert_int_equal(str_u64("1", 0, &v), RC_REJECT);
	assert_int_equal(str_u64("007", 7, &v), RC_OK);
	assert_int_equal(v, 7);
	assert_int_equal(str_u64("8", 7, &v), RC_REJECT);
	assert_int_equal(str_u64("100", 100, &v), RC_OK);
	assert_int_equal(v, 100);
	assert_int_equal(str_u64("101", 100, &v), RC_REJECT);
	assert_int_equal(v, 100);
}

static void
test_nearest(void **state)
{
	static const char *const names[] = { "tenant", "tenants", "url",
		"master_key", "timezone", "settle" };
	char longest[65];
	const char *n;

	(void)state;
	assert_ptr_equal(str_nearest("tenant", names, 6), names[0]);
	assert_ptr_equal(str_nearest("tenants", names, 6), names[1]);
	assert_string_equal(str_nearest("tenatn", names, 6), "tenant");
	assert_string_equal(str_nearest("ulr", names, 6), "url");
	assert_string_equal(str_nearest("urls", names, 6), "url");
	assert_string_equal(str_nearest("master-key", names, 6), "master_key");
	assert_string_equal(str_nearest("masterkey", names, 6), "master_key");
	assert_string_equal(str_nearest("timezoen", names, 6), "timezone");
	/* Four wrong in ten are too many, and so are two in three. */
	assert_string_equal(str_nearest("XXXter_key", names, 6), "master_key");
	assert_null(str_nearest("XXXXer_key", names, 6));
	assert_null(str_nearest("uxx", names, 6));
	assert_null(str_nearest("", names, 6));
	assert_null(str_nearest("tenant", names, 0));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[64] = '\0';
	n = longest;
	assert_null(str_nearest(longest, &n, 1));
	assert_null(str_nearest("a", &n, 1));
	longest[63] = '\0';
	assert_ptr_equal(str_nearest(longest, &n, 1), longest);
}

static void
test_hex(void **state)
{
	static const unsigned char raw[] = { 0x00, 0x1f, 0xa0, 0xff };
	unsigned char back[4] = { 9, 9, 9, 9 };
	char text[9];

	(void)state;
	str_hex(text, raw, 4);
	assert_string_equal(text, "001fa0ff");
	str_hex(text, raw, 0);
	assert_string_equal(text, "");
	assert_int_equal(str_unhex(back, 4, "001fa0f"), RC_REJECT);
	assert_int_equal(str_unhex(back, 4, "001fa0ff0"), RC_REJECT);
	assert_int_equal(str_unhex(back, 4, "001fa0fg"), RC_REJECT);
	assert_int_equal(back[0], 9);
	assert_int_equal(str_unhex(back, 4, "001Fa0fF"), RC_OK);
	assert_memory_equal(back, raw, 4);
}

static void
test_plain(void **state)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char s[2] = "";
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		s[0] = (char)c;
		assert_int_equal(str_plain(s, 1),
		    strchr(good, (char)c) != NULL);
	}
	assert_true(str_plain("abc", 3));
	assert_false(str_plain("abc", 2));
	assert_false(str_plain("", 3));
	assert_false(str_plain("a/b", 9));
}

static void
test_rc(void **state)
{
	(void)state;
	assert_string_equal(rc_name(RC_OK), "OK");
	assert_string_equal(rc_name(RC_FATAL), "FATAL");
	assert_string_equal(rc_name((enum rc)99), "?");
	assert_int_equal(rc_worse(RC_AUTH, RC_LATER), RC_AUTH);
	assert_int_equal(rc_worse(RC_OK, RC_LATER), RC_LATER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_copy_n),
		cmocka_unit_test(test_cut_utf8),
		cmocka_unit_test(test_add_fmt),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_lower_trim),
		cmocka_unit_test(test_utf8_all),
		cmocka_unit_test(test_utf8_bad),
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_rc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
