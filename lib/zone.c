/*
 * zone.c - time zones out of the IANA database's compiled files (RFC 8536).
 *
 * A file has a table of changes and, for the time after the last of them, a
 * rule in the manner of POSIX ("CET-1CEST,M3.5.0,M10.5.0/3").  glibc reads the
 * same files, but only for the one zone that the environment names; reading
 * them here keeps the environment and hidden state out of it.  The bytes are
 * taken as foreign: nothing in them can make us read past them.
 */
#include "zone.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "str.h"

#define HEADER 44		/* bytes of a TZif header */
#define DAY_S 86400
#define HOURS_MAX 167		/* in a rule, RFC 8536 3.3.1 */

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int64_t
get64(const unsigned char *p)
{
	return (int64_t)((uint64_t)get32(p) << 32 | get32(p + 4));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* An unsigned number up to max at *s, which moves behind it. */
static enum rc
rule_number(const char **s, int max, int *out)
{
	int value = 0;

	if (!is_digit(**s))
		return RC_REJECT;
	for (; is_digit(**s); (*s)++) {
		value = value * 10 + (**s - '0');
		if (value > max)
			return RC_REJECT;
	}
	*out = value;
	return RC_OK;
}

/* [+-]hh[:mm[:ss]], in seconds. */
static enum rc
rule_time(const char **s, int32_t *out)
{
	int part[3] = { 0, 0, 0 }, i;
	bool minus = **s == '-';

	if (**s == '-' || **s == '+')
		(*s)++;
	if (rule_number(s, HOURS_MAX, &part[0]) != RC_OK)
		return RC_REJECT;
	for (i = 1; i < 3 && **s == ':'; i++) {
		(*s)++;
		if (rule_number(s, 59, &part[i]) != RC_OK)
			return RC_REJECT;
	}
	*out = part[0] * 3600 + part[1] * 60 + part[2];
	if (minus)
		*out = -*out;
	return RC_OK;
}

/* Skip a zone's abbreviation: letters, or anything between < and >. */
static enum rc
rule_name(const char **s)
{
	const char *from = *s;

	if (**s == '<') {
		*s += strcspn(*s, ">");
		if (**s != '>')
			return RC_REJECT;
		(*s)++;
		return RC_OK;
	}
	while ((**s >= 'A' && **s <= 'Z') || (**s >= 'a' && **s <= 'z'))
		(*s)++;
	return *s > from ? RC_OK : RC_REJECT;
}

/* ",M10.5.0/3" and its likes. */
static enum rc
rule_change(const char **s, struct zone_change *c)
{
	enum rc rc;

	*c = (struct zone_change){ .time_s = 2 * 3600 };
	if (*(*s)++ != ',')
		return RC_REJECT;
	c->kind = **s == 'M' ? ZONE_MONTH : **s == 'J' ? ZONE_JULIAN : ZONE_DAY;
	if (c->kind != ZONE_DAY)
		(*s)++;
	if (c->kind == ZONE_MONTH) {
		rc = rule_number(s, 12, &c->month);
		if (rc != RC_OK || c->month < 1 || *(*s)++ != '.')
			return RC_REJECT;
		rc = rule_number(s, 5, &c->week);
		if (rc != RC_OK || c->week < 1 || *(*s)++ != '.')
			return RC_REJECT;
		rc = rule_number(s, 6, &c->day);
	} else {
		rc = rule_number(s, 365, &c->day);
	}
	if (rc != RC_OK || (c->kind == ZONE_JULIAN && c->day < 1))
		return RC_REJECT;
	if (**s != '/')
		return RC_OK;
	(*s)++;
	return rule_time(s, &c->time_s);
}

/* The footer.  Its offsets count westward, ours eastward. */
static enum rc
rule_parse(struct zone *z, const char *s)
{
	z->rule = ZONE_NO_RULE;
	if (*s == '\0')
		return RC_OK;
	if (rule_name(&s) != RC_OK || rule_time(&s, &z->standard_s) != RC_OK)
		return RC_REJECT;
	z->standard_s = -z->standard_s;
	z->rule = ZONE_FIXED;
	if (*s == '\0')
		return RC_OK;
	if (rule_name(&s) != RC_OK)
		return RC_REJECT;
	z->summer_s = z->standard_s + 3600;
	if (*s != ',') {
		if (rule_time(&s, &z->summer_s) != RC_OK)
			return RC_REJECT;
		z->summer_s = -z->summer_s;
	}
	z->rule = ZONE_YEARLY;
	if (rule_change(&s, &z->start) != RC_OK ||
	    rule_change(&s, &z->end) != RC_OK || *s != '\0')
		return RC_REJECT;
	return RC_OK;
}

/* A header's counts, checked so that sums of them can't overflow. */
struct counts { size_t isut, isstd, leap, time, type, chars; };

static enum rc
counts_read(const unsigned char *p, size_t n, struct counts *c)
{
	size_t *const into[] = { &c->isut, &c->isstd, &c->leap, &c->time,
		&c->type, &c->chars };
	size_t i;

	/* Version 1 has neither long times nor a rule. */
	if (n < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return RC_REJECT;
	for (i = 0; i < COUNT(into); i++) {
		*into[i] = get32(p + 20 + 4 * i);
		if (*into[i] > ZONE_FILE)
			return RC_REJECT;
	}
	return RC_OK;
}

static size_t
block_size(const struct counts *c, size_t time_size)
{
	return c->time * (time_size + 1) + c->type * 6 + c->chars +
	    c->leap * (time_size + 4) + c->isstd + c->isut;
}

enum rc
zone_parse(struct zone *z, const void *bytes, size_t n)
{
	struct counts c;
	char rule[64];
	const char *end;
	size_t at, i;

	if (n > ZONE_FILE)
		return RC_REJECT;
	memcpy(z->file, bytes, n);
	if (counts_read(z->file, n, &c) != RC_OK)
		return RC_REJECT;
	at = HEADER + block_size(&c, 4);
	if (at > n || counts_read(z->file + at, n - at, &c) != RC_OK)
		return RC_REJECT;
	/* A table that counts leap seconds is not about POSIX time. */
	if (c.leap != 0 || c.type == 0)
		return RC_REJECT;
	at += HEADER;
	z->changes = at;
	z->indexes = at + c.time * 8;
	z->types = z->indexes + c.time;
	z->changes_n = c.time;
	z->types_n = c.type;
	at += block_size(&c, 8);
	if (at + 2 > n || z->file[at] != '\n')
		return RC_REJECT;
	for (i = 0; i < c.time; i++)
		if (z->file[z->indexes + i] >= c.type)
			return RC_REJECT;
	at++;
	end = memchr(z->file + at, '\n', n - at);
	if (end == NULL)
		return RC_REJECT;
	i = (size_t)(end - (const char *)z->file) - at;
	if (!str_copy_n(rule, sizeof(rule), (const char *)z->file + at, i))
		return RC_REJECT;
	return rule_parse(z, rule);
}

/* Names go into a path: no way up, and nothing but what names are made of. */
static bool
name_ok(const char *name)
{
	const char *p;

	if (name[0] == '/' || name[0] == '\0' || strstr(name, "..") != NULL)
		return false;
	for (p = name; *p != '\0'; p++) {
		char c[2] = { *p, '\0' };

		if (!str_plain(c, 1) && *p != '/' && *p != '+')
			return false;
	}
	return true;
}

enum rc
zone_read(struct zone *z, const char *name)
{
	unsigned char bytes[ZONE_FILE];
	char path[256];
	size_t n = 0;
	ssize_t got = 1;
	int fd;

	if (str_eq(name, "UTC")) {
		*z = (struct zone){ .rule = ZONE_FIXED };
		return RC_OK;
	}
	if (!name_ok(name) ||
	    !str_fmt(path, sizeof(path), "%s/%s", ZONE_DIR, name))
		return RC_REJECT;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return RC_REJECT;
	while (got > 0 && n < sizeof(bytes)) {
		got = read(fd, bytes + n, sizeof(bytes) - n);
		n += got > 0 ? (size_t)got : 0;
	}
	(void)close(fd);
	if (got != 0)
		return RC_REJECT;
	return zone_parse(z, bytes, n);
}

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Divides towards the past. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to the first of January of a year. */
static int64_t
year_start(int64_t year)
{
	int64_t y = year - 1;

	return 365 * (year - 1970) + floor_div(y, 4) - floor_div(y, 100) +
	    floor_div(y, 400) - 477;
}

/* The day number of a rule's change in a year. */
static int64_t
change_day(const struct zone_change *c, int64_t year)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334, 365 };
	int64_t day = year_start(year), next;
	int weekday;

	if (c->kind == ZONE_DAY)
		return day + c->day;
	if (c->kind == ZONE_JULIAN)	/* 29 February does not count */
		return day + c->day - 1 + (c->day > 59 && is_leap(year));
	next = day + before[c->month] + (c->month > 1 && is_leap(year));
	day += before[c->month - 1] + (c->month > 2 && is_leap(year));
	/* 1970-01-01 was a Thursday, day 4 of the week. */
	weekday = (int)(day + 4 - 7 * floor_div(day + 4, 7));
	day += (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
	return day < next ? day : day - 7;
}

static int32_t
rule_offset(const struct zone *z, int64_t at)
{
	int64_t days, year, start, end;
	bool summer;

	if (z->rule != ZONE_YEARLY)
		return z->standard_s;
	days = floor_div(at + z->standard_s, DAY_S);
	year = 1970 + floor_div(days * 400, 146097);
	while (year_start(year) > days)
		year--;
	while (year_start(year + 1) <= days)
		year++;
	start = change_day(&z->start, year) * DAY_S + z->start.time_s -
	    z->standard_s;
	end = change_day(&z->end, year) * DAY_S + z->end.time_s - z->summer_s;
	if (start < end)
		summer = at >= start && at < end;
	else
		summer = at >= start || at < end;
	return summer ? z->summer_s : z->standard_s;
}

int32_t
zone_offset(const struct zone *z, int64_t at)
{
	size_t low = 0, high = z->changes_n, type = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (get64(z->file + z->changes + 8 * mid) <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->changes_n && z->rule != ZONE_NO_RULE)
		return rule_offset(z, at);
	/* Before the first change type 0 holds (RFC 8536 3.2). */
	if (low > 0)
		type = z->file[z->indexes + low - 1];
	return (int32_t)get32(z->file + z->types + 6 * type);
}
