/*
 * summary_test.c - random days of a till: the same receipts in any order make
 * the same document, which is what they add up to, whatever the books compute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "ledger.h"
#include "map.h"
#include "str.h"
#include "summary.h"

#define DAYS 17000		/* of up to RECEIPTS, each in three orders */
#define RECEIPTS 9

static const struct connector told = { .name = "told" };
static const struct connector computes = { .name = "computes",
	.computes_vat = true };
static struct tenant t;
static struct sale s;
static struct document *receipts[RECEIPTS], *sum, *other;
static unsigned seed;

static unsigned
below(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void
rule(struct config_pair **list, size_t *n, const char *key, const char *value)
{
	rules_pair_add(list, n, key, value, 1);
}

static int
setup(void **state)
{
	struct rules *r = &t.rules;

	(void)state;
	memset(&t, 0, sizeof(t));
	rules_init(r);
	(void)str_copy(t.customer.country, 3, "NL");
	t.books.connector = &told;
	rule(&r->vat, &r->vat_n, "NL 21", "high");
	rule(&r->vat, &r->vat_n, "NL 9", "low");
	rule(&r->vat, &r->vat_n, "NL 0", "zero");
	rule(&r->vat, &r->vat_n, "none", "none");
	rule(&r->accounts, &r->accounts_n, "sales", "8000");
	rule(&r->accounts, &r->accounts_n, "tip", "1500");
	rule(&r->accounts, &r->accounts_n, "deposit", "1510");
	rule(&r->accounts, &r->accounts_n, "difference", "4990");
	rule(&r->accounts, &r->accounts_n, "rounding", "4999");
	rule(&r->payments, &r->payments_n, "cash", "1000");
	rule(&r->payments, &r->payments_n, "pin", "1100");
	rule(&r->payments, &r->payments_n, "bill", LEDGER_IGNORE);
	r->has_payments = true;
	for (size_t i = 0; i < RECEIPTS; i++)
		receipts[i] = mem_alloc(sizeof(*receipts[i]));
	sum = mem_alloc(sizeof(*sum));
	other = mem_alloc(sizeof(*other));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rules_free(&t.rules);
	for (size_t i = 0; i < RECEIPTS; i++)
		free(receipts[i]);
	free(sum);
	free(other);
	return 0;
}

static void
random_line(int sign)
{
	static const int32_t rates[] = { 210000, 90000, 0 };
	struct sale_line *l = sale_line_add(&s);

	assert_non_null(l);
	l->quantity.e6 = 1000000;
	(void)str_copy(l->vat_country, 3, "NL");
	l->kind = LINE_ARTICLE;
	l->excl.e6 = sign * (int64_t)(below(5000) + 1) * 10000;
	if (below(4) == 0) {
		static const enum line_kind kinds[] = { LINE_TIP,
			LINE_DEPOSIT, LINE_DIFFERENCE };

		l->kind = kinds[below(3)];
		return;
	}
	l->vat_rate_e4 = rates[below(3)];
	/* out of a price with VAT, as a till has it */
	l->vat = money_vat_in(l->excl, l->vat_rate_e4, 2);
	l->excl = money_sub(l->excl, l->vat);
}

/* In euros and cents, paid in one or two ways, at times to five cents. */
static void
random_receipt(struct document *d)
{
	static const char *const methods[] = { "cash", "pin", "bill" };
	struct map_why why = { .why = M_NONE };
	int sign = below(5) == 0 ? -1 : 1;
	struct sale_payment *p;

	sale_init(&s);
	s.kind = sign < 0 ? SALE_REFUND : SALE_RECEIPT;
	(void)str_copy(s.source, sizeof(s.source), "till");
	(void)str_copy(s.id, sizeof(s.id), "1");
	(void)str_copy(s.currency, sizeof(s.currency), "EUR");
	for (unsigned n = 1 + below(4); n > 0; n--)
		random_line(sign);
	s.incl = sale_lines_sum(&s, &s.excl);
	if (below(3) == 0) {
		s.incl.e6 = s.incl.e6 / 50000 * 50000;
		s.excl = money_sub(s.incl, money_sub(sale_lines_sum(&s, NULL),
		    s.excl));
	}
	if (below(6) != 0) {
		p = sale_payment_add(&s);
		(void)str_copy(p->method, sizeof(p->method),
		    methods[below(3)]);
		p->amount = s.incl;
	}
	if (map_receipt(&t, "UTC", &s, d, &why) != RC_OK)
		fail_msg("%d %s %s", why.why, why.text, why.detail);
}

static enum rc
add_up(const size_t *order, size_t n, struct document *d)
{
	struct summary all = { .mapped = 0 };
	struct map_why why = { .why = M_NONE };
	enum rc rc;

	for (size_t i = 0; i < n; i++)
		summary_add(&all, receipts[order[i]]);
	memset(d, 0, offsetof(struct document, lines));
	assert_int_equal(summary_document(&all, LANGUAGE_EN, d, &why), RC_OK);
	sale_init(&s);
	s.kind = SALE_SUMMARY;
	(void)str_copy(s.source, sizeof(s.source), "till");
	(void)str_copy(s.id, sizeof(s.id), "2026-11-01");
	(void)str_copy(s.currency, sizeof(s.currency), "EUR");
	s.excl = d->excl;
	s.incl = d->incl;
	rc = map_summary(&t, "UTC", &s, all.mapped, d, &why);
	summary_free(&all);
	return rc;
}

static struct money
of_code(const struct document *d, const char *code, bool vat)
{
	struct money m = { 0 };

	for (size_t i = 0; i < d->lines_n; i++)
		if (str_eq(d->lines[i].vat_code, code))
			m = money_add(m, vat ? d->lines[i].vat :
			    d->lines[i].excl);
	return m;
}

static struct money
of_method(const struct document *d, const char *method)
{
	struct money m = { 0 };

	for (size_t i = 0; i < d->payments_n; i++)
		if (str_eq(d->payments[i].method, method))
			m = money_add(m, d->payments[i].amount);
	return m;
}

/* The document is balanced, and what the receipts add up to. */
static void
sound(const struct document *d, size_t n, bool own_vat)
{
	static const char *const codes[] = { "high", "low", "zero", "none" };
	static const char *const methods[] = { "cash", "pin" };
	struct money incl = { 0 }, lines = { 0 }, part;

	for (size_t i = 0; i < n; i++)
		incl = money_add(incl, receipts[i]->incl);
	assert_int_equal(d->incl.e6, incl.e6);
	assert_int_equal(d->excl.e6 + d->vat.e6, incl.e6);
	for (size_t i = 0; i < d->lines_n; i++)
		lines = money_add(lines, money_add(d->lines[i].excl,
		    d->lines[i].vat));
	assert_int_equal(lines.e6, incl.e6);
	assert_int_equal(d->credit, incl.e6 < 0);
	for (size_t c = 0; c < COUNT(codes) && own_vat; c++)
		for (int vat = 0; vat < 2; vat++) {
			part = of_code(d, codes[c], vat);
			for (size_t i = 0; i < n; i++)
				part = money_sub(part, of_code(receipts[i],
				    codes[c], vat));
			assert_int_equal(part.e6, 0);
		}
	for (size_t c = 0; c < COUNT(methods); c++) {
		part = of_method(d, methods[c]);
		for (size_t i = 0; i < n; i++)
			part = money_sub(part, of_method(receipts[i],
			    methods[c]));
		assert_int_equal(part.e6, 0);
	}
}

static void
shuffle(size_t *order, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = below((unsigned)i), was = order[i - 1];

		order[i - 1] = order[k];
		order[k] = was;
	}
}

static void
days(const struct connector *books)
{
	t.books.connector = books;
	for (unsigned day = 0; day < DAYS; day++) {
		size_t order[RECEIPTS], n = 1 + below(RECEIPTS);

		for (size_t i = 0; i < n; i++) {
			random_receipt(receipts[i]);
			order[i] = i;
		}
		assert_int_equal(add_up(order, n, sum), RC_OK);
		sound(sum, n, books == &told);
		for (int again = 0; again < 3; again++) {
			shuffle(order, n);
			assert_int_equal(add_up(order, n, other), RC_OK);
			assert_memory_equal(sum, other, offsetof(
			    struct document, lines) + sum->lines_n *
			    sizeof(sum->lines[0]));
		}
	}
}

static void
test_told(void **state)
{
	(void)state;
	seed = 1;
	days(&told);
}

static void
test_computed(void **state)
{
	(void)state;
	seed = 2;
	days(&computes);
}

/* What a document can't hold is refused in words, never cut. */
static void
test_limits(void **state)
{
	struct summary all = { .mapped = 0 };
	struct map_why why = { .why = M_NONE };

	(void)state;
	memset(other, 0, sizeof(*other));
	other->lines_n = 1;
	other->lines[0].excl.e6 = 10000;
	for (int i = 0; i <= SALE_LINES; i++) {
		(void)str_fmt(other->lines[0].account, CODE_MAX, "%d", i);
		summary_add(&all, other);
		assert_int_equal(summary_document(&all, LANGUAGE_NL, sum,
		    &why), i < SALE_LINES ? RC_OK : RC_REJECT);
	}
	assert_int_equal(why.why, M_TOO_LARGE);
	summary_free(&all);
	other->payments_n = 1;
	other->payments[0].amount.e6 = 10000;
	for (int i = 0; i <= SALE_PAYMENTS; i++) {
		(void)str_fmt(other->payments[0].method, 40, "%d", i);
		summary_add(&all, other);
		assert_int_equal(summary_document(&all, LANGUAGE_NL, sum,
		    &why), i < SALE_PAYMENTS ? RC_OK : RC_REJECT);
	}
	summary_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_computed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
