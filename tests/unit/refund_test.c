/*
 * refund_test.c - refunds that name an amount alone: by table, and over
 * random orders refunded bit by bit until nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refund.h"
#include "sale.h"
#include "str.h"

#define ORDERS 300000		/* some 10^6 refunds */
#define REFUNDS 8
#define CENT INT64_C(10000)

static uint64_t state = UINT64_C(88172645463325252);
static struct sale order, refunds[REFUNDS + 1];

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
line(struct sale *s, const char *country, int32_t rate_e4, int64_t excl,
    int64_t vat)
{
	struct sale_line *l = sale_line_add(s);

	assert_non_null(l);
	(void)str_copy(l->vat_country, sizeof(l->vat_country), country);
	l->vat_rate_e4 = rate_e4;
	l->excl.e6 = excl * CENT;
	l->vat.e6 = vat * CENT;
	s->excl.e6 += excl * CENT;
	s->incl.e6 += (excl + vat) * CENT;
}

static void
begin(struct sale *s, enum sale_kind kind, int64_t incl)
{
	sale_init(s);
	s->kind = kind;
	(void)str_copy(s->currency, sizeof(s->currency), "EUR");
	s->incl.e6 = incl * CENT;
}

/* An order of 121.00 at 21 % and 54.50 at 9 %. */
static void
begin_order(void)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 210000, 6000, 1260);
	line(&order, "NL", 90000, 5000, 450);
	line(&order, "NL", 210000, 4000, 840);
}

static void
expect(const struct sale *r, size_t i, int32_t rate_e4, int64_t excl,
    int64_t vat)
{
	assert_true(i < r->lines_n);
	assert_int_equal(r->lines[i].vat_rate_e4, rate_e4);
	assert_int_equal(r->lines[i].excl.e6, excl * CENT);
	assert_int_equal(r->lines[i].vat.e6, vat * CENT);
	assert_int_equal(r->lines[i].kind, LINE_ARTICLE);
	assert_int_equal(r->lines[i].quantity.e6, 1000000);
	assert_string_equal(r->lines[i].description, "Refund");
}

static void
whole(void **unused)
{
	begin_order();
	begin(&refunds[0], SALE_REFUND, -17550);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	assert_int_equal(refunds[0].lines_n, 2);
	expect(&refunds[0], 0, 210000, -10000, -2100);
	expect(&refunds[0], 1, 90000, -5000, -450);
	assert_string_equal(refunds[0].lines[0].vat_country, "NL");
	assert_int_equal(refunds[0].excl.e6, -15000 * CENT);
	assert_int_equal(refunds[0].incl.e6, -17550 * CENT);
	(void)unused;
}

/* 10.00 in proportion to 121.00 and 54.50: 6.89 and 3.11. */
static void
part_then_rest(void **unused)
{
	begin_order();
	begin(&refunds[0], SALE_REFUND, -1000);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	assert_int_equal(refunds[0].lines_n, 2);
	expect(&refunds[0], 0, 210000, -569, -120);
	expect(&refunds[0], 1, 90000, -285, -26);
	assert_int_equal(refunds[0].excl.e6, -854 * CENT);
	begin(&refunds[1], SALE_REFUND, -16550);
	assert_int_equal(refund_amount(&order, refunds, 1, &refunds[1]),
	    RC_OK);
	expect(&refunds[1], 0, 210000, -9431, -1980);
	expect(&refunds[1], 1, 90000, -4715, -424);
	(void)unused;
}

static void
too_much(void **unused)
{
	struct sale *r = &refunds[1];

	begin_order();
	begin(r, SALE_REFUND, -17551);
	assert_int_equal(refund_amount(&order, NULL, 0, r), RC_REJECT);
	assert_int_equal(r->lines_n, 0);
	begin(&refunds[0], SALE_REFUND, 0);
	line(&refunds[0], "NL", 210000, -10000, -2100);
	r->incl.e6 = -5451 * CENT;
	assert_int_equal(refund_amount(&order, refunds, 1, r),
	    RC_REJECT);
	assert_int_equal(r->lines_n, 0);
	r->incl.e6 = -5450 * CENT;
	assert_int_equal(refund_amount(&order, refunds, 1, r), RC_OK);
	assert_int_equal(r->lines_n, 1);
	expect(r, 0, 90000, -5000, -450);
	/* nothing, or money the wrong way */
	begin(r, SALE_REFUND, 0);
	assert_int_equal(refund_amount(&order, NULL, 0, r), RC_REJECT);
	r->incl.e6 = 100 * CENT;
	assert_int_equal(refund_amount(&order, NULL, 0, r), RC_REJECT);
	(void)unused;
}

/* An order paid in part by a gift card: that group is below nothing. */
static void
giftcard(void **unused)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 210000, 10000, 2100);
	line(&order, "NL", 0, -5000, 0);
	begin(&refunds[0], SALE_REFUND, -1210);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	assert_int_equal(refunds[0].lines_n, 1);
	expect(&refunds[0], 0, 210000, -1000, -210);
	begin(&refunds[1], SALE_REFUND, -5890);
	assert_int_equal(refund_amount(&order, refunds, 1, &refunds[1]),
	    RC_OK);
	assert_int_equal(refunds[1].lines_n, 2);
	expect(&refunds[1], 0, 210000, -9000, -1890);
	expect(&refunds[1], 1, 0, 5000, 0);
	(void)unused;
}

/* The same rate of two countries stays apart; a country's zero VAT too. */
static void
countries(void **unused)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 210000, 100, 21);
	line(&order, "BE", 210000, 100, 21);
	line(&order, "", 0, 100, 0);
	begin(&refunds[0], SALE_REFUND, -342);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	assert_int_equal(refunds[0].lines_n, 3);
	expect(&refunds[0], 1, 210000, -100, -21);
	assert_string_equal(refunds[0].lines[1].vat_country, "BE");
	expect(&refunds[0], 2, 0, -100, 0);
	(void)unused;
}

/* An order whose lines are two cents short of what was paid. */
static void
short_lines(void **unused)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 210000, 100, 21);
	order.incl.e6 = 123 * CENT;
	begin(&refunds[0], SALE_REFUND, -122);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	expect(&refunds[0], 0, 210000, -100, -21);
	assert_int_equal(refunds[0].incl.e6, -122 * CENT);
	/* no line to take it from */
	begin(&order, SALE_ORDER, 500);
	begin(&refunds[0], SALE_REFUND, -100);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_REJECT);
	(void)unused;
}

/* VAT of half a cent is booked as a whole one, and a whole one goes back. */
static void
half_cent(void **unused)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 90000, 22350, 2011);
	order.lines[0].vat.e6 += CENT / 2;
	order.incl.e6 = 24362 * CENT;
	begin(&refunds[0], SALE_REFUND, -24300);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	expect(&refunds[0], 0, 90000, -22293, -2007);
	begin(&refunds[1], SALE_REFUND, -62);
	assert_int_equal(refund_amount(&order, refunds, 1, &refunds[1]),
	    RC_OK);
	expect(&refunds[1], 0, 90000, -57, -5);
	(void)unused;
}

/* Without VAT the article stays, for its rule; money of others stays too. */
static void
kinds(void **unused)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 0, 3000, 0);
	(void)str_copy(order.lines[0].article, 64, "USED-1");
	line(&order, "NL", 0, 1000, 0);
	(void)str_copy(order.lines[1].article, 64, "MUG");
	line(&order, "NL", 0, 4000, 0);
	order.lines[2].kind = LINE_GIFTCARD;
	begin(&refunds[0], SALE_REFUND, -4000);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	assert_int_equal(refunds[0].lines_n, 3);
	assert_string_equal(refunds[0].lines[0].article, "USED-1");
	assert_int_equal(refunds[0].lines[0].excl.e6, -1500 * CENT);
	assert_string_equal(refunds[0].lines[1].article, "MUG");
	assert_int_equal(refunds[0].lines[1].excl.e6, -500 * CENT);
	assert_int_equal(refunds[0].lines[2].kind, LINE_GIFTCARD);
	assert_int_equal(refunds[0].lines[2].excl.e6, -2000 * CENT);
	(void)unused;
}

/* The last cents of an order that was rounded up go back as a rounding. */
static void
rounding(void **unused)
{
	begin(&order, SALE_ORDER, 0);
	line(&order, "NL", 210000, 100, 21);
	order.incl.e6 = 123 * CENT;
	begin(&refunds[0], SALE_REFUND, -122);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_OK);
	begin(&refunds[1], SALE_REFUND, -1);
	assert_int_equal(refund_amount(&order, refunds, 1, &refunds[1]),
	    RC_OK);
	assert_int_equal(refunds[1].lines_n, 1);
	assert_int_equal(refunds[1].lines[0].kind, LINE_ROUNDING);
	assert_int_equal(refunds[1].lines[0].excl.e6, -CENT);
	(void)unused;
}

static void
hostile(void **unused)
{
	/* sums past an int64_t are refused */
	begin(&order, SALE_ORDER, 0);
	for (int i = 0; i < 3; i++)
		sale_line_add(&order)->excl.e6 = INT64_MAX / 2;
	order.incl.e6 = 100 * CENT;
	begin(&refunds[0], SALE_REFUND, -100);
	assert_int_equal(refund_amount(&order, NULL, 0, &refunds[0]),
	    RC_REJECT);
	/* and more VAT rates than lines */
	begin(&order, SALE_ORDER, 0);
	for (int i = 0; i < SALE_LINES; i++)
		line(&order, "NL", i * 1000, 100, 0);
	begin(&refunds[1], SALE_REFUND, 0);
	line(&refunds[1], "BE", 210000, -100, 0);
	assert_int_equal(refund_amount(&order, &refunds[1], 1,
	    &refunds[0]), RC_REJECT);
	assert_int_equal(refunds[0].lines_n, 0);
	(void)unused;
}

/* What is left of a group: the order's and all refunds' lines added. */
static void
left_of(size_t n, int32_t rate_e4, struct money *excl, struct money *vat)
{
	const struct sale *s;

	excl->e6 = vat->e6 = 0;
	for (size_t k = 0; k <= n; k++) {
		s = k == 0 ? &order : &refunds[k - 1];
		for (size_t i = 0; i < s->lines_n; i++) {
			if (s->lines[i].vat_rate_e4 != rate_e4)
				continue;
			*excl = money_add(*excl, s->lines[i].excl);
			*vat = money_add(*vat, s->lines[i].vat);
		}
	}
}

static const int32_t rates[] = { 210000, 90000, 0, 60000 };

static void
random_order(void)
{
	size_t n = 1 + next() % 4;

	begin(&order, SALE_ORDER, 0);
	for (size_t i = 0; i < n; i++) {
		int32_t rate = rates[next() % COUNT(rates)];
		struct money excl = { (int64_t)(1 + next() % 20000) * CENT };

		line(&order, "NL", rate, excl.e6 / CENT,
		    money_vat_over(excl, rate, 2).e6 / CENT);
	}
}

/* Refund n of the amount: exact, and from no group more than it has. */
static void
refund_once(size_t n, int64_t amount)
{
	struct sale *r = &refunds[n];
	struct money sum = { 0 }, excl, vat;

	begin(r, SALE_REFUND, -amount);
	assert_int_equal(refund_amount(&order, refunds, n, r), RC_OK);
	for (size_t i = 0; i < r->lines_n; i++) {
		const struct sale_line *l = &r->lines[i];

		assert_true(l->excl.e6 <= 0 && l->vat.e6 <= 0);
		assert_int_equal(l->excl.e6 % CENT, 0);
		sum = money_add(sum, money_add(l->excl, l->vat));
	}
	assert_int_equal(sum.e6, -amount * CENT);
	for (size_t i = 0; i < COUNT(rates); i++) {
		left_of(n + 1, rates[i], &excl, &vat);
		assert_true(excl.e6 >= 0 && vat.e6 >= 0);
	}
}

static void
bit_by_bit(void **unused)
{
	struct money excl, vat;

	for (int k = 0; k < ORDERS; k++) {
		int64_t left;
		size_t n = 0;

		random_order();
		left = order.incl.e6 / CENT;
		while (left > 0 && n < REFUNDS) {
			int64_t amount = n == REFUNDS - 1 ||
			    next() % 4 == 0 ? left :
			    1 + (int64_t)(next() % (uint64_t)left);

			refund_once(n++, amount);
			left -= amount;
		}
		for (size_t i = 0; i < COUNT(rates); i++) {
			left_of(n, rates[i], &excl, &vat);
			assert_int_equal(excl.e6, 0);
			assert_int_equal(vat.e6, 0);
		}
		begin(&refunds[n], SALE_REFUND, -1);
		assert_int_equal(refund_amount(&order, refunds, n,
		    &refunds[n]), RC_REJECT);
	}
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(part_then_rest),
		cmocka_unit_test(too_much),
		cmocka_unit_test(giftcard),
		cmocka_unit_test(countries),
		cmocka_unit_test(short_lines),
		cmocka_unit_test(half_cent),
		cmocka_unit_test(kinds),
		cmocka_unit_test(rounding),
		cmocka_unit_test(hostile),
		cmocka_unit_test(bit_by_bit)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
