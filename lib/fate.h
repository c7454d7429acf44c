/*
 * fate.h - what this run decided about the sales that a refund may follow.
 *
 * In memory alone, as hashes: nothing of it is ever stored.
 */
#ifndef FATE_H
#define FATE_H

#include <stddef.h>
#include <stdint.h>

#include "sale.h"

enum fate { FATE_NONE, FATE_BOOKED, FATE_LEFT };

struct fates { uint64_t *at; size_t n, cap; };	/* all zero at the start */

void fate_set(struct fates *f, const struct sale *s, enum fate fate);
/* Of another sale of the same source. */
enum fate fate_of(const struct fates *f, const char *source,
    enum sale_kind kind, const char *id);
void fate_free(struct fates *f);

#endif
