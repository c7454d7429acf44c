/*
 * tied.h - the receipts of a summary, tied to it until its outcome is known.
 *
 * Each has a row among the intents, written in the commit of the summary's
 * own: its identification key and amounts, and the summary's reference.  The
 * rows become records together with the summary's, or go with it.
 */
#ifndef TIED_H
#define TIED_H

#include <stdbool.h>
#include <stddef.h>

#include "rc.h"
#include "store.h"

struct tied {
	struct sale_key key, of;	/* of: see struct intent */
	struct record amounts;
};

/* True for the intent of a receipt that is tied to a summary. */
bool tied_is(const struct intent *i);

/* Within a transaction: tie n receipts to a summary. */
void tied_put(struct store *s, const struct intent *summary,
    const struct tied *t, size_t n);

/* All that are tied now, to any summary; init to zero, tied_free. */
struct ties { struct tie *t; size_t n, cap; };
MUST enum rc tied_load(struct store *s, struct ties *out);
void tied_free(struct ties *l);
/* How many are tied to this summary. */
size_t tied_count(const struct ties *l, const char *reference);

/* Within a transaction: what becomes of those of one summary. */
enum tied_fate { TIED_BOOKED, TIED_LOOSE, TIED_HELD };
void tied_settle(struct store *s, const struct ties *l, const char *reference,
    enum tied_fate fate);

#endif
