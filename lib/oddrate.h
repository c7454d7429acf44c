/*
 * oddrate.h - a shop that charges VAT rates which do not exist is told of,
 * once per country and rate and run; its sales are booked all the same.
 */
#ifndef ODDRATE_H
#define ODDRATE_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "document.h"

struct oddrates {		/* said already; {0} to begin with */
	struct { char country[3]; int32_t rate_e4; } said[32];
	size_t n;		/* when full, nothing more is said */
};

/* Say the rates of d that their country did not have on the day of the sale,
 * in the shop's zone; order is its number, for the person who looks.  What
 * goes back bears the rate of its own sale, so any earlier one is right
 * there. */
void oddrate_say(struct oddrates *o, const struct document *d, struct day day,
    const char *order);

#endif
