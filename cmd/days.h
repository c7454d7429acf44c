/*
 * days.h - the business days of a comparison: receipts that the books hold as
 * summaries, against those summaries.
 *
 * A receipt is held against its record by itself.  A day's recorded receipts
 * are held against its summaries together: that day's own, and those of what
 * came late.
 */
#ifndef DAYS_H
#define DAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare.h"
#include "document.h"
#include "sale.h"
#include "store.h"

struct days {
	const struct compare_job *job;
	struct store *store;		/* NULL: nothing is recorded */
	struct days_day *d;
	size_t n;
	struct days_summary *s;		/* in the books */
	size_t s_n;
};

#define DAYS_NONE SIZE_MAX

/* The day that a sale is booked with; DAYS_NONE: it is booked by itself. */
size_t days_of(struct days *days, const struct sale *s);
/* A document of the books; its source, or NULL: it is of no such day. */
const char *days_document(struct days *days, const struct posted *p);

/* Add a receipt; record: NULL when it has none. */
void days_add(struct days *days, size_t day, const struct record *shop,
    const struct record *record);
/* One of its receipts is under way: nothing can be said of the day. */
void days_unsure(struct days *days, size_t day);
/* Once all are added: the books have the day as the shop has it. */
bool days_agree(const struct days *days, size_t day);
bool days_open(const struct days *days, size_t day);

/* A row for each day on which record and books differ; how many.  Where the
 * job repairs, the summaries of days that agree are recorded. */
size_t days_report(struct days *days);
void days_free(struct days *days);

#endif
