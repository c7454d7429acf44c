/*
 * keys.c - finds two equal keys in an object, at little cost for those that
 * shops send and at no great one for those that are made to be slow: the
 * length settles most comparisons.
 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define FEW 64			/* in an object; more are sorted */

void
keys_free(struct keys *s)
{
	free(s->k);
	*s = (struct keys){ .k = NULL };
}

void
keys_add(struct keys *s, const char *text, size_t len)
{
	if (s->n == s->cap) {
		s->cap = s->cap * 2 + 256;
		s->k = mem_grow(s->k, s->cap * sizeof(*s->k));
	}
	s->k[s->n++] = (struct keys_one){ text, len };
}

static int
compare(const void *a, const void *b)
{
	const struct keys_one *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->text, y->text, x->len);
}

static bool
unique_sorted(struct keys_one *k, size_t n)
{
	qsort(k, n, sizeof(*k), compare);
	for (size_t i = 1; i < n; i++)
		if (compare(&k[i - 1], &k[i]) == 0)
			return false;
	return true;
}

static bool
unique_few(const struct keys_one *k, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (compare(&k[i], &k[j]) == 0)
				return false;
	return true;
}

bool
keys_close(struct keys *s, size_t first)
{
	size_t n = s->n - first;

	s->n = first;
	if (n < 2)
		return true;
	return n > FEW ? unique_sorted(s->k + first, n) :
	    unique_few(s->k + first, n);
}
