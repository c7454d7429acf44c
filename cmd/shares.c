/*
 * shares.c - amounts by VAT code.  They are wiped: with a date and a debtor's
 * number they would tell what was bought.
 */
#include "shares.h"

#include <stdlib.h>

#include "buf.h"
#include "secret.h"
#include "str.h"

/* Onto the one of this part that bears the name. */
static void
add(struct shares *all, struct shares_part *part, const char *vat,
    struct money excl, struct money amount)
{
	struct share *s = all->s + part->at, *end = s + part->n;

	while (s < end && !str_eq(s->vat, vat))
		s++;
	if (s == end) {
		if (all->n == all->cap) {
			size_t had = all->n * sizeof(*all->s);

			all->cap = all->cap == 0 ? 256 : all->cap * 2;
			all->s = mem_move(all->s, had,
			    all->cap * sizeof(*all->s));
		}
		s = &all->s[all->n++];
		*s = (struct share){ .excl = { 0 } };
		(void)str_copy(s->vat, sizeof(s->vat), vat);
		part->n++;
	}
	s->excl = money_add(s->excl, excl);
	s->amount = money_add(s->amount, amount);
}

struct shares_part
shares_of_document(struct shares *all, const struct tenant *t,
    const struct document *d)
{
	struct shares_part part = { .at = all->n };
	char name[CODE_MAX];

	for (size_t i = 0; i < d->lines_n; i++) {
		const struct document_line *l = &d->lines[i];

		totals_vat_name(t, l->vat_code[0] == '\0' ||
		    t->books.connector->tells_keys ? l->vat_key : l->vat_code,
		    name);
		add(all, &part, name, l->excl, l->vat);
	}
	return part;
}

struct shares_part
shares_of_posted(struct shares *all, const struct tenant *t,
    const struct posted *p)
{
	struct shares_part part = { .at = all->n };
	char name[CODE_MAX];

	for (size_t i = 0; i < p->vat_n; i++) {
		totals_vat_name(t, p->vat[i].code, name);
		add(all, &part, name, p->vat[i].excl, p->vat[i].vat);
	}
	return part;
}

struct shares_part
shares_join(struct shares *all, struct shares_part a, struct shares_part b)
{
	struct shares_part sum = { .at = all->n };
	const struct shares_part of[] = { a, b };

	for (size_t i = 0; a.n > 0 && b.n > 0 && i < COUNT(of); i++)
		for (size_t j = of[i].at; j < of[i].at + of[i].n; j++) {
			struct share s = all->s[j];	/* they may move */

			add(all, &sum, s.vat, s.excl, s.amount);
		}
	return sum;
}

void
shares_free(struct shares *all)
{
	if (all->s != NULL)
		secret_zero(all->s, all->cap * sizeof(*all->s));
	free(all->s);
	*all = (struct shares){ .s = NULL };
}

static bool
covers(const struct shares *all, struct shares_part a, struct shares_part b,
    int64_t slack_e6)
{
	static const struct share none;

	for (size_t i = a.at; i < a.at + a.n; i++) {
		const struct share *x = &all->s[i], *y = &none;

		for (size_t j = b.at; j < b.at + b.n; j++)
			if (str_eq(all->s[j].vat, x->vat))
				y = &all->s[j];
		if (money_abs(money_sub(x->excl, y->excl)).e6 > slack_e6 ||
		    money_abs(money_sub(x->amount, y->amount)).e6 > slack_e6)
			return false;
	}
	return true;
}

bool
shares_agree(const struct shares *all, struct shares_part a,
    struct shares_part b, int64_t slack_e6)
{
	return covers(all, a, b, slack_e6) && covers(all, b, a, slack_e6);
}

void
shares_total(const struct shares *all, struct shares_part part,
    struct totals *to, const char *source, const char *currency,
    enum totals_side side)
{
	for (size_t i = part.at; i < part.at + part.n; i++)
		totals_add(to, source, currency, all->s[i].vat, side,
		    (struct record){ all->s[i].excl, money_add(all->s[i].excl,
		    all->s[i].amount) });
}
