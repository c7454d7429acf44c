/*
 * leave.c - asks admit.c about the sales of a shop, as intake.c does.
 */
#include "leave.h"

#include "admit.h"
#include "clock.h"
#include "original.h"
#include "str.h"

static enum admit_case
how(const struct leave *l, const struct sale *s)
{
	struct original o;

	if (s->kind != SALE_REFUND)
		return ADMIT_NEW;
	if (original_recorded(l->store, s->source, s->refund_of, &o) == RC_OK)
		return ADMIT_ORDER_BOOKED;
	return original_lone(&l->fates, s);
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
