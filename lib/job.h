/*
 * job.h - what a push is asked to do, and what it counts.
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "document.h"
#include "ring.h"

/* Counted while it goes on; may lie in memory shared with the parent. */
struct push_counts {
	uint64_t seen, booked, skipped, refused, held, changed, waiting,
	    left_out, shown;	/* shown: of a dry run, to be booked */
	uint64_t corrected;		/* sales, credited */
	uint64_t unruled;		/* lines, see struct document_line */
	bool whole;			/* the end line came and agreed */
};

struct push_job {
	const struct config *cfg;
	const struct master *master;
	const struct tenant *only;	/* NULL: any tenant of cfg */
	int fd;				/* the stream */
	bool locked;			/* the caller holds the tenant's lock */
	bool retry;			/* take refused sales up again */
	bool dry_run;			/* map and show, nothing else */
	bool paired;			/* a missing end line is pull's fault,
					 * and was said there */
	void (*show)(void *arg, const struct tenant *t,
	    const struct document *d);	/* dry_run: each document; NULL:
					 * the tenant has no more */
	void *show_arg;
	struct push_counts *counts;
	const volatile int *stop;
};

#endif
