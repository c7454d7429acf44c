/*
 * document.c - a document is what a debtor bought, so it is wiped after use.
 */
#include "document.h"

#include "secret.h"
#include "str.h"

void
document_wipe(struct document *d)
{
	size_t n = d->lines_n;

	/* A count out of range would leave lines behind: then wipe all. */
	if (n > sizeof(d->lines) / sizeof(d->lines[0]))
		n = sizeof(d->lines) / sizeof(d->lines[0]);
	secret_zero(d, offsetof(struct document, lines) +
	    n * sizeof(d->lines[0]));
}

bool
posted_vat_add(struct posted *p, const char *code, struct money excl,
    struct money vat)
{
	struct posted_vat *v = p->vat, *end = p->vat + p->vat_n;

	while (v < end && !str_eq(v->code, code))
		v++;
	if (v == end) {
		if (p->vat_n == POSTED_VATS ||
		    !str_copy(v->code, sizeof(v->code), code))
			return false;
		v->excl = v->vat = (struct money){ 0 };
		p->vat_n++;
	}
	v->excl = money_add(v->excl, excl);
	v->vat = money_add(v->vat, vat);
	return true;
}
