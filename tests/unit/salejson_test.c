/*
 * salejson_test.c - one sale as a JSON object: what is taken, what is refused
 * and in which words, and that what is written is read back the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "salejson.h"
#include "str.h"

#define UNIT INT64_C(1000000)
#define LONG64 "1234567890123456789012345678901234567890123456789012345678901234"

static struct sale sale, back;
static struct json_doc *doc;
static enum msg why;
static char text[64];

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
	return 0;
}

static enum rc
read_sale(const char *json)
{
	const struct json *v = NULL;

	if (json_parse(doc, json, strlen(json), &v) != RC_OK)
		fail_msg("%s: %s", json, json_fault(doc));
	why = M_NONE;
	text[0] = '\0';
	memset(&sale, 0xa5, sizeof(sale));
	return salejson_read(v, &sale, &why, text, sizeof(text));
}

/*
 * A sale that is right, with the members given put in front: the scanner
 * takes no key twice, so each one that is named is left out of the rest.
 */
static enum rc
with(const char *members)
{
	static const char *const rest[] = { "\"id\":\"1\"",
		"\"kind\":\"order\"", "\"placed\":\"2026-11-01T12:00:00Z\"",
		"\"currency\":\"EUR\"", "\"excl\":\"1\"", "\"incl\":\"1.21\"" };
	char json[8192], key[16];

	(void)str_fmt(json, sizeof(json), "{%s", members);
	for (size_t i = 0; i < COUNT(rest); i++) {
		(void)str_copy_n(key, sizeof(key), rest[i],
		    (size_t)(strchr(rest[i], ':') - rest[i]) + 1);
		if (strstr(members, key) == members)
			continue;
		(void)str_add(json, sizeof(json), json[1] ? "," : "");
		(void)str_add(json, sizeof(json), rest[i]);
	}
	assert_true(str_add(json, sizeof(json), "}"));
	return read_sale(json);
}

static enum rc
with_line(const char *members)
{
	char json[4096];

	assert_true(str_fmt(json, sizeof(json), "\"lines\":[{%s}]", members));
	return with(json);
}

static void
whole(void **unused)
{
	assert_int_equal(read_sale("{\"id\":\"1001\",\"number\":\"W-1\","
	    "\"kind\":\"order\",\"refund_of\":null,"
	    "\"placed\":\"2026-11-01T12:00:00Z\",\"currency\":\"EUR\","
	    "\"debtor\":{\"id\":17,\"email\":\"a@b.example\",\"company\":null,"
	    "\"name\":\"A. Jansen\",\"address\":\"Straat 1\","
	    "\"postcode\":\"1234 AB\",\"city\":\"Utrecht\",\"country\":\"nl\","
	    "\"vat_number\":\"NL1\"},\"lines\":[{\"kind\":\"shipping\","
	    "\"article\":\"S-1\",\"description\":\"Mug\",\"quantity\":\"2.5\","
	    "\"excl\":16.53,\"vat\":\"3.47\",\"vat_rate\":\"21\","
	    "\"vat_country\":\"nl\"}],\"payments\":[{\"method\":\"ideal\","
	    "\"amount\":\"20.00\"}],\"excl\":\"16.53\",\"incl\":2e1,"
	    "\"unheard\":{\"of\":[]}}"), RC_OK);
	assert_string_equal(sale.id, "1001");
	assert_string_equal(sale.number, "W-1");
	assert_int_equal(sale.kind, SALE_ORDER);
	assert_string_equal(sale.refund_of, "");
	assert_int_equal(sale.placed_at, 1793534400);
	assert_string_equal(sale.currency, "EUR");
	assert_string_equal(sale.debtor.id, "17");
	assert_string_equal(sale.debtor.email, "a@b.example");
	assert_string_equal(sale.debtor.company, "");
	assert_string_equal(sale.debtor.name, "A. Jansen");
	assert_string_equal(sale.debtor.address, "Straat 1");
	assert_string_equal(sale.debtor.postcode, "1234 AB");
	assert_string_equal(sale.debtor.city, "Utrecht");
	assert_string_equal(sale.debtor.country, "NL");
	assert_string_equal(sale.debtor.vat_number, "NL1");
	assert_int_equal(sale.lines_n, 1);
	assert_int_equal(sale.lines[0].kind, LINE_SHIPPING);
	assert_string_equal(sale.lines[0].article, "S-1");
	assert_string_equal(sale.lines[0].description, "Mug");
	assert_int_equal(sale.lines[0].quantity.e6, 2500000);
	assert_int_equal(sale.lines[0].excl.e6, 16530000);
	assert_int_equal(sale.lines[0].vat.e6, 3470000);
	assert_int_equal(sale.lines[0].vat_rate_e4, 210000);
	assert_string_equal(sale.lines[0].vat_country, "NL");
	assert_int_equal(sale.payments_n, 1);
	assert_string_equal(sale.payments[0].method, "ideal");
	assert_int_equal(sale.payments[0].amount.e6, 20 * UNIT);
	assert_int_equal(sale.excl.e6, 16530000);
	assert_int_equal(sale.incl.e6, 20 * UNIT);
	(void)unused;
}

static void
presets(void **unused)
{
	assert_int_equal(with(""), RC_OK);
	assert_string_equal(sale.number, "1");
	assert_string_equal(sale.tenant, "");
	assert_string_equal(sale.debtor.email, "");
	assert_int_equal(sale.lines_n, 0);
	assert_int_equal(sale.payments_n, 0);
	assert_int_equal(with("\"debtor\":null,\"lines\":null,"
	    "\"payments\":null,\"number\":null"), RC_OK);
	assert_string_equal(sale.number, "1");
	assert_int_equal(with_line("\"excl\":\"1\""), RC_OK);
	assert_int_equal(sale.lines[0].kind, LINE_ARTICLE);
	assert_int_equal(sale.lines[0].quantity.e6, UNIT);
	assert_int_equal(sale.lines[0].vat.e6, 0);
	assert_int_equal(sale.lines[0].vat_rate_e4, 0);
	assert_string_equal(sale.lines[0].article, "");
	assert_string_equal(sale.lines[0].description, "");
	assert_int_equal(with_line("\"excl\":\"1\",\"quantity\":0"), RC_OK);
	assert_int_equal(sale.lines[0].quantity.e6, UNIT);
	/* an amount has no more than six decimals here */
	assert_int_equal(with_line("\"excl\":0.123456789"), RC_OK);
	assert_int_equal(sale.lines[0].excl.e6, 123457);
	(void)unused;
}

static const struct { const char *members; enum msg why; const char *at; }
refusals[] = {
	{ "\"excl\":\"NaN\"", M_AMOUNT, "excl" },
	{ "\"incl\":1e999", M_AMOUNT, "incl" },
	{ "\"incl\":\"1,21\"", M_AMOUNT, "incl" },
	{ "\"incl\":null", M_AMOUNT, "incl" },
	{ "\"incl\":\"\"", M_AMOUNT, "incl" },
	{ "\"incl\":true", M_AMOUNT, "incl" },
	{ "\"excl\":{}", M_AMOUNT, "excl" },
	{ "\"excl\":\"99999999999999\"", M_AMOUNT, "excl" },
	{ "\"currency\":null", M_CURRENCY, "currency" },
	{ "\"currency\":\"\"", M_CURRENCY, "currency" },
	{ "\"currency\":\"eur\"", M_CURRENCY, "currency" },
	{ "\"currency\":\"EURO\"", M_CURRENCY, "currency" },
	{ "\"placed\":null", M_VALUE, "placed" },
	{ "\"placed\":\"2026-02-30\"", M_VALUE, "placed" },
	{ "\"placed\":\"yesterday\"", M_VALUE, "placed" },
	{ "\"number\":\"" LONG64 "\"", M_TOO_LARGE, "number" },
	{ "\"refund_of\":\"" LONG64 "\"", M_TOO_LARGE, "refund_of" },
	{ "\"refund_of\":[]", M_VALUE, "refund_of" },
	{ "\"debtor\":[]", M_VALUE, "debtor" },
	{ "\"debtor\":\"17\"", M_VALUE, "debtor" },
	{ "\"debtor\":{\"id\":\"" LONG64 "\"}", M_TOO_LARGE, "debtor.id" },
	{ "\"debtor\":{\"name\":false}", M_VALUE, "debtor.name" },
	{ "\"debtor\":{\"postcode\":\"" LONG64 "\"}", M_TOO_LARGE,
	    "debtor.postcode" },
	{ "\"debtor\":{\"country\":\"NLD\"}", M_VALUE, "debtor.country" },
	{ "\"debtor\":{\"country\":\"Nederland\"}", M_VALUE, "debtor.country" },
	{ "\"debtor\":{\"country\":\"N\"}", M_VALUE, "debtor.country" },
	{ "\"debtor\":{\"country\":\"N1\"}", M_VALUE, "debtor.country" },
	{ "\"lines\":{}", M_VALUE, "lines" },
	{ "\"debtor\":{},\"lines\":{}", M_VALUE, "lines" },
	{ "\"lines\":[],\"payments\":{}", M_VALUE, "payments" },
	{ "\"lines\":[1]", M_VALUE, "lines.0.object" },
	{ "\"lines\":[{\"excl\":1},{\"excl\":\"x\"}]", M_AMOUNT,
	    "lines.1.excl" },
	{ "\"payments\":[{\"method\":\"x\"}]", M_AMOUNT,
	    "payments.0.amount" },
	{ "\"payments\":[{\"method\":1.5,\"amount\":\"\"}]", M_AMOUNT,
	    "payments.0.amount" },
	{ "\"payments\":[{\"method\":{},\"amount\":1}]", M_VALUE,
	    "payments.0.method" },
	{ "\"payments\":[{\"method\":\"" LONG64 "\",\"amount\":1}]",
	    M_TOO_LARGE, "payments.0.method" },
	{ "\"payments\":[null]", M_VALUE, "payments.0.object" },
	{ "\"payments\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]",
	    M_TOO_LARGE, "payments" },
	{ "\"paid\":\"soon\"", M_VALUE, "paid" },
	{ "\"tags\":\"a\"", M_VALUE, "tags" },
	{ "\"tags\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]",
	    M_TOO_LARGE, "tags" },
	{ "\"rate\":\"1\"", M_VALUE, "rate or rate_source" },
	{ "\"rate\":\"-1\",\"rate_source\":\"x\"", M_VALUE,
	    "rate or rate_source" }
}, line_refusals[] = {
	{ "\"excl\":1,\"quantity\":-1", M_QUANTITY, "lines.0.quantity" },
	{ "\"excl\":1,\"quantity\":\"-0.5\"", M_QUANTITY,
	    "lines.0.quantity" },
	{ "\"excl\":1,\"quantity\":\"two\"", M_AMOUNT, "lines.0.quantity" },
	{ "\"excl\":1,\"kind\":\"thing\"", M_VALUE, "lines.0.kind" },
	{ "\"excl\":1,\"kind\":7", M_VALUE, "lines.0.kind" },
	{ "\"excl\":1,\"description\":{}", M_VALUE, "lines.0.description" },
	{ "\"excl\":1,\"article\":\"" LONG64 "\"", M_TOO_LARGE,
	    "lines.0.article" },
	{ "\"vat\":1", M_AMOUNT, "lines.0.excl" },
	{ "\"excl\":1,\"vat_rate\":21", M_AMOUNT, "lines.0.vat" },
	{ "\"excl\":1,\"vat\":\"0.21\"", M_VALUE, "lines.0.vat_rate" },
	{ "\"excl\":1,\"vat\":\"x\",\"vat_rate\":21", M_AMOUNT,
	    "lines.0.vat" },
	{ "\"excl\":1,\"vat\":1,\"vat_rate\":101", M_VALUE,
	    "lines.0.vat_rate" },
	{ "\"excl\":1,\"vat\":1,\"vat_rate\":\"21%\"", M_VALUE,
	    "lines.0.vat_rate" },
	{ "\"excl\":1,\"vat_country\":\"NLD\"", M_VALUE,
	    "lines.0.vat_country" },
	{ "\"excl\":1,\"vat_country\":\"??\"", M_VALUE,
	    "lines.0.vat_country" }
};

static void
refused(enum rc rc, enum msg expected, const char *at, const char *members)
{
	if (rc != RC_REJECT || why != expected || !str_eq(text, at))
		fail_msg("%s: %s %d %s", members, rc_name(rc), (int)why, text);
	assert_string_equal(sale.id, "1");
	assert_int_equal(sale.kind, SALE_ORDER);
}

static void
refuses(void **unused)
{
	for (size_t i = 0; i < COUNT(refusals); i++)
		refused(with(refusals[i].members), refusals[i].why,
		    refusals[i].at, refusals[i].members);
	for (size_t i = 0; i < COUNT(line_refusals); i++)
		refused(with_line(line_refusals[i].members),
		    line_refusals[i].why, line_refusals[i].at,
		    line_refusals[i].members);
	(void)unused;
}

/* What only the tenant's rules look at. */
static void
state(void **unused)
{
	static const char members[] = "\"paid\":\"2026-11-02T12:00:00Z\","
	    "\"shipped\":null,\"status\":\"on-hold\","
	    "\"channel\":\"pos\",\"tags\":[\"a\",\"b c\"],"
	    "\"rate\":\"1.0825\",\"rate_source\":\"ECB\","
	    "\"lines\":[{\"ean\":\"8712345678906\",\"excl\":1}]";
	const struct json *v = NULL;
	struct json_out o;
	struct buf b;

	(void)unused;
	assert_int_equal(with(members), RC_OK);
	assert_int_equal(sale.paid_at, sale.placed_at + 86400);
	assert_int_equal(sale.shipped_at, 0);
	assert_int_equal(sale.tags_n, 2);
	assert_string_equal(sale.tags[1], "b c");
	assert_int_equal(sale.rate.e6, 1082500);
	buf_init(&b, 4096);
	json_begin(&o, &b);
	json_open_object(&o);
	salejson_write(&o, &sale);
	json_close_object(&o);
	assert_int_equal(json_parse(doc, b.data, b.len, &v), RC_OK);
	assert_int_equal(salejson_read(v, &back, &why, text, sizeof(text)),
	    RC_OK);
	buf_free(&b);
	assert_int_equal(back.paid_at, sale.paid_at);
	assert_string_equal(back.status, "on-hold");
	assert_string_equal(back.channel, "pos");
	assert_int_equal(back.tags_n, 2);
	assert_string_equal(back.tags[0], "a");
	assert_int_equal(back.rate.e6, 1082500);
	assert_string_equal(back.rate_source, "ECB");
	assert_string_equal(back.lines[0].ean, "8712345678906");
}

static void
identity(void **unused)
{
	static const char *const none[] = { "\"id\":\"\"", "\"id\":null",
		"\"id\":[]", "\"kind\":\"\"", "\"kind\":null",
		"\"kind\":\"quote\"", "\"kind\":1" };

	for (size_t i = 0; i < COUNT(none); i++) {
		assert_int_equal(with(none[i]), RC_FATAL);
		assert_string_equal(text, "id or kind");
	}
	assert_int_equal(read_sale("[]"), RC_FATAL);
	assert_int_equal(read_sale("\"x\""), RC_FATAL);
	assert_int_equal(with("\"id\":1001"), RC_OK);
	assert_string_equal(sale.id, "1001");
	assert_int_equal(with("\"id\":\"" LONG64 "\""), RC_REJECT);
	assert_int_equal(why, M_TOO_LARGE);
	assert_string_equal(text, "id");
	assert_int_equal(strlen(sale.id), SALE_ID - 1);
	(void)unused;
}

static void
lines_are_bounded(void **unused)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_puts(&b, "{\"id\":\"1\",\"kind\":\"order\",\"currency\":\"EUR\","
	    "\"placed\":\"2026-11-01\",\"excl\":1,\"incl\":1,\"lines\":[");
	for (int i = 0; i < SALE_LINES; i++)
		buf_fmt(&b, "%s{\"excl\":%d}", i > 0 ? "," : "", i);
	buf_puts(&b, "]}");
	assert_int_equal(read_sale(b.data), RC_OK);
	assert_int_equal(sale.lines_n, SALE_LINES);
	assert_int_equal(sale.lines[499].excl.e6, 499 * UNIT);
	b.len -= 2;
	buf_puts(&b, ",{\"excl\":1}]}");
	refused(read_sale(b.data), M_TOO_LARGE, "lines", "501 lines");
	buf_free(&b);
	(void)unused;
}

/* Only a description may be cut, and that between characters. */
static void
description_is_cut(void **unused)
{
	char json[1024] = "\"excl\":1,\"description\":\"x";

	for (int i = 0; i < 100; i++)
		(void)str_add(json, sizeof(json), "\xc3\xa9");
	(void)str_add(json, sizeof(json), "\"");
	assert_int_equal(with_line(json), RC_OK);
	assert_int_equal(strlen(sale.lines[0].description), 159);
	assert_true(str_utf8(sale.lines[0].description, 159));
	(void)unused;
}

#define REFUND "\"kind\":\"refund\",\"refund_of\":\"9\""

static enum rc
refund(const char *members)
{
	char json[2048];

	assert_true(str_fmt(json, sizeof(json), "{\"id\":1," REFUND
	    ",\"placed\":\"2026-11-01\",\"currency\":\"EUR\",%s}", members));
	return read_sale(json);
}

/* Negative amounts stay as they are; the quantity is stored positive. */
static void
refund_signs(void **unused)
{
	assert_int_equal(refund("\"excl\":-1,\"incl\":-1.21,\"lines\":["
	    "{\"quantity\":-2,\"excl\":-1,\"vat\":-0.21,"
	    "\"vat_rate\":21}]"), RC_OK);
	assert_int_equal(sale.incl.e6, -1210000);
	assert_int_equal(sale.lines[0].excl.e6, -UNIT);
	assert_int_equal(sale.lines[0].quantity.e6, 2 * UNIT);
	assert_string_equal(sale.refund_of, "9");
	(void)unused;
}

static void
refund_is_turned(void **unused)
{
	assert_int_equal(refund("\"excl\":9,\"incl\":10.89,\"lines\":["
	    "{\"excl\":10,\"vat\":2.10,\"vat_rate\":21},"
	    "{\"kind\":\"discount\",\"excl\":-1,\"vat\":-0.21,"
	    "\"vat_rate\":21}],"
	    "\"payments\":[{\"method\":\"cash\",\"amount\":10.89}]"), RC_OK);
	assert_int_equal(sale.excl.e6, -9 * UNIT);
	assert_int_equal(sale.incl.e6, -10890000);
	assert_int_equal(sale.lines[0].excl.e6, -10 * UNIT);
	assert_int_equal(sale.lines[0].vat.e6, -2100000);
	assert_int_equal(sale.lines[1].excl.e6, UNIT);
	assert_int_equal(sale.payments[0].amount.e6, -10890000);
	/* an amount alone */
	assert_int_equal(refund("\"excl\":1,\"incl\":1"), RC_OK);
	assert_int_equal(sale.incl.e6, -UNIT);
	assert_int_equal(refund("\"excl\":0,\"incl\":0"), RC_OK);
	assert_int_equal(sale.incl.e6, 0);
	/* a total that says one thing and lines that say the other */
	assert_int_equal(refund("\"excl\":1,\"incl\":1,\"lines\":["
	    "{\"excl\":-1}]"), RC_REJECT);
	assert_int_equal(why, M_VALUE);
	assert_string_equal(text, "incl");
	(void)unused;
}

static void
written(void **unused)
{
	struct json_out o;
	struct buf b;

	assert_int_equal(with("\"lines\":[{\"excl\":0.005,\"quantity\":2}],"
	    "\"payments\":[{\"method\":\"\",\"amount\":1}]"), RC_OK);
	buf_init(&b, 1 << 16);
	json_begin(&o, &b);
	json_open_object(&o);
	salejson_write(&o, &sale);
	json_close_object(&o);
	assert_string_equal(b.data, "{\"id\":\"1\",\"number\":\"1\","
	    "\"kind\":\"order\",\"refund_of\":null,"
	    "\"placed\":\"2026-11-01T12:00:00Z\",\"currency\":\"EUR\","
	    "\"debtor\":{\"id\":null,\"email\":null,\"company\":null,"
	    "\"name\":null,\"address\":null,\"postcode\":null,\"city\":null,"
	    "\"country\":null,\"vat_number\":null},\"lines\":[{"
	    "\"kind\":\"article\",\"article\":null,\"description\":\"\","
	    "\"quantity\":\"2\",\"excl\":\"0.005\",\"vat\":\"0.00\","
	    "\"vat_rate\":\"0\",\"vat_country\":null}],\"payments\":[{"
	    "\"method\":\"\",\"amount\":\"1.00\"}],\"excl\":\"1.00\","
	    "\"incl\":\"1.21\"}");
	memcpy(&back, &sale, sale_size(&sale));
	assert_int_equal(read_sale(b.data), RC_OK);
	assert_int_equal(sale_size(&sale), sale_size(&back));
	assert_memory_equal(sale.id, back.id, sizeof(sale.id));
	assert_int_equal(sale.lines[0].excl.e6, back.lines[0].excl.e6);
	buf_free(&b);
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(presets),
		cmocka_unit_test(refuses),
		cmocka_unit_test(state),
		cmocka_unit_test(identity),
		cmocka_unit_test(lines_are_bounded),
		cmocka_unit_test(description_is_cut),
		cmocka_unit_test(refund_signs),
		cmocka_unit_test(refund_is_turned),
		cmocka_unit_test(written)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
