/*
 * refunded.c - the sums of what went back, kept in step with the record.
 */
#include "refunded.h"

#include <string.h>

static struct record
minus(struct record a, struct record b)
{
	return (struct record){ money_sub(a.excl, b.excl),
	    money_sub(a.incl, b.incl) };
}

/* Zeros where there is none. */
static enum rc
get(struct store *s, const struct sale_key *k, struct record *out)
{
	enum rc rc = store_refunded_get(s, k, out);

	if (rc == RC_END)
		*out = (struct record){ { 0 }, { 0 } };
	return rc == RC_END ? RC_OK : rc;
}

enum rc
refunded_sum(struct store *s, const struct sale_key *order,
    const struct sale_key *but, struct record *out)
{
	struct record sum, aside;
	enum rc rc = get(s, order, &sum);

	if (rc == RC_OK)
		rc = get(s, but, &aside);
	if (rc == RC_OK)
		*out = minus(sum, aside);
	return rc;
}

void
refunded_add(struct store *s, const struct sale_key *order,
    const struct sale_key *refund, const struct record *amounts)
{
	static const struct sale_key nobody = { { 0 } };
	struct record sum;

	/* A row that can't be opened was said, and stays as it is: each
	 * further refund of the order fails on it. */
	if (memcmp(order, &nobody, sizeof(nobody)) == 0 ||
	    refunded_sum(s, order, refund, &sum) != RC_OK)
		return;
	sum.excl = money_add(sum.excl, amounts->excl);
	sum.incl = money_add(sum.incl, amounts->incl);
	if (money_is_zero(sum.excl) && money_is_zero(sum.incl))
		store_refunded_del(s, order);
	else
		store_refunded_put(s, order, &sum);
	store_refunded_del(s, refund);
}

enum rc
refunded_drop(struct store *s, const struct sale_key *refund)
{
	struct record r, aside;
	enum rc rc = store_sale_get(s, refund, &r);

	if (rc == RC_OK)
		rc = get(s, refund, &aside);
	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	store_sale_del(s, refund);
	aside.excl = money_add(aside.excl, r.excl);
	aside.incl = money_add(aside.incl, r.incl);
	store_refunded_put(s, refund, &aside);
	return RC_OK;
}
