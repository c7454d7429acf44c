/*
 * refund.c - the lines of a refund that names an amount and nothing else.
 *
 * The amount is spread over what is left of the order per VAT country and
 * rate; without VAT per article too, since the rules may put two such
 * articles under different VAT, and what is no turnover stays by its kind.  It
 * never takes more VAT out of a group than is in there, and the refund that
 * empties the order takes exactly the remainder, so that the order and all its
 * refunds add up to nothing.
 */
#include "refund.h"

#include <string.h>

#include "str.h"

#define GROUPS SALE_LINES	/* at most a group for each line */

struct group {
	const struct sale_line *of;	/* the first */
	bool withheld;
	size_t head;			/* the first group of the same VAT */
	struct money excl, vat;		/* what is left */
	struct money of_excl, of_vat;	/* of the sale that is counted */
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

/* The kind that a line's refund has: what is no turnover stays what it is, and
 * so does a fee without VAT, which may be one that somebody withheld. */
static enum line_kind
kind_of(const struct sale_line *l)
{
	return l->kind >= LINE_GIFTCARD ||
	    (l->kind == LINE_FEE && l->vat_rate_e4 == 0) ? l->kind :
	    LINE_ARTICLE;
}

static bool
same_vat(const struct sale_line *a, const struct sale_line *b)
{
	return a->vat_rate_e4 == b->vat_rate_e4 && kind_of(a) == kind_of(b) &&
	    str_eq(a->vat_country, b->vat_country);
}

bool
refund_alike(const struct sale_line *a, const struct sale_line *b)
{
	return same_vat(a, b) && (a->vat_rate_e4 != 0 ||
	    (str_eq(a->article, b->article) && str_eq(a->ean, b->ean)));
}

static struct group *
group_of(struct left *left, const struct sale_line *l, bool withheld)
{
	size_t head = left->n;
	struct group *g;

	for (size_t i = left->n; i-- > 0;) {
		g = &left->groups[i];
		if (g->withheld != withheld || !same_vat(g->of, l))
			continue;
		if (refund_alike(g->of, l))
			return g;
		head = g->head;
	}
	if (left->n == GROUPS)
		return NULL;
	g = &left->groups[left->n++];
	*g = (struct group){ .of = l, .withheld = withheld, .head = head };
	return g;
}

static struct money
incl(const struct group *g)
{
	return money_add(g->excl, g->vat);
}

/* An order's lines add up, a refund's are negative: both are added, each
 * rounded as its document is. */
static enum rc
count(struct left *left, const struct sale *s, bool refund)
{
	for (size_t i = 0; i < s->lines_n; i++) {
		const struct sale_line *l = &s->lines[i];
		struct group *g = group_of(left, l, kind_of(l) == LINE_FEE &&
		    (l->excl.e6 < 0) != refund);

		if (g == NULL || !add(&g->of_excl, l->excl) ||
		    !add(&g->of_vat, l->vat))
			return RC_REJECT;
	}
	for (size_t i = 0; i < left->n; i++) {
		struct group *g = &left->groups[i];

		if (!add(&g->excl, money_round(g->of_excl, left->digits)) ||
		    !add(&g->vat, money_round(g->of_vat, left->digits)))
			return RC_REJECT;
		g->of_excl.e6 = g->of_vat.e6 = 0;
	}
	return add(&left->incl, s->incl) ? RC_OK : RC_REJECT;
}

/* Minus `part`, VAT included, of a group. */
static void
line_put(struct sale *r, const struct left *left, const struct group *g,
    struct money part)
{
	struct money vat = g->vat;
	struct sale_line *l;

	if (!money_eq(part, incl(g)))
		vat = money_scale(part, vat, incl(g), left->digits);
	if (money_is_zero(part) && money_is_zero(vat))
		return;
	l = sale_line_add(r);
	if (l == NULL)		/* no: GROUPS is SALE_LINES */
		return;
	l->kind = kind_of(g->of);
	l->vat_rate_e4 = g->of->vat_rate_e4;
	(void)str_copy(l->vat_country, sizeof(l->vat_country),
	    g->of->vat_country);
	if (l->vat_rate_e4 == 0) {
		(void)str_copy(l->article, sizeof(l->article), g->of->article);
		(void)str_copy(l->ean, sizeof(l->ean), g->of->ean);
	}
	(void)str_copy(l->description, sizeof(l->description), "Refund");
	l->quantity.e6 = 1000000;
	l->vat = money_neg(vat);
	l->excl = money_neg(money_sub(part, vat));
	r->excl = money_add(r->excl, l->excl);
}

/* Nothing is left of the lines, but of the total: what rounded it. */
static enum rc
rounding_put(struct sale *r, const struct left *left, struct money amount)
{
	struct sale_line *l = left->n > 0 ? sale_line_add(r) : NULL;

	if (l == NULL)
		return RC_REJECT;
	l->kind = LINE_ROUNDING;
	(void)str_copy(l->description, sizeof(l->description), "Refund");
	l->quantity.e6 = 1000000;
	l->excl = r->excl = money_neg(amount);
	return RC_OK;
}

/* What is left under the VAT of this head. */
static struct money
head_left(const struct left *left, size_t head)
{
	struct money sum = { 0 };

	for (size_t i = head; i < left->n; i++)
		if (left->groups[i].head == head)
			sum = money_add(sum, incl(&left->groups[i]));
	return sum;
}

static struct money
weight(struct money m)
{
	return m.e6 > 0 ? m : (struct money){ 0 };
}

/* A VAT's part over its articles; all of what is left is that of each. */
static void
spread_head(struct sale *r, const struct left *left, size_t head,
    struct money part)
{
	struct money weights[GROUPS], parts[GROUPS];
	bool all = money_eq(part, head_left(left, head));

	for (size_t i = 0; i < left->n; i++) {
		const struct group *g = &left->groups[i];

		weights[i] = g->head == head ? weight(incl(g)) :
		    (struct money){ 0 };
	}
	money_share(part, weights, left->n, left->digits, parts);
	for (size_t i = head; i < left->n; i++)
		if (left->groups[i].head == head)
			line_put(r, left, &left->groups[i],
			    all ? incl(&left->groups[i]) : parts[i]);
}

/* Part of what is left: in proportion, and of no VAT more than there is. */
static enum rc
spread(struct sale *r, const struct left *left, struct money amount)
{
	struct money weights[GROUPS], parts[GROUPS], sum = { 0 };

	for (size_t i = 0; i < left->n; i++) {
		weights[i].e6 = 0;
		if (left->groups[i].head == i)
			weights[i] = weight(head_left(left, i));
		if (!add(&sum, weights[i]))
			return RC_REJECT;
	}
	if (money_is_zero(sum))
		return rounding_put(r, left, amount);
	/* Where an order's lines are some cents short of its total, the
	 * refund may be too: map.c makes the same rounding of it. */
	if (amount.e6 > sum.e6)
		amount = sum;
	money_share(amount, weights, left->n, left->digits, parts);
	r->excl.e6 = 0;
	for (size_t i = 0; i < left->n; i++)
		if (left->groups[i].head == i)
			spread_head(r, left, i, parts[i]);
	return RC_OK;
}

enum rc
refund_amount(const struct sale *order, const struct sale *before,
    size_t n, struct sale *r)
{
	struct left left = { .digits = money_digits(order->currency) };
	struct money amount = money_round(money_neg(r->incl), left.digits);

	if (count(&left, order, false) != RC_OK)
		return RC_REJECT;
	for (size_t i = 0; i < n; i++)
		if (count(&left, &before[i], true) != RC_OK)
			return RC_REJECT;
	left.incl = money_round(left.incl, left.digits);
	if (amount.e6 <= 0 || amount.e6 > left.incl.e6)
		return RC_REJECT;
	if (amount.e6 < left.incl.e6)
		return spread(r, &left, amount);
	r->excl.e6 = 0;
	for (size_t i = 0; i < left.n; i++)
		line_put(r, &left, &left.groups[i], incl(&left.groups[i]));
	return r->lines_n > 0 ? RC_OK : rounding_put(r, &left, amount);
}
