/*
 * lock.h - one run per tenant at a time, and one that writes the operator's
 * own store.
 */
#ifndef LOCK_H
#define LOCK_H

#include "config.h"
#include "file.h"
#include "rc.h"

/* STORE/tenants/NAME.lock; its time of change is the last sign of life of a
 * run (file_touch), from which a crashed one's intents settle. */
MUST enum rc lock_path(const struct config *cfg, const char *tenant,
    char out[FILE_PATH]);

/* Take it for as long as *fd is open here or in a child; RC_LATER, said, when
 * another run holds it.  RC_CONFIG, said, when the tenant's term is over: who
 * makes a store holds this lock, so that nothing comes back. */
MUST enum rc lock_take(const struct config *cfg, const char *tenant, int *fd);
/* The same, over or not, for who makes none: erases, or takes over. */
MUST enum rc lock_any(const struct config *cfg, const char *tenant, int *fd);

/* The same for STORE/operator.lock. */
MUST enum rc lock_operator(const struct config *cfg, int *fd);

#endif
