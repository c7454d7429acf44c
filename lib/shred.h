/*
 * shred.h - the end of a tenant: its keys destroyed, and all that is left.
 *
 * Keys first: from then on every copy of its store, in whatever backup, is
 * noise.  Each step is durable; one that a crash cut short is finished by
 * doing it all again.
 */
#ifndef SHRED_H
#define SHRED_H

#include <stdbool.h>

#include "config.h"
#include "rc.h"

/* Whether anything of a tenant is there: *keys its key ring, *any whatever
 * it be. */
MUST enum rc shred_left(const struct config *cfg, const char *tenant,
    bool *keys, bool *any);

/* Destroy it.  The caller holds the tenant's lock, which goes too. */
MUST enum rc shred(const struct config *cfg, const char *tenant);

#endif
