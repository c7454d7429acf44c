/*
 * booked.h - what each run booked, as the log files tell.
 *
 * A line for each sale that was booked has the run and the sale's
 * identification key, a keyed hash.  So a run is known for as long as the log
 * files are kept, and nothing else is stored for it.
 */
#ifndef BOOKED_H
#define BOOKED_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"
#include "store.h"

#define BOOKED_RUN 32

struct booked {
	char run[BOOKED_RUN];
	char source[SALE_NAME];
	int64_t at;
	struct sale_key key, of;	/* of: a refund's order; 0: none */
	unsigned revision;
};

struct booked_list { struct booked *b; size_t n, cap; };

/* Those of a run (NULL: of all), in the order in which they were booked.  One
 * that two runs booked, since the first one crashed, is the second one's. */
MUST enum rc booked_read(const struct config *cfg, const char *tenant,
    const char *run, struct booked_list *out);
void booked_free(struct booked_list *l);

#endif
