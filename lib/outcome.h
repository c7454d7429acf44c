/*
 * outcome.h - what became of sales, until the next commit writes it down.
 *
 * Refusals and held sales are said here, once, when they are noted.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "entry.h"
#include "store.h"

struct outcome {
	const struct entry *entry;	/* what is needed of it is copied */
	enum { OUTCOME_BOOKED, OUTCOME_REFUSED, OUTCOME_HELD,
	    OUTCOME_UNSENT,		/* its intent goes, it comes again */
	    OUTCOME_MENDED		/* its error goes: no longer so */
	} what;
	enum msg why;			/* refused, held */
	const char *text;		/* our words; may be NULL */
	const char *debtor_text;	/* theirs: sealed apart; may be NULL */
};

struct once_counts {
	uint64_t booked, refused, held, waiting;
	uint64_t taken_back;		/* not counted as booked */
};

struct outcomes;

struct outcomes *outcomes_new(struct store *s);
void outcomes_free(struct outcomes *o);
void outcomes_add(struct outcomes *o, const struct outcome *out);
size_t outcomes_n(const struct outcomes *o);
/* Within a transaction: put records, what went back, errors and intents where
 * they belong.  When that fails the transaction is aborted. */
MUST enum rc outcomes_write(struct outcomes *o);
/* After its commit. */
void outcomes_clear(struct outcomes *o);
/* One for the key is not yet written: RC_OK booked, RC_REJECT refused or held,
 * RC_END none. */
MUST enum rc outcomes_find(const struct outcomes *o, const struct sale_key *k);
/* One that ended otherwise than booked or held is not yet written. */
bool outcomes_drop(const struct outcomes *o, const struct sale_key *k);
/* The amounts of one that was booked and is not yet written; false: none. */
bool outcomes_amounts(const struct outcomes *o, const struct sale_key *k,
    struct record *out);
/* Of all sources, or of one. */
struct once_counts outcomes_counts(const struct outcomes *o,
    const char *source);

#endif
