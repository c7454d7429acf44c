/*
 * deferred.c - keeps sales for later; they are debtors' data, so they are
 * wiped.
 */
#include "deferred.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

bool
deferred_add(struct deferred *d, const struct sale *s, uint64_t digest)
{
	size_t n = sale_size(s);

	if (d->n == DEFERRED_MAX)
		return false;
	d->of[d->n].digest = digest;
	d->of[d->n].sale = mem_alloc(n);
	memcpy(d->of[d->n++].sale, s, n);
	return true;
}

void
deferred_free(struct deferred *d)
{
	for (size_t i = 0; i < d->n; i++) {
		sale_wipe(d->of[i].sale);
		free(d->of[i].sale);
	}
	d->n = 0;
}
