/*
 * woo_line_test.c - the lines of WooCommerce's orders and their VAT.
 */
#include "woo_sample.h"

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

#define CUP(tax) "{\"name\":\"Cup\",\"total\":\"2.51\",\"total_tax\":" \
    "\"0.53\"," TAX("1", tax) "}"
#define ONCE(tax, total) HEAD RATES "\"line_items\":[" CUP(tax) "," CUP(tax) \
    "],\"shipping_lines\":[{\"total\":\"4.97\",\"total_tax\":\"1.04\"," \
    TAX("1", "1.0437") "}],\"total\":\"" total "\",\"total_tax\":\"2.09\"}"

/* A shop that rounds the VAT of a rate once for the goods and once for their
 * shipping: 1.05 and 1.04, where the lines say 1.06 and 1.04. */
static void
test_rounded_once(void **state)
{
	(void)state;
	assert_int_equal(order(ONCE("0.5271", "12.08")), RC_OK);
	assert_int_equal(f->s.lines_n, 3);
	line_is(0, LINE_ARTICLE, "21", "2.51", "0.53");
	line_is(1, LINE_ARTICLE, "21", "2.51", "0.52");
	line_is(2, LINE_SHIPPING, "21", "4.97", "1.04");
	/* lines that add up, or never do, stay as the shop rounds them */
	assert_int_equal(order(ONCE("0.5271", "12.09")), RC_OK);
	line_is(1, LINE_ARTICLE, "21", "2.51", "0.53");
	assert_int_equal(order(ONCE("0.5271", "12.00")), RC_OK);
	line_is(1, LINE_ARTICLE, "21", "2.51", "0.53");
	/* what is not the same amount is no unrounded one */
	assert_int_equal(order(ONCE("0.5249", "12.08")), RC_OK);
	line_is(0, LINE_ARTICLE, "21", "2.51", "0.53");
	assert_int_equal(f->s.lines_n, 3);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_coupon_and_fee),
		CASE(test_vat_of_a_line),
		CASE(test_destination),
		CASE(test_rate_asked),
		CASE(test_nothing_lines),
		CASE(test_rounded_once),
		CASE(test_too_many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
