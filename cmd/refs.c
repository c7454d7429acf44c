/*
 * refs.c - a sorted list; order numbers stand in it, so it is wiped.
 */
#include "refs.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "secret.h"
#include "str.h"

void
refs_add(struct refs *l, const char *reference, size_t of)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 256 : l->cap * 2;
		l->r = mem_move(l->r, l->n * sizeof(*l->r),
		    l->cap * sizeof(*l->r));
	}
	l->r[l->n] = (struct ref){ .of = of };
	(void)str_copy(l->r[l->n++].reference, REF_MAX, reference);
}

static int
by_reference(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	int cmp = strcmp(x->reference, y->reference);

	return cmp != 0 ? cmp : (x->of < y->of) - (x->of > y->of);
}

void
refs_sort(struct refs *l)
{
	size_t n = 0;

	if (l->n > 0)
		qsort(l->r, l->n, sizeof(*l->r), by_reference);
	for (size_t i = 0; i < l->n; i++)
		if (n == 0 || !str_eq(l->r[n - 1].reference,
		    l->r[i].reference))
			l->r[n++] = l->r[i];
	l->n = n;
}

struct ref *
refs_find(struct refs *l, const char *reference)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int cmp = strcmp(l->r[mid].reference, reference);

		if (cmp == 0)
			return &l->r[mid];
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

void
refs_free(struct refs *l)
{
	if (l->r != NULL)
		secret_zero(l->r, l->cap * sizeof(*l->r));
	free(l->r);
	*l = (struct refs){ .r = NULL };
}

const char *
refs_source(const struct tenant *t, const char *reference)
{
	for (size_t i = 0; i < t->sources_n; i++) {
		char prefix[REF_MAX];

		sale_reference(t->sources[i].name, SALE_ORDER, "1", "1",
		    REF_MAX - 1, prefix);
		*(strrchr(prefix, '-') + 1) = '\0';
		if (str_starts(reference, prefix))
			return t->sources[i].name;
	}
	return NULL;
}
