/*
 * zone_test.c - every zone of this system against glibc's reading of the same
 * files, the rule's rarer forms against times worked out by hand, and files
 * that are not zones.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "clock.h"
#include "str.h"
#include "zone.h"

#define YEAR_S 31556952

static int zones_seen;

static int32_t
glibc_offset(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	assert_non_null(localtime_r(&t, &tm));
	return (int32_t)tm.tm_gmtoff;
}

static void
glibc_zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static void
same(const struct zone *z, const char *name, int64_t at)
{
	int32_t ours = zone_offset(z, at), theirs = glibc_offset(at);

	if (ours != theirs)
		fail_msg("%s at %lld: %d, glibc says %d", name,
		    (long long)at, (int)ours, (int)theirs);
}

/* From 1970 on, densely as long as tables go, then in long strides. */
static void
compare(const char *name, int64_t step)
{
	struct zone z;
	int64_t at;

	glibc_zone(name);
	assert_int_equal(zone_read(&z, name), RC_OK);
	for (at = 0; at < INT64_C(8000) * YEAR_S; ) {
		same(&z, name, at);
		at += at < INT64_C(90) * YEAR_S ? step : step * 1009;
	}
}

static int
one_zone(const char *path, const struct stat *st, int type, struct FTW *f)
{
	const char *name = path + strlen(ZONE_DIR) + 1;
	struct zone z;

	(void)st;
	(void)f;
	if (type != FTW_F)
		return 0;
	if (str_starts(name, "right/") || str_starts(name, "posix/") ||
	    zone_read(&z, name) != RC_OK)
		return 0;
	zones_seen++;
	compare(name, 2000003);
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

/* Where the odd rules are: half hours, before midnight, past 24 hours, summer
 * time that is winter time, the southern half, Ramadan. */
static void
test_close(void **state)
{
	static const char *const names[] = { "Europe/Amsterdam",
		"Europe/Dublin", "America/New_York", "Australia/Lord_Howe",
		"Asia/Jerusalem", "America/Godthab", "Asia/Gaza",
		"America/Santiago", "Pacific/Chatham", "Africa/Casablanca",
		"Africa/Cairo", "Antarctica/Troll", "Asia/Beirut",
		"America/St_Johns", "Pacific/Apia", "America/Havana" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++) {
		struct zone z;
		int64_t at;

		if (zone_read(&z, names[i]) != RC_OK)
			continue;
		glibc_zone(names[i]);
		for (at = 1262304000; at < 1262304000 + 15LL * YEAR_S;
		    at += 1800) {
			same(&z, names[i], at - 1);
			same(&z, names[i], at);
		}
	}
}

/* A zone file of nothing but a rule. */
static enum rc
from_rule(struct zone *z, const char *rule)
{
	unsigned char file[300] = "TZif2";
	size_t n;

	file[39] = 1;			/* one type */
	file[43] = 1;			/* one letter */
	memcpy(file + 44 + 7, "TZif2", 5);
	file[51 + 39] = 1;
	file[51 + 43] = 1;
	n = 51 + 44 + 7;
	file[n++] = '\n';
	memcpy(file + n, rule, strlen(rule));
	n += strlen(rule);
	file[n++] = '\n';
	return zone_parse(z, file, n);
}

static int64_t
moment(const char *text)
{
	int64_t at = -1;

	assert_int_equal(clock_parse(text, &at), RC_OK);
	return at;
}

static void
test_rules(void **state)
{
	struct zone z;

	(void)state;
	assert_int_equal(from_rule(&z, ""), RC_OK);
	assert_int_equal(zone_offset(&z, 0), 0);
	assert_int_equal(from_rule(&z, "<+0530>-5:30:15"), RC_OK);
	assert_int_equal(zone_offset(&z, 0), 5 * 3600 + 1815);
	/* J counts without 29 February, the bare number with it, from 0. */
	assert_int_equal(from_rule(&z, "AAA0BBB,J60/0,300/0"), RC_OK);
	assert_int_equal(zone_offset(&z, moment("2024-02-29T23:59:59")), 0);
	assert_int_equal(zone_offset(&z, moment("2024-03-01T00:00:00")), 3600);
	assert_int_equal(zone_offset(&z, moment("2025-03-01T00:00:00")), 3600);
	assert_int_equal(zone_offset(&z, moment("2025-02-28T23:59:59")), 0);
	assert_int_equal(zone_offset(&z, moment("2024-10-26T22:59:59")), 3600);
	assert_int_equal(zone_offset(&z, moment("2024-10-26T23:00:00")), 0);
	assert_int_equal(zone_offset(&z, moment("2025-10-27T22:59:59")), 3600);
	assert_int_equal(zone_offset(&z, moment("2025-10-27T23:00:00")), 0);
	/* Summer all year, as RFC 8536 3.3.1 writes it. */
	assert_int_equal(from_rule(&z, "EST5EDT,0/0,J365/25"), RC_OK);
	assert_int_equal(zone_offset(&z, moment("2025-01-01T04:59:59")),
	    -4 * 3600);
	assert_int_equal(zone_offset(&z, moment("2025-01-01T05:00:00")),
	    -4 * 3600);
	assert_int_equal(zone_offset(&z, moment("2025-07-01")), -4 * 3600);
}

/* One change, to one of the two types that there are. */
static enum rc
from_change(struct zone *z, unsigned char to)
{
	unsigned char file[300] = "TZif2";
	unsigned char *p = file + 44 + 7;

	file[39] = 1;
	file[43] = 1;
	memcpy(p, "TZif2", 5);
	p[35] = 1;			/* one change, at 256 */
	p[39] = 2;
	p[43] = 1;
	p += 44;
	p[6] = 1;
	p[8] = to;
	p[9 + 3] = 10;			/* type 0: 10 s, type 1: 20 s */
	p[9 + 6 + 3] = 20;
	p[9 + 12 + 1] = '\n';
	p[9 + 12 + 2] = '\n';
	return zone_parse(z, file, (size_t)(p - file) + 24);
}

static void
test_change(void **state)
{
	struct zone z;

	(void)state;
	assert_int_equal(from_change(&z, 1), RC_OK);
	assert_int_equal(zone_offset(&z, -1000), 10);
	assert_int_equal(zone_offset(&z, 255), 10);
	assert_int_equal(zone_offset(&z, 256), 20);
	assert_int_equal(zone_offset(&z, INT64_MAX), 20);
	assert_int_equal(from_change(&z, 2), RC_REJECT);
}

static void
test_bad_rules(void **state)
{
	static const char *const bad[] = { "A", "CET", "<CET-1", "CET-", "-1",
		"CET-168", "CET-1:60", "CET-1 ", "CET-1CEST",
		"CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,", "CET-1CEST,M0.5.0,J1",
		"CET-1CEST,M13.5.0,J1", "CET-1CEST,M3.0.0,J1",
		"CET-1CEST,M3.6.0,J1", "CET-1CEST,M3.5.7,J1",
		"CET-1CEST,M3.5,J1", "CET-1CEST,J0,J1", "CET-1CEST,J366,J1",
		"CET-1CEST,366,J1", "CET-1CEST,M3.5.0/,J1",
		"CET-1CEST,M3.5.0,M10.5.0/3x", "CET-99999999999",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0" };
	struct zone z;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		if (from_rule(&z, bad[i]) != RC_REJECT)
			fail_msg("%s", bad[i]);
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "", "/etc/localtime", "../zoneinfo",
		"Europe/../Europe/Amsterdam", "Europe", "Europe/Nowhere",
		"tzdata.zi", "zone.tab", "Europe/Amsterdam\n", "a b",
		"right/Europe/Amsterdam" };
	char longest[400];
	struct zone z;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		if (zone_read(&z, bad[i]) != RC_REJECT)
			fail_msg("%s", bad[i]);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(zone_read(&z, longest), RC_REJECT);
	assert_int_equal(zone_read(&z, "UTC"), RC_OK);
	assert_int_equal(zone_offset(&z, 1234567890), 0);
	assert_int_equal(zone_read(&z, "Etc/GMT+5"), RC_OK);
	assert_int_equal(zone_offset(&z, 0), -5 * 3600);
}

/* A good file cut short anywhere, or with a byte changed, is refused or read;
 * the sanitizers see to it that nothing outside it is touched. */
static void
test_broken(void **state)
{
	static unsigned char good[ZONE_FILE];
	struct zone z;
	size_t n, i;
	FILE *f = fopen(ZONE_DIR "/Europe/Amsterdam", "rb");

	(void)state;
	assert_non_null(f);
	n = fread(good, 1, sizeof(good), f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(zone_parse(&z, good, n), RC_OK);
	for (i = 0; i < n; i++) {
		unsigned char *cut = malloc(i + 1);

		assert_non_null(cut);
		memcpy(cut, good, i);
		assert_int_equal(zone_parse(&z, cut, i), RC_REJECT);
		free(cut);
		good[i] ^= 0xff;
		if (zone_parse(&z, good, n) == RC_OK)
			(void)zone_offset(&z, 1700000000);
		good[i] ^= 0xff;
	}
	assert_int_equal(zone_parse(&z, good, ZONE_FILE + 1), RC_REJECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
