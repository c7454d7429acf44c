/*
 * clock.c - moments, civil dates and terms.
 *
 * Civil dates are counted by hand: mktime would make 3 March of "31 January
 * and a month".  Only how far a zone stands from UTC is asked of glibc, which
 * knows one zone at a time: the one that TZ names, so TZ is set here and
 * nowhere else.  Nothing here depends on what TZ and TZDIR were, nor on the
 * locale: the program never leaves that of C.
 */
#include "clock.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "str.h"

#define DAY_S 86400
#define AT_MIN INT64_C(-62135510400)	/* 0001-01-02T00:00:00Z */
#define AT_MAX INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */
#define EPOCH_MIN 1000000000		/* less is a length, not a moment */
#define ZONE_DIR "/usr/share/zoneinfo/"
#define ZONE_WIDEST (26 * 3600)		/* farthest from UTC, RFC 8536 */
#define STEP_S (6 * 3600)	/* no zone changes twice in it */
#define WHOLE_AT 1577836800	/* 2020-01-01T00:00:00Z; no zone had odd seconds */

int64_t
clock_now(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

int64_t
clock_mono_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
clock_sleep_ms(int64_t ms)
{
	struct timespec t;

	if (ms <= 0)
		return;
	t.tv_sec = ms / 1000;
	t.tv_nsec = ms % 1000 * 1000000;
	(void)nanosleep(&t, NULL);
}

/* Divides towards the past. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/*
 * Both ways, a year is taken to start in March: the leap day is then its last
 * and the months before it have a regular pattern of lengths.
 */
int64_t
clock_day_number(struct day d)
{
	int64_t year = d.year - (d.month <= 2);
	int64_t month = (d.month + 9) % 12;

	return 365 * year + floor_div(year, 4) - floor_div(year, 100) +
	    floor_div(year, 400) + (153 * month + 2) / 5 + d.day - 1 - 719468;
}

static struct day
day_of_number(int64_t number)
{
	int64_t n = number + 719468, era = floor_div(n, 146097);
	int64_t left = n - era * 146097;
	int64_t year = (left - left / 1460 + left / 36524 - left / 146096) /
	    365;
	int64_t day = left - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day + 2) / 153;
	struct day d;

	d.day = (int)(day - (153 * month + 2) / 5 + 1);
	d.month = (int)(month < 10 ? month + 3 : month - 9);
	d.year = (int)(year + era * 400 + (d.month <= 2));
	return d;
}

int
clock_day_cmp(struct day a, struct day b)
{
	int64_t x = clock_day_number(a), y = clock_day_number(b);

	return (x > y) - (x < y);
}

struct day
clock_day_add(struct day d, int days)
{
	return day_of_number(clock_day_number(d) + days);
}

void
clock_day_print(char out[CLOCK_DAY], struct day d)
{
	(void)str_fmt(out, CLOCK_DAY, "%04d-%02d-%02d", d.year, d.month, d.day);
}

void
clock_iso(char out[CLOCK_ISO], int64_t at)
{
	struct day d;
	int s;

	if (at < 0)
		at = 0;
	if (at > AT_MAX)
		at = AT_MAX;
	d = day_of_number(at / DAY_S);
	s = (int)(at % DAY_S);
	(void)str_fmt(out, CLOCK_ISO, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year,
	    d.month, d.day, s / 3600, s / 60 % 60, s % 60);
}

/* Exactly width digits at *s, which moves behind them. */
static bool
digits(const char **s, int width, int *out)
{
	int value = 0, i;

	for (i = 0; i < width; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		value = value * 10 + (**s - '0');
	}
	*out = value;
	return true;
}

static bool
letter(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
day_exists(struct day d)
{
	return d.year >= 1 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	    d.day <= month_days(d.year, d.month);
}

/* "2026-11-01" at *s, which moves behind it. */
static bool
date(const char **s, struct day *d)
{
	return digits(s, 4, &d->year) && letter(s, '-') &&
	    digits(s, 2, &d->month) && letter(s, '-') &&
	    digits(s, 2, &d->day) && day_exists(*d);
}

enum rc
clock_day_parse(const char *text, struct day *out)
{
	struct day d;

	if (!date(&text, &d) || *text != '\0')
		return RC_REJECT;
	*out = d;
	return RC_OK;
}

/* "12:00:00", in seconds since midnight; :60 only where a leap second is. */
static bool
time_of_day(const char **s, int64_t *out)
{
	int hour, minute, second;

	if (!digits(s, 2, &hour) || !letter(s, ':') ||
	    !digits(s, 2, &minute) || !letter(s, ':') ||
	    !digits(s, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59 + (minute == 59))
		return false;
	*out = hour * 3600 + minute * 60 + second;
	return true;
}

/* "", "Z", "+01:00": seconds to take off. */
static bool
offset(const char **s, int64_t *out)
{
	int hour, minute;
	bool west = **s == '-';

	*out = 0;
	if (**s == '\0' || letter(s, 'Z') || letter(s, 'z'))
		return true;
	if (!letter(s, '+') && !letter(s, '-'))
		return false;
	if (!digits(s, 2, &hour) || !letter(s, ':') ||
	    !digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*out = hour * 3600 + minute * 60;
	if (west)
		*out = -*out;
	return true;
}

enum rc
clock_parse(const char *text, int64_t *at)
{
	struct day d;
	int64_t time_s = 0, offset_s = 0, moment;

	if (!date(&text, &d))
		return RC_REJECT;
	if (letter(&text, 'T') || letter(&text, 't') || letter(&text, ' ')) {
		if (!time_of_day(&text, &time_s))
			return RC_REJECT;
		if (letter(&text, '.')) {
			if (*text < '0' || *text > '9')
				return RC_REJECT;
			text += strspn(text, "0123456789");
		}
		if (!offset(&text, &offset_s))
			return RC_REJECT;
	}
	moment = clock_day_number(d) * DAY_S + time_s - offset_s;
	if (*text != '\0' || d.year < 1970 || moment < 0 || moment > AT_MAX)
		return RC_REJECT;
	*at = moment;
	return RC_OK;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT".  The day's name is not held to be right:
 * nothing hangs on it. */
static enum rc
http_date(const char *s, int64_t *at)
{
	static const char form[] = "%a, %d %b %Y %H:%M:%S GMT";
	struct tm tm = { 0 };
	struct day d;
	char back[64];
	int64_t moment;

	/* strptime takes more than this form: what it took must be it. */
	if (strptime(s, form, &tm) == NULL ||
	    strftime(back, sizeof(back), form, &tm) == 0 || !str_eq(s, back))
		return RC_REJECT;
	d = (struct day){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
	moment = clock_day_number(d) * DAY_S + tm.tm_hour * 3600 +
	    tm.tm_min * 60 + tm.tm_sec;
	if (!day_exists(d) || tm.tm_sec > 59 + (tm.tm_min == 59) ||
	    moment < 0 || moment > AT_MAX)
		return RC_REJECT;
	*at = moment;
	return RC_OK;
}

enum rc
clock_parse_http(const char *text, int64_t *at)
{
	uint64_t number;

	if (*text < '0' || *text > '9')
		return http_date(text, at);
	if (str_u64(text, AT_MAX, &number) != RC_OK)
		return RC_REJECT;
	*at = (int64_t)number;
	if (number < EPOCH_MIN)
		*at += clock_now();
	return RC_OK;
}

/* Make it the zone of local(), at little cost when it is already.  The path is
 * absolute, so TZDIR has no say; a zone that is not there glibc takes for
 * UTC. */
static void
zone_use(const char *zone)
{
	const char *now = getenv("TZ");
	char tz[256];

	(void)str_fmt(tz, sizeof(tz), ":" ZONE_DIR "%s", zone);
	if (now != NULL && str_eq(now, tz))
		return;
	if (setenv("TZ", tz, 1) != 0)
		mem_die();
	tzset();
}

static struct tm
local(int64_t at)
{
	struct tm tm = { 0 };
	time_t t = at;

	(void)localtime_r(&t, &tm);
	return tm;
}

bool
clock_zone_exists(const char *zone)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+-_/";
	char path[256], head[5] = "";
	int fd;

	if (str_eq(zone, "UTC"))
		return true;
	if (zone[0] == '/' || zone[strspn(zone, letters)] != '\0' ||
	    !str_fmt(path, sizeof(path), ZONE_DIR "%s", zone))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (read(fd, head, sizeof(head)) < 0)
		head[0] = '\0';
	(void)close(fd);
	/* Version 1 is too short for our time, and a file that counts leap
	 * seconds is not about POSIX time. */
	if (memcmp(head, "TZif", 4) != 0 || head[4] < '2')
		return false;
	zone_use(zone);
	return local(WHOLE_AT).tm_sec == 0;
}

struct day
clock_day_of(int64_t at, const char *zone)
{
	if (at < AT_MIN)
		at = AT_MIN;
	if (at > AT_MAX)
		at = AT_MAX;
	if (!str_eq(zone, "UTC")) {
		zone_use(zone);
		at += local(at).tm_gmtoff;
	}
	return day_of_number(floor_div(at, DAY_S));
}

/* The first moment after `from`, at most STEP_S later, from when the zone's
 * offset is not `was` any more; from + STEP_S when it stays. */
static int64_t
next_change(int64_t from, int64_t was)
{
	int64_t low = from, high = from + STEP_S;

	if (local(high).tm_gmtoff == was)
		return high;
	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;

		if (local(mid).tm_gmtoff == was)
			low = mid;
		else
			high = mid;
	}
	return high;
}

int64_t
clock_day_time(struct day d, int64_t time_s, const char *zone)
{
	int64_t then = clock_day_number(d) * DAY_S + time_s;
	int64_t at = then - ZONE_WIDEST, until;

	if (str_eq(zone, "UTC"))
		return then;
	zone_use(zone);
	/*
	 * Walk from change to change of the offset: between two of them the
	 * local time runs on evenly, so the time is met or it is not.  Where
	 * clocks skip it, the change itself is the first moment behind it.
	 */
	for (; at < then + ZONE_WIDEST; at = until) {
		int64_t offset_s = local(at).tm_gmtoff;

		if (at + offset_s >= then)
			break;
		until = next_change(at, offset_s);
		if (until + offset_s > then)
			return then - offset_s;
	}
	return at;
}

int64_t
clock_day_start(struct day d, const char *zone)
{
	return clock_day_time(d, 0, zone);
}

int64_t
clock_term_end_day(struct day event, int months, const char *zone)
{
	int64_t month = (int64_t)event.year * 12 + event.month - 1 + months;
	struct day last;
	int days;

	last.year = (int)floor_div(month, 12);
	last.month = (int)(month - last.year * INT64_C(12)) + 1;
	last.day = event.day;
	days = month_days(last.year, last.month);
	if (last.day > days)
		last.day = days;
	return clock_day_start(clock_day_add(last, 1), zone);
}

int64_t
clock_term_end(int64_t event_at, int months, const char *zone)
{
	return clock_term_end_day(clock_day_of(event_at, zone), months, zone);
}

enum rc
clock_parse_duration(const char *text, int64_t *seconds)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY_S },
	};
	char number[12];
	uint64_t value;
	size_t n = strlen(text), i;

	if (n < 2 || !str_copy_n(number, sizeof(number), text, n - 1) ||
	    str_u64(number, INT_MAX, &value) != RC_OK)
		return RC_REJECT;
	for (i = 0; i < COUNT(units); i++)
		if (text[n - 1] == units[i].unit) {
			*seconds = (int64_t)value * units[i].seconds;
			return RC_OK;
		}
	return RC_REJECT;
}
