/*
 * deferred.h - sales that can't be decided on before the stream is over, whole
 * and in memory alone.
 */
#ifndef DEFERRED_H
#define DEFERRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sale.h"

#define DEFERRED_MAX 1024

struct deferred {		/* all zero at the start */
	struct { struct sale *sale; uint64_t digest; } of[DEFERRED_MAX];
	size_t n;
};

/* A copy of its used size.  False: there is no room. */
bool deferred_add(struct deferred *d, const struct sale *s, uint64_t digest);
void deferred_free(struct deferred *d);

#endif
