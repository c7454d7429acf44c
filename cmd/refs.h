/*
 * refs.h - the references that the sales of a comparison should bear in the
 * books, to find a sale by.
 */
#ifndef REFS_H
#define REFS_H

#include <stddef.h>

#include "document.h"
#include "tenant.h"

struct ref {
	char reference[REF_MAX];
	size_t of;		/* the caller's number of the sale */
	int documents;		/* that bear it; the caller counts */
};
struct refs { struct ref *r; size_t n, cap; };	/* all zero at the start */

void refs_add(struct refs *l, const char *reference, size_t of);
/* Before the first refs_find, and behind the last refs_add.  Of two that are
 * alike the one that was added last is left. */
void refs_sort(struct refs *l);
struct ref *refs_find(struct refs *l, const char *reference);	/* or NULL */
void refs_free(struct refs *l);

/* Whose a document of none of them is: the source that its reference begins
 * with; or NULL. */
const char *refs_source(const struct tenant *t, const char *reference);

#endif
