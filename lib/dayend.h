/*
 * dayend.h - from the receipts of a business day to the sale that is booked.
 */
#ifndef DAYEND_H
#define DAYEND_H

#include <stdbool.h>

#include "daybook.h"

/*
 * The next summary: first (tied) those that were sent before, to be settled;
 * then the days that are over.  RC_OK: *sale is its head (free it), *d and *e
 * are ready.  RC_REJECT: the same, but it is refused; *why.  RC_END: no more;
 * the next call begins anew.
 */
MUST enum rc dayend_next(struct daybook *b, bool tied, struct sale **sale,
    struct document *d, struct entry *e, struct map_why *why);

#endif
