/*
 * ledger_test.c - which account a line or a payment goes to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "str.h"

static struct rules r;

static int
setup(void **state)
{
	static const char *const keys[] = { "sales", "shipping", "giftcard",
	    "tip" };

	(void)state;
	rules_init(&r);
	for (size_t i = 0; i < COUNT(keys); i++)
		rules_pair_add(&r.accounts, &r.accounts_n, keys[i], keys[i],
		    1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rules_free(&r);
	return 0;
}

static void
article(const char *code, const char *account)
{
	rules_pair_add(&r.articles, &r.articles_n, code, account, 1);
}

/* Its account, or the key that is missing behind a "-". */
static void
goes_to(enum sale_kind sale, const struct sale_line *l, const char *want)
{
	static struct sale s;
	const char *key = NULL, *got;

	s.kind = sale;
	got = ledger_account(&r, &s, l, "NL 21", &key);
	if (got != NULL)
		assert_string_equal(got, want);
	else if (want[0] != '-' || !str_eq(key, want + 1))
		fail_msg("missing %s, want %s", key, want);
}

static void
kinds(void **state)
{
	static const char *const want[] = {
		[LINE_ARTICLE] = "sales", [LINE_SHIPPING] = "shipping",
		[LINE_DISCOUNT] = "sales", [LINE_FEE] = "sales",
		[LINE_GIFTCARD] = "giftcard", [LINE_DEPOSIT] = "-deposit",
		[LINE_TIP] = "tip", [LINE_DONATION] = "-donation",
		[LINE_DIFFERENCE] = "-difference",
		[LINE_ROUNDING] = "-rounding",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		goes_to(SALE_ORDER, &(struct sale_line){ .kind =
		    (enum line_kind)i }, want[i]);
	/* by rate, but never what is no turnover */
	rules_pair_add(&r.turnover, &r.turnover_n, "NL 21", "high", 1);
	goes_to(SALE_ORDER, &(struct sale_line){ .kind = LINE_FEE }, "high");
	goes_to(SALE_ORDER, &(struct sale_line){ .kind = LINE_SHIPPING },
	    "shipping");
	goes_to(SALE_ORDER, &(struct sale_line){ .kind = LINE_DEPOSIT },
	    "-deposit");
}

static void
nothing_at_all(void **state)
{
	(void)state;
	rules_free(&r);
	rules_init(&r);
	goes_to(SALE_ORDER, &(struct sale_line){ .kind = LINE_FEE }, "-sales");
	assert_null(ledger_payment(&r, "ideal"));
	assert_null(ledger_payment(&r, "giftcard"));
	assert_int_equal(ledger_rate(&r, "USD").e6, 0);
}

static void
costs(void **state)
{
	struct sale_line l = { .kind = LINE_FEE, .excl = { -1000000 } };

	(void)state;
	goes_to(SALE_ORDER, &l, "sales");
	rules_pair_add(&r.accounts, &r.accounts_n, "costs", "costs", 1);
	goes_to(SALE_ORDER, &l, "costs");
	goes_to(SALE_REFUND, &l, "sales");	/* a fee that goes back */
	l.vat_rate_e4 = 210000;
	goes_to(SALE_ORDER, &l, "sales");	/* less of a fee */
	l = (struct sale_line){ .kind = LINE_FEE, .excl = { 1000000 } };
	goes_to(SALE_ORDER, &l, "sales");
	goes_to(SALE_REFUND, &l, "costs");
	l.kind = LINE_ARTICLE;
	goes_to(SALE_REFUND, &l, "sales");
}

static void
articles(void **state)
{
	static const struct { const char *code, *ean, *want; } table[] = {
		{ "A", "", "whole" }, { "AB", "", "short" },
		{ "ABC", "", "long" }, { "ABCD", "", "long" },
		{ "a", "", "sales" }, { "", "", "sales" },
		{ "X", "871", "ean" }, { "X", "8712", "sales" },
		{ "A", "871", "whole" },	/* the rule that stands first */
		{ "", "4006", "prefix" }, { "AB", "4006", "prefix" },
	};

	(void)state;
	article("A*", "short");
	article("ABC*", "long");
	article("A", "whole");
	article("871", "ean");
	article("400*", "prefix");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct sale_line l = { .kind = LINE_ARTICLE };

		(void)str_copy(l.article, sizeof(l.article), table[i].code);
		(void)str_copy(l.ean, sizeof(l.ean), table[i].ean);
		goes_to(SALE_ORDER, &l, table[i].want);
		l.kind = LINE_DISCOUNT;
		goes_to(SALE_ORDER, &l, "sales");
	}
	article("*", "all");
	goes_to(SALE_ORDER, &(struct sale_line){ .kind = LINE_ARTICLE },
	    "all");
}

static void
vat_of_articles(void **state)
{
	struct sale_line l = { .kind = LINE_ARTICLE, .article = "USED-1" };
	struct ledger_article a;

	(void)state;
	assert_false(ledger_article(&r, &l, &a));
	rules_pair_add(&r.article_vat, &r.article_vat_n, "USED-*", "margin",
	    1);
	assert_true(ledger_article(&r, &l, &a));
	assert_null(a.account);
	assert_string_equal(a.vat, "margin");
	l.kind = LINE_SHIPPING;
	assert_false(ledger_article(&r, &l, &a));
}

static void
payments(void **state)
{
	(void)state;
	assert_null(ledger_payment(&r, "ideal"));
	assert_string_equal(ledger_payment(&r, "giftcard"), "giftcard");
	rules_pair_add(&r.payments, &r.payments_n, "default", "bank", 1);
	assert_string_equal(ledger_payment(&r, "ideal"), "bank");
	assert_string_equal(ledger_payment(&r, "giftcard"), "giftcard");
	rules_pair_add(&r.payments, &r.payments_n, "giftcard", "cards", 1);
	assert_string_equal(ledger_payment(&r, "giftcard"), "cards");
}

static void
rates(void **state)
{
	(void)state;
	rules_pair_add(&r.exchange, &r.exchange_n, "USD", "0.8765", 1);
	assert_int_equal(ledger_rate(&r, "USD").e6, 876500);
	assert_int_equal(ledger_rate(&r, "GBP").e6, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_at_all, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(costs, setup, teardown),
		cmocka_unit_test_setup_teardown(articles, setup, teardown),
		cmocka_unit_test_setup_teardown(vat_of_articles, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(payments, setup, teardown),
		cmocka_unit_test_setup_teardown(rates, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
