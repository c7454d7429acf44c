/*
 * vatrate_test.c - rates by day: both sides of each change, and no gap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "money.h"
#include "str.h"
#include "vatrate.h"

static int32_t
rate(const char *text)
{
	int32_t rate_e4 = -1;

	assert_int_equal(money_parse_rate(text, &rate_e4), RC_OK);
	return rate_e4;
}

static void
day_before(char out[CLOCK_DAY], const char *day)
{
	struct day d;

	assert_int_equal(clock_day_parse(day, &d), RC_OK);
	clock_day_print(out, clock_day_add(d, -1));
}

/* The first day of a rate, the day after its last, or both. */
static const struct { const char *country, *rate, *first, *gone; } changes[] = {
	{ "AT", "13", "2016-01-01", NULL },
	{ "AT", "12", NULL, "2016-01-01" },
	{ "AT", "5", "2020-07-01", "2022-01-01" },
	{ "AT", "4.9", "2026-07-01", NULL },
	{ "CH", "8", NULL, "2018-01-01" },
	{ "CH", "7.7", "2018-01-01", "2024-01-01" },
	{ "CH", "8.1", "2024-01-01", NULL },
	{ "CH", "2.5", NULL, "2024-01-01" },
	{ "CH", "2.6", "2024-01-01", NULL },
	{ "CZ", "15", NULL, "2024-01-01" },
	{ "CZ", "10", NULL, "2024-01-01" },
	{ "CZ", "12", "2024-01-01", NULL },
	{ "DE", "19", NULL, "2020-07-01" },
	{ "DE", "16", "2020-07-01", "2021-01-01" },
	{ "DE", "5", "2020-07-01", "2021-01-01" },
	{ "DE", "7", "2021-01-01", NULL },
	{ "EE", "20", NULL, "2024-01-01" },
	{ "EE", "22", "2024-01-01", "2025-07-01" },
	{ "EE", "24", "2025-07-01", NULL },
	{ "EE", "13", "2025-01-01", NULL },
	{ "ES", "5", "2022-07-01", "2024-10-01" },
	{ "ES", "7.5", "2024-10-01", "2025-01-01" },
	{ "FI", "24", NULL, "2024-09-01" },
	{ "FI", "25.5", "2024-09-01", NULL },
	{ "FI", "14", NULL, "2026-01-01" },
	{ "FI", "13.5", "2026-01-01", NULL },
	{ "GB", "12.5", "2021-10-01", "2022-04-01" },
	{ "GR", "23", NULL, "2016-06-01" },
	{ "EL", "24", "2016-06-01", NULL },
	{ "GR", "6.5", NULL, "2015-07-20" },
	{ "IE", "23", NULL, "2020-09-01" },
	{ "IE", "21", "2020-09-01", "2021-03-01" },
	{ "IE", "23", "2021-03-01", NULL },
	{ "IT", "5", "2016-01-01", NULL },
	{ "LT", "9", NULL, "2026-01-01" },
	{ "LT", "12", "2026-01-01", NULL },
	{ "LU", "17", NULL, "2023-01-01" },
	{ "LU", "16", "2023-01-01", "2024-01-01" },
	{ "LU", "13", "2023-01-01", "2024-01-01" },
	{ "LU", "7", "2023-01-01", "2024-01-01" },
	{ "LU", "8", "2024-01-01", NULL },
	{ "LV", "5", "2018-01-01", NULL },
	{ "MT", "12", "2024-01-01", NULL },
	{ "NL", "6", NULL, "2019-01-01" },
	{ "NL", "9", "2019-01-01", NULL },
	{ "NO", "12", "2018-01-01", "2020-04-01" },
	{ "NO", "6", "2020-04-01", "2021-10-01" },
	{ "PT", "16", "2021-07-01", NULL },
	{ "RO", "24", NULL, "2016-01-01" },
	{ "RO", "20", "2016-01-01", "2017-01-01" },
	{ "RO", "19", "2017-01-01", "2025-08-01" },
	{ "RO", "21", "2025-08-01", NULL },
	{ "RO", "11", "2025-08-01", NULL },
	{ "RO", "9", NULL, "2025-08-01" },
	{ "SI", "5", "2020-01-01", NULL },
	{ "SK", "20", NULL, "2025-01-01" },
	{ "SK", "23", "2025-01-01", NULL },
	{ "SK", "19", "2025-01-01", NULL },
	{ "XI", "12.5", "2021-10-01", "2022-04-01" },
};

static void
test_changes(void **state)
{
	char before[CLOCK_DAY];

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const char *c = changes[i].country, *first = changes[i].first;
		const char *gone = changes[i].gone;
		int32_t r = rate(changes[i].rate);

		if (first != NULL) {
			day_before(before, first);
			assert_true(vatrate_on(c, r, first));
			assert_false(vatrate_on(c, r, before));
		}
		if (gone != NULL) {
			day_before(before, gone);
			assert_true(vatrate_on(c, r, before));
			assert_false(vatrate_on(c, r, gone));
			assert_true(vatrate_until(c, r, gone));
		}
	}
}

static void
test_never(void **state)
{
	static const struct { const char *country, *rate; } never[] = {
		{ "NL", "20" }, { "NL", "19" }, { "BE", "20" }, { "DE", "21" },
		{ "FR", "19.6" }, { "FR", "21" }, { "ES", "18" },
		{ "IT", "21" }, { "GB", "17.5" }, { "HU", "25" },
		{ "PL", "22" }, { "SE", "24" }, { "DK", "20" },
		{ "CH", "7.6" }, { "NO", "24" }, { "NL", "21.01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(never); i++)
		assert_false(vatrate_until(never[i].country,
		    rate(never[i].rate), "9999-12-31"));
}

/* Of what is not known nothing is called wrong. */
static void
test_unknown(void **state)
{
	(void)state;
	assert_true(vatrate_on("US", rate("8.875"), "2026-01-01"));
	assert_true(vatrate_on("", rate("21"), "2026-01-01"));
	assert_true(vatrate_on("NL", 0, "2026-01-01"));
	assert_true(vatrate_on("NL", rate("19"), "2012-09-30"));
	assert_true(vatrate_on("MC", rate("20"), "2026-01-01"));
	assert_false(vatrate_on("MC", rate("21"), "2026-01-01"));
	assert_true(vatrate_on("UK", rate("20"), "2026-01-01"));
	assert_string_equal(vatrate_country("EL"), "GR");
	assert_string_equal(vatrate_country("XI"), "XI");
	assert_string_equal(vatrate_country(""), "");
}

/* The standard rate of each day: there, and nothing above it. */
static const struct {
	const char *country;
	struct { const char *from, *rate; } s[4];
} standards[] = {
	{ "AT", { { "2015-01-01", "20" } } },
	{ "BE", { { "2015-01-01", "21" } } },
	{ "BG", { { "2015-01-01", "20" } } },
	{ "CY", { { "2015-01-01", "19" } } },
	{ "CZ", { { "2015-01-01", "21" } } },
	{ "DE", { { "2015-01-01", "19" }, { "2020-07-01", "16" },
	    { "2021-01-01", "19" } } },
	{ "DK", { { "2015-01-01", "25" } } },
	{ "EE", { { "2015-01-01", "20" }, { "2024-01-01", "22" },
	    { "2025-07-01", "24" } } },
	{ "ES", { { "2015-01-01", "21" } } },
	{ "FI", { { "2015-01-01", "24" }, { "2024-09-01", "25.5" } } },
	{ "FR", { { "2015-01-01", "20" } } },
	{ "GB", { { "2015-01-01", "20" } } },
	{ "GR", { { "2015-01-01", "23" }, { "2016-06-01", "24" } } },
	{ "HR", { { "2015-01-01", "25" } } },
	{ "HU", { { "2015-01-01", "27" } } },
	{ "IE", { { "2015-01-01", "23" }, { "2020-09-01", "21" },
	    { "2021-03-01", "23" } } },
	{ "IT", { { "2015-01-01", "22" } } },
	{ "LT", { { "2015-01-01", "21" } } },
	{ "LU", { { "2015-01-01", "17" }, { "2023-01-01", "16" },
	    { "2024-01-01", "17" } } },
	{ "LV", { { "2015-01-01", "21" } } },
	{ "MT", { { "2015-01-01", "18" } } },
	{ "NL", { { "2015-01-01", "21" } } },
	{ "NO", { { "2015-01-01", "25" } } },
	{ "PL", { { "2015-01-01", "23" } } },
	{ "PT", { { "2015-01-01", "23" } } },
	{ "RO", { { "2015-01-01", "24" }, { "2016-01-01", "20" },
	    { "2017-01-01", "19" }, { "2025-08-01", "21" } } },
	{ "SE", { { "2015-01-01", "25" } } },
	{ "SI", { { "2015-01-01", "22" } } },
	{ "SK", { { "2015-01-01", "20" }, { "2025-01-01", "23" } } },
	{ "XI", { { "2015-01-01", "20" } } },
	{ "CH", { { "2015-01-01", "8" }, { "2018-01-01", "7.7" },
	    { "2024-01-01", "8.1" } } },
};

static void
test_standard(void **state)
{
	struct day d = { 2015, 1, 1 };
	char day[CLOCK_DAY];
	size_t now[COUNT(standards)] = { 0 };

	(void)state;
	for (; d.year < 2027; d = clock_day_add(d, 1)) {
		clock_day_print(day, d);
		for (size_t i = 0; i < COUNT(standards); i++) {
			const char *c = standards[i].country;
			int32_t r;

			if (now[i] < 3 && standards[i].s[now[i] + 1].from !=
			    NULL && str_eq(standards[i].s[now[i] + 1].from,
			    day))
				now[i]++;
			r = rate(standards[i].s[now[i]].rate);
			if (!vatrate_on(c, r, day))
				fail_msg("%s lacks its rate on %s", c, day);
			for (r += 5000; r < 300000; r += 5000)
				if (r % 10000 == 0 || r == 255000)
					assert_false(vatrate_on(c, r, day));
		}
	}
	assert_int_equal(now[0], 0);
	assert_int_equal(now[5], 2);
}

/* Right on a day is right on that day and before; and once right before, for
 * good. */
static void
test_before(void **state)
{
	static const char *const rates[] = { "5", "7", "9", "12", "16", "19",
	    "20", "21", "23", "25.5" };
	struct day d = { 2015, 1, 1 };
	char day[CLOCK_DAY];

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const char *c = changes[i].country;

		for (size_t j = 0; j < COUNT(rates); j++) {
			bool once = false;

			for (int n = 0; n < 4383; n += 31) {
				clock_day_print(day, clock_day_add(d, n));
				once = once || vatrate_on(c, rate(rates[j]),
				    day);
				assert_int_equal(vatrate_until(c,
				    rate(rates[j]), day), once);
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_standard),
		cmocka_unit_test(test_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
