/*
 * map.h - from a sale to a document, by the tenant's rules.
 *
 * Here and nowhere else a VAT rate becomes the books' VAT code, a line a
 * ledger account, a payment method a payment account; here the cents are made
 * to agree.  Pure: no store, no network.
 */
#ifndef MAP_H
#define MAP_H

#include "config.h"
#include "connector.h"
#include "rc.h"
#include "sale.h"
#include "why.h"

/*
 * Fill in *d but for d->debtor and d->original; its date is the sale's day in zone.
 * RC_REJECT: no rule, or the amounts do not add up beyond the rounding
 * allowed; *why says which, with the YAML to paste.
 *
 * The sum of d->lines' excl and vat is d->incl to the cent and equals what
 * the debtor paid.  Where the books compute VAT themselves, prices
 * without or with VAT are chosen so that their VAT is the shop's; where it
 * can't be, theirs out of the prices with VAT stands, and the total agrees.
 */
MUST enum rc map_sale(const struct tenant *t, const char *zone,
    const struct sale *s, struct document *d, struct map_why *why);

/* Name the original of a refund's document: of that kind and revision. */
void map_original(const struct tenant *t, const struct sale *refund,
    enum sale_kind of, unsigned revision, struct document *d);

/* The same for a receipt that becomes part of a summary: the VAT in *d is the
 * till's own, whatever the books would make of that receipt alone. */
MUST enum rc map_receipt(const struct tenant *t, const char *zone,
    const struct sale *s, struct document *d, struct map_why *why);

/*
 * For a summary s, of which the head alone counts (its lines are not looked
 * at): *d has lines, payments and sums of summary_document, from `mapped`
 * lines of receipts; fill in the rest as map_sale does.  Where the books
 * compute VAT themselves, theirs over the whole day stands.
 */
MUST enum rc map_summary(const struct tenant *t, const char *zone,
    const struct sale *s, int64_t mapped, struct document *d,
    struct map_why *why);

#endif
