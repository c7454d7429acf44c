/*
 * dbnext.c - one row and then the next, with anything in between.
 *
 * The place is kept as a key, not as a cursor: the row it names may be gone
 * when the next is asked for.
 */
#include "db.h"

struct row { struct buf *key, *value; };

static bool
take_one(void *arg, struct bytes key, struct bytes value)
{
	struct row *r = arg;

	buf_clear(r->key);
	buf_add(r->key, key.data, key.len);
	buf_clear(r->value);
	buf_add(r->value, value.data, value.len);
	return false;
}

enum rc
db_next(struct db *d, int table, struct buf *key, struct buf *value)
{
	struct row r = { key, value };

	return db_rows(d, table, (struct bytes){ key->data, key->len },
	    take_one, &r);
}
