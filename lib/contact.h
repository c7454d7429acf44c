/*
 * contact.h - a sale's debtor in the books, made once and only once.
 *
 * A debtor who is not known yet gets a pending row in the same commit as the
 * sale's intent, before anything is sent.  A pending row that an earlier run
 * left means that a contact may be about to appear: the sale then waits out
 * the settle window like an unsure booking.  Debtors that were settled in
 * this run are kept here until the next commit writes them.
 */
#ifndef CONTACT_H
#define CONTACT_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "connector.h"
#include "rc.h"
#include "shared.h"
#include "store.h"

struct contact {		/* the debtor of one sale on its way */
	struct debtor who;
	struct debtor_key key;
	bool keyed;		/* has a row in the store */
	bool waits;		/* pending since an earlier run or lost answer */
	bool stored;		/* code is from an earlier run */
	char code[CODE_MAX];	/* the books' contact, once known */
	char gone[CODE_MAX];	/* the one that the books no longer take */
};

struct contact_book;		/* the debtors of this run */

/* shared: the tenant's books, borrowed. */
struct contact_book *contact_book_new(struct store *s, const struct tenant *t,
    struct shared *shared);
void contact_book_free(struct contact_book *b);

/* Who the sale's debtor is and whether the store knows the contact. */
MUST enum rc contact_plan(struct contact_book *b, const struct sale *s,
    struct contact *out);
/* Within a transaction: write the pending row that the plan needs. */
void contact_intend(struct contact_book *b, struct contact *c, int64_t now);
/* Find or make the contact; at most one request that changes something.
 * RC_UNSURE: the answer was lost, another sale of this debtor waits, or
 * another tenant of these books may be making it. */
MUST enum rc contact_resolve(struct contact_book *b, struct connection *books,
    struct contact *c);
/* Within a transaction: write what was learned since the last commit. */
void contact_confirm(struct contact_book *b);
/* Nothing was made for it: its pending row goes with the next confirm. */
void contact_unmade(struct contact_book *b, const struct contact *c);
/* The books no longer take the contact that an earlier run found: look for
 * another one, or make it.  False: it is not from an earlier run, or this was
 * tried before. */
bool contact_forget(struct contact_book *b, struct contact *c);
/* The books refused a sale of it: a contact from the store may be gone there
 * and is looked for anew the next time. */
void contact_stale(struct contact_book *b, const struct contact *c);

#endif
