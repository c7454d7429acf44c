/*
 * db.c - one LMDB environment: open, look up, commit, grow.
 *
 * LMDB is used at its default durability only; a commit that returned is on
 * disk.  The writes of the running transaction are kept in a redo log as
 * well, to be done over once when the map turns out to be full.  No cursor
 * and no view stays open between two calls.
 *
 * It must never set NOSYNC, NOMETASYNC, WRITEMAP, MAPASYNC or DUPSORT, never
 * open an environment twice in one process, and never use one over a fork.
 */
#include "db.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lmdb.h>

#include "buf.h"
#include "envdir.h"
#include "log.h"

#define MAP_START ((size_t)1 << 30)	/* address space, not disk */
#define VIEW_READS 64			/* gets that share a view */

struct db {
	struct envdir dir;
	bool read_only;
	MDB_env *env;			/* NULL: lost, nothing works */
	const char *const *names;
	int tables;
	MDB_dbi dbi[DB_TABLES];
	bool have[DB_TABLES];		/* false: never made, so empty */
	MDB_txn *view;			/* kept, reset between reads */
	bool lent;			/* by a db_get: not yet reset */
	int reads;			/* in this view */
	MDB_txn *txn;			/* NULL when lost */
	bool writing;
	bool grown;			/* once a transaction */
	MDB_cursor *tail;		/* behind the rows appended last, */
	int tail_of;			/* of this table; NULL: none yet */
	int err;			/* what spoiled the transaction */
	struct redo redo;
};

static MDB_val
val(struct bytes b)
{
	union { const void *in; void *out; } p = { .in = b.data };

	return (MDB_val){ .mv_size = b.len, .mv_data = p.out };
}

static enum rc
fault(const struct db *d, int err)
{
	return envdir_fault(&d->dir, err, mdb_strerror(err));
}

static int
env_open(const char *path, bool read_only, MDB_env **out)
{
	unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
	MDB_env *env = NULL;
	int err = mdb_env_create(&env);

	if (err == 0)
		err = mdb_env_set_maxdbs(env, DB_TABLES);
	if (err == 0)
		err = mdb_env_set_mapsize(env, MAP_START);
	/* LMDB does without a lock file where the file system is read-only,
	 * and only there. */
	if (err == 0)
		err = mdb_env_open(env, path,
		    flags | (read_only ? MDB_RDONLY : 0), 0600);
	if (err == 0)
		*out = env;
	else
		mdb_env_close(env);
	return err;
}

/* The handles of the tables that are there; make: of all. */
static int
tables_open(struct db *d, bool make)
{
	MDB_txn *txn = NULL;
	int err = mdb_txn_begin(d->env, NULL, make ? 0 : MDB_RDONLY, &txn);

	for (int i = 0; err == 0 && i < d->tables; i++) {
		err = mdb_dbi_open(txn, d->names[i], make ? MDB_CREATE : 0,
		    &d->dbi[i]);
		d->have[i] = err == 0;
		if (err == MDB_NOTFOUND && !make)
			err = 0;
	}
	if (err == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return err;
}

/* --- the map --- */

/* Map size bytes (0: as another process made it).  The old map is gone when
 * this fails, and so is the environment. */
static int
remap(struct db *d, size_t size)
{
	int err;

	if (d->txn != NULL)
		return MDB_BAD_TXN;
	err = mdb_env_set_mapsize(d->env, size);
	if (err != 0)
		d->env = NULL;
	return err;
}

static void
map_use(const struct db *d, size_t *used, size_t *size)
{
	MDB_envinfo info;
	MDB_stat st;

	mdb_env_info(d->env, &info);
	mdb_env_stat(d->env, &st);
	*used = (info.me_last_pgno + 1) * st.ms_psize;
	*size = info.me_mapsize;
}

/* --- transactions --- */

static int
txn_begin(struct db *d, unsigned flags, MDB_txn **out)
{
	int err;

	if (d->env == NULL)
		return MDB_PANIC;
	err = mdb_txn_begin(d->env, NULL, flags, out);
	if (err != MDB_MAP_RESIZED)
		return err;
	err = remap(d, 0);
	return err != 0 ? err : mdb_txn_begin(d->env, NULL, flags, out);
}

void
db_rest(struct db *d)
{
	if (d->lent)
		mdb_txn_reset(d->view);
	d->lent = false;
}

/* Read in the running transaction, else in a view, which db_rest ends: one
 * that stood open for long would keep old pages from being used again, a new
 * one for each row costs as much as finding the row. */
static int
read_start(struct db *d, MDB_txn **out)
{
	int err = 0;

	if (d->writing) {
		*out = d->txn;
		return d->txn == NULL ? MDB_BAD_TXN : 0;
	}
	if (d->lent && d->reads++ < VIEW_READS) {
		*out = d->view;
		return 0;
	}
	db_rest(d);
	d->reads = 1;
	if (d->view == NULL || d->env == NULL)
		err = txn_begin(d, MDB_RDONLY, &d->view);
	else if ((err = mdb_txn_renew(d->view)) == MDB_MAP_RESIZED &&
	    (err = remap(d, 0)) == 0)
		err = mdb_txn_renew(d->view);
	d->lent = err == 0;
	*out = d->view;
	return err;
}

/* --- opening --- */

static int
attach(struct db *d)
{
	size_t used, size;
	int dead = 0, err;

	err = env_open(d->dir.path, d->read_only, &d->env);
	if (err != 0)
		return err;
	/* A reader that was killed would keep every page alive. */
	(void)mdb_reader_check(d->env, &dead);
	map_use(d, &used, &size);
	if (size < 2 * used)
		err = remap(d, 2 * used);
	if (err == 0)
		err = tables_open(d, false);
	for (int i = 0; err == 0 && !d->read_only && i < d->tables; i++)
		if (!d->have[i])
			err = tables_open(d, true);
	return err;
}

static enum rc
open_in(struct db *d, const char *path, bool make)
{
	enum rc rc = envdir_open(&d->dir, path);
	int err;

	if (rc == RC_OK)
		rc = envdir_ready(&d->dir, make, d->read_only);
	if (rc != RC_OK)
		return rc;
	err = attach(d);
	return err == 0 ? RC_OK : fault(d, err);
}

enum rc
db_open(const char *dir, const char *const *tables, bool make, bool read_only,
    struct db **out)
{
	struct db *d = mem_alloc(sizeof(*d));
	enum rc rc;

	d->names = tables;
	while (tables[d->tables] != NULL)
		d->tables++;
	assert(d->tables <= DB_TABLES);
	d->dir.fd = -1;
	d->read_only = read_only;
	assert(!make || !read_only);
	redo_init(&d->redo);
	rc = open_in(d, dir, make);
	if (rc == RC_OK)
		*out = d;
	else
		db_close(d);
	return rc;
}

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	if (d->env != NULL) {
		mdb_txn_abort(d->txn);
		mdb_txn_abort(d->view);
		mdb_env_close(d->env);
	}
	envdir_close(&d->dir);
	redo_free(&d->redo);
	free(d);
}

/* --- reading --- */

enum rc
db_get(struct db *d, int table, struct bytes key, struct bytes *out)
{
	MDB_val k = val(key), v;
	MDB_txn *txn = NULL;
	int err = read_start(d, &txn);

	if (err == 0)
		err = d->have[table] ? mdb_get(txn, d->dbi[table], &k, &v) :
		    MDB_NOTFOUND;
	if (err == 0) {
		*out = (struct bytes){ v.mv_data, v.mv_size };
		return RC_OK;
	}
	if (err == MDB_NOTFOUND)
		return RC_END;
	db_rest(d);
	return fault(d, err);
}

/* To the first row behind `from`; to the first of all when it is empty. */
static int
seek(MDB_cursor *c, struct bytes from, MDB_val *k, MDB_val *v)
{
	int err;

	*k = val(from);
	err = mdb_cursor_get(c, k, v, from.len == 0 ? MDB_FIRST :
	    MDB_SET_RANGE);
	if (err == 0 && k->mv_size == from.len && from.len > 0 &&
	    memcmp(k->mv_data, from.data, from.len) == 0)
		err = mdb_cursor_get(c, k, v, MDB_NEXT);
	return err;
}

enum rc
db_rows(struct db *d, int table, struct bytes from,
    bool (*take)(void *arg, struct bytes key, struct bytes value), void *arg)
{
	MDB_cursor *c = NULL;
	MDB_txn *txn = NULL;
	MDB_val k, v;
	int err;

	db_rest(d);
	err = read_start(d, &txn);
	if (err == 0)
		err = d->have[table] ? mdb_cursor_open(txn, d->dbi[table], &c) :
		    MDB_NOTFOUND;
	if (err == 0)
		err = seek(c, from, &k, &v);
	while (err == 0 && take(arg, (struct bytes){ k.mv_data, k.mv_size },
	    (struct bytes){ v.mv_data, v.mv_size }))
		err = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	if (c != NULL)
		mdb_cursor_close(c);
	db_rest(d);
	return err == MDB_NOTFOUND ? RC_END : err != 0 ? fault(d, err) : RC_OK;
}

enum rc
db_count(struct db *d, int table, uint64_t *n)
{
	MDB_stat st = { 0 };
	MDB_txn *txn = NULL;
	int err = read_start(d, &txn);

	if (err == 0 && d->have[table])
		err = mdb_stat(txn, d->dbi[table], &st);
	db_rest(d);
	if (err != 0)
		return fault(d, err);
	*n = st.ms_entries;
	return RC_OK;
}

/* --- writing --- */

enum rc
db_begin(struct db *d)
{
	size_t used, size;
	int err = 0;

	assert(!d->writing);
	db_rest(d);
	redo_clear(&d->redo);
	d->err = 0;
	d->tail = NULL;
	d->grown = false;
	if (d->env != NULL) {
		map_use(d, &used, &size);
		if (used > size / 10 * 8)
			err = remap(d, 2 * size);
	}
	if (err == 0)
		err = txn_begin(d, 0, &d->txn);
	if (err != 0)
		return fault(d, err);
	d->writing = true;
	return RC_OK;
}

static int
write_one(void *arg, int table, struct bytes key, const struct bytes *value)
{
	struct db *d = arg;
	MDB_val k = val(key), v;
	int err;

	if (!d->have[table])
		return MDB_BAD_DBI;
	if (value == NULL) {
		err = mdb_del(d->txn, d->dbi[table], &k, NULL);
		return err == MDB_NOTFOUND ? 0 : err;
	}
	if (value->len > DB_VALUE_MAX)
		return MDB_BAD_VALSIZE;
	v = val(*value);
	return mdb_put(d->txn, d->dbi[table], &k, &v, 0);
}

/* The map is full: grow it, which ends the transaction, and do it over. */
static int
write_over(struct db *d)
{
	size_t used, size;
	int err;

	mdb_txn_abort(d->txn);
	d->txn = NULL;
	if (d->grown)
		return MDB_MAP_FULL;
	d->grown = true;
	map_use(d, &used, &size);
	err = remap(d, 2 * size);
	if (err == 0 && !redo_whole(&d->redo))
		err = MDB_MAP_FULL;
	if (err == 0)
		err = txn_begin(d, 0, &d->txn);
	return err != 0 ? err : redo_run(&d->redo, write_one, d);
}

static void
write_add(struct db *d, int table, struct bytes key, const struct bytes *value)
{
	assert(d->writing);
	if (d->err != 0)
		return;
	redo_add(&d->redo, table, key, value);
	d->err = write_one(d, table, key, value);
	if (d->err == MDB_MAP_FULL)
		d->err = write_over(d);
}

void
db_put(struct db *d, int table, struct bytes key, struct bytes value)
{
	write_add(d, table, key, &value);
}

void
db_append(struct db *d, int table, struct bytes key, struct bytes value)
{
	MDB_val k = val(key), v = val(value);

	assert(d->writing && d->have[table]);
	redo_skip(&d->redo);
	/* The end of the transaction closes it. */
	if (d->err == 0 && (d->tail == NULL || d->tail_of != table))
		d->err = mdb_cursor_open(d->txn, d->dbi[table], &d->tail);
	d->tail_of = table;
	if (d->err == 0)
		d->err = mdb_cursor_put(d->tail, &k, &v, MDB_APPEND);
}

void
db_del(struct db *d, int table, struct bytes key)
{
	write_add(d, table, key, NULL);
}

bool
db_changed(const struct db *d)
{
	return !redo_empty(&d->redo);
}

static int
commit(struct db *d)
{
	int err = mdb_txn_commit(d->txn);

	d->txn = NULL;
	return err;
}

enum rc
db_commit(struct db *d)
{
	int err = d->err;

	assert(d->writing);
	if (err == 0)
		err = commit(d);
	if (err == MDB_MAP_FULL && d->err == 0) {
		err = write_over(d);
		if (err == 0)
			err = commit(d);
	}
	db_abort(d);
	return err == 0 ? RC_OK : fault(d, err);
}

void
db_abort(struct db *d)
{
	if (d->env != NULL)
		mdb_txn_abort(d->txn);
	d->txn = NULL;
	d->writing = false;
	redo_clear(&d->redo);
}

void
db_relax(struct db *d)
{
	size_t used, size;

	if (d->env == NULL || d->writing)
		return;
	db_rest(d);
	/* Mapping it anew lets go of every page of the old map. */
	map_use(d, &used, &size);
	if (remap(d, size) != 0)
		(void)fault(d, errno);
}
