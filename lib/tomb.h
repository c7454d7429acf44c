/*
 * tomb.h - tombstones: which debtors were erased from a tenant's store.
 *
 * A backup that is put back would bring them back.  So a keyed hash of each
 * address, never the address, is kept where the counters are that tell a
 * restored store: STORE/keys/NAME.erased and LOGS/NAME.erased, a line each:
 * day, hash, generation.  What stands in one of the two counts.
 */
#ifndef TOMB_H
#define TOMB_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "rc.h"
#include "rows.h"

struct tomb {
	struct day day;			/* of the erasure */
	struct debtor_key who;
	uint64_t generation;		/* of the store, from which on it is
					 * without them */
};
struct tombs { struct tomb *t; size_t n; };

struct tomb_place {
	const char *keys;		/* STORE/keys */
	const char *witness;		/* the log folder; "": none */
	const char *tenant;
};

/* Those of both places, one for each debtor; RC_OK with n 0 when there are no
 * files.  RC_FATAL: a line is none (said). */
MUST enum rc tomb_read(const struct tomb_place *p, struct tombs *out);
/* To both places, durably; none at all removes the files. */
MUST enum rc tomb_write(const struct tomb_place *p, const struct tombs *l);
/* Of two for one debtor the later one counts. */
void tomb_add(struct tombs *l, const struct tomb *t);
void tomb_free(struct tombs *l);

#endif
