/*
 * woo_order_test.c - WooCommerce's orders and refunds, read into sales.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "str.h"
#include "woo_order.h"

#define HEAD "{\"id\":7,\"number\":\"2026-7\",\"status\":\"processing\"," \
    "\"currency\":\"EUR\",\"date_created_gmt\":\"2026-11-23T10:20:40\"," \
    "\"date_paid_gmt\":\"2026-11-23T10:21:00\",\"customer_id\":17," \
    "\"payment_method\":\"ideal\",\"billing\":{\"first_name\":\" Zo\xc3\xab " \
    "\",\"last_name\":\"Jansen\",\"company\":\"\",\"address_1\":\"Weg\"," \
    "\"address_2\":\"2\\nbis\",\"city\":\"Arnhem\",\"postcode\":\"6811AA\"," \
    "\"country\":\"NL\",\"email\":\"zoe@example.test\"}," \
    "\"shipping\":{\"country\":\"\"},"
#define RATES "\"tax_lines\":[{\"rate_id\":1,\"rate_code\":\"NL-BTW 21%-1\"," \
    "\"label\":\"BTW\",\"rate_percent\":21},{\"rate_id\":2,\"rate_code\":" \
    "\"NL-BTW 9%-1\",\"label\":\"BTW\",\"rate_percent\":9}],"
#define TAX(id, total) "\"taxes\":[{\"id\":" id ",\"total\":\"" total \
    "\",\"subtotal\":\"\"}]"
#define LAMP "{\"name\":\"Lamp\",\"sku\":\"L1\",\"quantity\":2," \
    "\"subtotal\":\"40.00\",\"subtotal_tax\":\"8.40\",\"total\":\"40.00\"," \
    "\"total_tax\":\"8.40\"," TAX("1", "8.40") "}"
#define BOOK "{\"name\":\"Boek\",\"sku\":\"B1\",\"quantity\":1," \
    "\"subtotal\":\"10.00\",\"subtotal_tax\":\"0.90\",\"total\":\"10.00\"," \
    "\"total_tax\":\"0.90\"," TAX("2", "0.90") "}"
#define SHIP "\"shipping_lines\":[{\"method_title\":\"PostNL\"," \
    "\"total\":\"4.95\",\"total_tax\":\"1.04\"," TAX("1", "1.04") "}],"
/* 40.00 + 8.40 + 10.00 + 0.90 + 4.95 + 1.04 = 65.29 */
#define PLAIN HEAD RATES SHIP "\"line_items\":[" LAMP "," BOOK "]," \
    "\"fee_lines\":[],\"coupon_lines\":[],\"meta_data\":[]," \
    "\"total\":\"65.29\",\"total_tax\":\"10.34\"}"
#define REFUND(id, amount, lines) "{\"id\":" id ",\"date_created_gmt\":" \
    "\"2026-11-24T09:00:00\",\"amount\":\"" amount "\",\"tax_lines\":[]," \
    "\"line_items\":[" lines "],\"shipping_lines\":[],\"fee_lines\":[]}"
#define BOOK_BACK "{\"name\":\"Boek\",\"sku\":\"B1\",\"quantity\":-1," \
    "\"total\":\"-10.00\",\"total_tax\":\"-0.90\"," TAX("2", "-0.90") "}"

static struct fixture {
	struct connection c;
	struct json_doc *doc, *refund_doc;
	struct woo_order w;
	struct sale s;
	const struct json *order;
} *f;

static const char *
item(const struct connection *c, const char *name, size_t i)
{
	static const char *const fields[] = { "_vat_number", "btw" };

	(void)c;
	return str_eq(name, "vat_number_fields") && i < 2 ? fields[i] : NULL;
}

static int
setup(void **state)
{
	(void)state;
	f = calloc(1, sizeof(*f));
	f->doc = json_doc_new();
	f->refund_doc = json_doc_new();
	(void)str_copy(f->c.tenant, sizeof(f->c.tenant), "acme");
	(void)str_copy(f->c.name, sizeof(f->c.name), "shop");
	(void)str_copy(f->c.country, sizeof(f->c.country), "BE");
	f->c.item = item;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	json_doc_free(f->doc);
	json_doc_free(f->refund_doc);
	free(f);
	return 0;
}

static enum rc
order(const char *text)
{
	assert_int_equal(json_parse(f->doc, text, strlen(text), &f->order),
	    RC_OK);
	return woo_order_sale(&f->c, &f->w, f->order, &f->s);
}

static enum rc
refund(const char *text)
{
	const struct json *v;

	assert_int_equal(json_parse(f->refund_doc, text, strlen(text), &v),
	    RC_OK);
	return woo_order_refund(&f->c, &f->w, v, &f->s);
}

/* A copy of an order with one text put in the place of another. */
static enum rc
order_with(const char *from, const char *to)
{
	static char text[200000];
	const char *at = strstr(PLAIN, from);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - PLAIN), PLAIN, to,
	    at + strlen(from));
	return order(text);
}

static void
money_is(struct money m, const char *text)
{
	char out[MONEY_TEXT];

	money_print(out, m, 2);
	assert_string_equal(out, text);
}

static void
line_is(size_t i, enum line_kind kind, const char *rate, const char *excl,
    const char *vat)
{
	const struct sale_line *l = &f->s.lines[i];
	char out[MONEY_TEXT];

	assert_true(i < f->s.lines_n);
	assert_int_equal(l->kind, kind);
	money_print_rate(out, l->vat_rate_e4);
	assert_string_equal(out, rate);
	money_is(l->excl, excl);
	money_is(l->vat, vat);
}

/* What the lines add up to, with VAT. */
static struct money
lines_incl(void)
{
	struct money m = { 0 };

	for (size_t i = 0; i < f->s.lines_n; i++)
		m = money_add(m, money_add(f->s.lines[i].excl,
		    f->s.lines[i].vat));
	return m;
}

static void
refused(enum msg why, const char *text)
{
	assert_int_equal(f->c.why, why);
	assert_string_equal(f->c.why_text, text);
	assert_string_equal(f->s.id, "7");
	assert_string_equal(f->s.number, "2026-7");
	assert_int_equal(f->s.kind, SALE_ORDER);
}

static void
test_plain(void **state)
{
	const struct sale *s;

	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	s = &f->s;
	assert_string_equal(s->tenant, "acme");
	assert_string_equal(s->source, "shop");
	assert_string_equal(s->id, "7");
	assert_string_equal(s->number, "2026-7");
	assert_string_equal(s->refund_of, "");
	assert_int_equal(s->placed_at, 1795429240);
	assert_string_equal(s->currency, "EUR");
	money_is(s->incl, "65.29");
	money_is(s->excl, "54.95");
	assert_int_equal(s->lines_n, 3);
	line_is(0, LINE_ARTICLE, "21", "40.00", "8.40");
	line_is(1, LINE_ARTICLE, "9", "10.00", "0.90");
	line_is(2, LINE_SHIPPING, "21", "4.95", "1.04");
	assert_string_equal(s->lines[0].article, "L1");
	assert_string_equal(s->lines[0].description, "Lamp");
	assert_string_equal(s->lines[2].description, "PostNL");
	assert_string_equal(s->lines[0].vat_country, "NL");
	money_is(s->lines[0].quantity, "2.00");
	assert_int_equal(s->payments_n, 1);
	assert_string_equal(s->payments[0].method, "ideal");
	money_is(s->payments[0].amount, "65.29");
}

static void
test_debtor(void **state)
{
	const struct debtor *d = &f->s.debtor;

	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	assert_string_equal(d->id, "17");
	assert_string_equal(d->email, "zoe@example.test");
	assert_string_equal(d->name, "Zo\xc3\xab Jansen");
	assert_string_equal(d->company, "");
	assert_string_equal(d->address, "Weg 2 bis");
	assert_string_equal(d->postcode, "6811AA");
	assert_string_equal(d->city, "Arnhem");
	assert_string_equal(d->country, "NL");
	assert_string_equal(d->vat_number, "");
	assert_int_equal(order_with("\"customer_id\":17", "\"customer_id\":0"),
	    RC_OK);
	assert_string_equal(d->id, "");
}

static void
test_vat_number(void **state)
{
	(void)state;
	assert_int_equal(order_with("\"meta_data\":[]", "\"meta_data\":["
	    "{\"key\":\"btw\",\"value\":\"wrong\"},{\"key\":\"_vat_number\","
	    "\"value\":\" nl 1234.56.789-b01\"}]"), RC_OK);
	assert_string_equal(f->s.debtor.vat_number, "NL123456789B01");
	assert_int_equal(order_with("\"meta_data\":[]", "\"meta_data\":["
	    "{\"key\":\"_vat_number\",\"value\":\"\"},{\"key\":\"x\","
	    "\"value\":{\"y\":[1]}},{\"key\":\"btw\",\"value\":123}]"),
	    RC_OK);
	assert_string_equal(f->s.debtor.vat_number, "123");
	assert_int_equal(order_with("\"meta_data\":[]", "\"meta_data\":["
	    "{\"key\":\"btw\",\"value\":\"12345678901234567890123456789012"
	    "\"}]"), RC_REJECT);
	refused(M_TOO_LARGE, "the VAT number");
}

/* 10 % off: articles at their full price, a discount for each rate. */
static void
test_coupon_and_fee(void **state)
{
	static const char text[] = HEAD RATES SHIP "\"coupon_lines\":["
	    "{\"code\":\"tien\"}],\"line_items\":[{\"name\":\"Lamp\","
	    "\"quantity\":1,\"subtotal\":\"20.00\",\"subtotal_tax\":\"4.20\","
	    "\"total\":\"18.00\",\"total_tax\":\"3.78\"," TAX("1", "3.78")
	    "},{\"name\":\"Boek\",\"quantity\":2,\"subtotal\":\"20.00\","
	    "\"subtotal_tax\":\"1.80\",\"total\":\"18.00\",\"total_tax\":"
	    "\"1.62\"," TAX("2", "1.62") "},{\"name\":\"Kan\",\"quantity\":1,"
	    "\"subtotal\":\"5.00\",\"subtotal_tax\":\"1.05\",\"total\":"
	    "\"4.50\",\"total_tax\":\"0.94\"," TAX("1", "0.94") "}],"
	    "\"fee_lines\":[{\"name\":\"Cadeau\",\"total\":\"2.00\","
	    "\"total_tax\":\"0.42\"," TAX("1", "0.42") "},{\"name\":\"Actie\","
	    "\"total\":\"-1.00\",\"total_tax\":\"-0.21\"," TAX("1", "-0.21")
	    "}],\"total\":\"54.04\",\"total_tax\":\"7.59\"}";

	(void)state;
	assert_int_equal(order(text), RC_OK);
	assert_int_equal(f->s.lines_n, 8);
	line_is(0, LINE_ARTICLE, "21", "20.00", "4.20");
	line_is(1, LINE_ARTICLE, "9", "20.00", "1.80");
	line_is(2, LINE_ARTICLE, "21", "5.00", "1.05");
	line_is(3, LINE_DISCOUNT, "21", "-2.50", "-0.53");
	line_is(4, LINE_DISCOUNT, "9", "-2.00", "-0.18");
	line_is(5, LINE_SHIPPING, "21", "4.95", "1.04");
	line_is(6, LINE_FEE, "21", "2.00", "0.42");
	line_is(7, LINE_DISCOUNT, "21", "-1.00", "-0.21");
	money_is(lines_incl(), "54.04");
	assert_string_equal(f->s.lines[3].article, "");
}

/* Which country's VAT, at which rate. */
static void
test_vat_of_a_line(void **state)
{
	static const struct {
		const char *from, *to, *country, *rate;
	} t[] = {
		{ "NL-BTW 21%-1", "DE-MWST 19%-1", "DE", "21" },
		{ "NL-BTW 21%-1", "BTW 21%-1", "NL", "21" },
		{ "NL-BTW 21%-1", "EU-VAT-1", "NL", "21" },
		{ "NL-BTW 21%-1", "nl-btw", "NL", "21" },
		{ "\"label\":\"BTW\",\"rate_percent\":21",
		    "\"label\":\"MwSt 19%\",\"rate_percent\":null", "NL",
		    "19" },
		{ "\"label\":\"BTW\",\"rate_percent\":21",
		    "\"label\":\"TVA 5,5 %\"", "NL", "5.5" },
		{ "\"label\":\"BTW\",\"rate_percent\":21",
		    "\"label\":\"\",\"rate_percent\":\"21.0000\"", "NL",
		    "21" },
		{ TAX("1", "8.40"), "\"taxes\":[]", "NL", "0" },
		{ TAX("1", "8.40"), "\"taxes\":[{\"id\":2,\"total\":\"\","
		    "\"subtotal\":\"\"},{\"id\":1,\"total\":\"8.40\"}]", "NL",
		    "21" },
		{ TAX("1", "8.40"), "\"taxes\":[{\"id\":2,\"total\":\"0.00\"},"
		    "{\"id\":1,\"total\":\"8.40\"}]", "NL", "21" },
		{ TAX("1", "8.40"), "\"taxes\":[{\"id\":1,\"total\":\"8.40\"},"
		    "{\"id\":2,\"total\":\"0\"}]", "NL", "21" },
		{ TAX("1", "8.40"), TAX("1", "0.00"), "NL", "21" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		char rate[MONEY_TEXT];

		assert_int_equal(order_with(t[i].from, t[i].to), RC_OK);
		assert_string_equal(f->s.lines[0].vat_country, t[i].country);
		money_print_rate(rate, f->s.lines[0].vat_rate_e4);
		assert_string_equal(rate, t[i].rate);
	}
}

static void
test_destination(void **state)
{
	(void)state;
	/* shipping before billing before the tenant's own */
	assert_int_equal(order(HEAD "\"line_items\":[],\"fee_lines\":[{"
	    "\"name\":\"x\",\"total\":\"1.00\",\"total_tax\":\"0.00\","
	    "\"taxes\":[]}],\"total\":\"1.00\",\"total_tax\":\"0.00\"}"),
	    RC_OK);
	assert_string_equal(f->s.lines[0].vat_country, "NL");
	assert_int_equal(order("{\"id\":7,\"number\":\"2026-7\",\"currency\":"
	    "\"EUR\",\"date_created_gmt\":\"2026-11-23T10:20:40\","
	    "\"fee_lines\":[{\"name\":\"x\",\"total\":\"1.00\",\"total_tax\":"
	    "\"0.00\"}],\"total\":\"1.00\",\"total_tax\":\"0.00\"}"), RC_OK);
	assert_string_equal(f->s.lines[0].vat_country, "BE");
	assert_int_equal(order_with("\"shipping\":{\"country\":\"\"}",
	    "\"shipping\":{\"country\":\"US\"}"), RC_OK);
	assert_string_equal(f->s.lines[0].vat_country, "NL");	/* by code */
	assert_int_equal(order_with(TAX("1", "8.40"), "\"taxes\":null"),
	    RC_OK);
	assert_string_equal(f->s.lines[0].vat_country, "NL");
}

/* A rate that the order does not tell is asked for once. */
static void
test_rate_asked(void **state)
{
	static const char tax[] = "{\"id\":1,\"country\":\"FR\",\"rate\":"
	    "\"20.0000\"}";
	const struct json *v;

	(void)state;
	assert_int_equal(order_with(",\"rate_percent\":21", ""), RC_REJECT);
	refused(M_SHOP_SALE, "the VAT rate of a line");
	assert_string_equal(woo_line_rate_wanted(&f->w.rates, f->order), "1");
	assert_int_equal(json_parse(f->refund_doc, tax, strlen(tax), &v),
	    RC_OK);
	woo_line_rate_add(&f->w.rates, "1", v);
	assert_null(woo_line_rate_wanted(&f->w.rates, f->order));
	assert_int_equal(order_with(",\"rate_percent\":21", ""), RC_OK);
	line_is(0, LINE_ARTICLE, "20", "40.00", "8.40");
	assert_string_equal(f->s.lines[0].vat_country, "NL");
	/* the shop does not know it either */
	f->w.rates.n = 0;
	woo_line_rate_add(&f->w.rates, "1", NULL);
	assert_null(woo_line_rate_wanted(&f->w.rates, f->order));
	assert_int_equal(order_with(",\"rate_percent\":21", ""), RC_REJECT);
}

static void
test_nothing_lines(void **state)
{
	(void)state;
	/* free shipping asks for no VAT rule, a free article keeps its rate */
	assert_int_equal(order_with("\"total\":\"4.95\",\"total_tax\":\"1.04\","
	    TAX("1", "1.04"), "\"total\":\"0.00\",\"total_tax\":\"0.00\","
	    "\"taxes\":[]"), RC_OK);
	assert_int_equal(f->s.lines_n, 2);
	assert_int_equal(order_with("\"total\":\"40.00\",\"total_tax\":"
	    "\"8.40\"," TAX("1", "8.40"), "\"total\":\"0.00\",\"total_tax\":"
	    "\"0.00\"," TAX("1", "0.00")), RC_OK);
	assert_int_equal(f->s.lines_n, 3);
	assert_int_equal(order_with("\"total\":\"40.00\",\"total_tax\":"
	    "\"8.40\"," TAX("1", "8.40"), "\"total\":\"0.00\",\"total_tax\":"
	    "\"0.00\",\"taxes\":[]"), RC_OK);
	assert_int_equal(f->s.lines_n, 2);
}

static void
test_refused(void **state)
{
	static char longer[400], sku[200];
	static const struct {
		const char *from, *to;
		enum msg why;
		const char *text;
	} t[] = {
		{ "\"65.29\"", "\"NaN\"", M_AMOUNT, "total" },
		{ "\"65.29\"", "1e999", M_AMOUNT, "total" },
		{ "\"65.29\"", "\"\"", M_AMOUNT, "total" },
		{ "\"65.29\"", "null", M_AMOUNT, "total" },
		{ "\"65.29\"", "{}", M_AMOUNT, "total" },
		{ "\"65.29\"", "\"1,00\"", M_AMOUNT, "total" },
		{ "\"65.29\"", "\"-65.29\"", M_VALUE, "total" },
		{ "\"10.34\"", "\"ten\"", M_AMOUNT, "total_tax" },
		{ "\"total_tax\":\"8.40\"", "\"x\":1", M_AMOUNT, "total_tax" },
		{ "\"total\":\"40.00\"", "\"total\":\"0x28\"", M_AMOUNT,
		    "total" },
		{ "\"quantity\":2", "\"quantity\":-2", M_QUANTITY,
		    "quantity" },
		{ "\"quantity\":2", "\"quantity\":\"two\"", M_AMOUNT,
		    "quantity" },
		{ "\"EUR\"", "\"\"", M_CURRENCY, "currency" },
		{ "\"EUR\"", "\"euro\"", M_CURRENCY, "currency" },
		{ "\"2026-11-23T10:20:40\"", "null", M_SHOP_SALE,
		    "date_created_gmt" },
		{ "\"2026-11-23T10:20:40\"", "\"2026-02-30T10:00:00\"",
		    M_SHOP_SALE, "date_created_gmt" },
		{ TAX("1", "8.40"), "\"taxes\":[{\"id\":1,\"total\":\"8.40\"},"
		    "{\"id\":2,\"total\":\"0.10\"}]", M_SHOP_SALE,
		    "two taxes on one line" },
		{ TAX("1", "8.40"), TAX("99", "8.40"), M_SHOP_SALE,
		    "the VAT rate of a line" },
		{ "zoe@example.test", longer, M_TOO_LARGE, "billing.email" },
		{ "6811AA", longer, M_TOO_LARGE, "billing.postcode" },
		{ "\"L1\"", sku, M_TOO_LARGE, "sku" },
	};

	(void)state;
	memset(longer, 'x', 300);
	snprintf(sku, sizeof(sku), "\"%.100s\"", longer);
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(order_with(t[i].from, t[i].to), RC_REJECT);
		refused(t[i].why, t[i].text);
	}
	/* what may be cut is cut */
	assert_int_equal(order_with("Jansen", longer), RC_OK);
	assert_int_equal(strlen(f->s.debtor.name),
	    sizeof(f->s.debtor.name) - 1);
}

static void
test_too_many_lines(void **state)
{
	static char text[200000];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < SALE_LINES - 1; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s{\"total"
		    "\":\"1.00\",\"total_tax\":\"0.21\"," TAX("1", "0.21")
		    "}", i > 0 ? "," : "");
	assert_int_equal(order_with(LAMP "," BOOK, text), RC_OK);
	assert_int_equal(f->s.lines_n, SALE_LINES);
	(void)snprintf(text + n, sizeof(text) - n, ",%s", LAMP);
	assert_int_equal(order_with(LAMP "," BOOK, text), RC_REJECT);
	refused(M_TOO_LARGE, "the list of its lines");
}

static void
test_payment(void **state)
{
	(void)state;
	assert_int_equal(order_with("processing", "on-hold"), RC_OK);
	assert_int_equal(f->s.payments_n, 1);	/* it has a date of payment */
	assert_int_equal(order_with("\"processing\",\"currency\":\"EUR\","
	    "\"date_created_gmt\":\"2026-11-23T10:20:40\",\"date_paid_gmt\":"
	    "\"2026-11-23T10:21:00\"", "\"on-hold\",\"currency\":\"EUR\","
	    "\"date_created_gmt\":\"2026-11-23T10:20:40\",\"date_paid_gmt\":"
	    "null"), RC_OK);
	assert_int_equal(f->s.payments_n, 0);
	assert_int_equal(order_with("\"2026-11-23T10:21:00\"", "null"), RC_OK);
	assert_int_equal(f->s.payments_n, 1);	/* processing */
	assert_int_equal(order_with("\"ideal\"", "\"\""), RC_OK);
	assert_int_equal(f->s.payments_n, 0);
}

static void
test_refund_lines(void **state)
{
	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	assert_int_equal(refund(REFUND("9", "10.90", BOOK_BACK)), RC_OK);
	assert_string_equal(f->s.id, "9");
	assert_string_equal(f->s.number, "2026-7");
	assert_string_equal(f->s.refund_of, "7");
	assert_int_equal(f->s.kind, SALE_REFUND);
	assert_int_equal(f->s.placed_at, 1795510800);
	assert_string_equal(f->s.debtor.email, "zoe@example.test");
	assert_int_equal(f->s.lines_n, 1);
	line_is(0, LINE_ARTICLE, "9", "-10.00", "-0.90");
	money_is(f->s.lines[0].quantity, "1.00");
	money_is(f->s.excl, "-10.00");
	money_is(f->s.incl, "-10.90");
	assert_int_equal(f->s.payments_n, 1);
	money_is(f->s.payments[0].amount, "-10.90");
}

/* An amount alone: the order's VAT in proportion, and the last one takes
 * exactly what is left. */
static void
test_refund_bare(void **state)
{
	static const char *const parts[] = { REFUND("9", "10.00", ""),
	    REFUND("10", "0.01", ""), REFUND("11", "10.90", BOOK_BACK),
	    REFUND("12", "44.38", "") };
	struct money excl = { 0 }, incl = { 0 };

	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	for (size_t i = 0; i < COUNT(parts); i++) {
		assert_int_equal(refund(parts[i]), RC_OK);
		assert_true(money_eq(lines_incl(), f->s.incl));
		excl = money_add(excl, f->s.excl);
		incl = money_add(incl, f->s.incl);
		if (i == 0) {	/* 54.39 to 10.90 */
			line_is(0, LINE_ARTICLE, "21", "-6.88", "-1.45");
			line_is(1, LINE_ARTICLE, "9", "-1.53", "-0.14");
		}
	}
	money_is(incl, "-65.29");
	money_is(excl, "-54.95");
}

static void
test_refund_whole(void **state)
{
	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	assert_int_equal(refund(REFUND("9", "65.29", "")), RC_OK);
	money_is(f->s.incl, "-65.29");
	money_is(f->s.excl, "-54.95");
	assert_int_equal(f->s.lines_n, 2);
	line_is(0, LINE_ARTICLE, "21", "-44.95", "-9.44");
	line_is(1, LINE_ARTICLE, "9", "-10.00", "-0.90");
	/* nothing is left */
	assert_int_equal(refund(REFUND("10", "0.01", "")), RC_REJECT);
	assert_int_equal(f->c.why, M_REFUND_LEFT);
	assert_int_equal(refund(REFUND("11", "10.90", BOOK_BACK)), RC_REJECT);
	assert_int_equal(f->c.why, M_REFUND_LEFT);
}

/* More money back than the lines say: the rest is an amount alone. */
static void
test_refund_rest(void **state)
{
	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	assert_int_equal(refund(REFUND("9", "20.90", BOOK_BACK)), RC_OK);
	money_is(f->s.incl, "-20.90");
	assert_true(money_eq(lines_incl(), f->s.incl));
	line_is(0, LINE_ARTICLE, "9", "-10.00", "-0.90");
	line_is(1, LINE_ARTICLE, "21", "-8.26", "-1.74");
	money_is(f->s.excl, "-18.26");
	/* and the last one finds what is left */
	assert_int_equal(refund(REFUND("10", "44.39", "")), RC_OK);
	line_is(0, LINE_ARTICLE, "21", "-36.69", "-7.70");
	assert_int_equal(refund(REFUND("11", "0.01", "")), RC_REJECT);
}

static void
test_refund_odd(void **state)
{
	(void)state;
	assert_int_equal(order(PLAIN), RC_OK);
	/* lines that say more than the amount */
	assert_int_equal(refund(REFUND("9", "5.00", BOOK_BACK)), RC_REJECT);
	assert_int_equal(f->c.why, M_SHOP_SALE);
	assert_string_equal(f->s.id, "9");
	assert_string_equal(f->s.refund_of, "7");
	/* a cent of rounding is left to the rounding line */
	assert_int_equal(refund(REFUND("9", "10.89", BOOK_BACK)), RC_OK);
	money_is(f->s.incl, "-10.89");
	money_is(lines_incl(), "-10.90");
	/* no money, nothing to book */
	assert_int_equal(refund(REFUND("10", "0.00", "")), RC_END);
	assert_int_equal(refund(REFUND("10", "much", "")), RC_REJECT);
	assert_int_equal(f->c.why, M_AMOUNT);
	/* the order can't be read: its refunds can't be either */
	assert_int_equal(order_with("\"65.29\"", "\"NaN\""), RC_REJECT);
	assert_int_equal(refund(REFUND("9", "10.90", BOOK_BACK)), RC_REJECT);
	assert_int_equal(f->c.why, M_SHOP_SALE);
	assert_string_equal(f->s.id, "9");
	assert_string_equal(f->s.number, "2026-7");
	assert_int_equal(f->s.kind, SALE_REFUND);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_plain),
		CASE(test_debtor),
		CASE(test_vat_number),
		CASE(test_coupon_and_fee),
		CASE(test_vat_of_a_line),
		CASE(test_destination),
		CASE(test_rate_asked),
		CASE(test_nothing_lines),
		CASE(test_refused),
		CASE(test_too_many_lines),
		CASE(test_payment),
		CASE(test_refund_lines),
		CASE(test_refund_bare),
		CASE(test_refund_whole),
		CASE(test_refund_rest),
		CASE(test_refund_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
