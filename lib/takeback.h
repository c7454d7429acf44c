/*
 * takeback.h - a booked document is taken back, once and only once.
 *
 * What counts in the books is never changed there: a credit note takes it
 * back, which is the document as the books give it, turned round.  It goes
 * through once.h like any other document, with a key, an intent and a
 * reference of its own.  A draft does not count yet: it is deleted, under an
 * intent too, and how often it is asked for makes no difference.
 *
 * The documents of a sale are numbered by revision: 0 as it was first booked,
 * 1 the credit note of that, 2 the sale booked anew, 3 the credit note of
 * that, and so on; see sale_revise for their references.  The record has each
 * revision's amounts under its own key, and under revision 0 what the books
 * hold of the sale now: nothing, as long as it is taken back.  Such a sale
 * that is offered again is booked anew, whatever the tenant's rules say of
 * changes, so that a credit note does not stay alone after a crash; only with
 * --retry where its error says that a run was undone.
 */
#ifndef TAKEBACK_H
#define TAKEBACK_H

#include <stdbool.h>

#include "config.h"
#include "document.h"
#include "once.h"
#include "rc.h"
#include "sale.h"
#include "store.h"
#include "why.h"

struct takeback {		/* who takes back; the first four borrowed */
	const struct config *cfg;
	const struct tenant *tenant;
	struct store *store;
	struct once *once;		/* NULL: dry run */
	struct vault_set secrets;	/* of a dry run, and its books: */
	struct connection *books;
};

struct takeback_of {		/* what it does this to */
	char source[SALE_NAME], id[SALE_ID], number[SALE_ID];
	enum sale_kind kind;
	unsigned revision;		/* even: of the document */
	struct sale_key original;	/* a refund's order; 0: not known */
	bool anew;			/* then the sale is to be booked anew:
					 * until it is, an error says so */
};

void takeback_close(struct takeback *t);

/* The last revision that is booked, on record or in this run, of a sale of
 * which revision 0 is.  *r, may be NULL: what the books hold of it now. */
unsigned takeback_revision(struct takeback *t, const struct takeback_of *of,
    struct record *r);
/* A later revision than that was sent, and what became of it is not known. */
bool takeback_under_way(struct takeback *t, const struct takeback_of *of,
    unsigned revision);
/* The reference of a revision. */
void takeback_reference(const struct tenant *t, const struct takeback_of *of,
    unsigned revision, char out[REF_MAX]);

/*
 * Make the credit note of this revision in *d.  It is of today, and the closed
 * period holds for it.  RC_REJECT: it can't be taken back by us, for *why.
 * Anything above that has been said.
 */
MUST enum rc takeback_make(struct takeback *t, const struct takeback_of *of,
    struct document *d, struct map_why *why);

/*
 * Make it and book it, once.  RC_OK: it is in the books.  RC_UNSURE: that is
 * not known yet; call again behind once_settle.  RC_REJECT: it is not taken
 * back, for *why; with M_NONE that was said and recorded with the sale.
 */
MUST enum rc takeback_book(struct takeback *t, const struct takeback_of *of,
    struct map_why *why);

/*
 * The next revision was sent, what became of it is not known, and it is no
 * longer what the sale is: if it is in the books, have once_settle finish it
 * as it is there, so that it can be taken back.  If it is not, that is found
 * out there.
 */
MUST enum rc takeback_finish(struct takeback *t, const struct takeback_of *of);

#endif
