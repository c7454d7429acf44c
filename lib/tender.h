/*
 * tender.h - in which money a sale was paid, and from where: the payments of
 * a document, and the rate of its currency.  Pure.
 */
#ifndef TENDER_H
#define TENDER_H

#include "config.h"
#include "connector.h"
#include "document.h"
#include "sale.h"
#include "why.h"

/* Fill in d->own, d->rate and d->rate_source; d->currency is there.
 * RC_REJECT: the books need a rate and nobody tells one. */
MUST enum rc tender_rate(const struct tenant *t, struct document *d,
    const struct sale *s, struct map_why *why);
/* Fill in d->payments; d->incl is there.  RC_REJECT: a method without a rule,
 * or more was paid than is due. */
MUST enum rc tender_payments(const struct tenant *t, struct document *d,
    const struct sale *s, struct map_why *why);

#endif
