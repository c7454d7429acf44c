/*
 * clock.h - moments, civil dates and terms.
 *
 * A moment is an int64_t of seconds since 1970 UTC, named _at; a length of
 * time is in seconds, named _s.  A civil date is a struct day in a time zone
 * of the IANA database, named by its name ("Europe/Amsterdam").
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rc.h"

#define CLOCK_ISO 21	/* "2026-11-01T12:00:00Z" and the NUL */
#define CLOCK_DAY 11	/* "2026-11-01" and the NUL */

struct day { int year, month, day; };	/* month and day from 1 */

int64_t clock_now(void);		/* wall clock */
int64_t clock_mono_ms(void);		/* monotonic, for measuring */
void clock_sleep_ms(int64_t ms);	/* returns early on a signal */

/* "2026-11-01T12:00:00Z" in UTC. */
void clock_iso(char out[CLOCK_ISO], int64_t at);

/*
 * RFC 3339 and what vendors make of it: "2026-11-01T12:00:00", a space for
 * the T, fractions of a second (cut), "Z" or "+01:00".  Without an offset
 * UTC is meant.  A bare "2026-11-01" is its midnight.  RC_REJECT on anything
 * else, on a day that does not exist, and on years outside 1970..9999.
 */
MUST enum rc clock_parse(const char *text, int64_t *at);

/*
 * What stands in HTTP headers, as a moment: the fixed date of RFC 9110 5.6.7
 * ("Sun, 06 Nov 1994 08:49:37 GMT"), or a whole number, which below 10^9 is
 * seconds from now and else a moment.
 */
MUST enum rc clock_parse_http(const char *text, int64_t *at);

/* "2026-11-01"; RC_REJECT on any other form or a day that does not exist. */
MUST enum rc clock_day_parse(const char *text, struct day *out);
void clock_day_print(char out[CLOCK_DAY], struct day d);
int clock_day_cmp(struct day a, struct day b);
struct day clock_day_add(struct day d, int days);
/* Days since 1970-01-01. */
int64_t clock_day_number(struct day d);

/* True when the IANA database has this zone. */
bool clock_zone_exists(const char *zone);

/* The civil date of a moment in a zone.  Here and below, a zone that does not
 * exist counts as UTC. */
struct day clock_day_of(int64_t at, const char *zone);
/* The first moment of a civil date in a zone (00:00, or the first instant
 * that exists). */
int64_t clock_day_start(struct day d, const char *zone);
/* When clocks there show so many seconds since midnight: the first time, where
 * they show it twice; where they skip it, the moment of the change. */
int64_t clock_day_time(struct day d, int64_t time_s, const char *zone);

/*
 * The end of a term of months, counted as in Regulation 1182/71 art. 3: the
 * day of the event does not count; the term ends with the last hour of the
 * same-numbered day, or of the month's last day where that day is missing.
 * Returns the first moment after the term, in the zone.
 */
int64_t clock_term_end(int64_t event_at, int months, const char *zone);
int64_t clock_term_end_day(struct day event, int months, const char *zone);

/* "2s", "10m", "6h", "30d": a whole number and one unit; RC_REJECT else. */
MUST enum rc clock_parse_duration(const char *text, int64_t *seconds);

#endif
