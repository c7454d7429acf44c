/*
 * deliver.h - one document's way into the books, request by request.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include <stdbool.h>

#include "conn.h"
#include "contact.h"
#include "entry.h"
#include "rc.h"
#include "store.h"

struct deliver {		/* all of it borrowed */
	struct connection *books;
	struct contact_book *contacts;
	const struct tenant *tenant;
	const char *lock_path;	/* touched before each request: the time from
				 * which a crashed run's intents settle */
	bool ask;		/* look every entry up before sending */
	bool probed;		/* the first entry was looked up */
	bool probed_new;	/* and the first that was placed after... */
	int64_t last_at;	/* ...the last run with news, 0: none */
};

/* Fill in last_at, when a run last had news: sales placed before it need not
 * be new. */
MUST enum rc deliver_news(struct deliver *d, struct store *s);

/*
 * Send an entry whose intent is on disk: find or make the debtor, then each
 * step.  RC_OK: it is in the books and its total was read back.  RC_REJECT:
 * d->books says why; p->done tells whether a document is there.  RC_UNSURE:
 * an answer was lost.  Above that: nothing was carried out at this step.
 */
MUST enum rc deliver_entry(struct deliver *d, struct entry *e,
    struct posted *p);

/* Look the entry up by its reference and carry out the steps that are left:
 * RC_END when nothing bears it, else as above. */
MUST enum rc deliver_again(struct deliver *d, struct entry *e,
    struct posted *p);

#endif
