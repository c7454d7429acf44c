/*
 * statutory.h - how long an invoice must be kept, and when it must be gone.
 *
 * The term is 7 years from the end of the financial year that its date lies
 * in; 10 where it concerns immovable property, and 10 from the end of the
 * calendar year for the One Stop Shop.  Years count as months do (clock.h):
 * to the same-numbered day, or the month's last.  Pure; a hold is the
 * caller's to respect.
 */
#ifndef STATUTORY_H
#define STATUTORY_H

#include <stdint.h>

#include "clock.h"

enum invoice_term { INVOICE_ORDINARY, INVOICE_OSS, INVOICE_PROPERTY };

/* A financial year ends on this month and day; the year is STATUTORY_LEAP, so
 * that 02-29, the last day of February, exists. */
#define STATUTORY_LEAP 2000

struct statutory {
	int64_t end_at;		/* from this moment on it may go */
	int64_t due_at;		/* and from this one it is overdue */
};

struct statutory statutory_of(struct day date, enum invoice_term term,
    struct day year_end, const char *zone);

#endif
