/*
 * redo.c - a flat log of puts and deletes in memory.
 *
 * Each entry is its head, its key and its value.  Values come in sealed, so
 * there is nothing here that must not be read; it never goes to disk.
 */
#include "redo.h"

#include <string.h>

#define LOG_MAX ((size_t)64 << 20)
#define LOG_KEEP ((size_t)1 << 20)	/* memory held between transactions */

struct head {
	size_t key_len, value_len;
	int table;
	bool put;
};

void
redo_init(struct redo *r)
{
	buf_init(&r->log, LOG_MAX);
}

void
redo_free(struct redo *r)
{
	buf_free(&r->log);
}

void
redo_clear(struct redo *r)
{
	if (r->log.cap > LOG_KEEP) {
		buf_free(&r->log);
		buf_init(&r->log, LOG_MAX);
	} else {
		buf_clear(&r->log);
	}
}

void
redo_add(struct redo *r, int table, struct bytes key,
    const struct bytes *value)
{
	struct head h;

	memset(&h, 0, sizeof(h));
	h.key_len = key.len;
	h.value_len = value == NULL ? 0 : value->len;
	h.table = table;
	h.put = value != NULL;
	buf_add(&r->log, &h, sizeof(h));
	buf_add(&r->log, key.data, key.len);
	if (value != NULL)
		buf_add(&r->log, value->data, value->len);
}

void
redo_skip(struct redo *r)
{
	r->log.over = true;
}

bool
redo_empty(const struct redo *r)
{
	return r->log.len == 0 && !r->log.over;
}

bool
redo_whole(const struct redo *r)
{
	return !r->log.over;
}

int
redo_run(const struct redo *r, int (*write)(void *arg, int table,
    struct bytes key, const struct bytes *value), void *arg)
{
	size_t at = 0;
	int err = 0;

	while (err == 0 && at < r->log.len) {
		struct head h;
		struct bytes key, value;

		memcpy(&h, r->log.data + at, sizeof(h));
		at += sizeof(h);
		key = (struct bytes){ r->log.data + at, h.key_len };
		at += h.key_len;
		value = (struct bytes){ r->log.data + at, h.value_len };
		at += h.value_len;
		err = write(arg, h.table, key, h.put ? &value : NULL);
	}
	return err;
}
