/*
 * refund.h - the lines of a refund that names an amount and nothing else.
 */
#ifndef REFUND_H
#define REFUND_H

#include <stdbool.h>
#include <stddef.h>

#include "rc.h"
#include "sale.h"

/*
 * The lines of a refund that names an amount and nothing else: the original's
 * lines left over, per group of lines that are alike, by largest remainder.
 * `order` is the order; `before[n]` the refunds that came earlier; r has its
 * amount in r->incl (negative) and no lines.  RC_REJECT when the amount
 * is more than what is left of the order.  r->excl is filled in too.
 */
MUST enum rc refund_amount(const struct sale *order,
    const struct sale *before, size_t n, struct sale *r);
/* The rules can't but put both under the same VAT: it is of the same country
 * and rate, and where there is none they are the same article. */
bool refund_alike(const struct sale_line *a, const struct sale_line *b);

#endif
