/*
 * original.h - the sale that a refund pays back: which it is, whether it is
 * booked, and what is left of it.
 *
 * "Never above what is left": a refund is held against its original's amount
 * less all that went back of it, and what is on its way back: refunds in the
 * window, sent, waiting or held.  A dry run counts those that it showed.
 */
#ifndef ORIGINAL_H
#define ORIGINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "admit.h"
#include "fate.h"
#include "later.h"
#include "money.h"
#include "once.h"
#include "rc.h"
#include "sale.h"
#include "store.h"

#define ORIGINALS_NOTED 256

/* The last orders of this run, for their refunds. */
struct original_notes {
	struct { struct sale_key key; char currency[4]; } of[ORIGINALS_NOTED];
	size_t n;			/* ever; the oldest makes room */
};

struct original_place {		/* all of it borrowed */
	struct store *store;		/* NULL: dry run without a store */
	struct once *once;		/* NULL: dry run */
	const struct fates *fates;
	const struct original_notes *notes;
	const struct later *later;	/* these are to be corrected yet */
	const struct fates *gathered;	/* receipts that go with their day */
};

struct original {
	enum sale_kind kind;		/* an order or a receipt */
	struct sale_key key;		/* zeros without a store */
	struct money incl;		/* as it is booked */
	unsigned revision;		/* which of its documents stands */
	bool shown;			/* by this very dry run */
};

/* What became of a refund's original: RC_OK booked, and *out filled in;
 * RC_UNSURE it waits; RC_END not booked, or taken back. */
MUST enum rc original_find(const struct original_place *p,
    const struct sale *refund, struct original *out);
/* And where the refund stands.  RC_UNSURE: its original waits, and so must
 * it. */
MUST enum rc original_case(const struct original_place *p,
    const struct sale *refund, struct original *out, enum admit_case *how);
/* Of a refund whose original is not booked. */
enum admit_case original_lone(const struct fates *f, const struct sale *refund);
/* It is booked or on its way. */
bool original_taken(const struct original_place *p, const struct sale *refund);
/* False where it came in this run and is in another currency. */
bool original_currency(const struct original_place *p,
    const struct sale *refund);
/* RC_REJECT: the refund, of that key, is more than what is left of it. */
MUST enum rc original_left(const struct original_place *p,
    const struct original *o, const struct sale *refund,
    const struct sale_key *key);

/* A document of this sale was sent, and its outcome is not known yet. */
bool original_under_way(struct store *s, const struct sale_key *k);
/* So that its refunds are held against it. */
void original_note(struct original_notes *n, const struct sale *sale,
    const struct sale_key *key);
/* The kind and key of what is recorded of it; RC_END: nothing is. */
MUST enum rc original_recorded(struct store *s, const char *source,
    const char *refund_of, struct original *out);

#endif
