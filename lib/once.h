/*
 * once.h - a document is booked once and only once.
 *
 * The rule, for each entry:
 *   1. the intent is on disk before any request goes out (once_send commits
 *      the intents of a window of entries in one transaction, together with
 *      the outcomes of the window before);
 *   2. each request that changes something is sent once;
 *   3. the outcome is known (booked, refused, not sent), or the entry waits;
 *   4. what waits, and every intent found at the start, sits out the settle
 *      window, since a request whose client is gone can still be carried out;
 *      then the books are asked by reference.  Found once: adopted.  Not found
 *      twice, a search lag apart: sent again under the same reference.  Found
 *      more than once: nothing is touched and a person is told.
 * A store that was restored, and the first entry of any run, ask before they
 * send.
 */
#ifndef ONCE_H
#define ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "contact.h"
#include "outcome.h"
#include "rc.h"
#include "store.h"

#define ONCE_WINDOW 64		/* intents that share a commit */
#define ONCE_TIED 2000		/* and, more or less, receipts of summaries */

struct once;

struct once_place {
	const struct config *cfg;
	const struct tenant *tenant;
	struct store *store;
	const char *lock_path;	/* touched before each request: the time from
				 * which a crashed run's intents settle */
};

/*
 * Reads the intents that an earlier run left.  The books are opened at the
 * first entry.  stop may be NULL; when *stop becomes non-zero nothing more is
 * sent.
 */
MUST enum rc once_open(const struct once_place *p, const volatile int *stop,
    struct once **out);
void once_close(struct once *o);

/* The books, opened, for questions alone. */
MUST enum rc once_books(struct once *o, struct connection **out);

/* Take an entry of this sale (its doc changes owner, whatever is returned).
 * A full window is sent.  sale NULL: its contact is in the entry. */
MUST enum rc once_add(struct once *o, const struct sale *sale,
    const struct entry *e);
/* Send what is in the window. */
MUST enum rc once_send(struct once *o);
/* Wait for and settle all that is unsure; whole: the stream has ended well,
 * so that an intent whose sale did not come is settled without it. */
MUST enum rc once_settle(struct once *o, bool whole);
/* Write every outcome to disk.  Safe to call after a failure. */
MUST enum rc once_finish(struct once *o);

/* Where a sale that this run took is now. */
enum once_where { ONCE_NOWHERE, ONCE_IN_WINDOW, ONCE_BOOKED, ONCE_REFUSED,
    ONCE_WAITS };
enum once_where once_where(struct once *o, const struct sale_key *k);
/* The entries in the window: their intents are not on disk yet. */
const struct entry *once_window(const struct once *o, size_t *n);
/* Its intent is on disk, but goes with the next commit, and no record takes
 * its place. */
bool once_drops(const struct once *o, const struct sale_key *k);
/* Whether an earlier run left the intent of a revision, of any sale. */
bool once_revises(const struct once *o);
/* The amounts of one that is booked but not on record yet; false: none. */
bool once_amounts(const struct once *o, const struct sale_key *k,
    struct record *out);
/* The sale is as it was booked again: its error goes. */
void once_mended(struct once *o, const struct entry *e);
/* Note a refusal that needs no request: our words; and the sale's own, to be
 * sealed apart, or "". */
void once_refuse(struct once *o, const struct entry *e, enum msg why,
    const char *text, const char *detail);

/* Of all sources (NULL), or of one. */
struct once_counts once_counts(const struct once *o, const char *source);
/* True when every sale was looked up before it was sent. */
bool once_asks(const struct once *o);
/* True when nothing of this source waits: its cursor may be stored. */
bool once_settled(const struct once *o, const char *source);

#endif
