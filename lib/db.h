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

#include "rc.h"

#define DB_KEY_MAX 511
#define DB_TABLES 8

struct db;
struct bytes { const void *data; size_t len; };

/*
 * Open the environment in folder dir; make: create it when missing (the
 * folder must exist).  tables: NULL-ended names, at most DB_TABLES; a table
 * is then named by its index.  RC_END: not there.  RC_CONFIG: on a network
 * file system, or not readable.  RC_FATAL: broken, full, no memory.
 */
MUST enum rc db_open(const char *dir, const char *const *tables, bool make,
    bool read_only, struct db **out);
void db_close(struct db *d);

/* One read view at a time: begin, then any number of gets, then end.  A get
 * outside a view or transaction opens and closes one for itself. */
MUST enum rc db_view(struct db *d);
void db_view_end(struct db *d);

/* *out is borrowed until the view or transaction ends (without one: until the
 * next call).  RC_END: not there. */
MUST enum rc db_get(struct db *d, int table, struct bytes key,
    struct bytes *out);

/* A write transaction.  Gets in it see its own writes. */
MUST enum rc db_begin(struct db *d);
void db_put(struct db *d, int table, struct bytes key, struct bytes value);
void db_del(struct db *d, int table, struct bytes key);
/* RC_FATAL: nothing of it is stored; said.  Grows the map and replays once
 * when it was full. */
MUST enum rc db_commit(struct db *d);
void db_abort(struct db *d);

/* All rows of a table whose key starts with prefix (may be empty), in key
 * order.  take returns RC_OK to go on; anything else ends the loop and is
 * returned (RC_END as RC_OK).  take may put and del through d when inside a
 * write transaction. */
MUST enum rc db_each(struct db *d, int table, struct bytes prefix,
    enum rc (*take)(void *arg, struct bytes key, struct bytes value),
    void *arg);
MUST enum rc db_count(struct db *d, int table, uint64_t *n);

/*
 * Copy every row into a new environment beside this one and put it in this
 * one's place (write, fsync, rename, fsync), so that no old byte is left.
 * The environment is open on the new file afterwards.
 */
MUST enum rc db_reload(struct db *d);

/* Let go of mapped pages, so that memory stays flat over long scans. */
void db_relax(struct db *d);

#endif
