/*
 * fate.c - a table of hashes, whose last two bits are the fate.
 */
#include "fate.h"

#include <stdlib.h>

#include "buf.h"
#include "str.h"

#define BITS UINT64_C(3)

struct fate_slot {
	uint64_t hash;			/* 0: free */
	struct money left;
};

/* Where a hash is, or would be: the table is never full. */
static struct fate_slot *
slot(const struct fates *f, uint64_t hash)
{
	size_t i = (size_t)(hash >> 2) % f->cap;

	while (f->at[i].hash != 0 &&
	    (f->at[i].hash & ~BITS) != (hash & ~BITS))
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
		if (f->at[i].hash != 0)
			*slot(&more, f->at[i].hash) = f->at[i];
	free(f->at);
	*f = more;
}

static struct fate_slot *
slot_make(struct fates *f, uint64_t hash)
{
	struct fate_slot *at;

	if (2 * f->n >= f->cap)
		grow(f);
	at = slot(f, hash);
	if (at->hash == 0) {
		f->n++;
		at->hash = hash & ~BITS;
	}
	return at;
}

void
fate_set(struct fates *f, const struct sale *s, enum fate fate)
{
	struct fate_slot *at = slot_make(f,
	    hash_of(s->source, s->kind, s->id));

	at->hash = (at->hash & ~BITS) | (uint64_t)fate;
	if (fate == FATE_BOOKED)
		at->left = money_add(at->left, s->incl);
}

enum fate
fate_of(const struct fates *f, const char *source, enum sale_kind kind,
    const char *id)
{
	return f->n == 0 ? FATE_NONE :
	    (enum fate)(slot(f, hash_of(source, kind, id))->hash & BITS);
}

struct money
fate_left(const struct fates *f, const char *source, enum sale_kind kind,
    const char *id)
{
	return f->n == 0 ? (struct money){ 0 } :
	    slot(f, hash_of(source, kind, id))->left;
}

void
fate_back(struct fates *f, const struct sale *refund, enum sale_kind of)
{
	struct fate_slot *at = slot_make(f,
	    hash_of(refund->source, of, refund->refund_of));

	at->left = money_add(at->left, refund->incl);
}

void
fate_free(struct fates *f)
{
	free(f->at);
	*f = (struct fates){ .n = 0 };
}
