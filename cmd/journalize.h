/*
 * journalize.h - a booking as an accountant reads it, for --dry-run.
 */
#ifndef JOURNALIZE_H
#define JOURNALIZE_H

#include "config.h"
#include "document.h"

/* Print date, reference, and per line ledger account, VAT code, debit and
 * credit. */
void journalize(void *arg, const struct tenant *t, const struct document *d);

#endif
