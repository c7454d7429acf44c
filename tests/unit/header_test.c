/*
 * header_test.c - the lines of an answer's head, well-formed and hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "header.h"
#include "str.h"

static const char *
take(struct header *h, const char *line)
{
	return header_take(h, line, strlen(line));
}

static void
test_fields(void **state)
{
	struct header h;
	int64_t at;

	(void)state;
	header_init(&h);
	assert_int_equal(h.total, -1);
	assert_null(take(&h, "HTTP/1.1 200 OK\r\n"));
	assert_null(take(&h, "DATE:Mon, 23 Nov 2026 14:00:00 GMT\r\n"));
	assert_null(take(&h, "x-wp-total:   7  \r\n"));
	assert_null(take(&h, "Content-Encoding: Identity\r\n"));
	assert_null(take(&h, "Transfer-Encoding: Chunked\r\n"));
	assert_null(take(&h, "no colon at all\r\n"));
	assert_false(h.ended);
	assert_null(take(&h, "\r\n"));
	assert_true(h.ended);
	assert_int_equal(clock_parse("2026-11-23T14:00:00Z", &at), RC_OK);
	assert_int_equal(h.date_at, at);
	assert_int_equal(h.total, 7);
	/* a trailer changes nothing */
	assert_null(take(&h, "X-WP-Total: 8\r\n"));
	assert_null(take(&h, "Content-Encoding: gzip\r\n"));
	assert_int_equal(h.total, 7);
	assert_true(h.ended);
	/* a second head starts anew, but its size counts on */
	assert_null(take(&h, "HTTP/1.1 200 OK\r\n"));
	assert_false(h.ended);
	assert_int_equal(h.total, -1);
	assert_int_equal(h.date_at, 0);
	assert_int_equal(h.lines, 10);
}

static void
test_retry(void **state)
{
	static const char *const none[] = { "", "-5", "soon", "1e9",
	    "99999999999999999999" };
	char line[100];
	struct header h;

	(void)state;
	header_init(&h);
	assert_null(take(&h, "Retry-After: 120"));
	assert_in_range(h.retry_at - clock_now(), 119, 120);
	assert_null(take(&h, "Retry-After: 1795442400"));
	assert_int_equal(h.retry_at, 1795442400);
	assert_null(take(&h, "Retry-After: Mon, 23 Nov 2026 14:00:01 GMT"));
	assert_int_equal(h.retry_at, 1795442401);
	for (size_t i = 0; i < COUNT(none); i++) {
		str_fmt(line, sizeof(line), "Retry-After: %s", none[i]);
		assert_null(take(&h, line));
		assert_int_equal(h.retry_at, 0);
	}
	assert_null(take(&h, "X-Total-Count: 12x"));
	assert_int_equal(h.total, -1);
}

static void
test_link(void **state)
{
	static const struct { const char *value, *next; } links[] = {
		{ "<https://a/2>; rel=\"next\"", "https://a/2" },
		{ "<https://a/2>;rel=next", "https://a/2" },
		{ "<https://a/2>; title=\"x\"; REL=\"Next\"", "https://a/2" },
		{ "<https://a/1>; rel=\"prev\", <https://a/3?b=1,2>; "
		    "rel=\"next\", <https://a/9>; rel=\"last\"",
		    "https://a/3?b=1,2" },
		{ "<https://a/1>; rel=\"prev\"", "" },
		{ "<https://a/1>; rel=\"nextish\"", "" },
		{ "<https://a/1>", "" },
		{ "", "" },
		{ "https://a/1; rel=next", "" },
	};
	char line[3000], url[2600];
	struct header h;

	(void)state;
	for (size_t i = 0; i < COUNT(links); i++) {
		header_init(&h);
		str_fmt(line, sizeof(line), "Link: %s\r\n", links[i].value);
		assert_null(take(&h, line));
		assert_string_equal(h.link_next, links[i].next);
	}
	assert_non_null(take(&h, "Link: <https://a/1"));
	/* one that does not fit would look like the end of the list */
	memset(url, 'u', sizeof(url));
	url[HEADER_LINK - 1] = '\0';
	str_fmt(line, sizeof(line), "Link: <%s>; rel=next", url);
	assert_null(take(&h, line));
	assert_int_equal(strlen(h.link_next), HEADER_LINK - 1);
	url[HEADER_LINK - 1] = 'u';
	url[HEADER_LINK] = '\0';
	str_fmt(line, sizeof(line), "Link: <%s>; rel=next", url);
	assert_non_null(take(&h, line));
}

static void
test_refused(void **state)
{
	static char huge[HEADER_BYTES + 10];
	struct header h;

	(void)state;
	header_init(&h);
	assert_non_null(take(&h, "Content-Encoding: gzip"));
	assert_non_null(take(&h, "content-encoding: identity, br"));
	assert_non_null(take(&h, "Transfer-Encoding: gzip, chunked"));
	header_init(&h);
	for (int i = 0; i < HEADER_LINES; i++)
		assert_null(take(&h, "A: b"));
	assert_non_null(take(&h, "A: b"));
	memset(huge, 'x', sizeof(huge));
	huge[1] = ':';
	header_init(&h);
	assert_null(header_take(&h, huge, HEADER_BYTES));
	assert_non_null(header_take(&h, huge, 1));
	/* a long one that matters */
	memcpy(huge, "link:", 5);
	header_init(&h);
	assert_non_null(header_take(&h, huge, 5000));
	/* a NUL ends nothing early for us alone */
	header_init(&h);
	assert_non_null(header_take(&h, "Link: <a>\0; rel=next", 20));
}

static void
test_ours(void **state)
{
	(void)state;
	assert_true(header_ok("X-A: b c"));
	assert_true(header_ok("Accept: application/json; charset=utf-8"));
	assert_false(header_ok("X-A: "));
	assert_false(header_ok("X-A:b"));
	assert_false(header_ok(": b"));
	assert_false(header_ok("X A: b"));
	assert_false(header_ok("X-A"));
	assert_false(header_ok(""));
	assert_false(header_ok("X-A: b\rc"));
	assert_false(header_ok("X-A: b\nc"));
	assert_false(header_ok("X-A: b\x7f"));
	assert_true(header_word_ok("abc.DEF-123_~+/="));
	assert_false(header_word_ok(""));
	assert_false(header_word_ok("a b"));
	assert_false(header_word_ok("a\n"));
	assert_false(header_word_ok("\xc3\xa9"));
	assert_true(header_value_ok(""));
	assert_false(header_value_ok("a\tb"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ours),
	};

	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
