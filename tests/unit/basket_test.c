/*
 * basket_test.c - random sales under random rules, held against a reckoning of
 * their own: what must be booked where, and what must be refused and why.
 *
 * BASKETS=N draws so many, SEED=N others.  What came out is counted: a test in
 * which nearly everything is refused would prove nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "basket_want.c"
#include "map.h"

#define USUAL 60000		/* baskets; 10^6 with BASKETS=1000000 */

static struct connector told = { .name = "told", .reference_max = 60,
	.takes_rate = true };
static struct connector computes = { .name = "computes", .reference_max = 60,
	.computes_vat = true, .takes_rate = true };
static struct document d;
static struct map_why why;

/* ---- what came of it ---- */

static uint64_t accepted[2], refused[2][FAULTS], seen[32], drawn_n;
static uint64_t rounded, inside, withheld, foreign[4], by_card;

static void
same_sums(const struct sums *got, const struct sums *wanted, int64_t slack)
{
	struct sums all = *got;

	for (size_t i = 0; i < wanted->n; i++)
		add(&all, wanted->of[i].name, -whole(wanted->of[i].a),
		    -whole(wanted->of[i].b));
	for (size_t i = 0; i < all.n; i++) {
		assert_in_range(llabs(all.of[i].a), 0, (uint64_t)slack);
		assert_in_range(llabs(all.of[i].b), 0, (uint64_t)slack);
	}
}

/* Everything in whole coins, and each total the sum of its lines. */
static void
check_sums(void)
{
	int64_t excl = 0, vat = 0;

	for (size_t i = 0; i < d.lines_n; i++) {
		assert_int_equal(d.lines[i].excl.e6 % shop.step, 0);
		assert_int_equal(d.lines[i].vat.e6 % shop.step, 0);
		excl += d.lines[i].excl.e6;
		vat += d.lines[i].vat.e6;
	}
	assert_int_equal(d.excl.e6, excl);
	assert_int_equal(d.vat.e6, vat);
	assert_int_equal(d.incl.e6, excl + vat);
	assert_int_equal(d.incl.e6, s.incl.e6);
	assert_string_equal(d.currency, s.currency);
	assert_int_equal(d.credit, s.kind == SALE_REFUND);
}

/* Base and VAT per key, base per account; the rounding line apart. */
static void
check_codes(bool exact)
{
	int64_t n = (int64_t)s.lines_n * shop.step, rest = 0;
	struct sums keys = { 0 }, accounts = { 0 };

	for (size_t i = 0; i < d.lines_n; i++) {
		const struct document_line *l = &d.lines[i];

		if (i >= s.lines_n) {
			assert_int_equal(l->kind, LINE_ROUNDING);
			assert_int_equal(l->vat.e6, 0);
			rest += l->excl.e6;
			continue;
		}
		add(&keys, l->vat_key, l->excl.e6, l->vat.e6);
		add(&accounts, l->account, l->excl.e6, 0);
	}
	same_sums(&keys, &want.keys, exact ? 0 : n);
	same_sums(&accounts, &want.accounts, n);
	if (exact)
		assert_int_equal(rest, want.rounding);
	assert_in_range(llabs(rest), 0, (uint64_t)(shop.most * shop.step));
}

static void
check_payments(void)
{
	struct sums paid = { 0 };

	for (size_t i = 0; i < d.payments_n; i++)
		add(&paid, d.payments[i].account, d.payments[i].amount.e6, 0);
	same_sums(&paid, &want.paid, 0);
	assert_int_equal(d.rate.e6, str_eq(s.currency, "EUR") ? 0 :
	    s.rate.e6 != 0 ? s.rate.e6 : !shop.rated ? 0 :
	    str_eq(s.currency, "USD") ? 860000 : 6100);
}

/* The total by books that work the VAT out, rounding once a code. */
static void
check_computed(void)
{
	struct sums codes = { 0 };
	int64_t total = 0;

	for (size_t i = 0; i < d.lines_n; i++)
		add(&codes, d.lines[i].vat_code, d.lines[i].excl.e6,
		    d.lines[i].vat.e6);
	for (size_t i = 0; i < codes.n; i++) {
		const struct document_line *l = d.lines;
		int64_t base = codes.of[i].a, r;

		while (!str_eq(l->vat_code, codes.of[i].name))
			l++;
		r = l->vat_rate_e4;
		total += base + codes.of[i].b;
		if (d.incl_prices)
			assert_int_equal(codes.of[i].b, ratio(base +
			    codes.of[i].b, r, 1000000 + r, shop.step));
		else
			assert_int_equal(codes.of[i].b, ratio(base, r, 1000000,
			    shop.step));
	}
	assert_int_equal(total, s.incl.e6);
}

static void
count(int way)
{
	accepted[way]++;
	if (way == 1) {
		inside += d.incl_prices;
		return;
	}
	for (size_t i = 0; i < s.lines_n; i++) {
		seen[s.lines[i].kind]++;
		seen[LINE_ROUNDING + 1 + d.lines[i].vat_kind]++;
		withheld += kept(&s.lines[i]);
	}
	rounded += d.lines_n > s.lines_n;
	foreign[shop.digits] += !str_eq(s.currency, "EUR");
	for (size_t i = 0; i < d.payments_n; i++)
		by_card += str_eq(d.payments[i].method, "giftcard");
}

/* What a basket was, for whoever sees it fail. */
static void
show(void)
{
	printf("basket %llu: home %s, buyer %d %s %s, kind %d, %s %lld, "
	    "without VAT %lld\n", (unsigned long long)drawn_n, shop.home,
	    (int)shop.buyer, s.debtor.country, s.debtor.vat_number,
	    (int)s.kind, s.currency, (long long)s.incl.e6,
	    (long long)s.excl.e6);
	for (size_t i = 0; i < s.lines_n; i++)
		printf("  line %d %s %d: %lld + %lld %s\n",
		    (int)s.lines[i].kind, s.lines[i].vat_country,
		    s.lines[i].vat_rate_e4, (long long)s.lines[i].excl.e6,
		    (long long)s.lines[i].vat.e6, s.lines[i].article);
	for (size_t i = 0; i < s.payments_n; i++)
		printf("  paid %s %lld\n", s.payments[i].method,
		    (long long)s.payments[i].amount.e6);
}

/* It was expected otherwise. */
static void
odd(int way, uint64_t faults)
{
	show();
	fail_msg("%s: %s %s; expected faults %llx", way == 0 ? "told" :
	    "computes", why.why == M_NONE ? "booked" :
	    catalog_get(why.why)->code, why.text, (unsigned long long)faults);
}

/* Their VAT may be some coins off the shop's.  What was just small enough for
 * a rounding line then is not, or the other way round; and what needed one
 * does not, or does. */
static uint64_t
borderline(void)
{
	int64_t r = llabs(want.rounding), off = (int64_t)s.lines_n * shop.step;
	uint64_t may = 0;

	if (llabs(r - shop.most * shop.step) <= off)
		may |= UINT64_C(1) << F_TOTAL;
	if (r <= off && !shop.account[LINE_ROUNDING].there)
		may |= UINT64_C(1) << F_ROUNDING;
	return may;
}

static void
book(int way)
{
	uint64_t faults = want.faults, may = 0;
	enum rc rc;

	shop.t.books.connector = way == 0 ? &told : &computes;
	why = (struct map_why){ .why = M_NONE };
	rc = map_sale(&shop.t, "Europe/Amsterdam", &s, &d, &why);
	if (way == 1)
		faults |= may = borderline();
	/* A rounding line has a VAT code too, where that is worked out. */
	if (way == 1 && !shop.vat[NONE].there && !shop.vat[ZERO].there)
		faults |= UINT64_C(1) << F_VAT_RULE;
	if (rc == RC_OK) {
		if ((want.faults & ~may) != 0)
			odd(way, faults);
		check_sums();
		check_codes(way == 0);
		check_payments();
		if (way == 1)
			check_computed();
		count(way);
		return;
	}
	assert_int_equal(rc, RC_REJECT);
	for (int f = 0; f < FAULTS; f++)
		if (fault_msgs[f] == why.why && (faults & UINT64_C(1) << f)) {
			refused[way][f]++;
			return;
		}
	odd(way, faults);
}

/* ---- the whole of it ---- */

static void
share(const char *what, uint64_t n, uint64_t least)
{
	printf("%8llu %s\n", (unsigned long long)n, what);
	if (n * 1000 < drawn_n * least)
		fail_msg("of %s there are too few to prove anything", what);
}

static void
shares(void)
{
	static const char *const words[] = { "domestic", "OSS", "zero", "exempt",
		"reverse charge", "export", "margin", "no turnover" };
	static const char *const ways[] = { "books that are told the VAT",
		"books that work it out" };

	share("baskets", drawn_n, 1000);
	for (int way = 0; way < 2; way++) {
		share(ways[way], accepted[way], 600);
		for (int f = 0; f < F_ROUNDING; f++)
			share(catalog_get(fault_msgs[f])->code,
			    refused[way][f], 1);
	}
	for (enum line_kind k = LINE_ARTICLE; k <= LINE_ROUNDING; k++)
		share(line_kind_name(k), seen[k], 10);
	for (size_t i = 0; i < COUNT(words); i++)
		share(words[i], seen[LINE_ROUNDING + 1 + i], 10);
	share("rounding lines of ours", rounded, 20);
	share("prices with VAT", inside, 50);
	share("withheld", withheld, 10);
	share("paid by gift card", by_card, 20);
	share("without decimals", foreign[0], 50);
	share("dollars", foreign[2], 50);
	share("three decimals", foreign[3], 50);
}

static void
test_baskets(void **state)
{
	const char *n = getenv("BASKETS"), *given = getenv("SEED");
	uint64_t baskets = n != NULL ? strtoull(n, NULL, 10) : USUAL;

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10) : 20261130;
	printf("SEED=%llu BASKETS=%llu\n", (unsigned long long)seed,
	    (unsigned long long)baskets);
	for (; drawn_n < baskets; drawn_n++) {
		draw_rules();
		draw_sale();
		reckon();
		book(0);
		document_wipe(&d);
		if (!shop.one)	/* books know a code by its one rate */
			book(1);
		document_wipe(&d);
		sale_wipe(&s);
		rules_free(&shop.t.rules);
	}
	shares();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_baskets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
