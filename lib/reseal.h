/*
 * reseal.h - a store under a new data key.
 */
#ifndef RESEAL_H
#define RESEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "env.h"
#include "rc.h"

/*
 * Give the store a new data key, seal every value anew with it, write the
 * store anew, so that no old byte is left in it, and let the old key go.  The
 * index key stays: what was booked is still found.
 *
 * The ring holds both keys until the end, so others may read meanwhile, and a
 * call after one that was broken off goes on with the key that one made.  The
 * caller holds the lock of the tenant, or the operator's.  dry: only see that
 * every value opens.  *n: how many there were to do.  RC_END: there is no
 * store.  RC_LATER (said): a signal, or a reader that stays.
 */
MUST enum rc reseal_store(const struct store_place *p, bool dry, uint64_t *n);

#endif
