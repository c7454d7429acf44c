/*
 * intake.h - one tenant's sales, one at a time, before they are sent.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daybook.h"
#include "fate.h"
#include "job.h"
#include "later.h"
#include "once.h"
#include "original.h"
#include "prepare.h"
#include "rc.h"
#include "stream.h"
#include "takeback.h"

struct intake {
	const struct push_job *job;	/* these four are borrowed */
	const struct tenant *t;
	struct store *store;		/* NULL: dry run without a store */
	struct once *once;		/* NULL: dry run */
	struct document *doc;		/* the one being mapped */
	struct later later;
	struct daybook days;		/* receipts that are booked as days */
	struct prepare prepare;
	struct takeback back;		/* its store and once are those above */
	bool blocked;			/* a sale is left for the next run */
	bool last;			/* the stream is over */
	struct fates fates;	/* left out; of a dry run: shown too */
	uint64_t *left;		/* left out, by the reasons of admit.h */
	uint64_t left_n;
	uint64_t skipped, changed, refused;
	uint64_t shown, waiting;	/* of a dry run */
	struct original_notes notes;
	struct original_place at;	/* its store and once are those above */
	struct original original;	/* of the refund in hand */
	bool undone;			/* the sale in hand was, by `undo` */
};

void intake_init(struct intake *s, const struct push_job *job,
    const struct tenant *t);
void intake_free(struct intake *s);

/* digest: crypt_digest of the sale's line.  RC_OK also for what was refused;
 * anything else stops the tenant. */
MUST enum rc intake_sale(struct intake *s, const struct sale *sale,
    uint64_t digest);
/* A sale that its source could not read. */
void intake_refused(struct intake *s, const struct item *it, uint64_t digest);
/* The sales that waited, now that the stream is over and outcomes are known.
 * whole: its end line came.  Those of which an outcome is unknown stay. */
MUST enum rc intake_later(struct intake *s, bool whole);
/* Behind the last sale of a whole stream: the days that were sent before and
 * are to be settled, or those that are over. */
MUST enum rc intake_days(struct intake *s, bool sent);

#endif
