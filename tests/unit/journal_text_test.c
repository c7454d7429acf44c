/*
 * journal_text_test.c - the lines of a journal, ours and others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "journal_text.h"
#include "str.h"

static void
test_account(void **state)
{
	static const char *const good[] = { "Income:Sales", "Assets:A",
		"Liabilities:VAT:NL-21", "Expenses:9-Fees", "Equity:X:Y:Z1" };
	static const char *const bad[] = { "", "Income", "Income:", "8000",
		"Income:sales", "Income:Sales:", "Income::Sales", "Sales:Web",
		"Income:Sales Web", "Income:Sales;x", "Income:Caf\xc3\xa9",
		"income:Sales", "Income:-A", "Income:A\n  Assets:B",
		("Income:A23456789012345678901234567890123456789012345678901"
		"23456789") };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(journal_text_account_ok(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(journal_text_account_ok(bad[i]));
}

static void
test_text(void **state)
{
	struct journal_words w;

	(void)state;
	assert_int_equal(journal_text_read(
	    "2026-11-01 * \"Sales invoice\" \"shop-1\" ^shop-1", &w),
	    JOURNAL_HEADER);
	assert_string_equal(w.date, "2026-11-01");
	assert_string_equal(w.reference, "shop-1");
	assert_int_equal(journal_text_read(
	    "2026/11/01 ! \"x\" \"shop-1\" ^shop-1 #tag", &w),
	    JOURNAL_HEADER);
	assert_string_equal(w.date, "2026-11-01");
	/* a person ties a payment to it */
	assert_int_equal(journal_text_read(
	    "2026-11-09 * \"Bank\" \"paid\" ^shop-1", &w), JOURNAL_OTHER);
	assert_int_equal(journal_text_read(
	    "2026-11-09 * \"hop-1\" ^shop-1", &w), JOURNAL_OTHER);
	assert_int_equal(journal_text_read("\" ^a", &w), JOURNAL_OTHER);
	assert_int_equal(journal_text_read(
	    "; 2026-11-01 * \"x\" \"shop-1\" ^shop-1", &w), JOURNAL_OTHER);
	assert_int_equal(journal_text_read("2026-11-0", &w), JOURNAL_OTHER);
	assert_int_equal(journal_text_read(
	    "1970-01-01 open Assets:Bank EUR", &w), JOURNAL_OPEN);
	assert_string_equal(w.account, "Assets:Bank");
	assert_int_equal(journal_text_read(
	    "\tIncome:Sales \t -16.53 EUR  ; base: NL 21", &w),
	    JOURNAL_POSTING);
	assert_string_equal(w.account, "Income:Sales");
	assert_true(w.whole && w.role == ROLE_BASE);
	assert_int_equal(w.amount.e6, -16530000);
	assert_int_equal(journal_text_read("  Assets:Debtors", &w),
	    JOURNAL_POSTING);
	assert_false(w.whole);
	assert_int_equal(journal_text_read("  Assets:Debtors  5.00 EU", &w),
	    JOURNAL_POSTING);
	assert_false(w.whole);
	assert_int_equal(w.amount.e6, 0);
	assert_int_equal(journal_text_read("  ; vat: x", &w), JOURNAL_NOTE);
	assert_int_equal(journal_text_read("  ", &w), JOURNAL_OTHER);
	assert_int_equal(journal_text_read(
	    "  Assets:Bank  9.00 USD @ 0.86 EUR", &w), JOURNAL_POSTING);
	assert_int_equal(w.rate.e6, 860000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
