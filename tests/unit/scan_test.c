/*
 * scan_test.c - what strict JSON is and what is not, and the plainer copy of
 * it that the parser sees.  Bytes and copy lie in memory of exactly the size
 * announced, so that the sanitizer sees every step beyond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "scan.h"
#include "str.h"

static struct scan scan;

static int
teardown(void **unused)
{
	(void)unused;
	scan_free(&scan);
	return 0;
}

/* Scan; the copy must be `expected`, unless that is NULL. */
static enum rc
scan_n(const char *text, size_t n, const char *expected)
{
	char *exact = malloc(n > 0 ? n : 1);
	char *copy = malloc(n > 0 ? scan_room(n) : 1);
	size_t len = 0;
	enum rc rc;

	assert_non_null(exact);
	assert_non_null(copy);
	memcpy(exact, text, n);
	rc = scan_json(&scan, exact, n, copy, &len);
	if (rc == RC_OK && expected != NULL) {
		assert_int_equal(len, strlen(expected));
		assert_memory_equal(copy, expected, len);
	}
	free(exact);
	free(copy);
	return rc;
}

static void
copied(const char *text, const char *copy)
{
	if (scan_n(text, strlen(text), copy) != RC_OK)
		fail_msg("%s: %s at %zu", text, scan.fault, scan.at);
}

static void
good(const char *text)
{
	copied(text, NULL);
}

static void
bad_n(const char *text, size_t n, const char *fault)
{
	char said[80];

	if (scan_n(text, n, NULL) != RC_REJECT)
		fail_msg("taken: %s", text);
	(void)str_fmt(said, sizeof(said), "%s at byte %zu", scan.fault,
	    scan.at);
	if (!str_starts(said, fault))
		fail_msg("%s: %s", text, said);
}

static void
bad(const char *text, const char *fault)
{
	bad_n(text, strlen(text), fault);
}

static void
numbers_refused(void **unused)
{
	static const char *const t[] = { "-", "1.", "1.e1", "1e", "1e+",
		"-x", "[1.]", "-.5" };
	static const char *const other[] = { ".5", "+1", "NaN", "Infinity",
		"-Infinity", "nan", "tru", "nul", "True", "fals", "'a'",
		"undefined", "\x01", "a" };
	static const char *const tail[] = { "01", "00", "-01", "1x", "0x10",
		"1 2", "nulll", "1,", "{}{}", "[]]", "\"a\"b", "1_0" };

	for (size_t i = 0; i < COUNT(t); i++)
		bad(t[i], "broken number at byte ");
	for (size_t i = 0; i < COUNT(other); i++)
		if (str_starts(other[i], "-"))
			bad(other[i], "broken number");
		else
			bad(other[i], "not a JSON value at byte 0");
	for (size_t i = 0; i < COUNT(tail); i++)
		bad(tail[i], "something behind the value at byte ");
	(void)unused;
}

static void
grammar_refused(void **unused)
{
	bad("", "unfinished at byte 0");
	bad("  ", "unfinished at byte 2");
	bad("[", "unfinished");
	bad("{", "a key was expected");
	bad("[1", "a comma was expected");
	bad("[1 2]", "a comma was expected at byte 3");
	bad("[1,]", "not a JSON value at byte 3");
	bad("[,1]", "not a JSON value at byte 1");
	bad("[1}", "a comma was expected");
	bad("{\"a\":1,}", "a key was expected at byte 7");
	bad("{\"a\"}", "a colon was expected");
	bad("{\"a\":}", "not a JSON value");
	bad("{\"a\":1 \"b\":2}", "a comma was expected");
	bad("{a:1}", "a key was expected");
	bad("{1:1}", "a key was expected");
	bad("{\"a\":1]", "a comma was expected");
	bad("{\"a\" 1}", "a colon was expected");
	bad("[1]/* */", "something behind");
	bad("]", "not a JSON value");
	bad("\xef\xbb\xbf{}", "not a JSON value at byte 0");
	bad_n("1\0", 2, "something behind");
	bad_n("\0", 1, "not a JSON value");
	bad_n("[\0]", 3, "not a JSON value");
	bad_n("[1\0]", 4, "a comma");
	bad_n("{\"a\"\0:1}", 8, "a colon");
	(void)unused;
}

static void
strings_refused(void **unused)
{
	static const char *const utf8[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf",
		"\xe2\x82", "\xe2\x28\xa1", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xfe", "\xf0\x9f\x98",
		"\xf0\x9f\x98(", "\xe2\x82\xc0" };
	static const char *const lone[] = { "\\ud800", "\\udc00",
		"\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\udfff\\ud800",
		"\\ud83d\\ud83d", "\\udc00\\udc01", "\\ud800\\ue000" };
	static const char *const escapes[] = { "\\x", "\\u12", "\\u12g4",
		"\\U0041", "\\'", "\\0", "\\u-123", "\\u 123", "\\a",
		"\\ud83d\\u12" };
	char text[64];

	for (size_t i = 0; i < COUNT(utf8); i++) {
		(void)str_fmt(text, sizeof(text), "\"%s\"", utf8[i]);
		bad(text, "not UTF-8 at byte 1");
		(void)str_fmt(text, sizeof(text), "{\"%s\":1}", utf8[i]);
		bad(text, "not UTF-8 at byte 2");
		/* and cut off by the end of the text */
		(void)str_fmt(text, sizeof(text), "\"%s", utf8[i]);
		bad(text, "not UTF-8 at byte 1");
	}
	for (size_t i = 0; i < COUNT(lone); i++) {
		(void)str_fmt(text, sizeof(text), "\"%s\"", lone[i]);
		bad(text, "lone surrogate");
	}
	for (size_t i = 0; i < COUNT(escapes); i++) {
		(void)str_fmt(text, sizeof(text), "\"%s\"", escapes[i]);
		bad(text, "broken escape");
	}
	bad("\"\\u0000\"", "NUL in a string");
	bad("{\"\\u0000\":1}", "NUL in a string");
	bad("\"a\nb\"", "control character");
	bad("\"a\x01\"", "control character");
	bad("\"\x1f\"", "control character");
	bad("\"\x7f", "unfinished string");
	bad_n("\"a\0b\"", 5, "control character");
	bad("\"abc", "unfinished string");
	bad("\"abc\\", "broken escape");
	bad("\"abc\\u", "broken escape");
	bad("\"abc\\u00e", "broken escape");
	bad("\"\\ud83d\\ude0", "broken escape");
	bad("\"\\ud83d\\u", "broken escape");
	bad("\"\\ud83d\\", "lone surrogate");
	(void)unused;
}

static void
duplicates_refused(void **unused)
{
	struct buf b;

	bad("{\"a\":1,\"a\":1}", "duplicate key at byte 13");
	bad("{\"a\":1,\"b\":2,\"a\":3}", "duplicate key");
	bad("{\"a\":1,\"\\u0061\":1}", "duplicate key");
	bad("{\"/\":1,\"\\/\":1}", "duplicate key");
	bad("{\"\\\"\":1,\"\\u0022\":1}", "duplicate key");
	bad("{\"\":1,\"\":1}", "duplicate key");
	bad("{\"x\":{\"a\":1,\"a\":1}}", "duplicate key");
	bad("[{\"b\":{},\"c\":{\"b\":1},\"b\":1}]", "duplicate key");
	good("{\"a\":1,\"A\":1,\"a \":1,\"\":1}");
	good("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}");
	good("{\"\\\\u0061\":1,\"a\":1}");
	/* enough keys to be sorted: 0..299, the last one twice */
	buf_init(&b, 1 << 16);
	buf_putc(&b, '{');
	for (int i = 0; i < 300; i++)
		buf_fmt(&b, "\"key%d\":{\"key%d\":%d},", i, i, i);
	buf_puts(&b, "\"\":1}");
	good(b.data);
	b.len -= 5;
	buf_puts(&b, "\"key299\":1}");
	bad(b.data, "duplicate key");
	buf_free(&b);
	(void)unused;
}

/* n keys of the same first and last letters, and the one that is `twice`
 * again, if that is less than n. */
static void
some_keys(struct buf *b, size_t n, size_t twice)
{
	buf_clear(b);
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "%s\"billing_%04zu_address\":%zu",
		    i == 0 ? "{" : ",", i, i);
	if (twice < n)
		buf_fmt(b, ",\"billing_%04zu_address\":0", twice);
	buf_putc(b, '}');
}

/* Above and below the number from which they are sorted. */
static void
finds_one_among_many(void **unused)
{
	static const size_t sizes[] = { 1, 2, 3, 48, 49, 62, 63, 64, 65, 66,
		127, 128, 129, 399 };
	struct buf b;

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		some_keys(&b, sizes[i], sizes[i]);
		good(b.data);
		for (size_t twice = 0; twice < sizes[i]; twice += 7) {
			some_keys(&b, sizes[i], twice);
			bad(b.data, "duplicate key");
		}
	}
	buf_free(&b);
	(void)unused;
}

/* Which part of a key differs must not matter. */
static void
tells_near_ones_apart(void **unused)
{
	static const char *const near[] = { "", "a", "b", "aa", "ab", "ba",
	    "aaaaaaaa", "aaaaaaab", "baaaaaaa", "aaaaaaaaa",
	    "aaaaaaaa0aaaaaaaa", "aaaaaaaa1aaaaaaaa", "aaaaaaaaaaaaaaaaa" };
	struct buf b;
	size_t n;

	buf_init(&b, 1 << 16);
	buf_putc(&b, '{');
	for (size_t i = 0; i < COUNT(near); i++)
		buf_fmt(&b, "%s\"%s\":1", i == 0 ? "" : ",", near[i]);
	n = b.len;
	buf_putc(&b, '}');
	good(b.data);
	for (size_t i = 0; i < COUNT(near); i++) {
		b.len = n;
		buf_fmt(&b, ",\"%s\":1}", near[i]);
		bad(b.data, "duplicate key");
	}
	buf_free(&b);
	(void)unused;
}

static void
nested(struct buf *b, const char *open, int n, const char *close)
{
	for (int i = 0; i < n; i++)
		buf_puts(b, open);
	buf_puts(b, "1");
	for (int i = 0; i < n; i++)
		buf_puts(b, close);
}

static void
bounds(void **unused)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	nested(&b, "[", SCAN_DEPTH, "]");
	good(b.data);
	buf_clear(&b);
	nested(&b, "[", SCAN_DEPTH + 1, "]");
	bad(b.data, "nested too deep at byte 64");
	buf_clear(&b);
	nested(&b, "{\"a\":", SCAN_DEPTH + 1, "}");
	bad(b.data, "nested too deep");
	buf_clear(&b);
	buf_puts(&b, "[0");
	for (int i = 2; i < SCAN_NODES; i++)
		buf_puts(&b, ",0");
	buf_puts(&b, "]");
	good(b.data);
	assert_int_equal(scan.nodes, SCAN_NODES);
	b.len--;
	buf_puts(&b, ",0]");
	bad(b.data, "too many values");
	buf_free(&b);
	(void)unused;
}

/* The copy that the parser sees, in memory of exactly the size announced. */
static void
copies(void **unused)
{
	struct buf b;

	copied("7", "\"\xff" "7\"");
	copied("\"\\u0001\\u00ff\"", "\"\x01\xc3\xbf\"");
	copied("[ 1 , {\"\\u0061\" : \"\\/\"} ]",
	    "[\"\xff" "1\",{\"a\":\"/\"}]");
	buf_init(&b, 1 << 20);
	buf_puts(&b, "[0");
	for (int i = 2; i < SCAN_NODES; i++)
		buf_puts(&b, ",0");
	buf_puts(&b, "]");
	good(b.data);
	buf_free(&b);
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_refused),
		cmocka_unit_test(grammar_refused),
		cmocka_unit_test(strings_refused),
		cmocka_unit_test(duplicates_refused),
		cmocka_unit_test(finds_one_among_many),
		cmocka_unit_test(tells_near_ones_apart),
		cmocka_unit_test(bounds),
		cmocka_unit_test(copies)
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
