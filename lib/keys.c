/*
 * keys.c - finds two equal keys in an object, at little cost for those that
 * shops send and at no great one for those that are made to be slow.
 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define FEW 128			/* in an object; more are sorted */
#define BITS 1024

void
keys_free(struct keys *s)
{
	free(s->k);
	*s = (struct keys){ .k = NULL };
}

/* Of the first and the last eight bytes and the length: quick, and equal for
 * equal keys, which is all that is asked of it. */
static uint64_t
hash_of(const char *text, size_t len)
{
	size_t n = len < 8 ? len : 8;
	uint64_t first = 0, last = 0;

	memcpy(&first, text, n);
	memcpy(&last, text + len - n, n);
	first = (first ^ len) * UINT64_C(0x9e3779b97f4a7c15);
	last = (last ^ first ^ first >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return last ^ last >> 32;
}

void
keys_add(struct keys *s, const char *text, size_t len)
{
	if (s->n == s->cap) {
		s->cap = s->cap * 2 + 256;
		s->k = mem_grow(s->k, s->cap * sizeof(*s->k));
	}
	s->k[s->n++] = (struct keys_one){ hash_of(text, len), text, len };
}

static int
compare(const void *a, const void *b)
{
	const struct keys_one *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
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
among(const struct keys_one *key, const struct keys_one *k, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (k[i].hash == key->hash && compare(&k[i], key) == 0)
			return true;
	return false;
}

/* A key whose bit nobody set is new; another is compared with all before. */
static bool
unique_few(const struct keys_one *k, size_t n)
{
	uint64_t seen[BITS / 64] = { 0 };

	for (size_t i = 0; i < n; i++) {
		uint64_t *word = &seen[k[i].hash / 64 % (BITS / 64)];
		uint64_t bit = UINT64_C(1) << k[i].hash % 64;

		if ((*word & bit) != 0 && among(&k[i], k, i))
			return false;
		*word |= bit;
	}
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
