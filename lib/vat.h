/*
 * vat.h - which VAT rule of the tenant a line of a sale comes under.
 *
 * The rate that the shop charged stands; what is decided here is what a rate
 * of nothing means (export, reverse charge, exempt, no turnover at all) and
 * what the books call it.  Pure.
 */
#ifndef VAT_H
#define VAT_H

#include "config.h"
#include "document.h"
#include "sale.h"

struct vat {
	enum vat_kind kind;
	char country[3];		/* whose VAT it is */
	char key[CODE_MAX];		/* in rules.vat: "NL 21", "export" */
	const char *code;		/* the books' own; NULL: no rule.
					 * Borrowed from the tenant */
};

void vat_choose(const struct tenant *t, const struct sale *s,
    const struct sale_line *l, struct vat *out);

/* True for the 27 member states (ISO alpha-2; Greece GR). */
bool vat_in_eu(const char *country);

#endif
