/*
 * admit.h - whether the tenant's rules let a sale be booked now, and under
 * which day: filters, book_on, the closed period.
 *
 * A refund follows its order.  Of itself only the conditions under `skip` that
 * name `kind: refund` are asked.  Where its order is not booked and nobody
 * knows why, the refund stands for it: where an order and a receipt with the
 * refund's own status, channel, tags, country and source would both be left
 * out, so is the refund; else it is refused, since its order may have been.
 */
#ifndef ADMIT_H
#define ADMIT_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "config.h"
#include "map.h"
#include "rc.h"
#include "sale.h"

enum admit_case {
	ADMIT_NEW,		/* no refund */
	ADMIT_UNDER_WAY,	/* a document of it was sent: that stands */
	ADMIT_ORDER_BOOKED,	/* a refund whose order is booked, */
	ADMIT_ORDER_LEFT,	/* was left out, */
	ADMIT_ORDER_UNKNOWN	/* or is neither */
};

/* Why a sale is left out; from ADMIT_SKIP on: by the tenant's first, second,
 * ... condition under `skip`. */
enum { ADMIT_UNPAID, ADMIT_UNSHIPPED, ADMIT_ITS_ORDER, ADMIT_ONLY,
    ADMIT_SKIP };

struct admit {
	char date[CLOCK_DAY];	/* RC_OK: of the document */
	char note[160];		/* RC_OK: for its text; or "" */
	size_t left;		/* RC_END: why */
	struct map_why why;	/* RC_REJECT: why */
};

/* RC_OK: it is booked.  RC_END: it is left out, which is no fault.
 * RC_REJECT: it is refused. */
MUST enum rc admit_sale(const struct config *cfg, const struct tenant *t,
    const struct sale *s, enum admit_case how, struct admit *out);

/* Of a summary: its day against the closed period alone, as above. */
MUST enum rc admit_day(const struct config *cfg, const struct tenant *t,
    struct day day, struct admit *out);
/* The day of a document that corrects one in the books: today, where the
 * source is, or else as for a sale of today.  RC_REJECT: closed. */
MUST enum rc admit_today(const struct config *cfg, const struct tenant *t,
    const char *source, struct admit *out);

/* How many reasons there are for this tenant. */
size_t admit_reasons(const struct tenant *t);
/* A reason in words. */
void admit_words(size_t left, char *out, size_t size);
/* Log how many were left out, by reason. */
void admit_say(const struct tenant *t, const uint64_t *left);

#endif
