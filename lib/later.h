/*
 * later.h - sales that wait for the end of the stream, or for an outcome that
 * is not known yet: whole, in memory alone, and of each its last version.
 */
#ifndef LATER_H
#define LATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sale.h"

#define LATER_MAX 1024

struct later {			/* all zero at the start */
	struct sale *sale[LATER_MAX];	/* of their used size; NULL: no more */
	uint64_t digest[LATER_MAX];	/* of its line */
	size_t n;
};

/* Keep a copy behind the others, or in the place of the same sale.  False:
 * there is no room. */
bool later_put(struct later *l, const struct sale *s, uint64_t digest);
bool later_has(const struct later *l, const char *source,
    enum sale_kind kind, const char *id);
size_t later_count(const struct later *l);
bool later_room(const struct later *l);
void later_drop(struct later *l, const struct sale *s);
void later_free(struct later *l);

#endif
