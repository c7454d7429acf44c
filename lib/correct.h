/*
 * correct.h - what is to be done about a booked sale that is offered again.
 *
 * Where it changed and the tenant chose on_change: correct, what was booked is
 * credited in full, and then the sale is booked as it is now.  What an earlier
 * run began is finished, whatever the tenant's rules say by then.
 */
#ifndef CORRECT_H
#define CORRECT_H

#include "admit.h"
#include "takeback.h"

struct correct {
	enum { CORRECT_NOTHING,	/* it is in the books as it is in the shop */
	    CORRECT_REPORT,	/* it changed, and a person is told */
	    CORRECT_WAIT,	/* until it is known what became of the last
				 * attempt */
	    CORRECT_CREDIT,	/* take back what is booked, then as below */
	    CORRECT_BOOK	/* it was taken back: book it */
	} what;
	struct takeback_of of;	/* what is to be credited; of.anew false: the
				 * sale came to nothing, nothing is booked */
	unsigned revision;	/* under which it is booked anew */
	bool sent;		/* a run sent its next revision before */
};

/* An earlier version of it that is about to be sent is sent first. */
MUST enum rc correct_plan(struct takeback *t, const struct sale *s,
    struct correct *out);

/* An earlier run ended while it was being corrected. */
bool correct_half(struct takeback *t, const struct sale *s);

/* The day of a document that corrects, today; and what its text says.
 * RC_REJECT: today is closed, for out->why. */
MUST enum rc correct_day(const struct takeback *t, const struct sale *s,
    struct admit *out);

#endif
