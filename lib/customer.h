/*
 * customer.h - the own customers in the operator's store, brought up to date
 * from the tenants' files, so that one whose file is gone is still known.
 */
#ifndef CUSTOMER_H
#define CUSTOMER_H

#include <stdint.h>

#include "config.h"
#include "operator.h"
#include "rc.h"

/* Within a transaction.  A row whose tenant has no file stays as it is; so
 * does shredded_at.  Services that do not fit in a row are left out. */
MUST enum rc customer_refresh(struct operator_store *o,
    const struct config *cfg, int64_t now);

#endif
