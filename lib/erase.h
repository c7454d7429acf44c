/*
 * erase.h - what has to leave an environment for good.
 *
 * What store.h is made of, like env.h.  Erasing a debtor takes four steps,
 * each durable before the next: a tombstone, which says that it must be done;
 * a mark, that old bytes are to go; the rows; the old bytes.  Whoever opens
 * the environment for writing next does the rows where they are still there,
 * because of a crash or in a backup from before: a tombstone bears the
 * generation from which on the environment is without them.
 */
#ifndef ERASE_H
#define ERASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "env.h"
#include "rc.h"
#include "rows.h"

/* Make the mark; whether it is there; write the environment anew, then take
 * the mark away.  No transaction may be open for the last. */
MUST enum rc erase_mark(const struct env *e);
bool erase_marked(const struct env *e);
MUST enum rc erase_reload(struct env *e);

/* Within a transaction: drop the details that were last seen before a moment,
 * or those of one debtor (not NULL).  *n counts on. */
MUST enum rc erase_details(struct env *e, int64_t before,
    const struct debtor_key *who, size_t *n);

/* Erase a debtor: all four steps.  *n: rows that went. */
MUST enum rc erase_debtor(struct env *e, const struct debtor_key *who,
    struct day today, size_t *n);
/* Do again, before anything else, what this environment lacks; said. */
MUST enum rc erase_repeat(struct env *e);
/* Drop the tombstones of days before this one. */
MUST enum rc erase_expire(const struct env *e, struct day before, size_t *gone,
    size_t *kept);

#endif
