/*
 * document.c - a document is what a debtor bought, so it is wiped after use.
 */
#include "document.h"

#include <string.h>

#include "buf.h"
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

void
document_line_describe(struct document_line *l, const struct sale_line *from)
{
	static const char *const words[] = {
		[LINE_ARTICLE] = "Article", [LINE_SHIPPING] = "Shipping",
		[LINE_DISCOUNT] = "Discount", [LINE_FEE] = "Fee",
		[LINE_GIFTCARD] = "Gift card", [LINE_DEPOSIT] = "Deposit",
		[LINE_TIP] = "Tip", [LINE_DONATION] = "Donation",
		[LINE_DIFFERENCE] = "Cash difference",
		[LINE_ROUNDING] = "Rounding",
	};

	(void)str_copy(l->description, sizeof(l->description),
	    from->description);
	str_trim(l->description);
	if (l->description[0] == '\0')
		(void)str_copy(l->description, sizeof(l->description),
		    from->article[0] != '\0' ? from->article :
		    words[from->kind]);
}

/* Nothing but costs, and money that goes from one place to another. */
static bool
is_payout(const struct document *d)
{
	bool out = false, in = false;

	for (size_t i = 0; i < d->lines_n; i++)
		if (d->lines[i].kind != LINE_FEE ||
		    d->lines[i].vat_kind != VAT_NONE)
			return false;
	for (size_t i = 0; i < d->payments_n; i++) {
		out = out || d->payments[i].amount.e6 < 0;
		in = in || d->payments[i].amount.e6 > 0;
	}
	return d->kind == SALE_SUMMARY && out && in;
}

const char *
document_word(const struct document *d)
{
	if (is_payout(d))
		return "payout";
	if (d->credit)
		return "credit note";
	if (d->kind == SALE_RECEIPT)
		return "receipt";
	return d->kind == SALE_SUMMARY ? "summary" : "sales invoice";
}

struct document *
document_pack(const struct document *d)
{
	size_t n = offsetof(struct document, lines) +
	    d->lines_n * sizeof(d->lines[0]);
	struct document *copy = mem_alloc(n);

	memcpy(copy, d, n);
	return copy;
}
