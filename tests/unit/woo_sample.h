/*
 * woo_sample.h - for tests: an order and refunds in WooCommerce's shape, and
 * what they are read with.
 */
#ifndef WOO_SAMPLE_H
#define WOO_SAMPLE_H

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

static inline const char *
item(const struct connection *c, const char *name, size_t i)
{
	static const char *const fields[] = { "_vat_number", "btw" };

	(void)c;
	return str_eq(name, "vat_number_fields") && i < 2 ? fields[i] : NULL;
}

static inline int
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

static inline int
teardown(void **state)
{
	(void)state;
	json_doc_free(f->doc);
	json_doc_free(f->refund_doc);
	free(f);
	return 0;
}

static inline enum rc
order(const char *text)
{
	assert_int_equal(json_parse(f->doc, text, strlen(text), &f->order),
	    RC_OK);
	return woo_order_sale(&f->c, &f->w, f->order, &f->s);
}

static inline enum rc
refund(const char *text)
{
	const struct json *v;

	assert_int_equal(json_parse(f->refund_doc, text, strlen(text), &v),
	    RC_OK);
	return woo_order_refund(&f->c, &f->w, v, &f->s);
}

/* A copy of an order with one text put in the place of another. */
static inline enum rc
order_with(const char *from, const char *to)
{
	static char text[300000];
	const char *at = strstr(PLAIN, from);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - PLAIN), PLAIN, to,
	    at + strlen(from));
	return order(text);
}

static inline void
money_is(struct money m, const char *text)
{
	char out[MONEY_TEXT];

	money_print(out, m, 2);
	assert_string_equal(out, text);
}

static inline void
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
static inline struct money
lines_incl(void)
{
	struct money m = { 0 };

	for (size_t i = 0; i < f->s.lines_n; i++)
		m = money_add(m, money_add(f->s.lines[i].excl,
		    f->s.lines[i].vat));
	return m;
}

static inline void
refused(enum msg why, const char *text)
{
	assert_int_equal(f->c.why, why);
	assert_string_equal(f->c.why_text, text);
	assert_string_equal(f->s.id, "7");
	assert_string_equal(f->s.number, "2026-7");
	assert_int_equal(f->s.kind, SALE_ORDER);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

#endif
