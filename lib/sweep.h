/*
 * sweep.h - carries out a plan.
 *
 * Deletes for ever, so it first asks what could be wrong: the clock, or a
 * configuration under which far too much would go.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "rc.h"

/* RC_CONFIG, said: by what is known the clock can't be right.  right: a
 * person says that it is; what speaks against it is then forgotten. */
MUST enum rc sweep_clock_check(struct plan *p, bool right);
/* RC_REJECT, said: more than that share of what is kept under one rule would
 * go. */
MUST enum rc sweep_most_check(const struct plan *p, uint64_t percent);

/* Do it, and write a certificate of what went; program is who says so.  Rows
 * then say what went, 0 where it could not be done.  A tenant that can't be
 * done is said, the others go on, and the worst is returned. */
MUST enum rc sweep(struct plan *p, const char *program);

/* Say the file of each tenant of whom nothing else is left, for its time is
 * over: RC_REJECT then. */
MUST enum rc sweep_files_check(const struct plan *p);

#endif
