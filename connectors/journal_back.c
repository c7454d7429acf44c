/*
 * journal_back.c - one of our transactions as the document that it was.
 *
 * A posting of the base is a line, with the VAT of the same key; what is
 * neither, nor what debtors owe, is a payment.  A transaction that people
 * changed so that it no longer reads like that is odd, and is not ours to turn
 * round.
 */
#include "journal_back.h"

#include <string.h>

#include "str.h"

static struct document_line *
line_add(struct journal_back *b, const struct journal_words *w)
{
	struct document_line *l;

	if (b->d->lines_n == COUNT(b->d->lines)) {
		b->odd = true;
		return NULL;
	}
	l = &b->d->lines[b->d->lines_n++];
	memset(l, 0, sizeof(*l));
	(void)str_copy(l->account, sizeof(l->account), w->account);
	(void)str_copy(l->vat_key, sizeof(l->vat_key), w->key);
	l->quantity.e6 = 1000000;
	return l;
}

/* Onto the line of its base; where that came to nothing it has none. */
static void
take_vat(struct journal_back *b, const struct journal_words *w)
{
	struct document *d = b->d;
	struct document_line *l = d->lines, *end = d->lines + d->lines_n;

	while (l < end && (!str_eq(l->vat_key, w->key) ||
	    (l->vat_code[0] != '\0' && !str_eq(l->vat_code, w->account))))
		l++;
	if (l == end && (l = line_add(b, w)) == NULL)
		return;
	(void)str_copy(l->vat_code, sizeof(l->vat_code), w->account);
	l->vat = money_sub(l->vat, w->amount);
	d->vat = money_sub(d->vat, w->amount);
}

static void
take_payment(struct journal_back *b, const struct journal_words *w)
{
	struct document *d = b->d;

	if (d->payments_n == COUNT(d->payments)) {
		b->odd = true;
		return;
	}
	(void)str_copy(d->payments[d->payments_n].account, CODE_MAX,
	    w->account);
	d->payments[d->payments_n++].amount = w->amount;
}

static void
take_posting(struct journal_back *b, const struct journal_words *w)
{
	struct document *d = b->d;
	struct document_line *l;

	if (d->currency[0] == '\0') {
		(void)str_copy(d->currency, sizeof(d->currency), w->currency);
		d->rate = w->rate;
		(void)str_copy(d->rate_source, sizeof(d->rate_source),
		    "its invoice");
	}
	b->odd = b->odd || !w->whole || !str_eq(w->currency, d->currency) ||
	    !money_eq(w->rate, d->rate) || strlen(w->account) >= CODE_MAX;
	b->sum = money_add(b->sum, w->amount);
	if (w->role == ROLE_VAT) {
		take_vat(b, w);
	} else if (w->role == ROLE_BASE) {
		if ((l = line_add(b, w)) == NULL)
			return;
		l->excl = money_neg(w->amount);
		d->excl = money_add(d->excl, l->excl);
	} else if (!str_eq(w->account, b->receivable)) {
		take_payment(b, w);
	}
	d->incl = money_add(d->excl, d->vat);
}

enum rc
journal_back_line(void *arg, enum journal_line what,
    const struct journal_words *w)
{
	struct journal_back *b = arg;

	if (what == JOURNAL_HEADER) {
		b->inside = str_eq(w->reference, b->reference);
		b->found += b->inside;
	} else if (what != JOURNAL_POSTING && what != JOURNAL_NOTE) {
		b->inside = false;
	}
	if (b->inside && b->found == 1 && what == JOURNAL_POSTING)
		take_posting(b, w);
	return RC_OK;
}
