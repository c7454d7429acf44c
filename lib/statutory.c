/*
 * statutory.c - the terms of invoices.  It must never answer a day too early:
 * an invoice that goes within its term is a breach of the tax law.
 */
#include "statutory.h"

#include "str.h"

#define LAG_MONTHS 3		/* from the end of the term to gone */

/* The last day of a term of months. */
static struct day
term_last(struct day from, int months)
{
	int64_t after = clock_term_end_day(from, months, "UTC");

	return clock_day_add(clock_day_of(after, "UTC"), -1);
}

struct statutory
statutory_of(struct day date, enum invoice_term term, struct day year_end,
    const char *zone)
{
	static const struct { int years; bool calendar; } terms[] = {
		[INVOICE_ORDINARY] = { 7, false },
		[INVOICE_OSS] = { 10, true },
		[INVOICE_PROPERTY] = { 10, false },
	};
	struct day preset = { STATUTORY_LEAP, 12, 31 };
	struct day from = terms[term].calendar ? preset : year_end;
	int months = (date.year - STATUTORY_LEAP) * 12;
	struct day end = term_last(from, months), last;
	struct statutory s;

	if (clock_day_cmp(end, date) < 0)
		end = term_last(from, months + 12);
	last = term_last(end, terms[term].years * 12);
	s.end_at = clock_day_start(clock_day_add(last, 1), zone);
	s.due_at = clock_term_end_day(last, LAG_MONTHS, zone);
	return s;
}
