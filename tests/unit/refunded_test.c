/*
 * refunded_test.c - what went back of an order, through whatever happens to
 * the records of its refunds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "refunded.h"
#include "shelf.h"

static struct store *s;
static struct sale_key order, one, two;

static void
begin(void)
{
	s = open_store(STORE_MAKE);
	order = key_of(s, "1");
	store_sale_key(s, "shop", SALE_REFUND, "11", 0, &one);
	store_sale_key(s, "shop", SALE_REFUND, "12", 0, &two);
	assert_int_equal(store_begin(s), RC_OK);
}

/* As outcome.c does it. */
static void
pay_back(const struct sale_key *refund, int64_t excl, int64_t incl)
{
	struct record r = { { -excl }, { -incl } };

	store_sale_put(s, refund, &r);
	refunded_add(s, &order, refund, &r);
}

static void
gone(const struct sale_key *but, int64_t excl, int64_t incl)
{
	struct record r = { { 1 }, { 1 } };

	assert_int_equal(refunded_sum(s, &order, but, &r), RC_OK);
	assert_int_equal(r.excl.e6, -excl);
	assert_int_equal(r.incl.e6, -incl);
}

static void
end(void)
{
	assert_int_equal(store_commit(s), RC_OK);
	store_close(s);
}

static void
test_sum(void **state)
{
	struct store_counts n;

	(void)state;
	begin();
	gone(&one, 0, 0);
	pay_back(&one, 50, 60);
	gone(&two, 50, 60);
	gone(&one, 50, 60);
	pay_back(&two, 5, 6);
	gone(&one, 55, 66);
	end();
	s = open_store(STORE_WRITE);
	gone(&one, 55, 66);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.refunded, 1);
	assert_int_equal(n.sales, 2);
	store_close(s);
}

/* A refund whose order an older program did not note. */
static void
test_unknown(void **state)
{
	struct sale_key nobody = { { 0 } };
	struct record r = { { -1 }, { -1 } };
	struct store_counts n;

	(void)state;
	begin();
	refunded_add(s, &nobody, &one, &r);
	end();
	s = open_store(STORE_READ);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.refunded, 0);
	store_close(s);
}

/* Dropped, it still counts for the others and no longer for itself; booked
 * again it counts once, with its new amounts. */
static void
test_drop(void **state)
{
	struct store_counts n;
	struct record r;

	(void)state;
	begin();
	pay_back(&one, 50, 60);
	pay_back(&two, 5, 6);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(refunded_drop(s, &one), RC_OK);
		assert_int_equal(store_sale_get(s, &one, &r), RC_END);
		gone(&two, 55, 66);
		gone(&one, 5, 6);
	}
	pay_back(&one, 40, 48);
	gone(&one, 45, 54);
	gone(&two, 45, 54);
	assert_int_equal(refunded_drop(s, &two), RC_OK);
	gone(&two, 40, 48);
	pay_back(&two, 5, 6);
	gone(&two, 45, 54);
	end();
	s = open_store(STORE_READ);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.refunded, 1);
	store_close(s);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sum),
		TEST(test_unknown),
		TEST(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
