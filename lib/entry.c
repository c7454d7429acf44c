/*
 * entry.c - sales on their way; they hold debtors' data, so every byte that
 * is left behind is wiped.
 */
#include "entry.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "secret.h"

void
entry_free(struct entry *e)
{
	if (e->doc != NULL) {
		document_wipe(e->doc);
		free(e->doc);
	}
	secret_zero(e, sizeof(*e));
}

void
entries_add(struct entries *l, const struct entry *e)
{
	struct entry *grown;

	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 16 : l->cap * 2;
		grown = mem_alloc(l->cap * sizeof(*grown));
		if (l->n > 0) {
			memcpy(grown, l->e, l->n * sizeof(*grown));
			secret_zero(l->e, l->n * sizeof(*grown));
		}
		free(l->e);
		l->e = grown;
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
