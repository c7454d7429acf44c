/*
 * journalize.h - bookings as an accountant reads them, for --dry-run.
 */
#ifndef JOURNALIZE_H
#define JOURNALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "document.h"

struct posting;

struct journalize {		/* all zero but json at the start */
	bool json;		/* objects, each with a comma behind it */
	struct posting *totals;	/* of the tenant so far, per currency */
	size_t totals_n;
};

/*
 * Print a document: date, reference, journal, and per ledger account and VAT
 * code debit and credit, which add up.  d NULL: the tenant has no more; print
 * its totals.  arg is a struct journalize.  Nothing of the debtor is shown.
 */
void journalize(void *arg, const struct tenant *t, const struct document *d);

#endif
