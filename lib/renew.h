/*
 * renew.h - keeps a connection's access token fresh.
 *
 * One process at a time may renew: the one that holds the tenant's lock.  A
 * refresh token may work once only, so that it is asked is on disk before the
 * request, and the new tokens are on disk before they are used.  An answer
 * that is lost is asked for once more at once with the same token; then the
 * old access token serves until its end, and at its end a last time.  What
 * then is not there a person must bring: consent is needed, and no further
 * request is made until there are new secrets.
 */
#ifndef RENEW_H
#define RENEW_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "connection.h"
#include "rc.h"
#include "ring.h"
#include "store.h"
#include "vault.h"

struct renew_place {			/* borrowed */
	const struct config *cfg;
	struct store *store;		/* open for writing, under the
					 * tenant's lock; NULL: opened when
					 * needed, with: */
	const struct master *master;
	bool locked;			/* the lock is held all the same */
	enum safe_slot slot;		/* where the set stands */
};

/* True when the set has what it takes. */
bool renew_can(const struct connector *k, const struct vault_set *v);
/* From when its token is due. */
int64_t renew_due_at(const struct connector *k, const struct vault_set *v);

/*
 * Renew the token of the set that c was made with, where it is due or refused.
 * RC_OK: v's token may be used; it is the new one, or the old one that still
 * lasts.  RC_AUTH: consent is needed.  RC_LATER: not now.  All said.
 */
MUST enum rc renew_token(const struct renew_place *p, struct connection *c,
    struct vault_set *v, bool refused);

#endif
