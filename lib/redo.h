/*
 * redo.h - the writes of a running transaction, kept to be done over.
 *
 * A map that turns out to be full must be grown, and growing ends the
 * transaction; then its writes are done again from here.
 */
#ifndef REDO_H
#define REDO_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "buf.h"

struct bytes { const void *data; size_t len; };

static inline struct bytes
text_bytes(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

struct redo { struct buf log; };

void redo_init(struct redo *r);
void redo_free(struct redo *r);
void redo_clear(struct redo *r);

/* Note a put, or with value NULL a delete. */
void redo_add(struct redo *r, int table, struct bytes key,
    const struct bytes *value);

/* Something was written that is not worth keeping. */
void redo_skip(struct redo *r);

/* True when nothing was noted. */
bool redo_empty(const struct redo *r);
/* False when there was more than it keeps, or something was skipped: it can't
 * be done over. */
bool redo_whole(const struct redo *r);

/* Give all to write, in order, until it returns other than 0: returned. */
int redo_run(const struct redo *r, int (*write)(void *arg, int table,
    struct bytes key, const struct bytes *value), void *arg);

#endif
