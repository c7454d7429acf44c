/*
 * fresh.c - makes a database aside, then exchanges the file.
 *
 * The copy is a logical one, row by row: a copy of pages carries deleted
 * bytes along.  It must never touch the old file before the new one is whole
 * and on disk.
 */
#include "fresh.h"

#include "db.h"
#include "envdir.h"

#define STEP ((size_t)256 << 10)	/* bytes read in a view */
#define STEPS 16			/* written in a commit */

struct copy {
	struct db *to;
	int table;
	struct buf key;			/* of the row copied last */
	size_t left;			/* bytes, of this step */
};

static bool
copy_row(void *arg, struct bytes key, struct bytes value)
{
	struct copy *c = arg;
	size_t n = key.len + value.len;

	db_append(c->to, c->table, key, value);
	c->left -= n < c->left ? n : c->left;
	if (c->left > 0)
		return true;
	buf_clear(&c->key);
	buf_add(&c->key, key.data, key.len);
	return false;
}

/* As many rows as one commit takes.  RC_END: those were all. */
static enum rc
copy_some(struct copy *c, struct db *from)
{
	enum rc rc = db_begin(c->to), done;

	if (rc != RC_OK)
		return rc;
	for (int i = 0; rc == RC_OK && i < STEPS; i++) {
		c->left = STEP;
		rc = db_rows(from, c->table, (struct bytes){ c->key.data,
		    c->key.len }, copy_row, c);
		db_relax(from);
	}
	done = db_commit(c->to);
	db_relax(c->to);
	return done == RC_OK ? rc : done;
}

/* Rows of one table from one environment to the other. */
static enum rc
copy_table(struct db *from, struct db *to, int table)
{
	struct copy c = { .to = to, .table = table };
	enum rc rc = RC_OK;

	buf_init(&c.key, DB_KEY_MAX);
	while (rc == RC_OK)
		rc = copy_some(&c, from);
	buf_free(&c.key);
	return rc == RC_END ? RC_OK : rc;
}

/* from may be NULL: then an empty one. */
static enum rc
fill(const char *path, const char *const *tables, struct db *from)
{
	struct db *to = NULL;
	enum rc rc = db_open(path, tables, true, false, &to);

	for (int i = 0; rc == RC_OK && from != NULL && tables[i] != NULL; i++)
		rc = copy_table(from, to, i);
	db_close(to);
	return rc;
}

enum rc
fresh_make(const char *dir, const char *const *tables)
{
	struct envdir e = { .fd = -1 };
	char path[FILE_PATH];
	enum rc rc = envdir_open(&e, dir);

	if (rc != RC_OK || envdir_present(&e))
		goto out;
	rc = envdir_fresh(&e, path);
	if (rc == RC_OK)
		rc = fill(path, tables, NULL);
	if (rc == RC_OK)
		rc = envdir_install(&e);
out:
	envdir_close(&e);
	return rc;
}

enum rc
fresh_copy(const char *dir, const char *const *tables)
{
	struct envdir e = { .fd = -1 };
	struct db *from = NULL;
	char path[FILE_PATH];
	enum rc rc = envdir_open(&e, dir);

	if (rc == RC_OK)
		rc = db_open(dir, tables, false, true, &from);
	if (rc == RC_OK)
		rc = envdir_fresh(&e, path);
	if (rc != RC_OK)
		goto out;
	rc = fill(path, tables, from);
	db_close(from);
	from = NULL;
	if (rc == RC_OK)
		rc = envdir_alone(&e);
	if (rc == RC_OK)
		rc = envdir_install(&e);
	else
		rc = rc_worse(rc, envdir_tidy(&e));
out:
	db_close(from);
	envdir_close(&e);
	return rc;
}

enum rc
fresh_tidy(const char *dir)
{
	struct envdir e = { .fd = -1 };
	enum rc rc = envdir_open(&e, dir);

	if (rc == RC_OK)
		rc = envdir_tidy(&e);
	envdir_close(&e);
	return rc;
}
