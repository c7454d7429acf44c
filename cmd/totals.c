/*
 * totals.c - sums by source, currency and VAT.  The record knows no VAT and
 * no currency; it is counted under those of the shop's sale.
 */
#include "totals.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "str.h"

const char *const totals_columns[] = { "tenant", "source", "currency", "vat",
    "shop_count", "shop_excl", "shop_incl", "record_count", "record_excl",
    "record_incl", "books_count", "books_excl", "books_incl", NULL };

struct total {
	char source[SALE_NAME], currency[4], vat[CODE_MAX];
	struct { uint64_t n; struct money excl, incl; } of[TOTALS_SIDES];
};

struct totals { struct total *t; size_t n; };

struct totals *
totals_new(void)
{
	return mem_alloc(sizeof(struct totals));
}

void
totals_free(struct totals *t)
{
	if (t != NULL)
		free(t->t);
	free(t);
}

static struct total *
row_of(struct totals *t, const char *source, const char *currency,
    const char *vat)
{
	struct total *row;

	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->t[i].source, source) &&
		    str_eq(t->t[i].currency, currency) &&
		    str_eq(t->t[i].vat, vat))
			return &t->t[i];
	t->t = mem_grow(t->t, (t->n + 1) * sizeof(*t->t));
	row = &t->t[t->n++];
	memset(row, 0, sizeof(*row));
	(void)str_copy(row->source, sizeof(row->source), source);
	(void)str_copy(row->currency, sizeof(row->currency), currency);
	(void)str_copy(row->vat, sizeof(row->vat), vat);
	return row;
}

void
totals_add(struct totals *t, const char *source, const char *currency,
    const char *vat, enum totals_side side, struct record sum)
{
	struct total *row = row_of(t, source, currency, vat);

	row->of[side].n++;
	row->of[side].excl = money_add(row->of[side].excl, sum.excl);
	row->of[side].incl = money_add(row->of[side].incl, sum.incl);
}

static int
by_name(const void *x, const void *y)
{
	const struct total *a = x, *b = y;
	int cmp = strcmp(a->source, b->source);

	if (cmp == 0)
		cmp = strcmp(a->currency, b->currency);
	return cmp != 0 ? cmp : strcmp(a->vat, b->vat);
}

void
totals_report(struct totals *t, const char *tenant, struct report *r)
{
	char text[MONEY_TEXT];

	if (t->n > 0)
		qsort(t->t, t->n, sizeof(*t->t), by_name);
	for (size_t i = 0; i < t->n; i++) {
		const struct total *row = &t->t[i];
		int digits = money_digits(row->currency);

		report_text(r, tenant);
		report_text(r, row->source);
		report_text(r, row->currency);
		report_text(r, row->vat[0] != '\0' ? row->vat : "all");
		for (int side = 0; side < TOTALS_SIDES; side++) {
			/* The record knows no VAT. */
			bool told = side != TOTALS_RECORD ||
			    row->vat[0] == '\0';

			if (told)
				report_int(r, (int64_t)row->of[side].n);
			else
				report_text(r, NULL);
			money_print(text, row->of[side].excl, digits);
			report_text(r, told ? text : NULL);
			money_print(text, row->of[side].incl, digits);
			report_text(r, told ? text : NULL);
		}
	}
}

void
totals_vat_name(const struct tenant *t, const char *code, char out[CODE_MAX])
{
	const struct rules *r = &t->rules;
	const char *own = rules_pair(r->vat, r->vat_n, code);
	bool fits = true;

	(void)str_copy(out, CODE_MAX, own != NULL &&
	    t->books.connector->tells_keys ? code : "");
	if (out[0] != '\0')
		return;
	if (own != NULL)
		code = own;
	for (size_t i = 0; i < r->vat_n; i++)
		if (str_eq(r->vat[i].value, code))
			fits = (out[0] == '\0' ||
			    str_add(out, CODE_MAX, ", ")) &&
			    str_add(out, CODE_MAX, r->vat[i].key) && fits;
	if (out[0] == '\0' || !fits)
		(void)str_copy(out, CODE_MAX, code);
}
