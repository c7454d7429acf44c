/*
 * refund.c - the lines of a refund that names an amount and nothing else.
 *
 * The amount is spread over what is left of the order per VAT country and
 * rate.  It never takes more VAT out of a group than is in there, and the
 * refund that empties the order takes exactly the remainder, so that the
 * order and all its refunds add up to nothing.
 */
#include "sale.h"

#include <string.h>

#include "str.h"

#define GROUPS 64		/* VAT countries and rates in one order */

struct group {
	char country[3];
	int32_t rate_e4;
	struct money excl, incl;	/* what is left */
};

struct left {
	size_t n;
	struct group groups[GROUPS];
	struct money incl;		/* by the totals */
	int digits;
};

static bool
add(struct money *sum, struct money m)
{
	return !__builtin_add_overflow(sum->e6, m.e6, &sum->e6);
}

static struct group *
group_of(struct left *left, const struct sale_line *l)
{
	struct group *g;

	for (size_t i = 0; i < left->n; i++) {
		g = &left->groups[i];
		if (g->rate_e4 == l->vat_rate_e4 &&
		    str_eq(g->country, l->vat_country))
			return g;
	}
	if (left->n == GROUPS)
		return NULL;
	g = &left->groups[left->n++];
	memset(g, 0, sizeof(*g));
	(void)str_copy(g->country, sizeof(g->country), l->vat_country);
	g->rate_e4 = l->vat_rate_e4;
	return g;
}

/* An order's lines add up, a refund's are negative: both are added. */
static enum rc
count(struct left *left, const struct sale *s)
{
	struct group *g;

	for (size_t i = 0; i < s->lines_n; i++) {
		g = group_of(left, &s->lines[i]);
		if (g == NULL || !add(&g->excl, s->lines[i].excl) ||
		    !add(&g->incl, s->lines[i].excl) ||
		    !add(&g->incl, s->lines[i].vat))
			return RC_REJECT;
	}
	return add(&left->incl, s->incl) ? RC_OK : RC_REJECT;
}

/* Minus `part`, VAT included, of a group. */
static void
line_put(struct sale *r, const struct left *left, const struct group *g,
    struct money part)
{
	struct money vat = money_sub(g->incl, g->excl);
	struct sale_line *l;

	if (!money_eq(part, g->incl))
		vat = money_scale(part, vat, g->incl, left->digits);
	if (money_is_zero(part) && money_is_zero(vat))
		return;
	l = sale_line_add(r);
	if (l == NULL)		/* no: GROUPS is less than SALE_LINES */
		return;
	l->kind = LINE_ARTICLE;
	l->vat_rate_e4 = g->rate_e4;
	(void)str_copy(l->vat_country, sizeof(l->vat_country), g->country);
	(void)str_copy(l->description, sizeof(l->description), "Refund");
	l->quantity.e6 = 1000000;
	l->vat = money_neg(vat);
	l->excl = money_neg(money_sub(part, vat));
	r->excl = money_add(r->excl, l->excl);
}

/* Part of what is left: in proportion, and from no group more than it has. */
static enum rc
spread(struct sale *r, const struct left *left, struct money amount)
{
	struct money weights[GROUPS], parts[GROUPS], sum = { 0 };

	for (size_t i = 0; i < left->n; i++) {
		weights[i].e6 = left->groups[i].incl.e6 > 0 ?
		    left->groups[i].incl.e6 : 0;
		if (!add(&sum, weights[i]))
			return RC_REJECT;
	}
	if (money_is_zero(sum))
		return RC_REJECT;
	/* Where an order's lines are some cents short of its total, the
	 * refund may be too: map.c makes the same rounding of it. */
	if (amount.e6 > sum.e6)
		amount = sum;
	money_share(amount, weights, left->n, left->digits, parts);
	r->excl.e6 = 0;
	for (size_t i = 0; i < left->n; i++)
		line_put(r, left, &left->groups[i], parts[i]);
	return RC_OK;
}

enum rc
sale_refund_amount(const struct sale *order, const struct sale *before,
    size_t n, struct sale *r)
{
	struct left left = { .digits = money_digits(order->currency) };
	struct money amount = money_round(money_neg(r->incl), left.digits);
	struct group *g;

	if (count(&left, order) != RC_OK)
		return RC_REJECT;
	for (size_t i = 0; i < n; i++)
		if (count(&left, &before[i]) != RC_OK)
			return RC_REJECT;
	left.incl = money_round(left.incl, left.digits);
	for (size_t i = 0; i < left.n; i++) {
		g = &left.groups[i];
		g->incl = money_round(g->incl, left.digits);
		g->excl = money_round(g->excl, left.digits);
	}
	if (amount.e6 <= 0 || amount.e6 > left.incl.e6)
		return RC_REJECT;
	if (amount.e6 < left.incl.e6)
		return spread(r, &left, amount);
	r->excl.e6 = 0;
	for (size_t i = 0; i < left.n; i++)
		line_put(r, &left, &left.groups[i], left.groups[i].incl);
	return RC_OK;
}
