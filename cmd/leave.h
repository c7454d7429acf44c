/*
 * leave.h - what dedupe can't expect in the books: the sales that the
 * tenant's rules leave out, and a document on the day of its sale.
 */
#ifndef LEAVE_H
#define LEAVE_H

#include <stdbool.h>

#include "config.h"
#include "fate.h"
#include "sale.h"
#include "store.h"

struct leave {
	const struct config *cfg;
	const struct tenant *t;
	struct store *store;		/* NULL: nothing is recorded */
	struct fates fates;		/* free with fate_free */
};

/* Whether a sale that is not recorded is left out; an order comes before its
 * refunds. */
bool leave_out(struct leave *l, const struct sale *s);

/* True when the rules give documents other days than their sales'. */
bool leave_moves(const struct tenant *t);
/* The last day that a document of a sale placed until this day may have. */
struct day leave_until(const struct leave *l, struct day until);

#endif
