/*
 * zone.h - how far a time zone's clocks stand from UTC, at any moment.
 *
 * Zones come from the IANA database of the system, by name.  The environment
 * (TZ, TZDIR) has no say, and nothing is remembered between calls: a struct
 * zone is the caller's memory and needs no end.
 */
#ifndef ZONE_H
#define ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "rc.h"

#define ZONE_DIR "/usr/share/zoneinfo"
#define ZONE_FILE (16u << 10)	/* longest zone file taken */

/* A rule of a change: which day of a year, and when on it, in local time. */
struct zone_change {
	enum { ZONE_MONTH, ZONE_JULIAN, ZONE_DAY } kind;
	int month, week, day;	/* Mm.w.d; or day alone: Jn, n */
	int32_t time_s;
};

struct zone {
	unsigned char file[ZONE_FILE];
	size_t changes_n, types_n;
	size_t changes, indexes, types;	/* where they stand in file */
	/* The rule for what comes after the last change in the table. */
	enum { ZONE_NO_RULE, ZONE_FIXED, ZONE_YEARLY } rule;
	int32_t standard_s, summer_s;
	struct zone_change start, end;	/* of summer time */
};

/* Read a zone.  RC_REJECT, unsaid, when the database has none of that name
 * or it can't be understood; *z is then undefined.  "UTC" always is there. */
MUST enum rc zone_read(struct zone *z, const char *name);

/* The same from the n bytes of a zone file (RFC 8536). */
MUST enum rc zone_parse(struct zone *z, const void *bytes, size_t n);

/* Seconds to add to UTC at that moment. */
int32_t zone_offset(const struct zone *z, int64_t at);

#endif
