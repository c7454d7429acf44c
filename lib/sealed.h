/*
 * sealed.h - a database of which every value is sealed.
 *
 * A value is bound to its tenant, its table and its key: put elsewhere it
 * does not open.
 */
#ifndef SEALED_H
#define SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "rc.h"
#include "ring.h"
#include "rows.h"

struct sealed {			/* all of it borrowed */
	struct db *db;
	struct ring *ring;
	const char *tenant;
	const char *const *tables;	/* as in db_open */
};

/* The value into out; *n: its length.  RC_END: not there.  RC_FATAL: it does
 * not open (said), or the disk. */
MUST enum rc sealed_get(const struct sealed *s, int table, struct bytes key,
    uint8_t out[ROWS_MAX], size_t *n);

/* Within a transaction; n is 1..ROWS_MAX. */
void sealed_put(const struct sealed *s, int table, struct bytes key,
    const uint8_t *plain, size_t n);

/* All rows, in key order.  take returns RC_OK to go on; RC_END ends it well;
 * all else is returned.  take may change the store. */
MUST enum rc sealed_each(const struct sealed *s, int table,
    enum rc (*take)(void *arg, struct bytes key, const uint8_t *plain,
    size_t n), void *arg);

/* The same for rows of a shape.  RC_FATAL too, said, when the bytes are not
 * of that shape. */
MUST enum rc sealed_row_get(const struct sealed *s, int table,
    struct bytes key, const struct rows_shape *shape, void *row);
void sealed_row_put(const struct sealed *s, int table, struct bytes key,
    const struct rows_shape *shape, const void *row);
MUST enum rc sealed_unpack(const struct sealed *s,
    const struct rows_shape *shape, const uint8_t *plain, size_t n,
    void *row);

#endif
