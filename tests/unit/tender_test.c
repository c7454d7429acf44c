/*
 * tender_test.c - payments to accounts, a currency to its rate; in currencies
 * of zero, two and three decimals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "str.h"
#include "tender.h"

static const struct connector asks = { .name = "asks", .takes_rate = true };
static const struct connector none = { .name = "none" };
static struct tenant t;
static struct sale s;
static struct document d;
static struct map_why why;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	memset(&d, 0, sizeof(d));
	memset(&why, 0, sizeof(why));
	sale_init(&s);
	rules_init(&t.rules);
	t.books.connector = &asks;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rules_free(&t.rules);
	return 0;
}

static void
rule(const char *method, const char *account)
{
	t.rules.has_payments = true;
	rules_pair_add(&t.rules.payments, &t.rules.payments_n, method,
	    account, 1);
}

static void
pay(const char *method, const char *amount)
{
	struct sale_payment *p = sale_payment_add(&s);

	assert_non_null(p);
	(void)str_copy(p->method, sizeof(p->method), method);
	assert_int_equal(money_parse(amount, &p->amount), RC_OK);
	d.incl = money_add(d.incl, p->amount);
}

static void
currency(const char *code)
{
	(void)str_copy(s.currency, sizeof(s.currency), code);
	(void)str_copy(d.currency, sizeof(d.currency), code);
}

static void
their_accounts(void **state)
{
	(void)state;
	currency("EUR");
	rule("ideal", "bank");
	rule("bacs", LEDGER_IGNORE);
	pay("coupon", "0.00");
	pay("bacs", "5.00");
	pay("ideal", "20.005");
	d.incl.e6 = 25010000;
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_OK);
	assert_int_equal(d.payments_n, 1);
	assert_string_equal(d.payments[0].account, "bank");
	assert_string_equal(d.payments[0].method, "ideal");
	assert_int_equal(d.payments[0].amount.e6, 20010000);
}

static void
no_rule(void **state)
{
	(void)state;
	currency("EUR");
	pay("klarna", "5.00");
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_OK);
	assert_int_equal(d.payments_n, 0);
	rule("ideal", "bank");
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_REJECT);
	assert_int_equal(why.why, M_PAYMENT_RULE);
	assert_non_null(strstr(why.text, "payments: {klarna: \"...\"}"));
	/* what may be anybody's words is kept apart */
	(void)str_copy(s.payments[0].method, 48, "paid by A. Jansen");
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_REJECT);
	assert_null(strstr(why.text, "Jansen"));
	assert_string_equal(why.detail, "paid by A. Jansen");
}

static void
too_much(void **state)
{
	(void)state;
	currency("EUR");
	rule("default", LEDGER_IGNORE);
	pay("bacs", "5.00");
	d.incl.e6--;
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_REJECT);
	assert_int_equal(why.why, M_TOTAL);
	/* money that goes back counts the same */
	s.payments[0].amount.e6 = -5000000;
	d.incl.e6 = -5000000;
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_OK);
	d.incl.e6 = -4990000;
	assert_int_equal(tender_payments(&t, &d, &s, &why), RC_REJECT);
}

static void
decimals(void **state)
{
	static const struct { const char *currency; int64_t e6; } table[] = {
		{ "JPY", 12000000 }, { "EUR", 12350000 },
		{ "KWD", 12346000 } };

	(void)state;
	rule("default", "bank");
	pay("cash", "12.3456");
	d.incl.e6 = 13000000;
	for (size_t i = 0; i < COUNT(table); i++) {
		currency(table[i].currency);
		d.payments_n = 0;
		assert_int_equal(tender_payments(&t, &d, &s, &why), RC_OK);
		assert_int_equal(d.payments[0].amount.e6, table[i].e6);
	}
}

static void
rates(void **state)
{
	(void)state;
	currency("EUR");
	s.rate.e6 = 1100000;		/* of euros in euros: no matter */
	assert_int_equal(tender_rate(&t, &d, &s, &why), RC_OK);
	assert_int_equal(d.rate.e6, 0);
	assert_string_equal(d.own, "EUR");
	currency("USD");
	(void)str_copy(s.rate_source, sizeof(s.rate_source), "ECB");
	assert_int_equal(tender_rate(&t, &d, &s, &why), RC_OK);
	assert_int_equal(d.rate.e6, 1100000);
	assert_string_equal(d.rate_source, "ECB");
	s.rate.e6 = 0;
	s.rate_source[0] = '\0';
	assert_int_equal(tender_rate(&t, &d, &s, &why), RC_OK);
	assert_int_equal(d.rate.e6, 0);
	rules_pair_add(&t.rules.exchange, &t.rules.exchange_n, "GBP", "1.1",
	    1);
	assert_int_equal(tender_rate(&t, &d, &s, &why), RC_REJECT);
	assert_int_equal(why.why, M_EXCHANGE);
	assert_string_equal(why.text,
	    "USD; add under rules: exchange: {USD: \"...\"}");
	t.books.connector = &none;
	assert_int_equal(tender_rate(&t, &d, &s, &why), RC_OK);
	t.books.connector = &asks;
	rules_pair_add(&t.rules.exchange, &t.rules.exchange_n, "USD", "0.9",
	    1);
	assert_int_equal(tender_rate(&t, &d, &s, &why), RC_OK);
	assert_int_equal(d.rate.e6, 900000);
	assert_string_equal(d.rate_source, "rules");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(their_accounts, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(no_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(too_much, setup, teardown),
		cmocka_unit_test_setup_teardown(decimals, setup, teardown),
		cmocka_unit_test_setup_teardown(rates, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
