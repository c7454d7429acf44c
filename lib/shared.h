/*
 * shared.h - books that several tenants have in common: only one of them makes
 * a contact there at a time.
 *
 * Their runs go side by side.  Two of them may look for the same debtor, find
 * none, and make one each.  So who is about to make a contact takes a lock,
 * STORE/books/NN.lock, in which a moment stands: what a search from then on
 * does not find is not there.  That is a search lag after the last contact was
 * made, and a settle window more while one is being made, so that a run that
 * dies over it leaves the right moment behind.  NN is one byte of a hash: the
 * file tells of no tenant and no debtor.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"

struct shared {			/* one tenant's view of its books */
	bool on;		/* another tenant of the configuration has
				 * them; else all below does nothing */
	char path[FILE_PATH];
	int fd;			/* -1: the lock is not ours */
	int64_t settle_s, lag_s; /* the longest of the tenants' */
	int64_t before;		/* the moment that was found */
	int64_t own;		/* the one that we left last */
	bool waited;		/* once for this debtor, without the lock */
	bool busy;		/* the lock was not to be had in time */
	const volatile int *stop; /* ends all waiting; may be NULL */
};

MUST enum rc shared_init(struct shared *s, const struct config *cfg,
    const struct tenant *t, const volatile int *stop);
/*
 * A search that began at asked_at did not find a debtor.  RC_OK: make it.
 * RC_END: search again, and where that finds none ask again.  After both comes
 * shared_leave.  RC_UNSURE: it may be about to appear, or others are at it for
 * too long; try again after the settle window.  RC_LATER: stopped.  RC_FATAL:
 * disk, said.
 */
MUST enum rc shared_take(struct shared *s, int64_t asked_at);
/* What making it came to: RC_OK made, RC_UNSURE perhaps, RC_END it was not
 * tried, any other: not made. */
void shared_leave(struct shared *s, enum rc made);

#endif
