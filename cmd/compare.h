/*
 * compare.h - shop against record against books, for dedupe.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "rc.h"
#include "report.h"
#include "ring.h"

extern const char *const compare_columns[];

struct compare_job {
	const struct config *cfg;
	const struct master *master;
	const struct tenant *tenant;
	const char *source;		/* NULL: all */
	int64_t since_at, until_at;	/* placed in [since, until) */
	bool repair;
	struct report *report;		/* one row per finding; or... */
	bool totals;			/* ...one per source and VAT */
};

/* Compare one tenant; *found counts what was found.  Writes nothing without
 * repair, and then only the record. */
MUST enum rc compare_tenant(const struct compare_job *job, size_t *found);

#endif
