/*
 * summary.h - many receipts as one document.
 *
 * Each receipt is mapped by itself (map_receipt); what it comes to is added
 * up here: a line per kind of line, VAT and ledger account, a payment per
 * method.  Sums are exact and kept in order, so that the same receipts in any
 * order make the same document.  Pure.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "document.h"
#include "rc.h"
#include "why.h"

struct summary {		/* all zero at the start */
	struct money incl;
	int64_t mapped;		/* lines of the receipts */
	struct summary_line *lines;
	size_t lines_n, lines_cap;
	struct document_payment *payments;
	size_t payments_n, payments_cap;
};

/* Add a receipt; all of one summary are in one currency. */
void summary_add(struct summary *s, const struct document *d);
/*
 * The lines, the payments and their sums as those of *d, of which the rest is
 * the caller's.  Lines that come to nothing are left out.  RC_REJECT: there
 * is more than a document holds.
 */
MUST enum rc summary_document(const struct summary *s, enum language language,
    struct document *d, struct map_why *why);
void summary_free(struct summary *s);

#endif
