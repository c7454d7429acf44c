/*
 * daybook.h - the receipts of a till, gathered by business day.
 *
 * A business day starts at the source's day_starts, by its clocks, and bears
 * the civil date on which it starts; clock changes make it an hour longer or
 * shorter.  A day is booked once it is over and an hour has gone by, and the
 * stream came to its end.  What comes later is a summary of its own.
 *
 * In memory alone are sums, and of each receipt its key and amounts: nothing
 * of a day that is not over rests anywhere.  A receipt that is tied to a
 * summary whose outcome is not known (tied.h) is kept apart from the others of
 * its day, so that the same summary can be sent again.
 */
#ifndef DAYBOOK_H
#define DAYBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "config.h"
#include "document.h"
#include "entry.h"
#include "fate.h"
#include "once.h"
#include "rc.h"
#include "sale.h"
#include "store.h"
#include "summary.h"
#include "tied.h"
#include "why.h"

struct daybook_day {
	const struct config_connection *source;
	struct day day;
	char currency[4];
	struct money rate;
	char rate_source[SALE_NAME];
	char tie[REF_MAX];	/* the summary that was sent for them; or "" */
	int64_t start_at, end_at;
	bool differs;		/* from what was sent then */
	struct summary sum;
	uint64_t digest;
	struct tied *receipts;
	size_t n, cap;
};

struct daybook {
	const struct config *cfg;	/* these four are borrowed */
	const struct tenant *t;
	struct store *store;		/* NULL: dry run without a store */
	struct once *once;		/* NULL: dry run */
	bool retry;			/* take refused summaries up again */
	int64_t now;			/* when this run began to read */
	struct daybook_day *days;	/* sorted */
	size_t days_n, days_cap;
	int64_t *open_until;		/* of each source; 0: no day is open */
	struct fates gathered;
	struct ties sent;		/* receipts of unknown outcome... */
	bool sent_loaded;		/* ...once they were asked for */
	size_t at;			/* the next for dayend.c to look at */
	unsigned revision;		/* of the summary made last */
	bool blocked;			/* a day is left for the next run */
	uint64_t waiting;		/* receipts of days that are not over */
	uint64_t refused;		/* and of days that were refused before */
};

void daybook_init(struct daybook *b, const struct config *cfg,
    const struct tenant *t, bool retry);
void daybook_free(struct daybook *b);

/* The business day of a moment, and the first moment of one. */
struct day daybook_day_of(int64_t at, int64_t starts_s, const char *zone);
int64_t daybook_start(struct day d, int64_t starts_s, const char *zone);

/* 2026-11-01, 2026-11-01_USD; behind it -2, -3 for what came late. */
void daybook_id(const struct tenant *t, struct day day, const char *currency,
    unsigned revision, char out[SALE_ID]);

/*
 * Gather a receipt, or a refund over the counter (of_order: it is of an order
 * of this run); *d is left as what it comes to.  RC_OK: it is in its day.
 * RC_END: it is booked by itself.  RC_REJECT: it is refused; *why.  RC_UNSURE:
 * it goes with a summary whose outcome is not known; nothing is to be done.
 */
MUST enum rc daybook_take(struct daybook *b, const struct sale *s,
    const struct entry *e, bool of_order, struct document *d,
    struct map_why *why);
/* True for a sale of this source, kind and id that went into its day. */
bool daybook_has(const struct daybook *b, const char *source,
    enum sale_kind kind, const char *id);
/* Refused before by rules that would take it now. */
bool daybook_mended(struct daybook *b, const struct sale *s, enum msg why,
    struct document *d);

/* True when a day is over, and the hour behind it. */
bool daybook_over(const struct daybook *b, const struct daybook_day *d);
/* Orders days; 0: the ids of their summaries are made of the same text. */
int daybook_base_cmp(const struct daybook_day *a,
    const struct daybook_day *b);
/* Until when the cursor of a source may not pass what this run read; 0. */
int64_t daybook_open(const struct daybook *b, const char *source);

#endif
