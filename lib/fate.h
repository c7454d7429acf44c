/*
 * fate.h - what this run decided about the sales that a refund may follow.
 *
 * In memory alone, as hashes with an amount: nothing of it is ever stored.
 */
#ifndef FATE_H
#define FATE_H

#include <stddef.h>
#include <stdint.h>

#include "sale.h"

enum fate { FATE_NONE, FATE_BOOKED, FATE_LEFT };

struct fate_slot;
struct fates { struct fate_slot *at; size_t n, cap; };	/* all zero at first */

void fate_set(struct fates *f, const struct sale *s, enum fate fate);
/* Of another sale of the same source. */
enum fate fate_of(const struct fates *f, const char *source,
    enum sale_kind kind, const char *id);
/* Of a booked one its amount, less what went back of it; of any other what
 * went back alone, below zero. */
struct money fate_left(const struct fates *f, const char *source,
    enum sale_kind kind, const char *id);
/* A refund of it is booked; of: the kind of what it pays back. */
void fate_back(struct fates *f, const struct sale *refund, enum sale_kind of);
void fate_free(struct fates *f);

#endif
