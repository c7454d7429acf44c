/*
 * leave.c - asks admit.c about the sales of a shop, as intake.c does.
 */
#include "leave.h"

#include "admit.h"
#include "clock.h"
#include "str.h"

static const enum sale_kind order_kinds[] = { SALE_ORDER, SALE_RECEIPT };

static enum admit_case
how(const struct leave *l, const struct sale *s)
{
	enum admit_case how = ADMIT_ORDER_UNKNOWN;
	struct sale_key k;
	struct record r;

	if (s->kind != SALE_REFUND)
		return ADMIT_NEW;
	for (size_t i = 0; i < COUNT(order_kinds); i++) {
		if (fate_of(&l->fates, s->source, order_kinds[i],
		    s->refund_of) == FATE_LEFT)
			how = ADMIT_ORDER_LEFT;
		if (l->store == NULL)
			continue;
		store_sale_key(l->store, s->source, order_kinds[i],
		    s->refund_of, 0, &k);
		if (store_sale_get(l->store, &k, &r) == RC_OK)
			return ADMIT_ORDER_BOOKED;
	}
	return how;
}

bool
leave_out(struct leave *l, const struct sale *s)
{
	struct admit a;

	if (admit_sale(l->cfg, l->t, s, how(l, s), &a) != RC_END)
		return false;
	fate_set(&l->fates, s, FATE_LEFT);
	return true;
}

bool
leave_moves(const struct tenant *t)
{
	return t->rules.book_on != BOOK_ON_ORDER ||
	    (t->rules.closed == CLOSED_NEXT && t->rules.closed_until.year != 0);
}

struct day
leave_until(const struct leave *l, struct day until)
{
	struct day today = clock_day_of(clock_now(), l->cfg->zone);
	struct day open = l->t->rules.closed_until;

	if (!leave_moves(l->t))
		return until;
	if (clock_day_cmp(today, until) > 0)
		until = today;
	if (open.year == 0)
		return until;
	open = clock_day_add(open, 1);
	return clock_day_cmp(open, until) > 0 ? open : until;
}
