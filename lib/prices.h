/*
 * prices.h - the cents of a document, by VAT code, and what books make of
 * them that work VAT out themselves.  Pure.
 */
#ifndef PRICES_H
#define PRICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "document.h"
#include "money.h"
#include "sale.h"

#define PRICES_GROUPS 32	/* distinct VAT codes and rates on a document */

struct prices {			/* all zero at the start, but for: */
	int digits;		/* of the currency */
	int64_t mapped;		/* lines of receipts, where there are any, that
				 * its lines are the sums of */
	/* The lines of one VAT code and rate: where one account takes the VAT
	 * of several countries, each is rounded by itself. */
	struct prices_group {
		const char *code;
		int32_t rate_e4;
		struct money excl, vat;		/* as the shop says */
		struct money over, in;		/* VAT line by line, as books
						 * may */
		int64_t lines;
	} groups[PRICES_GROUPS];
	size_t groups_n;
};

/* How the document's VAT comes about. */
enum vat_way {
	VAT_TOLD,	/* as the shop says: the books are told, or find it */
	VAT_OVER,	/* the books' own, over the shop's base */
	VAT_INSIDE	/* the books' own, out of the shop's prices */
};

/* A line of the sale becomes the cents of l, a line of the document whose VAT
 * code is there.  False: there are too many codes. */
bool prices_add(struct prices *p, const struct sale_line *from,
    struct document_line *l);
/* Which prices to send to books that work VAT out: fills in d->incl_prices,
 * and uses d's sums.  most_e6: what a rounding line can hold. */
enum vat_way prices_choose(const struct prices *p, struct money paid,
    int64_t most_e6, struct document *d);
/* d->excl and d->vat in this way. */
void prices_totals(const struct prices *p, enum vat_way way,
    struct document *d);
/* And its lines. */
void prices_follow(const struct prices *p, enum vat_way way,
    struct document *d);

#endif
