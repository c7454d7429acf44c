/*
 * moneybird_invoice.h - sales invoices: found, listed, made final and paid.
 *
 * The functions of struct books_ops, see connector.h.
 */
#ifndef MONEYBIRD_INVOICE_H
#define MONEYBIRD_INVOICE_H

#include "connector.h"
#include "document.h"
#include "rc.h"

MUST enum rc moneybird_invoice_find(struct connection *c,
    const char *reference, struct posted *out);
int moneybird_invoice_steps(struct connection *c, const struct document *d);
MUST enum rc moneybird_invoice_book(struct connection *c,
    const struct document *d, int step, struct posted *p);
MUST enum rc moneybird_invoice_list(struct connection *c, const char *from,
    const char *to, enum rc (*take)(void *arg, const struct posted *p),
    void *arg);

#endif
