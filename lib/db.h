/*
 * db.h - one LMDB environment.  Only db.c knows LMDB.
 *
 * Default durability: a commit that returned is on disk.  The map grows
 * before it is full, and once more on MDB_MAP_FULL.  Errors inside a write
 * transaction stick: ten calls, one check at db_commit.  No DUPSORT: it keeps
 * deleted bytes through a compaction.  Open after fork, never before.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "rc.h"
#include "redo.h"		/* struct bytes */

#define DB_KEY_MAX 511
#define DB_VALUE_MAX ((size_t)16 << 20)
#define DB_TABLES 9

struct db;

/*
 * Open the environment in folder dir; make: create it when missing (the
 * folder must exist).  tables: NULL-ended names, at most DB_TABLES, which live
 * as long as the environment; a table is then named by its index.  One that an
 * older program did not know is made, or is empty where it is only read.
 * RC_END: not there.  RC_CONFIG: on a network file system, or not readable.
 * RC_FATAL: broken, full, not writable.
 */
MUST enum rc db_open(const char *dir, const char *const *tables, bool make,
    bool read_only, struct db **out);
void db_close(struct db *d);

/* *out is borrowed until the next call.  Gets in a row may share a view of the
 * database; db_rest ends it, so that the next sees what others wrote and old
 * pages can be used again.  So do a write transaction and db_next.  RC_END:
 * not there. */
MUST enum rc db_get(struct db *d, int table, struct bytes key,
    struct bytes *out);
void db_rest(struct db *d);

/*
 * Give take the rows of a table behind `from` (empty: from the first on), in
 * key order, until it returns false.  They are borrowed for that call, which
 * must not come back to this database.  RC_END: those were all.
 */
MUST enum rc db_rows(struct db *d, int table, struct bytes from,
    bool (*take)(void *arg, struct bytes key, struct bytes value), void *arg);
/*
 * Row by row, in key order: put the first row behind *key (an empty key: the
 * first of all) into *key and *value.  RC_END: there is none.  Between two
 * calls anything may be done, also to the rows.  Init *key with DB_KEY_MAX and
 * *value with DB_VALUE_MAX.
 */
MUST enum rc db_next(struct db *d, int table, struct buf *key,
    struct buf *value);
MUST enum rc db_count(struct db *d, int table, uint64_t *n);

/* A write transaction.  Gets in it see its own writes. */
MUST enum rc db_begin(struct db *d);
void db_put(struct db *d, int table, struct bytes key, struct bytes value);
/* The same for keys behind all that the table has: packs them densely.  For
 * a database that is being filled: should the map turn out to be full, the
 * transaction can't be done over, and fails. */
void db_append(struct db *d, int table, struct bytes key,
    struct bytes value);
void db_del(struct db *d, int table, struct bytes key);
/* True when the transaction has a put or del. */
bool db_changed(const struct db *d);
/* RC_FATAL: nothing of it is stored; said.  Grows the map and does it all
 * over, once, when the map was full. */
MUST enum rc db_commit(struct db *d);
void db_abort(struct db *d);

/* Let go of mapped pages, so that memory stays flat over long scans. */
void db_relax(struct db *d);

#endif
