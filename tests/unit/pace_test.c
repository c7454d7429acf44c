/*
 * pace_test.c - no minute, wherever it starts, holds more than the rate, and
 * the rate is nearly reached.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pace.h"
#include "str.h"

#define N 2000

/* Ask as fast as allowed; at[] is when each request went. */
static void
run(int rate, int64_t start_ms, int64_t at[N])
{
	int64_t now_ms = start_ms;
	struct pace p;

	pace_init(&p, rate);
	for (int i = 0; i < N; i++) {
		now_ms += pace_take(&p, now_ms);
		at[i] = now_ms;
	}
}

static void
test_window(void **state)
{
	static const int rates[] = { 1, 2, 7, 19, 20, 30, 60, 100, 150, 300,
	    600, 999 };
	static int64_t at[N];

	(void)state;
	for (size_t r = 0; r < COUNT(rates); r++) {
		int most = 0;

		run(rates[r], 1000000, at);
		for (int i = 0, j = 0; j < N; j++) {
			while (at[j] - at[i] >= 60000)
				i++;
			if (j - i + 1 > most)
				most = j - i + 1;
		}
		assert_true(most <= rates[r]);
		/* the even pace costs no more than a tenth and the rounding */
		assert_true(at[N - 1] - at[0] <=
		    (int64_t)N * 60000 / rates[r] * 12 / 10);
	}
}

static void
test_burst(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 150);
	for (int i = 0; i < 15; i++)
		assert_int_equal(pace_take(&p, 5000), 0);
	assert_int_equal(pace_take(&p, 5000), 442);
	/* after a long pause the burst is there again, and no larger */
	for (int i = 0; i < 15; i++)
		assert_int_equal(pace_take(&p, 900000), 0);
	assert_int_equal(pace_take(&p, 900000), 442);
	pace_init(&p, 1);
	assert_int_equal(pace_take(&p, 5000), 0);
	assert_int_equal(pace_take(&p, 5000), 60000);
}

static void
test_any(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(pace_take(&p, 1), 0);
	pace_init(&p, -3);
	assert_int_equal(pace_take(&p, 1), 0);
	pace_init(&p, 1000000);
	assert_int_equal(pace_take(&p, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
