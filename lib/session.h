/*
 * session.h - one tenant's part of a stream on its way into the books.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "document.h"
#include "rc.h"
#include "ring.h"
#include "stream.h"

/* Counted while it goes on; may lie in memory shared with the parent. */
struct push_counts {
	uint64_t seen, booked, skipped, refused, held, changed, waiting;
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
	    const struct document *d);	/* dry_run: each document */
	void *show_arg;
	struct push_counts *counts;
	const volatile int *stop;
};

struct session;

/* Opens (and makes) the store, takes the lock unless the job holds it. */
MUST enum rc session_open(const struct push_job *job, const struct tenant *t,
    struct session **out);

/* One item; line is its text.  RC_OK also for what was refused: what stops
 * the tenant is returned. */
MUST enum rc session_take(struct session *s, const struct item *it,
    const char *line, size_t len);

/* No more input for now: send what is there rather than wait for more. */
MUST enum rc session_flush(struct session *s);

/* The stream of this tenant is over.  whole: its end line came; then cursors
 * are stored.  Frees the session whatever is returned. */
MUST enum rc session_end(struct session *s, bool whole);

#endif
