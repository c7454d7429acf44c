/*
 * session.h - one tenant's part of a stream on its way into the books.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"
#include "rc.h"
#include "stream.h"

struct session;

/* Opens (and makes) the store, takes the lock unless the job holds it. */
MUST enum rc session_open(const struct push_job *job, const struct tenant *t,
    struct session **out);

/* One item; line is its text.  RC_OK also for what was refused: what stops
 * the tenant is returned. */
MUST enum rc session_take(struct session *s, const struct item *it,
    const char *line, size_t len);

/* No more input for now: send what is there rather than wait for more. */
MUST enum rc session_flush(struct session *s);

/* The stream of this tenant is over.  whole: its end line came; then cursors
 * are stored.  Frees the session whatever is returned. */
MUST enum rc session_end(struct session *s, bool whole);

#endif
