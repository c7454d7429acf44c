/*
 * basket_refund_test.c - random orders under random rules, paid back bit by
 * bit in amounts that name no line: what the books hold of them in the end is
 * nothing, under each VAT, and at no time less than nothing.
 *
 * BASKETS=N draws so many orders, SEED=N others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "basket_draw.c"
#include "map.h"
#include "refund.h"

#define USUAL 30000
#define REFUNDS 5
#define SUMS 64

static struct connector told = { .name = "told", .reference_max = 60,
	.takes_rate = true };
static struct document order_doc, d;
static struct sale refunds[REFUNDS + 1];
static struct map_why why;
static uint64_t orders, parts, lasts, mixed, owed, untaxed;

/* What the documents come to under a VAT, or on an account. */
struct sums { size_t n; struct { char name[CODE_MAX]; int64_t a, b; }
    of[SUMS]; };
static struct sums vats, start, liabilities;

static void
add(struct sums *sums, const char *name, int64_t a, int64_t b)
{
	size_t i = 0;

	while (i < sums->n && !str_eq(sums->of[i].name, name))
		i++;
	assert_true(i < SUMS);
	if (i == sums->n)
		(void)str_copy(sums->of[sums->n++].name, CODE_MAX, name);
	sums->of[i].a += a;
	sums->of[i].b += b;
}

static void
add_document(const struct document *doc)
{
	for (size_t i = 0; i < doc->lines_n; i++) {
		const struct document_line *l = &doc->lines[i];

		if (l->kind >= LINE_GIFTCARD && l->kind != LINE_ROUNDING)
			add(&liabilities, l->account, l->excl.e6, 0);
		add(&vats, l->kind == LINE_ROUNDING ? "rounding" :
		    l->vat_key, l->excl.e6, l->vat.e6);
	}
}

static void
show(size_t n)
{
	const struct sale *all[] = { &s, &refunds[0], &refunds[1], &refunds[2],
		&refunds[3], &refunds[4], &refunds[5] };

	for (size_t k = 0; k <= n; k++) {
		printf("%s %lld %s\n", all[k]->currency,
		    (long long)all[k]->incl.e6, all[k]->debtor.country);
		for (size_t i = 0; i < all[k]->lines_n; i++)
			printf("  line %d %s %d: %lld + %lld %s\n",
			    (int)all[k]->lines[i].kind,
			    all[k]->lines[i].vat_country,
			    all[k]->lines[i].vat_rate_e4,
			    (long long)all[k]->lines[i].excl.e6,
			    (long long)all[k]->lines[i].vat.e6,
			    all[k]->lines[i].article);
	}
	for (size_t i = 0; i < vats.n; i++)
		printf("left %s: %lld + %lld of %lld + %lld\n",
		    vats.of[i].name, (long long)vats.of[i].a,
		    (long long)vats.of[i].b, (long long)start.of[i].a,
		    (long long)start.of[i].b);
}

/* Something in the order was below nought for a reason of its own: a till
 * that was short, empty bottles, a commission, the rounding. */
static bool
below_nought(const char *vat)
{
	for (size_t i = 0; i < order_doc.lines_n; i++)
		if (str_eq(order_doc.lines[i].vat_key, vat) &&
		    order_doc.lines[i].kind != LINE_DISCOUNT &&
		    order_doc.lines[i].excl.e6 < 0)
			return true;
	return str_eq(vat, "rounding");
}

/* What is left lies between nothing and what the order was. */
static void
check_left(size_t n)
{
	for (size_t i = 0; i < vats.n; i++) {
		int64_t a = vats.of[i].a, b = vats.of[i].b;
		int64_t whole_a = start.of[i].a, whole_b = start.of[i].b;

		assert_string_equal(vats.of[i].name, start.of[i].name);
		if (whole_a < 0 || below_nought(vats.of[i].name))
			continue;
		if (a >= 0 && a <= whole_a && b >= 0 && b <= whole_b)
			continue;
		show(n);
		fail_msg("order %llu: more of %s went back than there was",
		    (unsigned long long)orders, vats.of[i].name);
	}
}

/* One more refund of so much; the order's debtor, currency and rate. */
static enum rc
pay_back(size_t n, int64_t amount)
{
	struct sale *r = &refunds[n];

	sale_init(r);
	r->kind = SALE_REFUND;
	(void)str_copy(r->source, sizeof(r->source), "shop");
	(void)str_copy(r->id, sizeof(r->id), "9");
	(void)str_copy(r->number, sizeof(r->number), "1001");
	(void)str_copy(r->refund_of, sizeof(r->refund_of), "1001");
	(void)str_copy(r->currency, sizeof(r->currency), s.currency);
	r->placed_at = s.placed_at;
	r->rate = s.rate;
	(void)str_copy(r->rate_source, SALE_NAME, s.rate_source);
	r->debtor = s.debtor;
	r->incl.e6 = -amount;
	return refund_amount(&s, refunds, n, r);
}

static void
book_back(size_t n, int64_t amount)
{
	enum rc rc = pay_back(n, amount);

	if (rc != RC_OK)
		show(n);
	assert_int_equal(rc, RC_OK);
	rc = map_sale(&shop.t, "Europe/Amsterdam", &refunds[n], &d, &why);
	if (rc != RC_OK)
		show(n + 1);
	assert_int_equal(rc, RC_OK);
	assert_int_equal(d.incl.e6, -amount);
	for (size_t i = 0; i < refunds[n].lines_n; i++)
		assert_int_equal(refunds[n].lines[i].excl.e6 % shop.step, 0);
	add_document(&d);
	document_wipe(&d);
}

/* All of it, in up to REFUNDS parts; more than is left at no time. */
static void
pay_all_back(void)
{
	int64_t left = s.incl.e6 / shop.step;
	size_t n = 0;

	while (left > 0) {
		int64_t part = n == REFUNDS - 1 || percent(30) ? left :
		    1 + (int64_t)any((uint64_t)left);

		assert_int_equal(pay_back(n, (left + 1) * shop.step),
		    RC_REJECT);
		book_back(n++, part * shop.step);
		left -= part;
		parts++;
		check_left(n);
	}
	lasts += n > 1;
	for (size_t i = 0; i < vats.n; i++)
		if (vats.of[i].a != 0 || vats.of[i].b != 0) {
			show(n);
			fail_msg("order %llu: something is left",
			    (unsigned long long)orders);
		}
	for (size_t i = 0; i < liabilities.n; i++)
		if (liabilities.of[i].a != 0) {
			show(n);
			fail_msg("order %llu: %s still owes",
			    (unsigned long long)orders, liabilities.of[i].name);
		}
	assert_int_equal(pay_back(n, shop.step), RC_REJECT);
	for (size_t i = 0; i <= n; i++)
		sale_wipe(&refunds[i]);
}

/* An order that is booked.  Without articles what was taxed goes back out of
 * sales, and where only the rounding is left that asks for a VAT rule. */
static bool
refundable(void)
{
	return shop.account[SALES].there &&
	    (shop.vat[NONE].there || shop.vat[ZERO].there) &&
	    s.kind == SALE_ORDER && s.incl.e6 > 0 && map_sale(&shop.t,
	    "Europe/Amsterdam", &s, &order_doc, &why) == RC_OK;
}

static void
share(const char *what, uint64_t n, uint64_t least)
{
	printf("%8llu %s\n", (unsigned long long)n, what);
	if (n * 100 < orders * least)
		fail_msg("of %s there are too few to prove anything", what);
}

static void
test_bit_by_bit(void **state)
{
	const char *n = getenv("BASKETS"), *given = getenv("SEED");
	uint64_t baskets = n != NULL ? strtoull(n, NULL, 10) : USUAL;

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10) : 20261130;
	printf("SEED=%llu BASKETS=%llu\n", (unsigned long long)seed,
	    (unsigned long long)baskets);
	while (orders < baskets) {
		draw_rules();
		draw_sale();
		shop.t.books.connector = &told;
		if (refundable()) {
			vats.n = liabilities.n = 0;
			add_document(&order_doc);
			start = vats;
			mixed += vats.n > 1;
			owed += liabilities.n > 0;
			untaxed += order_doc.vat.e6 == 0;
			pay_all_back();
			orders++;
		}
		sale_wipe(&s);
		document_wipe(&order_doc);
		rules_free(&shop.t.rules);
	}
	share("orders", orders, 100);
	share("refunds", parts, 200);
	share("orders in several parts", lasts, 40);
	share("of several rates", mixed, 40);
	share("with what is no turnover", owed, 10);
	share("without VAT", untaxed, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bit_by_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
