/*
 * typed.h - what a duration, a date, a URL or a path is in the configuration.
 *
 * One row (struct typed_key) says a key's type, its bounds and where its
 * value goes; typed_take reads a text as such.  Pure but for TYPED_FILE, which
 * looks whether the file can be read.  Says nothing: schema.c does.
 */
#ifndef TYPED_H
#define TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file.h"
#include "rc.h"

enum typed_type {
	TYPED_ANY,		/* the caller reads it */
	TYPED_MAP, TYPED_LIST,	/* the same, but of this kind */
	TYPED_TEXT,		/* char *, at most max bytes */
	TYPED_NAME,		/* char *, see typed_name_ok */
	TYPED_COUNTRY,		/* char[3] */
	TYPED_CURRENCY,		/* char[4] */
	TYPED_PATH,		/* char[FILE_PATH], made absolute */
	TYPED_FILE,		/* char *, absolute, readable */
	TYPED_URL,		/* char *, without slash at the end */
	TYPED_PROXY,		/* char *, http:// or https:// */
	TYPED_INT,		/* int, min..max */
	TYPED_WHOLE,		/* nothing is stored */
	TYPED_BOOL,		/* bool */
	TYPED_DURATION,		/* int64_t of seconds, min..max */
	TYPED_TIME,		/* int64_t of seconds since midnight */
	TYPED_ZONE,		/* char *, a name of the IANA database */
	TYPED_DAY,		/* struct day */
	TYPED_YEAR_END,		/* struct day, of the year STATUTORY_LEAP */
	TYPED_MONEY,		/* struct money, 0..max millionths */
	TYPED_CHOICE		/* int: the index in choices */
};

struct typed_key {
	const char *name;	/* NULL ends a table */
	enum typed_type type;
	bool required;
	size_t at;		/* offset in what is filled in */
	int64_t min, max;
	const char *const *choices;	/* NULL-ended */
};

/* Read text as k says and store it at `to` (NULL: only check).  dir is where
 * relative paths start.  RC_CONFIG: it is not what k expects. */
MUST enum rc typed_take(const struct typed_key *k, const char *dir,
    const char *text, void *to);
/* "expected a duration such as 2s, 10m, 6h or 30d, from 1 s to 600 s" */
void typed_expected(const struct typed_key *k, char *out, size_t size);

/* True for a name of a tenant or source: str_plain up to 32, not starting
 * with a dot or dash. */
bool typed_name_ok(const char *name);
/* True for a URL with a user or password before its host. */
bool typed_has_user(const char *url);
/* True for a text without control bytes but tabs. */
bool typed_one_line(const char *text);

#endif
