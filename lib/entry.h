/*
 * entry.h - a sale on its way into the books, and lists of them.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contact.h"
#include "document.h"
#include "store.h"
#include "tied.h"

struct entry {
	struct sale_key key;
	struct intent intent;
	struct document *doc;	/* owned; NULL: an intent without its sale */
	struct contact contact;
	struct debtor_key debtor;	/* whose sale it is; 0: nobody's */
	uint64_t digest;	/* of the sale's line, see push.c */
	char refund_of[SALE_ID];
	int64_t placed_at;
	bool had_error;		/* an error row is to go once it is booked */
	int64_t wait_from;	/* start of its settle window */
	int rounds;		/* times it was settled in this run */
	struct tied *tied;	/* owned; of a summary: to be tied to it */
	size_t tied_n;
};

/* What a sale tells of itself; its key and its debtor's, where there is a
 * store (NULL: none). */
void entry_fill(struct entry *e, const struct sale *sale, struct store *s,
    uint64_t digest);
/* Wipe it and what it owns. */
void entry_free(struct entry *e);

/* It moves within a list; nothing of it stays behind. */
void entry_move(struct entry *to, struct entry *from);

struct entries { struct entry *e; size_t n, cap; };

/* Takes the content of *e over. */
void entries_add(struct entries *l, const struct entry *e);
/* Close the gap of one whose content has moved elsewhere. */
void entries_drop(struct entries *l, struct entry *e);
struct entry *entries_find(struct entries *l, const struct sale_key *k);
#define ENTRY_ROUNDS 12		/* settled this often without an end: stop */

/* From when an intent of an earlier run settles: that run's last sign of life,
 * but never a moment to come, whatever the clock was set to. */
int64_t entry_settles_from(const struct intent *i, int64_t alive_at);

/* When a waiting entry may be looked up: its settle window is over, and a
 * second look-up comes a search lag behind the first. */
struct entry_times { int64_t settle_s, lag_s; };
int64_t entry_due_at(const struct entry *e, const struct entry_times *t);
/* The one that is due first; NULL: none.  without: also those that lack
 * their document. */
struct entry *entries_first(struct entries *l, const struct entry_times *t,
    bool without);
/* How many have their document. */
size_t entries_loaded(const struct entries *l);
void entries_free(struct entries *l);

#endif
