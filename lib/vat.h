/*
 * vat.h - which VAT rule of the tenant a line of a sale comes under.
 *
 * The rate that the shop charged stands.  What is decided here is what the
 * books call it, and what a rate of nothing means: a line that is no turnover,
 * a buyer outside the EU's VAT area (export), a business in another member
 * state (reverse charge), or else the country's zero rate or `exempt`,
 * whichever the tenant has.  Pure.
 */
#ifndef VAT_H
#define VAT_H

#include "catalog.h"
#include "config.h"
#include "document.h"
#include "sale.h"

struct vat {
	enum vat_kind kind;
	char country[3];		/* whose VAT it is */
	char key[CODE_MAX];		/* in rules.vat: "NL 21", "export" */
	const char *code;		/* the books' own, borrowed from the
					 * tenant; NULL: there is none */
	enum msg why;			/* M_NONE, or why it is refused */
	char text[200];			/* and of `why`, in our words */
};

/* By the line's country and rate, and who buys. */
void vat_choose(const struct tenant *t, const struct sale *s,
    const struct sale_line *l, struct vat *out);

/* By the key that a rule of the tenant names: "NL 9", "margin_used", exempt,
 * export, reverse_charge or none. */
void vat_of_key(const struct tenant *t, const char *key, struct vat *out);

#endif
