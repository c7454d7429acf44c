/*
 * clock_test.c - parsing and printing of moments, civil dates in zones, and
 * terms of months against a reference that is written another way.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "clock.h"
#include "str.h"

#define AMS "Europe/Amsterdam"

static int64_t
moment(const char *text)
{
	int64_t at = -1;

	if (clock_parse(text, &at) != RC_OK)
		fail_msg("%s", text);
	return at;
}

static void
assert_moment(int64_t at, const char *text)
{
	char iso[CLOCK_ISO];

	clock_iso(iso, at);
	assert_string_equal(iso, text);
	assert_true(at == moment(text));
}

static void
test_parse_good(void **state)
{
	static const struct { const char *text; int64_t at; } good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-01T12:00:00Z", 1793534400 },
		{ "2026-11-01T12:00:00", 1793534400 },
		{ "2026-11-01 12:00:00", 1793534400 },
		{ "2026-11-01t12:00:00z", 1793534400 },
		{ "2026-11-01T12:00:00.999999999Z", 1793534400 },
		{ "2026-11-01 12:00:00.5", 1793534400 },
		{ "2026-11-01T13:00:00+01:00", 1793534400 },
		{ "2026-11-01T13:00:00.25+01:00", 1793534400 },
		{ "2026-11-01T06:30:00-05:30", 1793534400 },
		{ "2026-11-02T11:59:00+23:59", 1793534400 },
		{ "2026-11-01T12:00:00-00:00", 1793534400 },
		{ "2026-11-01", 1793491200 },
		{ "2024-02-29", 1709164800 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799) },
		{ "1970-01-01T00:00:00-01:00", 3600 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		if (moment(good[i].text) != good[i].at)
			fail_msg("%s", good[i].text);
}

static void
test_parse_bad(void **state)
{
	static const char *const bad[] = { "", "x", "2026", "2026-11",
		"2026-11-1", "2026-1-01", "26-11-01", "2026/11/01",
		"2026-00-01", "2026-13-01", "2026-11-00", "2026-11-31",
		"2026-02-29", "1900-02-29", "2100-02-29", "0000-01-01",
		"1969-12-31", "1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+01:00", "1969-12-31T23:30:00-01:00",
		"9999-12-31T23:59:59-01:00", "10000-01-01", "+2026-11-01",
		" 2026-11-01", "2026-11-01 ", "2026-11-01T", "2026-11-01Z",
		"2026-11-01T12", "2026-11-01T12:00", "2026-11-01T12:00Z",
		"2026-11-01T12:00:0", "2026-11-01T24:00:00",
		"2026-11-01T12:60:00", "2026-11-01T12:00:60",
		"2026-11-01T12:59:61", "2026-11-01T12:00:00.",
		"2026-11-01T12:00:00.Z", "2026-11-01T12:00:00,5Z",
		"2026-11-01T12:00:00 Z", "2026-11-01T12:00:00Z ",
		"2026-11-01T12:00:00ZZ", "2026-11-01T12:00:00+",
		"2026-11-01T12:00:00+1:00", "2026-11-01T12:00:00+0100",
		"2026-11-01T12:00:00+24:00", "2026-11-01T12:00:00+01:60",
		"2026-11-01T12:00:00+01:000", "2026-11-01T12:00:00+01:00Z",
		"2026-11-01  12:00:00", "20261101T120000Z", "2026-11-01X",
		"2026-11-0\xb2", "-026-11-01", "2026-11--1" };
	int64_t at = 7;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		if (clock_parse(bad[i], &at) != RC_REJECT)
			fail_msg("%s", bad[i]);
	assert_int_equal(at, 7);
}

static void
test_http(void **state)
{
	static const char *const bad[] = { "", "-1", "1.5", "12 ", "soon",
		"253402300800", "99999999999999999999",
		"Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 6 Nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nox 1994 08:49:37 GMT",
		"Son, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:60 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Wed, 31 Dec 1969 23:59:59 GMT" };
	int64_t at = 7, now;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		if (clock_parse_http(bad[i], &at) != RC_REJECT)
			fail_msg("%s", bad[i]);
	assert_int_equal(at, 7);
	assert_int_equal(clock_parse_http("Sun, 06 Nov 1994 08:49:37 GMT",
	    &at), RC_OK);
	assert_int_equal(at, 784111777);
	assert_int_equal(clock_parse_http("Mon, 31 Dec 2016 23:59:60 GMT",
	    &at), RC_OK);
	assert_int_equal(at, 1483228800);
	assert_int_equal(clock_parse_http("Thu, 01 Jan 1970 00:00:00 GMT",
	    &at), RC_OK);
	assert_int_equal(at, 0);
	assert_int_equal(clock_parse_http("1000000000", &at), RC_OK);
	assert_int_equal(at, 1000000000);
	assert_int_equal(clock_parse_http("253402300799", &at), RC_OK);
	now = clock_now();
	assert_int_equal(clock_parse_http("120", &at), RC_OK);
	assert_true(at >= now + 120 && at <= clock_now() + 120);
	assert_int_equal(clock_parse_http("0", &at), RC_OK);
	assert_true(at >= now && at <= clock_now());
	assert_int_equal(clock_parse_http("999999999", &at), RC_OK);
	assert_true(at >= now + 999999999);
}

static void
test_iso(void **state)
{
	char iso[CLOCK_ISO];

	(void)state;
	assert_moment(0, "1970-01-01T00:00:00Z");
	assert_moment(1793534400, "2026-11-01T12:00:00Z");
	assert_moment(INT64_C(253402300799), "9999-12-31T23:59:59Z");
	clock_iso(iso, -1);
	assert_string_equal(iso, "1970-01-01T00:00:00Z");
	clock_iso(iso, INT64_MAX);
	assert_string_equal(iso, "9999-12-31T23:59:59Z");
}

/* Every day from 1970 to 9999, counted one by one with the calendar's rule. */
static void
test_days(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	struct day d = { 1970, 1, 1 }, parsed;
	int64_t number = 0;
	char text[CLOCK_DAY];

	(void)state;
	while (d.year < 10000) {
		struct day next = clock_day_add(d, 1);
		bool leap = d.year % 400 == 0 || (d.year % 4 == 0 &&
		    d.year % 100 != 0);

		if (clock_day_number(d) != number++)
			fail_msg("%d-%d-%d", d.year, d.month, d.day);
		clock_day_print(text, d);
		assert_int_equal(clock_day_parse(text, &parsed), RC_OK);
		assert_int_equal(clock_day_cmp(d, parsed), 0);
		assert_int_equal(clock_day_cmp(d, next), -1);
		assert_int_equal(clock_day_cmp(next, d), 1);
		if (++d.day > lengths[d.month - 1] + (d.month == 2 && leap)) {
			d.day = 1;
			d.year += d.month == 12;
			d.month = d.month % 12 + 1;
		}
		if (memcmp(&d, &next, sizeof(d)) != 0)
			fail_msg("after %s", text);
	}
	assert_int_equal(number, 2932897);
	d = clock_day_add((struct day){ 2024, 3, 1 }, -1);
	assert_memory_equal(&d, (&(struct day){ 2024, 2, 29 }), sizeof(d));
	d = clock_day_add((struct day){ 1970, 1, 1 }, -1);
	assert_memory_equal(&d, (&(struct day){ 1969, 12, 31 }), sizeof(d));
}

static void
test_day_parse(void **state)
{
	static const char *const bad[] = { "", "2026-11-1", "2026-11-01T",
		"2026-02-29", "2026-13-01", "2026-11-01 ", "01-11-2026",
		"0000-01-01", "2026-11-011" };
	struct day d = { 7, 7, 7 };
	char text[CLOCK_DAY];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_int_equal(clock_day_parse(bad[i], &d), RC_REJECT);
	assert_int_equal(d.year, 7);
	assert_int_equal(clock_day_parse("2026-11-01", &d), RC_OK);
	assert_int_equal(d.year, 2026);
	assert_int_equal(d.month, 11);
	assert_int_equal(d.day, 1);
	clock_day_print(text, d);
	assert_string_equal(text, "2026-11-01");
}

static void
assert_day(int64_t at, const char *zone, const char *want)
{
	char text[CLOCK_DAY];

	clock_day_print(text, clock_day_of(at, zone));
	assert_string_equal(text, want);
}

static void
test_day_of(void **state)
{
	(void)state;
	assert_day(moment("2026-03-28T22:59:59Z"), AMS, "2026-03-28");
	assert_day(moment("2026-03-28T23:00:00Z"), AMS, "2026-03-29");
	assert_day(moment("2026-03-29T21:59:59Z"), AMS, "2026-03-29");
	assert_day(moment("2026-03-29T22:00:00Z"), AMS, "2026-03-30");
	assert_day(moment("2026-10-24T22:00:00Z"), AMS, "2026-10-25");
	assert_day(moment("2026-10-25T22:59:59Z"), AMS, "2026-10-25");
	assert_day(moment("2026-10-25T23:00:00Z"), AMS, "2026-10-26");
	assert_day(moment("9999-07-01T21:59:59Z"), AMS, "9999-07-01");
	assert_day(moment("9999-07-01T22:00:00Z"), AMS, "9999-07-02");
	assert_day(0, "America/New_York", "1969-12-31");
	assert_day(moment("2026-03-28T23:00:00Z"), "UTC", "2026-03-28");
	assert_day(moment("2026-03-28T23:00:00Z"), "No/Where", "2026-03-28");
	assert_day(INT64_MIN, "UTC", "0001-01-02");
	assert_day(INT64_MAX, "UTC", "9999-12-31");
	assert_true(clock_zone_exists(AMS));
	assert_true(clock_zone_exists("UTC"));
	assert_false(clock_zone_exists("No/Where"));
	assert_false(clock_zone_exists("Europe"));
	assert_false(clock_zone_exists("../../etc/passwd"));
	assert_false(clock_zone_exists(""));
}

static int64_t
start(int year, int month, int day, const char *zone)
{
	return clock_day_start((struct day){ year, month, day }, zone);
}

static void
test_day_start(void **state)
{
	(void)state;
	assert_moment(start(2026, 3, 29, AMS), "2026-03-28T23:00:00Z");
	assert_moment(start(2026, 3, 30, AMS), "2026-03-29T22:00:00Z");
	assert_moment(start(2026, 10, 25, AMS), "2026-10-24T22:00:00Z");
	assert_moment(start(2026, 10, 26, AMS), "2026-10-25T23:00:00Z");
	assert_moment(start(2026, 1, 1, "No/Where"), "2026-01-01T00:00:00Z");
	assert_moment(start(2026, 1, 1, "Pacific/Kiritimati"),
	    "2025-12-31T10:00:00Z");
	assert_moment(start(2026, 1, 1, "Etc/GMT+12"), "2026-01-01T12:00:00Z");
	/* Midnight itself was skipped (Brazil, to 01:00)... */
	assert_moment(start(2018, 11, 4, "America/Sao_Paulo"),
	    "2018-11-04T03:00:00Z");
	/* ... or, at 24:00, put back an hour: Sunday starts once. */
	assert_moment(start(2018, 2, 18, "America/Sao_Paulo"),
	    "2018-02-18T03:00:00Z");
	/* Put back at a minute past: the day had started already. */
	assert_moment(start(2010, 11, 7, "America/St_Johns"),
	    "2010-11-07T02:30:00Z");
	/* Havana's 00:00 comes twice; the first counts. */
	assert_moment(start(2026, 11, 1, "America/Havana"),
	    "2026-11-01T04:00:00Z");
	/* Toronto's clocks once went from 23:30 to 00:30. */
	assert_int_equal(start(1919, 3, 31, "America/Toronto"), -1601753400);
	/* Samoa had no 30 December 2011. */
	assert_moment(start(2011, 12, 30, "Pacific/Apia"),
	    "2011-12-30T10:00:00Z");
	assert_moment(start(2011, 12, 31, "Pacific/Apia"),
	    "2011-12-30T10:00:00Z");
}

/* The day before a day's first moment is another day, from that moment on it
 * is the day: for every day of some years where clocks change. */
static void
test_day_start_of(void **state)
{
	static const char *const zones[] = { AMS, "America/New_York",
		"Australia/Lord_Howe", "America/Godthab", "Asia/Beirut",
		"Africa/Cairo", "America/Santiago", "Pacific/Chatham" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(zones); i++) {
		struct day d = { 2023, 1, 1 };

		for (; d.year < 2027; d = clock_day_add(d, 1)) {
			int64_t at = clock_day_start(d, zones[i]);

			assert_int_equal(clock_day_cmp(d,
			    clock_day_of(at, zones[i])), 0);
			assert_int_equal(clock_day_cmp(d,
			    clock_day_of(at - 1, zones[i])), 1);
		}
	}
}

/*
 * The reference: glibc's calendar.  Day by day from the event on, the day
 * that bears the same number in the month wanted, or else that month's last.
 */
static int64_t
reference(int64_t event_at, int months)
{
	time_t t = (time_t)event_at, end = 0;
	struct tm event, day;
	int want, i;

	assert_non_null(localtime_r(&t, &event));
	want = event.tm_year * 12 + event.tm_mon + months;
	for (i = 1; i < 31 * (months + 1) + 2; i++) {
		memset(&day, 0, sizeof(day));
		day.tm_year = event.tm_year;
		day.tm_mon = event.tm_mon;
		day.tm_mday = event.tm_mday + i;
		day.tm_hour = 12;
		day.tm_isdst = -1;
		assert_true(mktime(&day) != (time_t)-1);
		if (day.tm_year * 12 + day.tm_mon == want &&
		    day.tm_mday <= event.tm_mday) {
			day.tm_mday++;
			day.tm_hour = 0;
			day.tm_isdst = -1;
			end = mktime(&day);
		}
	}
	assert_true(end != 0);
	return end;
}

static void
test_terms_all(void **state)
{
	static const int at_s[] = { 0, 1, 9000, 43200, 82799, 86399 };
	struct tm first = { .tm_year = 124, .tm_mday = 1, .tm_isdst = -1 };
	int64_t day;
	int months, days = 0;
	size_t i;

	(void)state;
	assert_int_equal(setenv("TZ", AMS, 1), 0);
	tzset();
	for (day = mktime(&first); days < 1461; days++) {
		time_t next;

		for (months = 1; months <= 3; months++)
			for (i = 0; i < COUNT(at_s); i++)
				if (clock_term_end(day + at_s[i], months,
				    AMS) != reference(day + at_s[i], months))
					fail_msg("%lld, %d months",
					    (long long)day + at_s[i], months);
		first.tm_mday++;
		first.tm_isdst = -1;
		next = mktime(&first);
		day = next;
	}
	assert_int_equal(first.tm_year, 128);
	assert_int_equal(unsetenv("TZ"), 0);
}

static void
test_terms(void **state)
{
	static const struct { struct day event; int months; const char *end; }
	terms[] = {
		{ { 2026, 1, 31 }, 1, "2026-02-28T23:00:00Z" },
		{ { 2024, 1, 31 }, 1, "2024-02-29T23:00:00Z" },
		{ { 2026, 2, 28 }, 1, "2026-03-28T23:00:00Z" },
		{ { 2026, 2, 27 }, 1, "2026-03-27T23:00:00Z" },
		{ { 2026, 2, 28 }, 2, "2026-04-28T22:00:00Z" },
		{ { 2027, 12, 31 }, 2, "2028-02-29T23:00:00Z" },
		{ { 2026, 10, 31 }, 3, "2027-01-31T23:00:00Z" },
		{ { 2026, 9, 25 }, 1, "2026-10-25T23:00:00Z" },
		{ { 2026, 1, 1 }, 0, "2026-01-01T23:00:00Z" },
		{ { 2019, 12, 31 }, 84, "2026-12-31T23:00:00Z" },
		{ { 2026, 3, 31 }, -1, "2026-02-28T23:00:00Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(terms); i++)
		assert_moment(clock_term_end_day(terms[i].event,
		    terms[i].months, AMS), terms[i].end);
	/* The civil day in the zone counts, not that of UTC. */
	assert_moment(clock_term_end(moment("2026-01-30T23:30:00Z"), 1, AMS),
	    "2026-02-28T23:00:00Z");
	assert_moment(clock_term_end(moment("2026-01-14T23:30:00Z"), 1, AMS),
	    "2026-02-15T23:00:00Z");
	assert_moment(clock_term_end(moment("2026-01-14T22:30:00Z"), 1, AMS),
	    "2026-02-14T23:00:00Z");
}

static void
test_duration(void **state)
{
	static const char *const bad[] = { "", "s", "10", "-1s", "1.5h", "1w",
		"1 s", " 1s", "1s ", "1S", "1ss", "1m30s", "99999999999d",
		"+1s" };
	int64_t s = 7;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		if (clock_parse_duration(bad[i], &s) != RC_REJECT)
			fail_msg("%s", bad[i]);
	assert_int_equal(s, 7);
	assert_int_equal(clock_parse_duration("2s", &s), RC_OK);
	assert_int_equal(s, 2);
	assert_int_equal(clock_parse_duration("10m", &s), RC_OK);
	assert_int_equal(s, 600);
	assert_int_equal(clock_parse_duration("6h", &s), RC_OK);
	assert_int_equal(s, 21600);
	assert_int_equal(clock_parse_duration("30d", &s), RC_OK);
	assert_int_equal(s, 2592000);
	assert_int_equal(clock_parse_duration("0s", &s), RC_OK);
	assert_int_equal(s, 0);
}

static void
on_alarm(int signal)
{
	(void)signal;
}

static void
test_now(void **state)
{
	const struct sigaction act = { .sa_handler = on_alarm };
	const struct timespec fast = { 0, 20000000 };
	struct itimerspec when = { .it_value = fast };
	int64_t from = clock_mono_ms();
	timer_t timer;

	(void)state;
	assert_true(clock_now() >= (int64_t)time(NULL) - 1);
	assert_true(clock_now() <= (int64_t)time(NULL) + 1);
	clock_sleep_ms(0);
	clock_sleep_ms(-5);
	clock_sleep_ms(20);
	assert_true(clock_mono_ms() - from >= 20);
	/* A signal ends it early. */
	assert_int_equal(sigaction(SIGALRM, &act, NULL), 0);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &when, NULL), 0);
	from = clock_mono_ms();
	clock_sleep_ms(60000);
	assert_true(clock_mono_ms() - from < 30000);
	assert_int_equal(timer_delete(timer), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_good),
		cmocka_unit_test(test_parse_bad),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_day_parse),
		cmocka_unit_test(test_day_of),
		cmocka_unit_test(test_day_start),
		cmocka_unit_test(test_day_start_of),
		cmocka_unit_test(test_terms_all),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
