/*
 * plan_test.c - when a term is over, to the second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan.h"

#define END_AT 1700000000

static void
test_over(void **state)
{
	struct plan p = { .now = END_AT - 1 };

	(void)state;
	assert_false(plan_over(&p, END_AT));
	p.now = END_AT;
	assert_true(plan_over(&p, END_AT));
	assert_false(plan_over(&p, 0));		/* without an end */
}

/* Within the three months after the statutory term a thing may go, and is not
 * overdue. */
static void
test_count(void **state)
{
	struct plan p = { .now = END_AT - 1 };
	struct plan_row r = { .tenant = NULL };

	(void)state;
	plan_count(&p, &r, 5, END_AT, END_AT + 10);
	plan_count(&p, &r, 4, 0, 0);
	assert_int_equal(r.kept, 2);
	assert_int_equal(r.gone, 0);
	assert_int_equal(r.oldest_at, 4);
	assert_int_equal(r.next_at, END_AT);
	assert_int_equal(r.due_at, END_AT + 10);
	p.now = END_AT + 9;
	plan_count(&p, &r, 5, END_AT, END_AT + 10);
	assert_int_equal(r.gone, 1);
	assert_int_equal(r.overdue, 0);
	p.now = END_AT + 10;
	plan_count(&p, &r, 5, END_AT, END_AT + 10);
	assert_int_equal(r.gone, 2);
	assert_int_equal(r.overdue, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
