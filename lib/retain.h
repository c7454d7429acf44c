/*
 * retain.h - the retention rules: one table, and what carries them out.
 *
 * purge, the manual and salesync-privacy(7) all speak from this table.
 */
#ifndef RETAIN_H
#define RETAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"
#include "ring.h"

enum retain_what { RETAIN_LOGS, RETAIN_DETAILS, RETAIN_CREDENTIALS,
    RETAIN_COUNT };

struct retain_rule {
	enum retain_what what;
	const char *name;		/* "log files" */
	const char *holds;		/* what is in it */
	int months;
	const char *from;		/* "the day of the file", ... */
};
extern const struct retain_rule retain_rules[RETAIN_COUNT];

struct retain_done {			/* per rule and tenant */
	const char *tenant;		/* NULL: the operator's own */
	enum retain_what what;
	uint64_t gone, kept;
	int64_t next_at;		/* when the next of it goes; 0: none */
};

/* Apply all rules; dry: only count.  take gets every row of the table that
 * purge prints.  A tenant that can't be done is said, the others go on, and
 * the worst is returned. */
MUST enum rc retain_apply(const struct config *cfg, const struct master *m,
    bool dry, void (*take)(void *arg, const struct retain_done *d), void *arg);

/* When the next thing of a tenant is due; 0 when nothing is. */
int64_t retain_next(const struct config *cfg, const struct tenant *t,
    int64_t oldest_detail_at);

#endif
