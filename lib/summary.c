/*
 * summary.c - adds receipts up, line by line.
 *
 * Nothing of a receipt that could tell who bought what may stay here: no
 * description, no article, no debtor.
 */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "secret.h"
#include "str.h"

struct summary_line {
	enum line_kind kind;
	enum vat_kind vat_kind;
	char vat_country[3];
	int32_t vat_rate_e4;
	char vat_key[CODE_MAX], vat_code[CODE_MAX], account[CODE_MAX];
	struct money excl, vat;
};

/* In the order of a receipt; what a rounding was booked as is told by its
 * account alone. */
static int
line_cmp(const struct summary_line *a, const struct summary_line *b)
{
	int cmp = (a->kind > b->kind) - (a->kind < b->kind);

	if (cmp == 0)
		cmp = strcmp(a->vat_key, b->vat_key);
	if (cmp == 0)
		cmp = strcmp(a->vat_code, b->vat_code);
	if (cmp == 0)
		cmp = strcmp(a->account, b->account);
	if (cmp == 0)
		cmp = strcmp(a->vat_country, b->vat_country);
	if (cmp == 0)
		cmp = (a->vat_rate_e4 > b->vat_rate_e4) -
		    (a->vat_rate_e4 < b->vat_rate_e4);
	return cmp != 0 ? cmp : (int)a->vat_kind - (int)b->vat_kind;
}

static int
payment_cmp(const struct document_payment *a, const struct document_payment *b)
{
	int cmp = strcmp(a->method, b->method);

	return cmp != 0 ? cmp : strcmp(a->account, b->account);
}

static void
add_line(struct summary *s, const struct summary_line *l)
{
	size_t at = s->lines_n;
	int cmp = 1;

	while (at > 0 && (cmp = line_cmp(&s->lines[at - 1], l)) > 0)
		at--;
	if (at > 0 && cmp == 0) {
		struct summary_line *same = &s->lines[at - 1];

		same->excl = money_add(same->excl, l->excl);
		same->vat = money_add(same->vat, l->vat);
		return;
	}
	if (s->lines_n == s->lines_cap) {
		s->lines_cap = s->lines_cap == 0 ? 8 : s->lines_cap * 2;
		s->lines = mem_move(s->lines, s->lines_n * sizeof(*s->lines),
		    s->lines_cap * sizeof(*s->lines));
	}
	memmove(&s->lines[at + 1], &s->lines[at],
	    (s->lines_n++ - at) * sizeof(*s->lines));
	s->lines[at] = *l;
}

static void
add_payment(struct summary *s, const struct document_payment *p)
{
	size_t at = s->payments_n;
	int cmp = 1;

	while (at > 0 && (cmp = payment_cmp(&s->payments[at - 1], p)) > 0)
		at--;
	if (at > 0 && cmp == 0) {
		s->payments[at - 1].amount =
		    money_add(s->payments[at - 1].amount, p->amount);
		return;
	}
	if (s->payments_n == s->payments_cap) {
		s->payments_cap = s->payments_cap == 0 ? 4 :
		    s->payments_cap * 2;
		s->payments = mem_move(s->payments,
		    s->payments_n * sizeof(*s->payments),
		    s->payments_cap * sizeof(*s->payments));
	}
	memmove(&s->payments[at + 1], &s->payments[at],
	    (s->payments_n++ - at) * sizeof(*s->payments));
	s->payments[at] = *p;
}

void
summary_add(struct summary *s, const struct document *d)
{
	for (size_t i = 0; i < d->lines_n; i++) {
		const struct document_line *from = &d->lines[i];
		struct summary_line l = { .kind = from->kind,
		    .vat_kind = from->vat_kind,
		    .vat_rate_e4 = from->vat_rate_e4, .excl = from->excl,
		    .vat = from->vat };

		memcpy(l.vat_country, from->vat_country,
		    sizeof(l.vat_country));
		(void)str_copy(l.vat_key, CODE_MAX, from->vat_key);
		(void)str_copy(l.vat_code, CODE_MAX, from->vat_code);
		(void)str_copy(l.account, CODE_MAX, from->account);
		add_line(s, &l);
	}
	for (size_t i = 0; i < d->payments_n; i++)
		add_payment(s, &d->payments[i]);
	s->incl = money_add(s->incl, d->incl);
	s->mapped += (int64_t)d->lines_n;
}

static const char *
words(enum line_kind kind, enum language language)
{
	static const char *const text[][2] = {
		[LINE_ARTICLE] = { "Sales", "Omzet" },
		[LINE_SHIPPING] = { "Shipping", "Verzending" },
		[LINE_DISCOUNT] = { "Discounts", "Kortingen" },
		[LINE_FEE] = { "Fees", "Kosten" },
		[LINE_GIFTCARD] = { "Gift cards", "Cadeaubonnen" },
		[LINE_DEPOSIT] = { "Deposits", "Statiegeld" },
		[LINE_TIP] = { "Tips", "Fooien" },
		[LINE_DONATION] = { "Donations", "Giften" },
		[LINE_DIFFERENCE] = { "Cash differences", "Kasverschillen" },
		[LINE_ROUNDING] = { "Rounding", "Afronding" },
	};

	return text[kind][language == LANGUAGE_NL];
}

static void
put_line(struct document *d, const struct summary_line *from,
    enum language language)
{
	struct document_line *l = &d->lines[d->lines_n++];
	bool told = from->kind < LINE_GIFTCARD || from->vat_rate_e4 != 0;

	memset(l, 0, sizeof(*l));
	l->kind = from->kind;
	l->vat_kind = from->vat_kind;
	l->vat_rate_e4 = from->vat_rate_e4;
	memcpy(l->vat_country, from->vat_country, sizeof(l->vat_country));
	(void)str_copy(l->vat_key, CODE_MAX, from->vat_key);
	(void)str_copy(l->vat_code, CODE_MAX, from->vat_code);
	(void)str_copy(l->account, CODE_MAX, from->account);
	(void)str_fmt(l->description, sizeof(l->description), "%s%s%s",
	    words(from->kind, language), told ? " " : "",
	    told ? from->vat_key : "");
	l->quantity = (struct money){ 1000000 };
	l->excl = from->excl;
	l->vat = from->vat;
	d->excl = money_add(d->excl, l->excl);
	d->vat = money_add(d->vat, l->vat);
}

static enum rc
put_payments(const struct summary *s, struct document *d, struct map_why *why)
{
	for (size_t i = 0; i < s->payments_n; i++) {
		if (money_is_zero(s->payments[i].amount))
			continue;
		if (d->payments_n == SALE_PAYMENTS)
			return why_refuse(why, M_TOO_LARGE,
			    "the number of payment methods of the day");
		d->payments[d->payments_n++] = s->payments[i];
	}
	return RC_OK;
}

enum rc
summary_document(const struct summary *s, enum language language,
    struct document *d, struct map_why *why)
{
	d->lines_n = d->payments_n = 0;
	d->excl = d->vat = (struct money){ 0 };
	d->incl = s->incl;
	/* A day that comes to nothing is still a document. */
	for (int all = 0; all < 2 && d->lines_n == 0; all++)
		for (size_t i = 0; i < s->lines_n; i++) {
			if (all == 0 && money_is_zero(s->lines[i].excl) &&
			    money_is_zero(s->lines[i].vat))
				continue;
			if (d->lines_n == SALE_LINES)
				return why_refuse(why, M_TOO_LARGE,
				    "the number of lines of the day");
			put_line(d, &s->lines[i], language);
		}
	return put_payments(s, d, why);
}

void
summary_free(struct summary *s)
{
	if (s->lines != NULL)
		secret_zero(s->lines, s->lines_cap * sizeof(*s->lines));
	if (s->payments != NULL)
		secret_zero(s->payments,
		    s->payments_cap * sizeof(*s->payments));
	free(s->lines);
	free(s->payments);
	*s = (struct summary){ .lines = NULL };
}
