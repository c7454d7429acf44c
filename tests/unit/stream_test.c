/*
 * stream_test.c - the lines between pull and push: their exact bytes, every
 * line that is none, and random sales there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "str.h"
#include "stream.h"

#define SALES 3000

static uint64_t state = UINT64_C(88172645463325252);
static struct json_doc *doc;
static struct item item;
static struct sale sale;
static struct buf buf;
static const char *fault;

static int
setup(void **unused)
{
	(void)unused;
	doc = json_doc_new();
	buf_init(&buf, STREAM_LINE);
	return 0;
}

static int
teardown(void **unused)
{
	(void)unused;
	json_doc_free(doc);
	buf_free(&buf);
	return 0;
}

static enum rc
parse(const char *line)
{
	fault = NULL;
	return stream_parse(doc, line, strlen(line), &item, &fault);
}

/* What was written is one line; read it. */
static enum rc
parse_buf(void)
{
	assert_false(buf.over);
	assert_int_equal(buf.data[buf.len - 1], '\n');
	assert_ptr_equal(memchr(buf.data, '\n', buf.len),
	    buf.data + buf.len - 1);
	fault = NULL;
	return stream_parse(doc, buf.data, buf.len - 1, &item, &fault);
}

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* The line in the manual, byte for byte. */
static void
sale_line(void **unused)
{
	static const char line[] =
	    "{\"type\":\"sale\",\"tenant\":\"acme\",\"source\":\"shop\","
	    "\"id\":\"1001\",\"number\":\"1001\",\"kind\":\"order\","
	    "\"refund_of\":null,\"placed\":\"2026-11-01T12:00:00Z\","
	    "\"currency\":\"EUR\",\"debtor\":{\"id\":\"17\","
	    "\"email\":\"a@b.example\",\"company\":null,"
	    "\"name\":\"A. Jansen\",\"address\":\"\xe2\x80\xa6\","
	    "\"postcode\":\"\xe2\x80\xa6\",\"city\":\"\xe2\x80\xa6\","
	    "\"country\":\"NL\",\"vat_number\":null},\"lines\":[{"
	    "\"kind\":\"article\",\"article\":\"SKU-1\","
	    "\"description\":\"Mug\",\"quantity\":\"2\",\"excl\":\"16.53\","
	    "\"vat\":\"3.47\",\"vat_rate\":\"21\",\"vat_country\":\"NL\"}],"
	    "\"payments\":[{\"method\":\"ideal\",\"amount\":\"20.00\"}],"
	    "\"excl\":\"16.53\",\"incl\":\"20.00\"}\n";

	assert_int_equal(stream_parse(doc, line, strlen(line) - 1, &item,
	    &fault), RC_OK);
	assert_int_equal(item.type, ITEM_SALE);
	assert_string_equal(item.tenant, "acme");
	assert_string_equal(item.source, "shop");
	assert_string_equal(item.sale.tenant, "acme");
	assert_string_equal(item.sale.source, "shop");
	assert_string_equal(item.sale.id, "1001");
	buf_clear(&buf);
	stream_put_sale(&buf, &item.sale);
	assert_string_equal(buf.data, line);
	(void)unused;
}

static void
other_lines(void **unused)
{
	buf_clear(&buf);
	stream_put_cursor(&buf, "acme", "shop", "2026-11-01T12:00:00Z");
	assert_string_equal(buf.data, "{\"type\":\"cursor\",\"tenant\":"
	    "\"acme\",\"source\":\"shop\",\"value\":"
	    "\"2026-11-01T12:00:00Z\"}\n");
	assert_int_equal(parse_buf(), RC_OK);
	assert_int_equal(item.type, ITEM_CURSOR);
	assert_string_equal(item.source, "shop");
	assert_string_equal(item.cursor, "2026-11-01T12:00:00Z");
	buf_clear(&buf);
	stream_put_end(&buf, "acme", 12);
	assert_string_equal(buf.data,
	    "{\"type\":\"end\",\"tenant\":\"acme\",\"sales\":12}\n");
	assert_int_equal(parse_buf(), RC_OK);
	assert_int_equal(item.type, ITEM_END);
	assert_string_equal(item.tenant, "acme");
	assert_string_equal(item.source, "");
	assert_int_equal(item.sales, 12);
	(void)unused;
}

static void
refused_line(void **unused)
{
	sale_init(&sale);
	(void)str_copy(sale.tenant, sizeof(sale.tenant), "acme");
	(void)str_copy(sale.source, sizeof(sale.source), "shop");
	(void)str_copy(sale.id, sizeof(sale.id), "7");
	(void)str_copy(sale.number, sizeof(sale.number), "W7");
	sale.kind = SALE_REFUND;
	buf_clear(&buf);
	stream_put_refused(&buf, &sale, M_AMOUNT, "lines.0.excl");
	assert_string_equal(buf.data, "{\"type\":\"refused\",\"tenant\":"
	    "\"acme\",\"source\":\"shop\",\"id\":\"7\",\"number\":\"W7\","
	    "\"kind\":\"refund\",\"code\":\"S205\",\"text\":"
	    "\"lines.0.excl\"}\n");
	assert_int_equal(parse_buf(), RC_OK);
	assert_int_equal(item.type, ITEM_REFUSED);
	assert_int_equal(item.why, M_AMOUNT);
	assert_string_equal(item.why_text, "lines.0.excl");
	assert_string_equal(item.sale.id, "7");
	assert_string_equal(item.sale.number, "W7");
	assert_string_equal(item.sale.source, "shop");
	assert_string_equal(item.sale.tenant, "acme");
	assert_int_equal(item.sale.kind, SALE_REFUND);
	/* a code of a later version is still a refusal */
	assert_int_equal(parse("{\"type\":\"refused\",\"tenant\":\"a\","
	    "\"source\":\"s\",\"id\":\"7\",\"kind\":\"order\","
	    "\"code\":\"S999\"}"), RC_OK);
	assert_int_equal(item.why, M_SHOP_SALE);
	assert_string_equal(item.sale.number, "7");
	(void)unused;
}

#define T "\"tenant\":\"a\""
#define S "\"source\":\"s\""

static void
no_lines(void **unused)
{
	static const struct { const char *line, *fault; } t[] = {
		{ "", "unfinished at byte 0" },
		{ "hello", "not a JSON value at byte 0" },
		{ "[]", "no type" }, { "7", "no type" }, { "{}", "no type" },
		{ "{\"type\":null," T "}", "no type" },
		{ "{\"type\":\"Sale\"," T "}", "unknown type" },
		{ "{\"type\":\"order\"}", "unknown type" },
		{ "{\"type\":\"end\",\"sales\":1}", "no tenant" },
		{ "{\"type\":\"end\",\"tenant\":\"\",\"sales\":1}",
		    "no tenant" },
		{ "{\"type\":\"end\",\"tenant\":5,\"sales\":1}", "no tenant" },
		{ "{\"type\":\"end\",\"tenant\":"
		    "\"123456789012345678901234567890123\",\"sales\":1}",
		    "no tenant" },
		{ "{\"type\":\"end\"," T "}", "an end line" },
		{ "{\"type\":\"end\"," T ",\"sales\":-1}", "an end line" },
		{ "{\"type\":\"end\"," T ",\"sales\":\"1\"}", "an end line" },
		{ "{\"type\":\"end\"," T ",\"sales\":1.5}", "an end line" },
		{ "{\"type\":\"end\"," T ",\"sales\":1}x", "something behind" },
		{ "{\"type\":\"end\"," T ",\"sales\":1,\"sales\":2}",
		    "duplicate key" },
		{ "{\"type\":\"cursor\"," T "," S "}", "a cursor" },
		{ "{\"type\":\"cursor\"," T ",\"value\":\"1\"}", "a cursor" },
		{ "{\"type\":\"cursor\"," T "," S ",\"value\":5}", "a cursor" },
		{ "{\"type\":\"cursor\"," T "," S ",\"value\":\"\"}",
		    "a cursor" },
		{ "{\"type\":\"sale\"," T ",\"id\":1,\"kind\":\"order\"}",
		    "a sale without a source" },
		{ "{\"type\":\"sale\"," T "," S ",\"kind\":\"order\"}",
		    "a sale without an id" },
		{ "{\"type\":\"sale\"," T "," S ",\"id\":1}",
		    "a sale without an id or a kind" },
		{ "{\"type\":\"refused\"," T "," S ",\"kind\":\"order\"}",
		    "a refused sale" },
		{ "{\"type\":\"refused\"," T "," S ",\"id\":\"1\"}",
		    "a refused sale" },
		{ "{\"type\":\"refused\"," T ",\"id\":\"1\","
		    "\"kind\":\"order\"}", "a refused sale" }
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(parse(t[i].line), RC_FATAL);
		assert_non_null(fault);
		if (!str_starts(fault, t[i].fault))
			fail_msg("%s: %s", t[i].line, fault);
	}
	(void)unused;
}

static void
bad_sale(void **unused)
{
	assert_int_equal(parse("{\"type\":\"sale\"," T "," S ",\"id\":\"5\","
	    "\"kind\":\"order\",\"placed\":\"2026-11-01\","
	    "\"currency\":\"EUR\",\"excl\":1,\"incl\":1e999}"), RC_REJECT);
	assert_string_equal(item.tenant, "a");
	assert_string_equal(item.source, "s");
	assert_string_equal(item.sale.tenant, "a");
	assert_string_equal(item.sale.source, "s");
	assert_string_equal(item.sale.id, "5");
	assert_int_equal(item.why, M_AMOUNT);
	assert_string_equal(item.why_text, "incl");
	/* the next line starts afresh */
	assert_int_equal(parse("{\"type\":\"end\"," T ",\"sales\":0}"), RC_OK);
	assert_int_equal(item.why, M_NONE);
	assert_string_equal(item.why_text, "");
	assert_string_equal(item.source, "");
	assert_string_equal(item.sale.id, "");
	(void)unused;
}

static void
long_line(void **unused)
{
	char *line = malloc(STREAM_LINE + 1);
	static const char end[] = "{\"type\":\"end\"," T ",\"sales\":0}";

	assert_non_null(line);
	memset(line, ' ', STREAM_LINE + 1);
	memcpy(line, end, strlen(end));
	assert_int_equal(stream_parse(doc, line, STREAM_LINE, &item, &fault),
	    RC_OK);
	assert_int_equal(stream_parse(doc, line, STREAM_LINE + 1, &item,
	    &fault), RC_FATAL);
	assert_string_equal(fault, "it is too long");
	free(line);
	(void)unused;
}

/* Up to most - 1 bytes of UTF-8, from what is hard to quote. */
static void
some_text(char *out, size_t most)
{
	static const char *const from[] = { "a", "Z", "0", " ", "\"", "\\",
		"/", "\n", "\t", "\x01", "\x02", "\x1f", "\x7f", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "{", "}", ",", ":" };
	size_t n = next() % most;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		(void)str_add(out, most, from[next() % COUNT(from)]);
}

static struct money
some_money(void)
{
	int64_t m = (int64_t)(next() % UINT64_C(1000000000000000)) >>
	    next() % 50;

	return (struct money){ next() & 1 ? -m : m };
}

static void
some_sale(void)
{
	struct sale_line *l;

	sale_init(&sale);
	(void)str_copy(sale.tenant, sizeof(sale.tenant), "acme");
	(void)str_copy(sale.source, sizeof(sale.source), "shop");
	some_text(sale.id + 1, sizeof(sale.id) - 1);
	some_text(sale.number + 1, sizeof(sale.number) - 1);
	sale.id[0] = sale.number[0] = 'x';
	sale.kind = (enum sale_kind)(next() % 4);
	some_text(sale.refund_of, sizeof(sale.refund_of));
	sale.placed_at = (int64_t)(next() % UINT64_C(4000000000));
	(void)str_copy(sale.currency, 4, next() & 1 ? "EUR" : "JPY");
	some_text(sale.debtor.id, sizeof(sale.debtor.id));
	some_text(sale.debtor.email, sizeof(sale.debtor.email));
	some_text(sale.debtor.name, sizeof(sale.debtor.name));
	some_text(sale.debtor.address, sizeof(sale.debtor.address));
	some_text(sale.debtor.vat_number, sizeof(sale.debtor.vat_number));
	(void)str_copy(sale.debtor.country, 3, next() & 1 ? "NL" : "");
	sale.excl = some_money();
	sale.incl = some_money();
	if (sale.kind == SALE_REFUND)	/* a positive one would be turned */
		sale.incl = money_neg(money_abs(sale.incl));
	for (size_t n = next() % 6; n > 0; n--) {
		l = sale_line_add(&sale);
		l->kind = (enum line_kind)(next() % 6);
		l->vat_rate_e4 = (int32_t)(next() % 1000001);
		(void)str_copy(l->vat_country, 3, next() & 1 ? "BE" : "");
		some_text(l->article, sizeof(l->article));
		some_text(l->description, sizeof(l->description));
		l->quantity.e6 = money_abs(some_money()).e6 + 1;
		l->excl = some_money();
		l->vat = some_money();
	}
	for (size_t n = next() % 4; n > 0; n--) {
		struct sale_payment *p = sale_payment_add(&sale);

		some_text(p->method, sizeof(p->method));
		p->amount = some_money();
	}
}

/*
 * The same bytes when written again: the writer shows every member, and the
 * test of one line above shows that it shows them rightly.
 */
static void
there_and_back(void **unused)
{
	struct buf again;

	buf_init(&again, STREAM_LINE);
	for (int i = 0; i < SALES; i++) {
		some_sale();
		buf_clear(&buf);
		stream_put_sale(&buf, &sale);
		if (parse_buf() != RC_OK)
			fail_msg("%s: %s %s", buf.data, fault ? fault : "",
			    item.why_text);
		buf_clear(&again);
		stream_put_sale(&again, &item.sale);
		assert_string_equal(again.data, buf.data);
		assert_string_equal(item.sale.debtor.email, sale.debtor.email);
		assert_int_equal(item.sale.placed_at, sale.placed_at);
		assert_int_equal(item.sale.incl.e6, sale.incl.e6);
		assert_int_equal(item.sale.lines_n, sale.lines_n);
	}
	buf_free(&again);
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sale_line),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(refused_line),
		cmocka_unit_test(no_lines),
		cmocka_unit_test(bad_sale),
		cmocka_unit_test(long_line),
		cmocka_unit_test(there_and_back)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
