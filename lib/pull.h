/*
 * pull.h - from the shops to the stream: what `pull` and half of `sync` do.
 */
#ifndef PULL_H
#define PULL_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"
#include "ring.h"

struct pull_job {
	const struct config *cfg;
	const struct master *master;
	const struct tenant *tenant;
	const char *source;		/* NULL: all of them */
	const char *order;		/* one sale by id, or NULL */
	int64_t since_at, until_at;	/* the operator's midnights, for those of
					 * each source; 0: by cursor */
	bool retry;			/* refused and held sales first */
	int fd;				/* where the lines go */
	bool locked;			/* the tenant's lock is held */
	bool paired;			/* a reader that goes away said why */
	uint64_t *seen;			/* counts what was written; or NULL */
	bool *idle;			/* or NULL: set, and nothing written,
					 * when push would find all as it is */
	const volatile int *stop;
};

/*
 * Write the sales of the tenant's sources, each source's cursor line behind
 * them, and an end line when every source was read to its end.  A one-off
 * (order, since or until) moves no cursor.  RC_END: the reader went away.
 */
MUST enum rc pull_run(const struct pull_job *job);

#endif
