/*
 * prices.c - makes cents of a sale's amounts, and prices of which the VAT comes
 * out as the shop's.
 *
 * It must never lose a cent: what the lines of a code and rate add up to is the rounded
 * sum of what the shop gave.
 */
#include "prices.h"

#include "str.h"

static struct prices_group *
group_of(struct prices *p, const struct document_line *l)
{
	struct prices_group *g;

	for (size_t i = 0; i < p->groups_n; i++)
		if (str_eq(p->groups[i].code, l->vat_code) &&
		    p->groups[i].rate_e4 == l->vat_rate_e4)
			return &p->groups[i];
	if (p->groups_n == PRICES_GROUPS)
		return NULL;
	g = &p->groups[p->groups_n++];
	*g = (struct prices_group){ .code = l->vat_code,
	    .rate_e4 = l->vat_rate_e4 };
	return g;
}

/*
 * Cents for the line: the difference of the rounded running sums, so that the
 * lines of a code add up to the rounded sum, whatever decimals a shop gives.
 */
bool
prices_add(struct prices *p, const struct sale_line *from,
    struct document_line *l)
{
	struct prices_group *g = group_of(p, l);
	struct money excl, vat, incl;

	if (g == NULL)
		return false;
	excl = money_add(g->excl, from->excl);
	vat = money_add(g->vat, from->vat);
	l->excl = money_sub(money_round(excl, p->digits),
	    money_round(g->excl, p->digits));
	l->vat = money_sub(money_round(vat, p->digits),
	    money_round(g->vat, p->digits));
	g->excl = excl;
	g->vat = vat;
	g->lines++;
	incl = money_add(l->excl, l->vat);
	g->over = money_add(g->over,
	    money_vat_over(l->excl, l->vat_rate_e4, p->digits));
	g->in = money_add(g->in,
	    money_vat_in(incl, l->vat_rate_e4, p->digits));
	return true;
}

/*
 * How well the books' own VAT would agree with the shop's when prices are
 * sent without (incl false) or with VAT: 0 not, 1 when they round once per
 * rate, 2 also when they round line by line.
 */
static int
vat_agrees(const struct prices *p, bool incl)
{
	int score = 2;

	for (size_t i = 0; i < p->groups_n; i++) {
		const struct prices_group *g = &p->groups[i];
		struct money excl = money_round(g->excl, p->digits);
		struct money vat = money_round(g->vat, p->digits);
		struct money once = incl ?
		    money_vat_in(money_add(excl, vat), g->rate_e4, p->digits) :
		    money_vat_over(excl, g->rate_e4, p->digits);

		if (!money_eq(once, vat))
			return 0;
		if (!money_eq(incl ? g->in : g->over, vat))
			score = 1;
	}
	return score;
}

/* What the books make of a group's VAT. */
static struct money
group_vat(const struct prices *p, const struct prices_group *g,
    enum vat_way way)
{
	struct money excl = money_round(g->excl, p->digits);
	struct money vat = money_round(g->vat, p->digits);

	if (way == VAT_OVER)
		return money_vat_over(excl, g->rate_e4, p->digits);
	if (way == VAT_INSIDE)
		return money_vat_in(money_add(excl, vat), g->rate_e4,
		    p->digits);
	return vat;
}

void
prices_totals(const struct prices *p, enum vat_way way, struct document *d)
{
	d->excl = d->vat = (struct money){ 0 };
	for (size_t i = 0; i < p->groups_n; i++) {
		const struct prices_group *g = &p->groups[i];
		struct money excl = money_round(g->excl, p->digits);
		struct money more = money_sub(group_vat(p, g, way),
		    money_round(g->vat, p->digits));

		if (way == VAT_INSIDE)
			excl = money_sub(excl, more);
		d->excl = money_add(d->excl, excl);
		d->vat = money_add(d->vat, group_vat(p, g, way));
	}
}

/* A group's last line takes what the books make of its cents, so that the
 * lines are what gets booked; the price that is sent stays as it is. */
void
prices_follow(const struct prices *p, enum vat_way way, struct document *d)
{
	for (size_t i = 0; i < p->groups_n; i++) {
		const struct prices_group *g = &p->groups[i];
		struct money more = money_sub(group_vat(p, g, way),
		    money_round(g->vat, p->digits));
		struct document_line *l = &d->lines[d->lines_n - 1];

		while (!str_eq(l->vat_code, g->code) ||
		    l->vat_rate_e4 != g->rate_e4)
			l--;
		l->vat = money_add(l->vat, more);
		if (way == VAT_INSIDE)
			l->excl = money_sub(l->excl, more);
	}
}

/* The shop's VAT is its rate over its base, but for a cent a line: what else
 * it may be is not for the books to find out. */
static bool
plausible(const struct prices *p)
{
	int64_t cent = money_step(p->digits).e6;

	for (size_t i = 0; i < p->groups_n; i++) {
		const struct prices_group *g = &p->groups[i];
		struct money over = money_vat_over(g->excl, g->rate_e4,
		    p->digits);

		if (money_abs(money_sub(g->vat, over)).e6 >
		    (g->lines + p->mapped) * cent)
			return false;
	}
	return true;
}

/* The shop took each line's VAT out of a price with VAT, as its cents show. */
static bool
with_vat(const struct prices *p)
{
	bool over = true, in = true;

	for (size_t i = 0; i < p->groups_n; i++) {
		struct money vat = money_round(p->groups[i].vat, p->digits);

		over = over && money_eq(p->groups[i].over, vat);
		in = in && money_eq(p->groups[i].in, vat);
	}
	return in && !over;
}

/*
 * Those without VAT where the shop's VAT comes out however they round; else
 * those with VAT, whose sum is what was paid whatever they do.  Where the
 * shop's VAT comes out of neither, theirs over the shop's base stands, as long
 * as a rounding line can hold the rest; behind that, and where the shop's own
 * prices are those with VAT, theirs out of those.
 */
enum vat_way
prices_choose(const struct prices *p, struct money paid, int64_t most_e6,
    struct document *d)
{
	int without = vat_agrees(p, false), with = vat_agrees(p, true);
	struct money rest;

	d->incl_prices = without < 2 && with > 0;
	if (without > 0 || with > 0)
		return VAT_TOLD;
	prices_totals(p, VAT_OVER, d);
	rest = money_sub(paid, money_add(d->excl, d->vat));
	d->incl_prices = plausible(p) && (with_vat(p) ||
	    money_abs(rest).e6 > most_e6);
	return d->incl_prices ? VAT_INSIDE : VAT_OVER;
}
