/*
 * shared.h - books that several tenants have in common: only one of them makes
 * the same contact there at a time.
 *
 * Their runs go side by side.  Two of them may look for the same debtor, find
 * none, and make one each.  So who is about to make a contact takes a lock,
 * STORE/books/NN.lock, in which a moment stands: what a search from then on
 * does not find is not there.  That is a search lag after the last contact was
 * made, and a settle window more while one is being made, so that a run that
 * dies over it leaves the right moment behind.  NN is one byte of a hash over
 * books and debtor: different debtors seldom wait for each other, and the file
 * tells of nobody.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"
#include "sale.h"

#define SHARED_LOCKS 256

struct shared {			/* one tenant's view of its books */
	bool on;		/* another tenant of the configuration has
				 * them; else all below does nothing */
	const char *store;
	uint64_t books_id;
	unsigned nn;		/* of the debtor in hand */
	char path[FILE_PATH];
	int fd;			/* -1: the lock is not ours */
	int64_t settle_s, lag_s; /* the longest of the tenants' */
	int64_t before;		/* the moment that was found */
	int64_t own[SHARED_LOCKS]; /* the ones that we left last */
	bool waited;		/* once for this debtor, without the lock */
	bool busy;		/* the lock was not to be had in time */
	const volatile int *stop; /* ends all waiting; may be NULL */
};

MUST enum rc shared_init(struct shared *s, const struct config *cfg,
    const struct tenant *t, const volatile int *stop);
/*
 * A search that began at asked_at did not find debtor d.  RC_OK: make it.
 * RC_END: search again, and where that finds none ask again.  After both comes
 * shared_leave.  RC_UNSURE: it may be about to appear, or others are at it for
 * too long; try again after the settle window.  RC_LATER: stopped.  RC_FATAL:
 * disk, said.
 */
MUST enum rc shared_take(struct shared *s, const struct debtor *d,
    int64_t asked_at);
/* What making it came to: RC_OK made, RC_UNSURE perhaps, RC_END it was not
 * tried, any other: not made. */
void shared_leave(struct shared *s, enum rc made);

#endif
