/*
 * safe.h - the secrets in a tenant's store, each in one of three slots.
 *
 * The slot is a part of the row's key, so that a secret can't pass for one
 * of another slot.  Puts and dels stand within a transaction.
 */
#ifndef SAFE_H
#define SAFE_H

#include <stddef.h>
#include <stdint.h>

#include "rc.h"
#include "rows.h"
#include "sealed.h"

enum safe_slot { SAFE_CURRENT,	/* in use */
    SAFE_CANDIDATE,		/* to be proven */
    SAFE_PREVIOUS };		/* was in use; waits out its grace */

/* RC_END: not there.  Wipe out->value after. */
MUST enum rc safe_get(const struct sealed *s, enum safe_slot slot,
    const char *connection, const char *name, struct secret_row *out);
/* r NULL: it goes. */
void safe_put(const struct sealed *s, enum safe_slot slot,
    const char *connection, const char *name, const struct secret_row *r);

/* How far the renewal of this connection's token is; all 0 when not begun. */
MUST enum rc safe_grant_get(const struct sealed *s, enum safe_slot slot,
    const char *connection, struct grant_row *out);
void safe_grant_put(const struct sealed *s, enum safe_slot slot,
    const char *connection, const struct grant_row *r);

/* Drop what had to go by now: candidates and previous ones.  *n counts the
 * secrets. */
MUST enum rc safe_fade(const struct sealed *s, int64_t now, size_t *n);
/* Drop all of them. */
MUST enum rc safe_drop(const struct sealed *s, size_t *n);

#endif
