/*
 * prepare.h - the document of a sale as it is to be booked: by map.h, under
 * the day and with the note that admit.h gives it; what is odd is said.
 */
#ifndef PREPARE_H
#define PREPARE_H

#include <stdint.h>

#include "admit.h"
#include "oddrate.h"

struct prepare {		/* of one run; the first two are borrowed */
	const struct config *cfg;
	const struct tenant *t;
	struct oddrates odd;
	uint64_t unruled;	/* lines without a rule for their article,
				 * where there are such */
};

/* RC_REJECT: it can't be booked, for *why. */
MUST enum rc prepare_document(struct prepare *p, const struct sale *s,
    const struct admit *a, struct document *d, struct map_why *why);

/* Say and count what is odd in a document that is made elsewhere. */
void prepare_tell(struct prepare *p, const struct sale *s,
    const struct document *d);

#endif
