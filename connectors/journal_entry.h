/*
 * journal_entry.h - a document as one transaction of a journal.
 */
#ifndef JOURNAL_ENTRY_H
#define JOURNAL_ENTRY_H

#include <stddef.h>

#include "buf.h"
#include "connector.h"
#include "document.h"
#include "rc.h"

#define JOURNAL_ENTRY (1u << 20)	/* longest transaction */

struct journal_account { char name[128]; };

struct journal_opened {		/* accounts that have their open line */
	struct journal_account *account;	/* free() it */
	size_t n;
};

/* Note that an account has its open line; again is fine. */
void journal_entry_open(struct journal_opened *o, const char *account);

/*
 * Append the whole text to out: marks, the open lines of accounts that are
 * not in `opened` (they are then), and the transaction.  RC_REJECT: the
 * document can't be booked here, c->why says why.
 */
MUST enum rc journal_entry_put(struct connection *c,
    const struct document *d, struct journal_opened *opened,
    struct buf *out);

#endif
