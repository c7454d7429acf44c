/*
 * undoing.h - takes back what a run booked.
 *
 * The documents are found by their references, and known for the run's by the
 * sale's identification key.  Refunds go first; a sale of which money went
 * back in another run stays.  A sale that was taken back waits in the errors
 * until a person asks for it again.
 */
#ifndef UNDOING_H
#define UNDOING_H

#include <stdbool.h>

#include "booked.h"
#include "config.h"
#include "rc.h"
#include "report.h"
#include "ring.h"

extern const char *const undoing_columns[];

struct undoing_job {
	const struct config *cfg;
	const struct master *master;
	const struct tenant *tenant;
	const char *run;
	bool dry_run;
	struct report *report;		/* a row for each sale */
};

/* Undoes it, or finishes that.  RC_OK also where some were left, which was
 * said. */
MUST enum rc undoing_run(const struct undoing_job *job,
    struct booked_list *booked);

#endif
