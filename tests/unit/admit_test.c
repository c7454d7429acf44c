/*
 * admit_test.c - which sales are booked, when, and how a refund follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admit.h"
#include "fate.h"
#include "str.h"

#define NOON INT64_C(1793534400)	/* 2026-11-01 12:00 UTC */
#define DAY INT64_C(86400)

static char failed[] = "failed", onhold[] = "on-hold", pos[] = "pos",
    nl[] = "NL", refund[] = "refund", order[] = "order", b2b[] = "b2b",
    till[] = "till";

static struct condition_word bad_status[] = { { ON_STATUS, failed },
	{ ON_STATUS, onhold } };
static struct condition_word pos_in_nl[] = { { ON_CHANNEL, pos },
	{ ON_COUNTRY, nl } };
static struct condition_word refunds[] = { { ON_KIND, refund },
	{ ON_CHANNEL, pos } };
static struct condition_word orders[] = { { ON_KIND, order },
	{ ON_TAG, b2b } };
static struct condition_word of_till[] = { { ON_SOURCE, till } };

static char zone[] = "Europe/Amsterdam";
static struct config cfg = { .zone = zone };
static struct tenant t;
static struct condition list[3];
static struct sale s;
static struct admit a;

static void
begin(void)
{
	t = (struct tenant){ .name = NULL };
	sale_init(&s);
	(void)str_copy(s.source, sizeof(s.source), "shop");
	(void)str_copy(s.id, sizeof(s.id), "1001");
	s.placed_at = NOON;
	s.incl.e6 = 20000000;
}

/* Under `skip` (or `only`) this condition alone. */
static void
put(struct conditions *where, struct condition_word *words, size_t n)
{
	list[where->n] = (struct condition){ .words = words, .n = n };
	where->c = list;
	where->n++;
}

static enum rc
admit(enum admit_case how)
{
	return admit_sale(&cfg, &t, &s, how, &a);
}

static void
test_presets(void **state)
{
	(void)state;
	begin();
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-01");
	assert_string_equal(a.note, "");
	s.placed_at = NOON + 11 * 3600 + 1800;	/* 00:30 in the zone */
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-02");
}

static void
test_skip(void **state)
{
	char text[80];

	(void)state;
	begin();
	put(&t.rules.skip, bad_status, 2);
	put(&t.rules.skip, pos_in_nl, 2);
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	(void)str_copy(s.status, sizeof(s.status), "On-Hold");
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	assert_int_equal(a.left, ADMIT_SKIP);
	(void)str_copy(s.status, sizeof(s.status), "completed");
	(void)str_copy(s.channel, sizeof(s.channel), pos);
	(void)str_copy(s.debtor.country, 3, "BE");
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	(void)str_copy(s.debtor.country, 3, "NL");
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	assert_int_equal(a.left, ADMIT_SKIP + 1);
	admit_words(a.left, text, sizeof(text));
	assert_string_equal(text, "condition 2 under skip holds");
	assert_int_equal(admit_reasons(&t), ADMIT_SKIP + 2);
}

static void
test_only(void **state)
{
	(void)state;
	begin();
	put(&t.rules.only, of_till, 1);
	put(&t.rules.only, orders, 2);
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	assert_int_equal(a.left, ADMIT_ONLY);
	(void)str_copy(s.tags[s.tags_n++], SALE_NAME, "vip");
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	(void)str_copy(s.tags[s.tags_n++], SALE_NAME, "B2B");
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	s.kind = SALE_RECEIPT;
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	(void)str_copy(s.source, sizeof(s.source), "till");
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
}

static void
test_paid(void **state)
{
	(void)state;
	begin();
	t.rules.book_on = BOOK_ON_PAID;
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	assert_int_equal(a.left, ADMIT_UNPAID);
	s.payments_n = 1;
	s.payments[0].amount.e6 = 19990000;
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	s.payments[0].amount.e6 = 20000000;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-01");
	s.payments_n = 0;
	s.paid_at = NOON + 3 * DAY;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-04");
	s.paid_at = 0;
	s.kind = SALE_RECEIPT;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	s.kind = SALE_ORDER;
	s.incl.e6 = 0;			/* nothing to pay */
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
}

static void
test_shipped(void **state)
{
	(void)state;
	begin();
	t.rules.book_on = BOOK_ON_SHIPPED;
	s.paid_at = NOON;
	assert_int_equal(admit(ADMIT_NEW), RC_END);
	assert_int_equal(a.left, ADMIT_UNSHIPPED);
	s.shipped_at = NOON + 5 * DAY;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-06");
}

static void
test_closed(void **state)
{
	(void)state;
	begin();
	t.rules.closed_until = (struct day){ 2026, 10, 31 };
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	t.rules.closed_until = (struct day){ 2026, 11, 1 };
	assert_int_equal(admit(ADMIT_NEW), RC_REJECT);
	assert_int_equal(a.why.why, M_CLOSED);
	assert_string_equal(a.why.text, "2026-11-01");
	assert_int_equal(admit(ADMIT_UNDER_WAY), RC_OK);
	assert_string_equal(a.date, "2026-11-01");
	t.rules.closed = CLOSED_NEXT;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-02");
	assert_string_equal(a.note, "True date 2026-11-01, in a closed period");
	cfg.language = LANGUAGE_NL;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.note,
	    "Ware datum 2026-11-01, in een afgesloten periode");
	t.has_language = true;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.note, "True date 2026-11-01, in a closed period");
	s.kind = SALE_REFUND;
	assert_int_equal(admit(ADMIT_ORDER_BOOKED), RC_OK);
	assert_string_equal(a.date, "2026-11-02");
	t.rules.book_on = BOOK_ON_PAID;	/* what counts is the day of payment */
	s.kind = SALE_ORDER;
	s.paid_at = NOON + DAY;
	assert_int_equal(admit(ADMIT_NEW), RC_OK);
	assert_string_equal(a.date, "2026-11-02");
	assert_string_equal(a.note, "");
}

static void
test_refund(void **state)
{
	(void)state;
	begin();
	s.kind = SALE_REFUND;
	s.incl.e6 = -20000000;
	put(&t.rules.skip, bad_status, 2);
	put(&t.rules.skip, refunds, 2);
	(void)str_copy(s.status, sizeof(s.status), failed);
	/* Its order is booked, whatever became of that since. */
	assert_int_equal(admit(ADMIT_ORDER_BOOKED), RC_OK);
	(void)str_copy(s.channel, sizeof(s.channel), pos);
	assert_int_equal(admit(ADMIT_ORDER_BOOKED), RC_END);
	assert_int_equal(a.left, ADMIT_SKIP + 1);
	s.channel[0] = '\0';
	assert_int_equal(admit(ADMIT_ORDER_LEFT), RC_END);
	assert_int_equal(a.left, ADMIT_ITS_ORDER);
	assert_int_equal(admit(ADMIT_ORDER_UNKNOWN), RC_END);
	assert_int_equal(a.left, ADMIT_SKIP);
	(void)str_copy(s.status, sizeof(s.status), "completed");
	assert_int_equal(admit(ADMIT_ORDER_UNKNOWN), RC_REJECT);
	assert_int_equal(a.why.why, M_REFUND_LONE);
	/* A condition on orders: it may be of a receipt that was refused. */
	begin();
	s.kind = SALE_REFUND;
	put(&t.rules.skip, orders, 2);
	(void)str_copy(s.tags[s.tags_n++], SALE_NAME, b2b);
	assert_int_equal(admit(ADMIT_ORDER_UNKNOWN), RC_REJECT);
	assert_int_equal(admit(ADMIT_ORDER_BOOKED), RC_OK);
	begin();
	s.kind = SALE_REFUND;
	t.rules.book_on = BOOK_ON_SHIPPED;
	put(&t.rules.only, of_till, 1);
	assert_int_equal(admit(ADMIT_ORDER_BOOKED), RC_OK);
	assert_int_equal(admit(ADMIT_ORDER_UNKNOWN), RC_END);
}

static void
test_fates(void **state)
{
	struct fates f = { .n = 0 };
	char id[SALE_ID];

	(void)state;
	begin();
	assert_int_equal(fate_of(&f, "shop", SALE_ORDER, "1"), FATE_NONE);
	for (int i = 0; i < 10000; i++) {
		(void)str_fmt(s.id, sizeof(s.id), "%d", i);
		fate_set(&f, &s, i % 2 == 0 ? FATE_LEFT : FATE_BOOKED);
	}
	assert_int_equal(f.n, 10000);
	for (int i = 0; i < 10000; i++) {
		(void)str_fmt(id, sizeof(id), "%d", i);
		assert_int_equal(fate_of(&f, "shop", SALE_ORDER, id),
		    i % 2 == 0 ? FATE_LEFT : FATE_BOOKED);
		assert_int_equal(fate_of(&f, "shop", SALE_RECEIPT, id),
		    FATE_NONE);
		assert_int_equal(fate_of(&f, "till", SALE_ORDER, id),
		    FATE_NONE);
	}
	fate_set(&f, &s, FATE_LEFT);
	assert_int_equal(fate_of(&f, "shop", SALE_ORDER, "9999"), FATE_LEFT);
	assert_int_equal(f.n, 10000);
	fate_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_only),
		cmocka_unit_test(test_paid),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_refund),
		cmocka_unit_test(test_fates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
