/*
 * env.h - an environment: sealed tables that are ours to use.
 *
 * A tenant's, of which store.h is made, in STORE/tenants/NAME; or the
 * operator's own, of which operator.h is made, in STORE/operator.  Both are
 * sealed, owned by a host and counted in the same way.
 */
#ifndef ENV_H
#define ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "crypt.h"
#include "db.h"
#include "file.h"
#include "rc.h"
#include "ring.h"
#include "sale.h"
#include "sealed.h"

#define STORE_FORMAT 1
#define ENV_FORMAT "format"	/* its row in meta, the one in the clear */

enum { ENV_META, ENV_SALES, ENV_INTENTS, ENV_DEBTORS, ENV_CURSORS,
    ENV_ERRORS, ENV_DETAILS, ENV_SECRETS, ENV_REFUNDED };
enum operator_table { OPERATOR_META, OPERATOR_CUSTOMERS, OPERATOR_INVOICES,
    OPERATOR_LOGINS, OPERATOR_VISITS };

/* Whose the operator's own is, where others bear a tenant's name: in seals,
 * key ring and generation.  No tenant can bear it. */
#define ENV_OPERATOR "@operator"

struct store_place {
	const char *dir;		/* the store's folder */
	const char *witness;		/* one outside of it, for a second copy
					 * of the generation; NULL: none */
	const char *tenant;		/* or ENV_OPERATOR */
	const struct master *master;
};

/* As it is configured. */
static inline struct store_place
store_place_of(const struct config *cfg, const struct master *m,
    const char *tenant)
{
	return (struct store_place){ .dir = cfg->store, .witness = cfg->logs,
	    .tenant = tenant, .master = m };
}

/* WRITE and MAKE: the caller holds the lock of the tenant, or the
 * operator's. */
enum store_mode { STORE_READ, STORE_WRITE, STORE_MAKE };

struct env {
	struct db *db;
	struct ring ring;
	struct sealed sealed;		/* the two above, together */
	const char *const *tables;
	enum store_mode mode;
	char tenant[SALE_NAME];
	char dir[FILE_PATH];
	char keys[FILE_PATH];
	char witness[FILE_PATH];	/* "": none */
	uint8_t host[CRYPT_HASH];	/* this one's */
	uint64_t generation;		/* the higher of the two counters */
	uint64_t inside;		/* its own, when it was opened */
	int commits;			/* since the generation was raised */
	bool raised;
	bool restored;			/* as of now */
	bool restored_kept;		/* as it stands in the meta table */
	bool restored_undo;		/* what an abort goes back to */
};

/* See store_open; take_over: whoever owns it.  *e is not to be moved. */
MUST enum rc env_open(struct env *e, const struct store_place *p,
    enum store_mode mode, bool take_over);
/* Only to count its rows, whoever owns it: needs no keys.  RC_END: none. */
MUST enum rc env_open_sealed(struct env *e, const struct store_place *p);
void env_close(struct env *e);

MUST enum rc env_begin(struct env *e);
MUST enum rc env_commit(struct env *e);
void env_abort(struct env *e);

/* Within a transaction. */
void env_own(struct env *e);		/* this host's, and restored */
void env_trusted(struct env *e);	/* no longer restored */

MUST enum rc env_reload(struct env *e);

#endif
