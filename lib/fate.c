/*
 * fate.c - a table of hashes, whose last two bits are the fate.
 */
#include "fate.h"

#include <stdlib.h>

#include "buf.h"
#include "str.h"

#define BITS UINT64_C(3)

/* Where a hash is, or would be: the table is never full. */
static uint64_t *
slot(const struct fates *f, uint64_t hash)
{
	size_t i = (size_t)(hash >> 2) % f->cap;

	while (f->at[i] != 0 && (f->at[i] & ~BITS) != (hash & ~BITS))
		i = (i + 1) % f->cap;
	return &f->at[i];
}

static uint64_t
hash_of(const char *source, enum sale_kind kind, const char *id)
{
	uint64_t hash = str_hash(STR_HASH, source);

	hash = str_hash(hash, sale_kind_name(kind));
	return str_hash(hash, id);
}

static void
grow(struct fates *f)
{
	struct fates more = { .cap = f->cap == 0 ? 64 : f->cap * 2,
	    .n = f->n };

	more.at = mem_alloc(more.cap * sizeof(*more.at));
	for (size_t i = 0; i < f->cap; i++)
		if (f->at[i] != 0)
			*slot(&more, f->at[i]) = f->at[i];
	free(f->at);
	*f = more;
}

void
fate_set(struct fates *f, const struct sale *s, enum fate fate)
{
	uint64_t hash = hash_of(s->source, s->kind, s->id) & ~BITS, *at;

	if (2 * f->n >= f->cap)
		grow(f);
	at = slot(f, hash);
	f->n += *at == 0;
	*at = hash | (uint64_t)fate;
}

enum fate
fate_of(const struct fates *f, const char *source, enum sale_kind kind,
    const char *id)
{
	return f->n == 0 ? FATE_NONE :
	    (enum fate)(*slot(f, hash_of(source, kind, id)) & BITS);
}

void
fate_free(struct fates *f)
{
	free(f->at);
	*f = (struct fates){ .n = 0 };
}
