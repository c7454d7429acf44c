/*
 * daybook_test.c - business days: every moment lies in one, they follow each
 * other without a gap, in every zone and with any start; and when a day is
 * over.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daybook.h"
#include "str.h"

#define ZONE_DIR "/usr/share/zoneinfo/"
#define HOUR 3600

static int zones_seen;

static int64_t
at(const char *text)
{
	int64_t moment = 0;

	assert_int_equal(clock_parse(text, &moment), RC_OK);
	return moment;
}

static void
is_of(const char *moment, int64_t starts_s, const char *zone,
    const char *want)
{
	char day[CLOCK_DAY];

	clock_day_print(day, daybook_day_of(at(moment), starts_s, zone));
	if (!str_eq(day, want))
		fail_msg("%s in %s from %lld: %s, not %s", moment, zone,
		    (long long)starts_s, day, want);
}

/* From its first moment to the last before the next one's. */
static void
whole(struct day d, int64_t starts_s, const char *zone)
{
	int64_t from = daybook_start(d, starts_s, zone);
	int64_t to = daybook_start(clock_day_add(d, 1), starts_s, zone);

	if (from == to)
		return;		/* a date that the zone left out */
	if (from > to)
		fail_msg("%s: %d-%d-%d", zone, d.year, d.month, d.day);
	if (clock_day_cmp(daybook_day_of(from, starts_s, zone), d) != 0 ||
	    clock_day_cmp(daybook_day_of(to - 1, starts_s, zone), d) != 0)
		fail_msg("%s: %d-%d-%d from %lld", zone, d.year, d.month,
		    d.day, (long long)starts_s);
}

static int
one_zone(const char *path, const struct stat *st, int type, struct FTW *f)
{
	static const int64_t starts[] = { 0, 2 * HOUR + 1800, 6 * HOUR };
	const char *name = path + strlen(ZONE_DIR);

	(void)st;
	(void)f;
	if (type != FTW_F || str_starts(name, "right/") ||
	    str_starts(name, "posix/") || !clock_zone_exists(name))
		return 0;
	zones_seen++;
	for (struct day d = { 2026, 1, 1 }; d.year < 2027;
	    d = clock_day_add(d, 1)) {
		struct day next = clock_day_add(d, 1);

		/* those of a change, and a few others */
		if (d.day % 16 != 1 && clock_day_start(next, name) -
		    clock_day_start(d, name) == 24 * HOUR)
			continue;
		for (size_t i = 0; i < COUNT(starts); i++)
			whole(d, starts[i], name);
	}
	return 0;
}

static void
test_zones(void **state)
{
	(void)state;
	zones_seen = 0;
	assert_int_equal(nftw(ZONE_DIR, one_zone, 16, 0), 0);
	if (zones_seen < 300)
		fail_msg("only %d zones", zones_seen);
}

static void
test_changes(void **state)
{
	static const char ams[] = "Europe/Amsterdam";
	static const char apia[] = "Pacific/Apia";

	(void)state;
	is_of("2026-03-28T22:59:59Z", 0, ams, "2026-03-28");
	is_of("2026-03-28T23:00:00Z", 0, ams, "2026-03-29");
	is_of("2026-03-29T21:59:59Z", 0, ams, "2026-03-29");
	is_of("2026-10-25T22:59:59Z", 0, ams, "2026-10-25");
	/* 02:30 is skipped, and comes twice */
	is_of("2026-03-29T00:59:59Z", 9000, ams, "2026-03-28");
	is_of("2026-03-29T01:00:00Z", 9000, ams, "2026-03-29");
	is_of("2026-10-25T00:29:59Z", 9000, ams, "2026-10-24");
	is_of("2026-10-25T00:30:00Z", 9000, ams, "2026-10-25");
	is_of("2026-10-25T01:29:59Z", 9000, ams, "2026-10-25");
	/* a date that was left out, and one that went back over midnight */
	is_of("2011-12-30T09:59:59Z", 0, apia, "2011-12-29");
	is_of("2011-12-30T10:00:00Z", 0, apia, "2011-12-31");
	is_of("2026-03-02T04:59:59Z", 6 * HOUR, ams, "2026-03-01");
	is_of("2026-03-02T05:00:00Z", 6 * HOUR, ams, "2026-03-02");
}

static void
test_lengths(void **state)
{
	static const char ams[] = "Europe/Amsterdam";
	static const struct { struct day d; int hours; } days[] = {
		{ { 2026, 3, 28 }, 24 }, { { 2026, 3, 29 }, 23 },
		{ { 2026, 10, 25 }, 25 }, { { 2026, 10, 26 }, 24 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(days); i++)
		assert_int_equal(daybook_start(clock_day_add(days[i].d, 1), 0,
		    ams) - daybook_start(days[i].d, 0, ams),
		    days[i].hours * HOUR);
}

/* A day is over an hour behind its end. */
static void
test_over(void **state)
{
	struct daybook b = { .now = at("2026-03-03T00:00:00Z") };
	struct daybook_day d = { .end_at = at("2026-03-02T23:00:00Z") };

	(void)state;
	assert_true(daybook_over(&b, &d));
	b.now--;
	assert_false(daybook_over(&b, &d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
