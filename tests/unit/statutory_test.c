/*
 * statutory_test.c - the last second of an invoice's term, and the first one
 * after it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "statutory.h"
#include "str.h"

#define ZONE "Europe/Amsterdam"

static struct day
day(const char *text)
{
	struct day d = { 0, 0, 0 };

	assert_int_equal(clock_day_parse(text, &d), RC_OK);
	return d;
}

/* The last day on which it must be kept, and the last on which it may be. */
static void
check(const char *date, enum invoice_term term, const char *year_end,
    const char *kept, const char *gone)
{
	struct statutory s = statutory_of(day(date), term, day(year_end),
	    ZONE);
	char text[CLOCK_DAY];

	clock_day_print(text, clock_day_of(s.end_at - 1, ZONE));
	assert_string_equal(text, kept);
	clock_day_print(text, clock_day_of(s.end_at, ZONE));
	assert_string_not_equal(text, kept);
	clock_day_print(text, clock_day_of(s.due_at - 1, ZONE));
	assert_string_equal(text, gone);
	clock_day_print(text, clock_day_of(s.due_at, ZONE));
	assert_string_not_equal(text, gone);
}

static void
test_terms(void **state)
{
	static const struct {
		const char *date;
		enum invoice_term term;
		const char *year_end, *kept, *gone;
	} rows[] = {
		/* the calendar year */
		{ "2026-01-01", INVOICE_ORDINARY, "2000-12-31", "2033-12-31",
		    "2034-03-31" },
		{ "2026-12-31", INVOICE_ORDINARY, "2000-12-31", "2033-12-31",
		    "2034-03-31" },
		{ "2027-01-01", INVOICE_ORDINARY, "2000-12-31", "2034-12-31",
		    "2035-03-31" },
		{ "2026-06-30", INVOICE_PROPERTY, "2000-12-31", "2036-12-31",
		    "2037-03-31" },
		{ "2026-06-30", INVOICE_OSS, "2000-12-31", "2036-12-31",
		    "2037-03-31" },
		/* a broken one; the One Stop Shop does not care */
		{ "2026-06-30", INVOICE_ORDINARY, "2000-06-30", "2033-06-30",
		    "2033-09-30" },
		{ "2026-07-01", INVOICE_ORDINARY, "2000-06-30", "2034-06-30",
		    "2034-09-30" },
		{ "2026-07-01", INVOICE_PROPERTY, "2000-06-30", "2037-06-30",
		    "2037-09-30" },
		{ "2026-07-01", INVOICE_OSS, "2000-06-30", "2036-12-31",
		    "2037-03-31" },
		/* the last day of February; of the 30th three months on */
		{ "2028-02-29", INVOICE_ORDINARY, "2000-02-29", "2035-02-28",
		    "2035-05-28" },
		{ "2027-02-28", INVOICE_ORDINARY, "2000-02-29", "2034-02-28",
		    "2034-05-28" },
		{ "2027-03-01", INVOICE_ORDINARY, "2000-02-29", "2035-02-28",
		    "2035-05-28" },
		{ "2028-02-29", INVOICE_ORDINARY, "2000-02-28", "2036-02-28",
		    "2036-05-28" },
		{ "2026-11-30", INVOICE_ORDINARY, "2000-11-30", "2033-11-30",
		    "2034-02-28" },
		{ "1999-05-01", INVOICE_ORDINARY, "2000-04-30", "2007-04-30",
		    "2007-07-30" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].date, rows[i].term, rows[i].year_end,
		    rows[i].kept, rows[i].gone);
}

/* Midnight in the operator's zone, summer time too. */
static void
test_moments(void **state)
{
	struct statutory s = statutory_of(day("2026-05-05"), INVOICE_ORDINARY,
	    day("2000-12-31"), ZONE);
	int64_t at = 0;

	(void)state;
	assert_int_equal(clock_parse("2033-12-31T23:00:00Z", &at), RC_OK);
	assert_int_equal(s.end_at, at);
	assert_int_equal(clock_parse("2034-03-31T22:00:00Z", &at), RC_OK);
	assert_int_equal(s.due_at, at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
