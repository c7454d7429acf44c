/*
 * ubl_tax.h - a document's figures as EN 16931 wants them: a VAT category for
 * each line, a subtotal for each category and rate, and the totals.
 */
#ifndef UBL_TAX_H
#define UBL_TAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connector.h"
#include "document.h"
#include "money.h"
#include "rc.h"

#define UBL_TAXES 32		/* subtotals of a document */

struct ubl_tax {
	const char *category;		/* "S", "Z", "E", "AE", "K", "G", "O" */
	int32_t rate_e4;		/* 0 but for S */
	struct money base, vat;
	char reason[160];		/* why there is no VAT; "" for S and Z */
};

/* All with the sign that stands in the file: a credit note's are turned. */
struct ubl_sums {
	struct money base, vat;		/* of the lines */
	struct money rounding;		/* PayableRoundingAmount */
	struct money prepaid;		/* what the payments come to */
	struct money due;		/* what is left to pay */
	struct ubl_tax tax[UBL_TAXES];
	size_t tax_n;
	/* Of each line of the document; NULL: it stands in `rounding`. */
	const struct ubl_tax *of[SALE_LINES + 1];
};

/* The seller's country. */
const char *ubl_tax_home(const struct connection *c);
/* m with the sign that it has in the file. */
struct money ubl_tax_turn(const struct document *d, struct money m);

/* Add up.  *s points into itself: don't copy it.  RC_REJECT: no document
 * that the rules accept can be made of it, c->why_text says why. */
MUST enum rc ubl_tax_sum(struct connection *c, const struct document *d,
    struct ubl_sums *s);

#endif
