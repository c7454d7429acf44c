/*
 * refunded.h - how much went back of each order.
 *
 * The sum of its refunds stands under the order's own key, below zero, and
 * which refunds these are is not kept.  So where the record of one is dropped,
 * what it counts for is set aside under its own key, and taken off the sum
 * when it comes again.
 */
#ifndef REFUNDED_H
#define REFUNDED_H

#include "rc.h"
#include "store.h"

/* What went back of an order, but for this refund of it. */
MUST enum rc refunded_sum(struct store *s, const struct sale_key *order,
    const struct sale_key *but, struct record *out);

/* Within a transaction: the refund is booked, or (without its record being
 * dropped) its amounts are these higher.  An order of zeros is not known:
 * nothing is done. */
void refunded_add(struct store *s, const struct sale_key *order,
    const struct sale_key *refund, const struct record *amounts);
/* Within a transaction: drop the refund's record, if it has one. */
MUST enum rc refunded_drop(struct store *s, const struct sale_key *refund);

#endif
