/*
 * json_test.c - numbers, strings and trees come through exactly, are found by
 * their paths and written back, and a tree leaves nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "str.h"

static struct json_doc *doc;

static int
setup(void **unused)
{
	(void)unused;
	doc = json_doc_new();
	return 0;
}

static int
teardown(void **unused)
{
	(void)unused;
	json_doc_free(doc);
	json_doc_free(NULL);
	return 0;
}

/* Parse from memory of exactly this size, so that a read behind it shows. */
static enum rc
parse_n(const char *text, size_t n, const struct json **v)
{
	char *exact = malloc(n > 0 ? n : 1);
	enum rc rc;

	assert_non_null(exact);
	memcpy(exact, text, n);
	rc = json_parse(doc, exact, n, v);
	free(exact);
	return rc;
}

static const struct json *
good(const char *text)
{
	const struct json *v = NULL;
	enum rc rc = parse_n(text, strlen(text), &v);

	if (rc != RC_OK)
		fail_msg("%s: %s", text, json_fault(doc));
	assert_non_null(v);
	assert_string_equal(json_fault(doc), "");
	return v;
}

static void
bad_n(const char *text, size_t n, const char *fault)
{
	const struct json *v = NULL;

	if (parse_n(text, n, &v) != RC_REJECT)
		fail_msg("taken: %s", text);
	assert_null(v);
	if (!str_starts(json_fault(doc), fault))
		fail_msg("%s: %s", text, json_fault(doc));
}

static void
bad(const char *text, const char *fault)
{
	bad_n(text, strlen(text), fault);
}

static void
values(void **unused)
{
	const struct json *v;

	assert_true(json_is_object(good("{}")));
	assert_true(json_is_array(good(" [ ] ")));
	assert_true(json_is_null(good("null")));
	assert_true(json_bool(good("true"), "", false));
	assert_false(json_bool(good("false"), "", true));
	v = good("\t{\r\n\"a\" : [1 , \"x\", true,null , {\"b\":-0.5E+3}] }\n");
	assert_string_equal(json_str(v, "a.0"), "1");
	assert_string_equal(json_str(v, "a.1"), "x");
	assert_true(json_bool(v, "a.2", false));
	assert_true(json_is_null(json_path(v, "a.3")));
	assert_string_equal(json_str(v, "a.4.b"), "-0.5E+3");
	assert_int_equal(json_count(json_get(v, "a")), 5);
	(void)unused;
}

static void
numbers_keep_their_text(void **unused)
{
	static const char *const t[] = { "0", "-0", "0.1", "9007199254740993",
		"1e999", "-1E-999", "123456789012345678901234567890.00",
		"16.530", "0.10", "1e5", "10.0E+01" };

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct json *v = good(t[i]);

		assert_string_equal(json_text(v), t[i]);
		assert_true(json_is_number(v));
		assert_false(json_is_string(v));
	}
	(void)unused;
}

static void
strings(void **unused)
{
	static const struct { const char *in, *out; } t[] = {
		{ "\"\"", "" }, { "\"a/b\"", "a/b" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
		{ "\"\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf" },
		{ "\"\\ud800\\udc00\"", "\xf0\x90\x80\x80" },
		{ "\"\\u0022\\u005c\\u002f\"", "\"\\/" },
		{ "\"\\u007f\\uffff\\u0080\\u07ff\\u0800\"",
		    "\x7f\xef\xbf\xbf\xc2\x80\xdf\xbf\xe0\xa0\x80" },
		{ "\"\\u001f\"", "\x1f" },
		{ "\"a\\\\\"", "a\\" },
		{ "\"\\\\u0041\"", "\\u0041" },
		/* what marks a number inside is nothing special outside */
		{ "\"\\u0001\"", "\x01" }, { "\"\\u00015\"", "\x01" "5" },
		{ "\"\\u0002\"", "\x02" }, { "\"\\u0002\\u0001\"",
		    "\x02\x01" }, { "\"a\\u0001\"", "a\x01" },
		{ "\"\\u00ff5\"", "\xc3\xbf" "5" },
		{ "\"J\xc3\xbcrgen \xe2\x82\xac \xf0\x9f\x98\x80\"",
		    "J\xc3\xbcrgen \xe2\x82\xac \xf0\x9f\x98\x80" }
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct json *v = good(t[i].in);

		assert_string_equal(json_text(v), t[i].out);
		assert_true(json_is_string(v));
		assert_false(json_is_number(v));
	}
	(void)unused;
}

static void
absent(void **unused)
{
	const struct json *v = good("{\"a\":{\"b\":[10,{\"c\":null}]},"
	    "\"n\":1,\"s\":\"x\",\"ab\":2,\"0\":3,\"t\":true,"
	    "\"p\":{\"ab\":1}}");

	assert_null(json_get(v, "A"));
	assert_null(json_get(v, "b"));
	assert_null(json_get(NULL, "a"));
	assert_null(json_get(json_get(v, "n"), "a"));
	assert_string_equal(json_text(json_get(v, "a")) == NULL ? "" : "x",
	    "");
	assert_string_equal(json_str(v, "ab"), "2");
	assert_string_equal(json_str(v, "0"), "3");
	assert_null(json_get(json_get(v, "p"), "a"));
	assert_string_equal(json_str(v, "a.b.0"), "10");
	assert_string_equal(json_str(v, "a.b.1.c"), "");
	assert_null(json_path(v, "a.b.2"));
	assert_null(json_path(v, "a.b.-1"));
	assert_null(json_path(v, "a.b.x"));
	assert_null(json_path(v, "a.b.99999999999999999999999"));
	assert_null(json_path(v, "a..b"));
	assert_null(json_path(v, "s.x"));
	assert_null(json_path(v, "a.b.0.x"));
	assert_ptr_equal(json_path(v, ""), v);
	assert_null(json_path(NULL, "a"));
	assert_string_equal(json_str(v, "a"), "");
	assert_string_equal(json_str(NULL, "a"), "");
	assert_true(json_bool(v, "s", true));
	assert_false(json_bool(v, "gone", false));
	assert_true(json_bool(v, "t", false));
	assert_true(json_is_null(NULL));
	assert_false(json_is_object(NULL));
	assert_false(json_is_array(NULL));
	assert_false(json_is_number(NULL));
	assert_false(json_is_string(NULL));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_null(json_key(NULL));
	assert_null(json_text(NULL));
	assert_int_equal(json_count(NULL), 0);
	assert_int_equal(json_count(json_get(v, "s")), 0);
	(void)unused;
}

static void
children(void **unused)
{
	const struct json *v = good("{\"z\":1,\"a\":[5,6],\"m\":\"x\"}"), *c;

	c = json_first(v);
	assert_string_equal(json_key(c), "z");
	c = json_next(c);
	assert_string_equal(json_key(c), "a");
	assert_null(json_key(json_first(c)));
	assert_string_equal(json_text(json_next(json_first(c))), "6");
	assert_null(json_next(json_next(json_first(c))));
	c = json_next(c);
	assert_string_equal(json_text(c), "x");
	assert_null(json_next(c));
	(void)unused;
}

static void
whole_numbers(void **unused)
{
	static const struct { const char *text; int64_t n; } t[] = {
		{ "0", 0 }, { "-0", 0 }, { "5", 5 }, { "-17", -17 },
		{ "5.0", 5 }, { "5.000", 5 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN }
	};
	static const char *const none[] = { "\"5\"", "5.5", "5e0", "1e2",
		"9223372036854775808", "-9223372036854775809", "true", "null",
		"99999999999999999999", "{}", "[1]", "\"\\u00015\"" };
	int64_t n = 77;

	for (size_t i = 0; i < COUNT(none); i++)
		assert_int_equal(json_i64(good(none[i]), "", &n), RC_REJECT);
	assert_int_equal(json_i64(NULL, "a", &n), RC_REJECT);
	assert_int_equal(n, 77);
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(json_i64(good(t[i].text), "", &n), RC_OK);
		assert_true(n == t[i].n);
	}
	(void)unused;
}

static void
writes(void **unused)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, 4096);
	json_begin(&o, &b);
	json_open_object(&o);
	json_put_member(&o, "a", "x");
	json_put_member(&o, "n", NULL);
	json_put_key(&o, "l");
	json_open_array(&o);
	json_put_i64(&o, INT64_MIN);
	json_put_raw(&o, "1.50");
	json_put_bool(&o, true);
	json_put_bool(&o, false);
	json_put_null(&o);
	json_open_object(&o);
	json_close_object(&o);
	json_open_array(&o);
	json_close_array(&o);
	json_close_array(&o);
	json_put_key(&o, "k\"");
	json_open_object(&o);
	json_put_member(&o, "", "");
	json_close_object(&o);
	json_put_member(&o, "z", "\"\\/\b\f\n\r\t\x01\x1f\x7f \xe2\x82\xac");
	json_close_object(&o);
	assert_string_equal(b.data,
	    "{\"a\":\"x\",\"n\":null,\"l\":[-9223372036854775808,1.50,true,"
	    "false,null,{},[]],\"k\\\"\":{\"\":\"\"},\"z\":\"\\\"\\\\/\\b\\f"
	    "\\n\\r\\t\\u0001\\u001f\x7f \xe2\x82\xac\"}");
	assert_false(b.over);
	(void)good(b.data);
	buf_clear(&b);
	json_begin(&o, &b);
	json_put_str(&o, "a\xff\xc3(\xe2\x82");
	assert_string_equal(b.data, "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd"
	    "\xef\xbf\xbd\"");
	buf_free(&b);
	(void)unused;
}

static void
writes_are_bounded(void **unused)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, 4096);
	json_begin(&o, &b);
	for (int i = 0; i < JSON_DEPTH; i++)
		json_open_array(&o);
	assert_false(b.over);
	json_open_array(&o);
	assert_true(b.over);
	for (int i = 0; i < JSON_DEPTH + 3; i++)
		json_close_array(&o);
	json_put_null(&o);
	assert_int_equal(o.depth, 0);
	buf_free(&b);
	buf_init(&b, 8);
	json_begin(&o, &b);
	json_put_str(&o, "much too long for it");
	assert_true(b.over);
	buf_free(&b);
	(void)unused;
}

/* Every string that can be written comes back as itself. */
static void
strings_round_trip(void **unused)
{
	struct json_out o;
	struct buf b;
	char s[8];

	buf_init(&b, 4096);
	for (int c = 1; c < 0x10000; c++) {
		size_t n = 0;

		if (c < 0x80) {
			s[n++] = (char)c;
		} else if (c < 0x800) {
			s[n++] = (char)(0xc0 | c >> 6);
			s[n++] = (char)(0x80 | (c & 0x3f));
		} else {
			s[n++] = (char)(0xe0 | c >> 12);
			s[n++] = (char)(0x80 | (c >> 6 & 0x3f));
			s[n++] = (char)(0x80 | (c & 0x3f));
		}
		s[n] = '\0';
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		buf_clear(&b);
		json_begin(&o, &b);
		json_put_str(&o, s);
		assert_string_equal(json_text(good(b.data)), s);
		buf_clear(&b);
		buf_fmt(&b, "\"\\u%04x\"", (unsigned)c);
		assert_string_equal(json_text(good(b.data)), s);
	}
	buf_free(&b);
	(void)unused;
}

/*
 * A tree is gone from memory once the next document is read: a pointer into
 * it sees the new one's bytes or zeros, never the old text.
 */
static void
old_tree_is_wiped(void **unused)
{
	const struct json *v = good("[\"filler filler filler filler\","
	    "\"janneke@debtor.example\"]");
	const char *email = json_text(json_next(json_first(v)));

	assert_string_equal(email, "janneke@debtor.example");
	(void)good("1");
	for (size_t i = 0; i < strlen("janneke@debtor.example"); i++)
		assert_int_equal(email[i], 0);
	v = good("[\"filler filler filler filler\",\"piet\"]");
	email = json_text(json_next(json_first(v)));
	assert_string_equal(email, "piet");
	bad("nope", "not a JSON value");
	assert_int_equal(email[0], 0);
	(void)unused;
}

/* As many short strings as there may be: the costliest tree. */
static void
large_tree(void **unused)
{
	const struct json *v;
	struct buf b;

	buf_init(&b, 1 << 22);
	buf_puts(&b, "{\"0\":\"\"");
	for (int i = 1; i < JSON_NODES - 1; i++)
		buf_fmt(&b, ",\"%x\":%d", (unsigned)i, i);
	buf_puts(&b, "}");
	v = good(b.data);
	assert_int_equal(json_count(v), JSON_NODES - 1);
	assert_string_equal(json_str(v, "30d3e"), "199998");
	buf_free(&b);
	(void)unused;
}

/* Two documents at once do not share a tree. */
static void
two_documents(void **unused)
{
	struct json_doc *other = json_doc_new();
	const struct json *a = good("{\"a\":\"first\"}"), *b = NULL;

	assert_int_equal(json_parse(other, "[\"second\"]", 10, &b), RC_OK);
	assert_string_equal(json_str(a, "a"), "first");
	assert_string_equal(json_str(b, "0"), "second");
	json_doc_free(other);
	assert_string_equal(json_str(a, "a"), "first");
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(numbers_keep_their_text),
		cmocka_unit_test(strings),
		cmocka_unit_test(absent),
		cmocka_unit_test(children),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(writes),
		cmocka_unit_test(writes_are_bounded),
		cmocka_unit_test(strings_round_trip),
		cmocka_unit_test(old_tree_is_wiped),
		cmocka_unit_test(large_tree),
		cmocka_unit_test(two_documents)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
