/*
 * entry.c - sales on their way; they hold debtors' data, so every byte that
 * is left behind is wiped.
 */
#include "entry.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "secret.h"
#include "str.h"

void
entry_fill(struct entry *e, const struct sale *sale, struct store *s,
    uint64_t digest)
{
	memset(e, 0, sizeof(*e));
	e->digest = digest;
	e->intent.kind = sale->kind;
	(void)str_copy(e->intent.source, SALE_NAME, sale->source);
	(void)str_copy(e->intent.id, SALE_ID, sale->id);
	(void)str_copy(e->intent.number, SALE_ID, sale->number);
	(void)str_copy(e->refund_of, SALE_ID, sale->refund_of);
	e->placed_at = sale->placed_at;
	e->intent.amounts.excl = sale->excl;
	e->intent.amounts.incl = sale->incl;
	if (s == NULL)
		return;
	store_sale_key(s, sale->source, sale->kind, sale->id, 0, &e->key);
	if (store_debtor_key(s, sale->source, &sale->debtor, &e->debtor) !=
	    RC_OK)
		memset(&e->debtor, 0, sizeof(e->debtor));
}

void
entry_free(struct entry *e)
{
	if (e->doc != NULL) {
		document_wipe(e->doc);
		free(e->doc);
	}
	if (e->tied != NULL)
		secret_zero(e->tied, e->tied_n * sizeof(*e->tied));
	free(e->tied);
	secret_zero(e, sizeof(*e));
}

void
entry_move(struct entry *to, struct entry *from)
{
	if (to == from)
		return;
	*to = *from;
	secret_zero(from, sizeof(*from));
}

void
entries_add(struct entries *l, const struct entry *e)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 16 : l->cap * 2;
		l->e = mem_move(l->e, l->n * sizeof(*l->e),
		    l->cap * sizeof(*l->e));
	}
	l->e[l->n++] = *e;
}

void
entries_drop(struct entries *l, struct entry *e)
{
	size_t i = (size_t)(e - l->e);

	l->n--;
	memmove(&l->e[i], &l->e[i + 1], (l->n - i) * sizeof(*l->e));
	secret_zero(&l->e[l->n], sizeof(*l->e));
}

struct entry *
entries_find(struct entries *l, const struct sale_key *k)
{
	for (size_t i = 0; i < l->n; i++)
		if (memcmp(&l->e[i].key, k, sizeof(*k)) == 0)
			return &l->e[i];
	return NULL;
}

int64_t
entry_settles_from(const struct intent *i, int64_t alive_at)
{
	int64_t at = i->at > alive_at ? i->at : alive_at;
	int64_t now = clock_now();

	return at < now ? at : now;
}

int64_t
entry_due_at(const struct entry *e, const struct entry_times *t)
{
	/* Moments are whole seconds: one more, so that it is never less. */
	int64_t at = e->wait_from + t->settle_s + (t->settle_s > 0);
	int64_t again = e->intent.looked_at + (t->lag_s > 0 ? t->lag_s : 1);

	return e->intent.looked > 0 && again > at ? again : at;
}

struct entry *
entries_first(struct entries *l, const struct entry_times *t, bool without)
{
	struct entry *first = NULL;

	for (size_t i = 0; i < l->n; i++) {
		struct entry *e = &l->e[i];

		if (e->rounds >= ENTRY_ROUNDS || (e->doc == NULL && !without))
			continue;
		if (first == NULL ||
		    entry_due_at(e, t) < entry_due_at(first, t))
			first = e;
	}
	return first;
}

size_t
entries_loaded(const struct entries *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->e[i].doc != NULL;
	return n;
}

void
entries_free(struct entries *l)
{
	for (size_t i = 0; i < l->n; i++)
		entry_free(&l->e[i]);
	free(l->e);
	*l = (struct entries){ .e = NULL };
}
