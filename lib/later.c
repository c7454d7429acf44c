/*
 * later.c - a short list of sales; they hold debtors' data, so each is wiped.
 */
#include "later.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "str.h"

/* Its number, or n. */
static size_t
find(const struct later *l, const char *source, enum sale_kind kind,
    const char *id)
{
	size_t i = 0;

	while (i < l->n && (l->sale[i] == NULL || l->sale[i]->kind != kind ||
	    !str_eq(l->sale[i]->id, id) || !str_eq(l->sale[i]->source, source)))
		i++;
	return i;
}

static void
wipe(struct later *l, size_t i)
{
	if (l->sale[i] == NULL)
		return;
	sale_wipe(l->sale[i]);
	free(l->sale[i]);
	l->sale[i] = NULL;
}

bool
later_put(struct later *l, const struct sale *s, uint64_t digest)
{
	size_t i = find(l, s->source, s->kind, s->id), n = sale_size(s);

	if (i == LATER_MAX)
		return false;
	if (i < l->n)
		wipe(l, i);
	else
		l->n++;
	l->digest[i] = digest;
	l->sale[i] = mem_alloc(n);
	memcpy(l->sale[i], s, n);
	return true;
}

bool
later_has(const struct later *l, const char *source, enum sale_kind kind,
    const char *id)
{
	return find(l, source, kind, id) < l->n;
}

size_t
later_count(const struct later *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->sale[i] != NULL;
	return n;
}

bool
later_room(const struct later *l)
{
	return l->n < LATER_MAX;
}

void
later_drop(struct later *l, const struct sale *s)
{
	size_t i = find(l, s->source, s->kind, s->id);

	if (i < l->n)
		wipe(l, i);
}

void
later_free(struct later *l)
{
	for (size_t i = 0; i < l->n; i++)
		wipe(l, i);
	l->n = 0;
}
