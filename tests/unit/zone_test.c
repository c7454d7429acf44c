/*
 * zone_test.c - which time zones there are, and that neither the environment
 * nor the zone that was used before has a say.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clock.h"
#include "str.h"

#define ZONE_DIR "/usr/share/zoneinfo/"
#define NOON 1793534400			/* 2026-11-01T12:00:00Z */

static int zones_seen;

static int
one_zone(const char *path, const struct stat *st, int type, struct FTW *f)
{
	const char *name = path + strlen(ZONE_DIR);
	struct day d;

	(void)st;
	(void)f;
	if (type != FTW_F || str_starts(name, "right/") ||
	    !clock_zone_exists(name))
		return 0;
	zones_seen++;
	d = clock_day_of(NOON, name);
	assert_true(clock_day_start(d, name) <= NOON);
	assert_true(clock_day_start(clock_day_add(d, 1), name) > NOON);
	return 0;
}

static void
test_all(void **state)
{
	(void)state;
	zones_seen = 0;
	assert_int_equal(nftw(ZONE_DIR, one_zone, 16, 0), 0);
	if (zones_seen < 300)
		fail_msg("only %d zones", zones_seen);
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "", "/etc/localtime", "../zoneinfo",
		"Europe/../Europe/Amsterdam", "Europe", "Europe/Nowhere",
		"tzdata.zi", "zone.tab", "leapseconds", "Europe/Amsterdam\n",
		"a b", "right/Europe/Amsterdam", "right/UTC" };
	char longest[400];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (clock_zone_exists(bad[i]))
			fail_msg("%s", bad[i]);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(clock_zone_exists(longest));
	assert_true(clock_zone_exists("UTC"));
	assert_true(clock_zone_exists("Etc/GMT+5"));
	assert_true(clock_zone_exists("Europe/Amsterdam"));
}

static void
test_one_after_the_other(void **state)
{
	const struct day d = { 2026, 7, 1 };
	const int64_t utc = clock_day_start(d, "UTC");

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(clock_day_start(d, "Etc/GMT+5"),
		    utc + 5 * 3600);
		assert_int_equal(clock_day_start(d, "Europe/Amsterdam"),
		    utc - 2 * 3600);
		assert_int_equal(clock_day_start(d, "UTC"), utc);
		assert_int_equal(clock_day_start(d, "No/Where"), utc);
	}
}

static void
test_environment(void **state)
{
	const struct day d = { 2026, 1, 1 };
	const int64_t utc = clock_day_start(d, "UTC");
	char iso[CLOCK_ISO];

	(void)state;
	assert_int_equal(setenv("TZ", "right/America/New_York", 1), 0);
	assert_int_equal(setenv("TZDIR", "/nowhere", 1), 0);
	assert_int_equal(clock_day_start(d, "UTC"), utc);
	assert_int_equal(clock_day_start(d, "Europe/Amsterdam"), utc - 3600);
	assert_int_equal(unsetenv("TZ"), 0);
	assert_int_equal(clock_day_start(d, "Europe/Amsterdam"), utc - 3600);
	assert_int_equal(setenv("TZ", "right/America/New_York", 1), 0);
	clock_iso(iso, NOON);
	assert_string_equal(iso, "2026-11-01T12:00:00Z");
	assert_int_equal(unsetenv("TZDIR"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
