/*
 * tied.c - receipts that share the outcome of their summary.
 *
 * It must never leave a receipt tied to a summary that is settled: nobody
 * would ever book it.
 */
#include "tied.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "refunded.h"
#include "str.h"

struct tie { struct sale_key key; struct intent intent; };

bool
tied_is(const struct intent *i)
{
	return i->steps == 0;
}

void
tied_put(struct store *s, const struct intent *summary, const struct tied *t,
    size_t n)
{
	struct intent i = { .at = summary->at, .kind = SALE_RECEIPT };

	(void)str_copy(i.source, sizeof(i.source), summary->source);
	(void)str_copy(i.reference, sizeof(i.reference), summary->reference);
	for (size_t k = 0; k < n; k++) {
		i.amounts = t[k].amounts;
		i.of = t[k].of;
		store_intent_put(s, &t[k].key, &i);
	}
}

static enum rc
take(void *arg, const struct sale_key *k, const struct intent *i)
{
	struct ties *l = arg;

	if (!tied_is(i))
		return RC_OK;
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 256 : l->cap * 2;
		l->t = mem_move(l->t, l->n * sizeof(*l->t),
		    l->cap * sizeof(*l->t));
	}
	l->t[l->n++] = (struct tie){ *k, *i };
	return RC_OK;
}

enum rc
tied_load(struct store *s, struct ties *out)
{
	return store_intent_each(s, take, out);
}

void
tied_free(struct ties *l)
{
	if (l->t != NULL)
		secret_zero(l->t, l->cap * sizeof(*l->t));
	free(l->t);
	*l = (struct ties){ .t = NULL };
}

size_t
tied_count(const struct ties *l, const char *reference)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += str_eq(l->t[i].intent.reference, reference);
	return n;
}

static void
settle_one(struct store *s, struct tie *t, enum tied_fate fate)
{
	if (fate == TIED_HELD) {
		t->intent.held = true;
		store_intent_put(s, &t->key, &t->intent);
		return;
	}
	store_intent_del(s, &t->key);
	if (fate == TIED_LOOSE)
		return;
	store_sale_put(s, &t->key, &t->intent.amounts);
	refunded_add(s, &t->intent.of, &t->key, &t->intent.amounts);
	store_error_del(s, &t->key);	/* it may have been refused before */
}

void
tied_settle(struct store *s, const struct ties *l, const char *reference,
    enum tied_fate fate)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->t[i].intent.reference, reference))
			settle_one(s, &l->t[i], fate);
}
