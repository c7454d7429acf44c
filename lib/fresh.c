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

#define STEP ((size_t)1 << 20)		/* bytes copied in a transaction */

/* Rows of one table from one environment to the other. */
static enum rc
copy_table(struct db *from, struct db *to, int table)
{
	struct buf key, value;
	size_t n = 0;
	enum rc rc;

	buf_init(&key, DB_KEY_MAX);
	buf_init(&value, DB_VALUE_MAX);
	rc = db_begin(to);
	while (rc == RC_OK &&
	    (rc = db_next(from, table, &key, &value)) == RC_OK) {
		db_append(to, table, (struct bytes){ key.data, key.len },
		    (struct bytes){ value.data, value.len });
		n += key.len + value.len;
		if (n < STEP)
			continue;
		n = 0;
		rc = db_commit(to);
		db_relax(from);
		db_relax(to);
		if (rc == RC_OK)
			rc = db_begin(to);
	}
	if (rc == RC_END)
		rc = db_commit(to);
	buf_free(&key);
	buf_free(&value);
	return rc;
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
