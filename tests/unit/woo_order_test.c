/*
 * woo_order_test.c - WooCommerce's orders and refunds, read into sales.
 */
#include "clock.h"
#include "woo_sample.h"

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
	assert_int_equal(f->s.payments_n, 0);	/* cash on delivery */
	assert_int_equal(order_with("\"date_paid_gmt\":"
	    "\"2026-11-23T10:21:00\",", ""), RC_OK);
	assert_int_equal(f->s.payments_n, 1);	/* the shop does not say */
	assert_int_equal(order_with("\"ideal\"", "\"\""), RC_OK);
	assert_int_equal(f->s.payments_n, 0);
}

/* What the tenant's rules may ask; a refund has what its order has. */
static void
test_state(void **state)
{
	int64_t paid, shipped;

	(void)state;
	assert_int_equal(clock_parse("2026-11-23T10:21:00", &paid), RC_OK);
	assert_int_equal(clock_parse("2026-11-25T08:00:00", &shipped), RC_OK);
	assert_int_equal(order(PLAIN), RC_OK);
	assert_string_equal(f->s.status, "processing");
	assert_string_equal(f->s.channel, "");
	assert_int_equal(f->s.paid_at, paid);
	assert_int_equal(f->s.shipped_at, 0);
	assert_int_equal(order_with("\"processing\"", "\"completed\","
	    "\"created_via\":\"checkout\","
	    "\"date_completed_gmt\":\"2026-11-25T08:00:00\""), RC_OK);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(f->s.status, "completed");
		assert_string_equal(f->s.channel, "checkout");
		assert_int_equal(f->s.paid_at, paid);
		assert_int_equal(f->s.shipped_at, shipped);
		assert_int_equal(refund(REFUND("9", "10.90", BOOK_BACK)),
		    RC_OK);
	}
	assert_int_equal(order_with("\"processing\"", "\"processing\","
	    "\"created_via\":\"a-plugin-with-a-name-longer-than-32-bytes\""),
	    RC_OK);
	assert_string_equal(f->s.channel, "a-plugin-with-a-name-longer-than");
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

/* What bears no VAT keeps its article, in what a coupon took off and in what
 * goes back: rules may put it under the margin scheme. */
static void
test_untaxed_articles(void **state)
{
	static const char text[] = HEAD "\"coupon_lines\":[{\"code\":"
	    "\"tien\"}],\"line_items\":[{\"name\":\"Pot\",\"sku\":\"USED-1\","
	    "\"quantity\":1,\"subtotal\":\"50.00\",\"subtotal_tax\":\"0.00\","
	    "\"total\":\"45.00\",\"total_tax\":\"0.00\",\"taxes\":[]},{"
	    "\"name\":\"Les\",\"sku\":\"COURSE\",\"quantity\":1,\"subtotal\":"
	    "\"100.00\",\"subtotal_tax\":\"0.00\",\"total\":\"90.00\","
	    "\"total_tax\":\"0.00\",\"taxes\":[]}],\"total\":\"135.00\","
	    "\"total_tax\":\"0.00\"}";

	(void)state;
	assert_int_equal(order(text), RC_OK);
	assert_int_equal(f->s.lines_n, 4);
	line_is(2, LINE_DISCOUNT, "0", "-5.00", "0.00");
	assert_string_equal(f->s.lines[2].article, "USED-1");
	line_is(3, LINE_DISCOUNT, "0", "-10.00", "0.00");
	assert_int_equal(refund(REFUND("9", "13.50", "")), RC_OK);
	assert_int_equal(f->s.lines_n, 2);
	line_is(0, LINE_ARTICLE, "0", "-4.50", "0.00");
	assert_string_equal(f->s.lines[0].article, "USED-1");
	line_is(1, LINE_ARTICLE, "0", "-9.00", "0.00");
	/* and the last one finds the rest of each */
	assert_int_equal(refund(REFUND("10", "121.50", "")), RC_OK);
	line_is(0, LINE_ARTICLE, "0", "-40.50", "0.00");
	line_is(1, LINE_ARTICLE, "0", "-81.00", "0.00");
	assert_string_equal(f->s.lines[1].article, "COURSE");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_plain),
		CASE(test_debtor),
		CASE(test_vat_number),
		CASE(test_refused),
		CASE(test_payment),
		CASE(test_state),
		CASE(test_refund_lines),
		CASE(test_refund_bare),
		CASE(test_untaxed_articles),
		CASE(test_refund_whole),
		CASE(test_refund_rest),
		CASE(test_refund_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
