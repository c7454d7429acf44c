/*
 * shares.h - what sales and documents come to under each VAT code, for dedupe.
 */
#ifndef SHARES_H
#define SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "document.h"
#include "tenant.h"
#include "totals.h"

struct share {
	char vat[CODE_MAX];		/* totals_vat_name */
	struct money excl, amount;	/* without VAT, and the VAT */
};

/* All of a comparison, and which of them are one document's. */
struct shares { struct share *s; size_t n, cap; };
struct shares_part { size_t at, n; };	/* n 0: not known */

struct shares_part shares_of_document(struct shares *all,
    const struct tenant *t, const struct document *d);
struct shares_part shares_of_posted(struct shares *all,
    const struct tenant *t, const struct posted *p);
/* Both together; not known when one is not. */
struct shares_part shares_join(struct shares *all, struct shares_part a,
    struct shares_part b);
void shares_free(struct shares *all);

/* Each VAT code of one has the other's sums, give or take slack_e6. */
bool shares_agree(const struct shares *all, struct shares_part a,
    struct shares_part b, int64_t slack_e6);
void shares_total(const struct shares *all, struct shares_part part,
    struct totals *to, const char *source, const char *currency,
    enum totals_side side);

#endif
