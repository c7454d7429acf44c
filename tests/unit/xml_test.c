/*
 * xml_test.c - what is taken from XML, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "xml.h"

static void
note(void *arg, const char *path, const char *text)
{
	buf_fmt(arg, "%s=%s;", path, text);
}

static void
reads(const char *xml, const char *want)
{
	const char *why = "x";
	size_t line = 0;
	struct buf got;

	buf_init(&got, 1 << 20);
	buf_puts(&got, "");
	assert_int_equal(xml_read(xml, strlen(xml), note, &got, &why, &line),
	    RC_OK);
	assert_null(why);
	assert_string_equal(got.data, want);
	buf_free(&got);
}

static void
refuses_n(const char *xml, size_t n, const char *want, size_t at)
{
	const char *why = NULL;
	size_t line = 0;
	struct buf got;

	buf_init(&got, 4 << 20);
	assert_int_equal(xml_read(xml, n, note, &got, &why, &line),
	    RC_REJECT);
	assert_non_null(why);
	assert_non_null(strstr(why, want));
	assert_int_equal(line, at);
	buf_free(&got);
}

static void
refuses(const char *xml, const char *want, size_t at)
{
	refuses_n(xml, strlen(xml), want, at);
}

static void
test_taken(void **state)
{
	(void)state;
	reads("<a/>", "a=;");
	reads("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\n"
	    "<a x='1'> <b>  t&amp;&#x20ac; </b><b y=\"&lt;\">2</b>e</a>\n",
	    "a@x=1;a/b=t&\xe2\x82\xac;a/b@y=<;a/b=2;a=e;");
	reads("<p:a xmlns:p='urn:x' xmlns='urn:y'><b p:z='1'>2</b></p:a>",
	    "a@xmlns=urn:x;a/b@z=1;a/b=2;a=;");
	reads("<a><!-- no --><?pi no?><![CDATA[<b>]]></a>", "a=<b>;");
}

static void
test_refused(void **state)
{
	(void)state;
	refuses("", "no element", 1);
	refuses("<a>\n<b></a>", "mismatched", 2);
	refuses("<a/><a/>", "junk", 1);
	refuses("<!DOCTYPE a>\n<a/>", "DOCTYPE", 1);
	refuses("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "DOCTYPE", 1);
	refuses("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE", 1);
	refuses("<a>&e;</a>", "undefined entity", 1);
	refuses("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "UTF-8", 1);
	refuses("<a>\xe9</a>", "UTF-8", 1);
	refuses("<a>&#0;</a>", "invalid character", 1);
	refuses_n("\xff\xfe<\0a\0/\0>\0", 10, "UTF-8", 1);
	refuses("<a x='1' x='2'/>", "duplicate attribute", 1);
	refuses("<p:a/>", "unbound prefix", 1);
}

static void
count(void *arg, const char *path, const char *text)
{
	(void)path;
	(void)text;
	++*(int *)arg;
}

static void
test_limits(void **state)
{
	static char big[XML_MAX + 16];
	const char *why = NULL;
	size_t line = 0;
	struct buf b;
	int n = 0;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 64; i++)
		buf_puts(&b, "<a>");
	for (int i = 0; i < 64; i++)
		buf_puts(&b, "</a>");
	assert_int_equal(xml_read(b.data, b.len, count, &n, &why, &line),
	    RC_OK);
	assert_int_equal(n, 64);
	buf_clear(&b);
	for (int i = 0; i < 65; i++)
		buf_puts(&b, "<a>");
	refuses(b.data, "too deep", 1);
	buf_free(&b);

	memset(big, ' ', sizeof(big));
	memcpy(big, "<a/>", 4);
	refuses_n(big, XML_MAX + 1, "1 MiB", 1);
	memset(big, 'n', 5000);
	memcpy(big, "<a", 2);
	memcpy(big + 5000, "/>", 2);
	refuses_n(big, XML_MAX, "too long", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
