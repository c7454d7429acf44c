/*
 * journal_back.h - one of our transactions as the document that it was.
 */
#ifndef JOURNAL_BACK_H
#define JOURNAL_BACK_H

#include <stdbool.h>

#include "document.h"
#include "journal_text.h"
#include "money.h"
#include "rc.h"

struct journal_back {
	const char *reference, *receivable;	/* what is looked for */
	struct document *d;		/* zeroed by the caller, filled in */
	int found;			/* so many bear the reference */
	bool odd;			/* a person changed it */
	bool inside;
	struct money sum;
};

/* One line of the journal, the file's from its first on. */
MUST enum rc journal_back_line(void *arg, enum journal_line what,
    const struct journal_words *w);

#endif
