/*
 * moneybird_back.h - a sales invoice as the document that it was booked from.
 */
#ifndef MONEYBIRD_BACK_H
#define MONEYBIRD_BACK_H

#include "connector.h"
#include "document.h"
#include "rc.h"

/* See `read` in connector.h. */
MUST enum rc moneybird_back_read(struct connection *c, const char *reference,
    struct document *out, struct posted *p);

/* See `drop`. */
MUST enum rc moneybird_back_drop(struct connection *c,
    const struct posted *p);

#endif
