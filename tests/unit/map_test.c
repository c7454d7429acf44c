/*
 * map_test.c - rules to codes, and random baskets to the cent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "map.h"
#include "vat.h"
#include "str.h"

#define BASKETS 100000		/* 10^6 with BASKETS=1000000 */
#define ZONE "Europe/Amsterdam"

static char v21[] = "vat-21", v9[] = "vat-9", v0[] = "vat-0", rev[] = "rev",
    expo[] = "export", de19[] = "de-19", sales[] = "8000", ship[] = "8001",
    disc[] = "8002", roundoff[] = "8004", mollie[] = "1100";
static char k21[] = "NL 21", k9[] = "NL 9", k0[] = "NL 0", kde[] = "DE 19",
    krev[] = "reverse_charge", kexp[] = "export", ksales[] = "sales",
    kship[] = "shipping", kdisc[] = "discount", kround[] = "rounding",
    kideal[] = "ideal";

static struct config_pair vat[] = { { k21, v21, 1 }, { k9, v9, 1 },
	{ k0, v0, 1 }, { kde, de19, 1 }, { krev, rev, 1 }, { kexp, expo, 1 } };
static struct config_pair accounts[] = { { ksales, sales, 1 },
	{ kship, ship, 1 }, { kdisc, disc, 1 }, { kround, roundoff, 1 } };
static struct config_pair payments[] = { { kideal, mollie, 1 } };

static struct connector told = { .name = "told", .reference_max = 60 };
static struct connector computes = { .name = "computes", .reference_max = 60,
	.computes_vat = true };

static struct sale s;
static struct document d;
static struct map_why why;

static struct money
cents(int64_t n)
{
	return (struct money){ n * 10000 };
}

static struct tenant
tenant(const struct connector *books)
{
	struct tenant t = { .name = ksales };

	t.rules = (struct rules){ .rounding = cents(10), .vat = vat,
		.vat_n = COUNT(vat), .accounts = accounts,
		.accounts_n = COUNT(accounts), .payments = payments,
		.payments_n = COUNT(payments), .has_payments = true };
	(void)str_copy(t.customer.country, 3, "NL");
	t.books.connector = books;
	return t;
}

static void
begin(void)
{
	sale_init(&s);
	(void)str_copy(s.source, sizeof(s.source), "shop");
	(void)str_copy(s.id, sizeof(s.id), "1001");
	(void)str_copy(s.number, sizeof(s.number), "1001");
	(void)str_copy(s.currency, sizeof(s.currency), "EUR");
	s.placed_at = 1793534400;	/* 2026-11-01 12:00 UTC */
}

static struct sale_line *
line(enum line_kind kind, const char *country, int rate, int64_t excl,
    int64_t tax)
{
	struct sale_line *l = sale_line_add(&s);

	assert_non_null(l);
	l->kind = kind;
	(void)str_copy(l->vat_country, sizeof(l->vat_country), country);
	l->vat_rate_e4 = rate * 10000;
	l->quantity = (struct money){ 1000000 };
	l->excl = cents(excl);
	l->vat = cents(tax);
	s.excl = money_add(s.excl, l->excl);
	s.incl = money_add(s.incl, money_add(l->excl, l->vat));
	return l;
}

static enum rc
map(const struct connector *books)
{
	struct tenant t = tenant(books);

	why = (struct map_why){ .why = M_NONE };
	return map_sale(&t, ZONE, &s, &d, &why);
}

static void
test_codes(void **state)
{
	(void)state;
	begin();
	line(LINE_ARTICLE, "NL", 21, 1653, 347);
	line(LINE_SHIPPING, "NL", 9, 1000, 90);
	line(LINE_FEE, "", 0, 200, 0);
	line(LINE_DISCOUNT, "NL", 21, -100, -21);
	assert_int_equal(map(&told), RC_OK);
	assert_string_equal(d.reference, "shop-1001");
	assert_string_equal(d.date, "2026-11-01");
	assert_int_equal(d.lines_n, 4);
	assert_string_equal(d.lines[0].vat_code, v21);
	assert_string_equal(d.lines[0].account, sales);
	assert_string_equal(d.lines[1].vat_code, v9);
	assert_string_equal(d.lines[1].account, ship);
	assert_string_equal(d.lines[1].description, "Shipping");
	assert_string_equal(d.lines[2].vat_code, v0);
	assert_string_equal(d.lines[2].account, sales);
	assert_string_equal(d.lines[3].account, disc);
	assert_int_equal(d.incl.e6, s.incl.e6);
	assert_false(d.credit);
}

static void
test_abroad(void **state)
{
	(void)state;
	begin();
	(void)str_copy(s.debtor.country, 3, "BE");
	(void)str_copy(s.debtor.vat_number, 32, "BE0123456749");
	line(LINE_ARTICLE, "BE", 0, 1000, 0);
	assert_int_equal(map(&told), RC_OK);
	assert_string_equal(d.lines[0].vat_key, "reverse_charge");
	/* Without a number a company can't have the VAT shifted to it. */
	s.debtor.vat_number[0] = '\0';
	(void)str_copy(s.debtor.company, 128, "Bakkerij");
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_VAT_NUMBER);
	(void)str_copy(s.debtor.country, 3, "US");
	assert_int_equal(map(&told), RC_OK);
	assert_string_equal(d.lines[0].vat_key, "export");
	begin();
	(void)str_copy(s.debtor.country, 3, "DE");
	line(LINE_ARTICLE, "DE", 19, 1000, 190);
	assert_int_equal(map(&told), RC_OK);
	assert_string_equal(d.lines[0].vat_key, "DE 19");
}

static void
test_no_rule(void **state)
{
	(void)state;
	begin();
	line(LINE_ARTICLE, "FR", 20, 1000, 200);
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_VAT_RULE);
	assert_non_null(strstr(why.text, "{FR 20: \"...\"}"));
	begin();
	line(LINE_GIFTCARD, "NL", 0, 1000, 0);
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_ACCOUNT_RULE);
	assert_non_null(strstr(why.text, "{giftcard: \"...\"}"));
	begin();
	line(LINE_ARTICLE, "NL", 21, 1000, 210);
	s.payments_n = 1;
	(void)str_copy(s.payments[0].method, 48, "paypal");
	s.payments[0].amount = s.incl;
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_PAYMENT_RULE);
	assert_non_null(strstr(why.text, "{paypal: \"...\"}"));
	assert_string_equal(why.detail, "");
	(void)str_copy(s.payments[0].method, 48, "by A. Jansen");
	assert_int_equal(map(&told), RC_REJECT);
	assert_non_null(strstr(why.text, "{NAME: \"...\"}"));
	assert_null(strstr(why.text, "Jansen"));
	assert_string_equal(why.detail, "by A. Jansen");
	(void)str_copy(s.payments[0].method, 48, "ideal");
	assert_int_equal(map(&told), RC_OK);
	assert_string_equal(d.payments[0].account, mollie);
	s.payments[0].amount = money_add(s.incl, cents(1));
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_TOTAL);
}

static void
test_rounding(void **state)
{
	static const int64_t off[] = { -50, -11, -10, -1, 0, 1, 10, 11, 50 };

	(void)state;
	for (size_t i = 0; i < COUNT(off); i++) {
		bool within = off[i] >= -10 && off[i] <= 10;

		begin();
		line(LINE_ARTICLE, "NL", 21, 1000, 210);
		s.incl = money_add(s.incl, cents(off[i]));
		assert_int_equal(map(&told), within ? RC_OK : RC_REJECT);
		if (!within) {
			char amount[MONEY_TEXT];

			assert_int_equal(why.why, M_TOTAL);
			money_print(amount, cents(off[i]), 2);
			assert_string_equal(why.detail, amount);
			assert_null(strpbrk(why.text, "0123456789"));
			continue;
		}
		assert_int_equal(d.lines_n, off[i] == 0 ? 1 : 2);
		assert_int_equal(d.incl.e6, s.incl.e6);
		if (off[i] == 0)
			continue;
		assert_int_equal(d.lines[1].kind, LINE_ROUNDING);
		assert_string_equal(d.lines[1].account, roundoff);
		assert_int_equal(d.lines[1].excl.e6, cents(off[i]).e6);
	}
}

static void
test_other_excl(void **state)
{
	(void)state;
	begin();
	line(LINE_ARTICLE, "NL", 21, 1000, 210);
	s.excl = money_add(s.excl, cents(11));
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_TOTAL);
	begin();
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_VALUE);
	(void)str_copy(s.currency, sizeof(s.currency), "");
	assert_int_equal(map(&told), RC_REJECT);
	assert_int_equal(why.why, M_CURRENCY);
}

static void
test_refund(void **state)
{
	struct tenant x = tenant(&told);

	(void)state;
	begin();
	s.kind = SALE_REFUND;
	(void)str_copy(s.id, sizeof(s.id), "18");
	(void)str_copy(s.refund_of, sizeof(s.refund_of), "1001");
	line(LINE_ARTICLE, "NL", 9, -1000, -90);
	assert_int_equal(map(&told), RC_OK);
	assert_true(d.credit);
	assert_string_equal(d.reference, "shop-1001-R18");
	assert_string_equal(d.original, "");
	map_original(&x, &s, SALE_ORDER, 0, &d);
	assert_string_equal(d.original, "shop-1001");
	map_original(&x, &s, SALE_RECEIPT, 0, &d);
	assert_string_equal(d.original, "shop-1001-T");
	assert_int_equal(d.incl.e6, cents(-1090).e6);
}

/* Where neither way of pricing gives the shop's VAT, the books' VAT over the
 * shop's base stands and a rounding line makes the total what was paid; where
 * many lines were each rounded, their VAT comes out of the prices. */
static void
test_theirs(void **state)
{
	(void)state;
	begin();
	line(LINE_ARTICLE, "NL", 21, 10000, 2105);
	assert_int_equal(map(&computes), RC_OK);
	assert_false(d.incl_prices);
	assert_int_equal(d.lines_n, 2);
	assert_int_equal(d.lines[1].excl.e6, cents(5).e6);
	assert_int_equal(d.incl.e6, cents(12105).e6);
	assert_int_equal(d.vat.e6, cents(2100).e6);
	/* VAT that no rounding explains is not for the books to mend. */
	begin();
	line(LINE_ARTICLE, "NL", 21, 10000, 2111);
	assert_int_equal(map(&computes), RC_REJECT);
	assert_int_equal(why.why, M_TOTAL);
	begin();
	line(LINE_ARTICLE, "NL", 21, 10000, 900);
	assert_int_equal(map(&computes), RC_REJECT);
	assert_int_equal(why.why, M_TOTAL);
	/* Fifty lines, each rounded by the shop on its own. */
	begin();
	for (int i = 0; i < 50; i++)
		line(LINE_ARTICLE, "NL", 21, 88, 19);
	assert_int_equal(map(&computes), RC_OK);
	assert_true(d.incl_prices);
	assert_int_equal(d.lines_n, 50);
	assert_int_equal(d.incl.e6, cents(5350).e6);
	/* The VAT inside 10.00 is 1.74; on top of 8.26 it is 1.73. */
	begin();
	line(LINE_ARTICLE, "NL", 21, 826, 174);
	assert_int_equal(map(&computes), RC_OK);
	assert_true(d.incl_prices);
	assert_int_equal(d.lines_n, 1);
}

static uint64_t seed;

static uint64_t
any(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* A shop's line: priced with or without VAT, in up to four decimals. */
static void
random_line(bool with_vat)
{
	static const struct { const char *country; int rate; } rates[] = {
		{ "NL", 21 }, { "NL", 9 }, { "NL", 0 }, { "DE", 19 } };
	size_t r = any(COUNT(rates));
	enum line_kind kind = any(5) == 0 ? LINE_SHIPPING : LINE_ARTICLE;
	int32_t rate = rates[r].rate * 10000;
	struct sale_line *l = line(kind, rates[r].country, rates[r].rate, 0,
	    0);
	struct money price = cents(1 + (int64_t)any(20000));
	int digits = any(4) == 0 ? 4 : 2;

	if (with_vat) {
		l->vat = money_vat_in(price, rate, digits);
		l->excl = money_sub(price, l->vat);
	} else {
		l->excl = price;
		l->vat = money_vat_over(price, rate, digits);
	}
	s.excl = money_add(s.excl, l->excl);
	s.incl = money_add(s.incl, money_add(l->excl, l->vat));
}

/* What books that compute VAT would make of it, rounding once a code. */
static struct money
computed_total(const struct document *doc)
{
	struct money total = { 0 };

	for (size_t i = 0; i < doc->lines_n; i++) {
		struct money sum = { 0 };
		bool first = true;

		for (size_t j = 0; j < doc->lines_n; j++) {
			const struct document_line *l = &doc->lines[j];

			if (!str_eq(l->vat_code, doc->lines[i].vat_code))
				continue;
			first = first && j >= i;
			sum = money_add(sum, l->excl);
			if (doc->incl_prices)
				sum = money_add(sum, l->vat);
		}
		if (!first)
			continue;
		total = money_add(total, sum);
		if (!doc->incl_prices)
			total = money_add(total, money_vat_over(sum,
			    doc->lines[i].vat_rate_e4, 2));
	}
	return total;
}

static void
check_document(void)
{
	struct money excl = { 0 }, incl = { 0 };

	for (size_t i = 0; i < d.lines_n; i++) {
		const struct document_line *l = &d.lines[i];

		assert_int_equal(l->excl.e6 % 10000, 0);
		assert_int_equal(l->vat.e6 % 10000, 0);
		excl = money_add(excl, l->excl);
		incl = money_add(incl, money_add(l->excl, l->vat));
	}
	assert_int_equal(d.incl.e6, s.incl.e6);
	/* The lines are what gets booked, whoever works the VAT out. */
	assert_int_equal(excl.e6, d.excl.e6);
	assert_int_equal(money_sub(incl, excl).e6, d.vat.e6);
	assert_int_equal(incl.e6, d.incl.e6);
	assert_int_equal(computed_total(&d).e6, d.incl.e6);
}

/* Per VAT code the document has the shop's base and VAT, rounded once. */
static void
check_vat(void)
{
	for (size_t i = 0; i < COUNT(vat); i++) {
		struct money shop = { 0 }, doc = { 0 };

		for (size_t j = 0; j < s.lines_n; j++) {
			struct tenant t = tenant(&told);
			struct vat choice;

			vat_choose(&t, &s, &s.lines[j], &choice);
			if (str_eq(choice.key, vat[i].key))
				shop = money_add(shop, s.lines[j].vat);
		}
		for (size_t j = 0; j < d.lines_n; j++)
			if (str_eq(d.lines[j].vat_code, vat[i].value))
				doc = money_add(doc, d.lines[j].vat);
		assert_int_equal(doc.e6, money_round(shop, 2).e6);
	}
}

static void
test_baskets(void **state)
{
	const char *given = getenv("SEED"), *many = getenv("BASKETS");
	uint64_t start = given != NULL ? strtoull(given, NULL, 10) : 20261101;
	uint64_t n = many != NULL ? strtoull(many, NULL, 10) : BASKETS;
	uint64_t mapped = 0;

	(void)state;
	printf("SEED=%llu\n", (unsigned long long)start);
	seed = start;
	for (uint64_t i = 0; i < n; i++) {
		bool with_vat = any(2) == 0;
		size_t lines = 1 + any(6);
		enum rc rc;

		begin();
		while (lines-- > 0)
			random_line(with_vat);
		/* A shop charges whole cents, whatever its lines say. */
		s.incl = money_round(s.incl, 2);
		s.excl = money_round(s.excl, 2);
		rc = map(&told);
		assert_int_equal(rc, RC_OK);
		check_vat();
		if (d.lines_n > 0)
			assert_int_equal(d.incl.e6, s.incl.e6);
		rc = map(&computes);
		assert_int_equal(rc, RC_OK);
		check_document();
		mapped++;
		sale_wipe(&s);
	}
	assert_int_equal(mapped, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_abroad),
		cmocka_unit_test(test_no_rule),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_other_excl),
		cmocka_unit_test(test_refund),
		cmocka_unit_test(test_theirs),
		cmocka_unit_test(test_baskets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
