/*
 * rows.c - rows to bytes and back, by one table of cells per row.
 *
 * A message is kept by its code, which never changes its meaning; its number
 * in the program does.  It must never write outside a row, whatever the bytes
 * say, and never hand out a row of which a byte was left over or missing.
 */
#include "rows.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "clock.h"
#include "shape.h"

#define VERSION 1
#define VERSION_ENDS 2		/* a secret that has an end */
#define VERSION_DEBTOR 2		/* errors and details of before lack
					 * quoted and debtor */
#define VERSION_DIGEST 2		/* and cursors digest */
#define VERSION_NEXT 3			/* and what comes behind it */
#define VERSION_OF 2			/* and intents of */
#define VERSION_REVISION 3		/* and revision */
#define CODE 16				/* room for a message's code */

static const struct cell record_cells[] = {
	NUM(CELL_I64, record, excl.e6),
	NUM(CELL_I64, record, incl.e6),
};
const struct rows_shape rows_record = SHAPE(0, record, record_cells);

static const struct cell intent_cells[] = {
	NUM(CELL_I64, intent, at),
	NUM(CELL_I32, intent, attempt),
	NUM(CELL_I32, intent, steps),
	NUM(CELL_I32, intent, looked),
	NUM(CELL_I64, intent, looked_at),
	NUM(CELL_BOOL, intent, held),
	ENUM(intent, kind, SALE_SUMMARY),
	TEXT(intent, source),
	TEXT(intent, id),
	TEXT(intent, number),
	TEXT(intent, reference),
	NUM(CELL_I64, intent, amounts.excl.e6),
	NUM(CELL_I64, intent, amounts.incl.e6),
	{ .type = CELL_KEY, .at = offsetof(struct intent, of),
	    .since = VERSION_OF },
	{ .type = CELL_I32, .at = offsetof(struct intent, revision),
	    .since = VERSION_REVISION },
	{ .type = CELL_BOOL, .at = offsetof(struct intent, anew),
	    .since = VERSION_REVISION },
	{ .type = CELL_BOOL, .at = offsetof(struct intent, drop),
	    .since = VERSION_REVISION },
};
const struct rows_shape rows_intent = SHAPE(VERSION_REVISION, intent,
    intent_cells);

static const struct cell debtor_cells[] = {
	NUM(CELL_I64, debtor_row, pending_at),
	TEXT(debtor_row, contact),
	TEXT(debtor_row, email),
};
const struct rows_shape rows_debtor = SHAPE(VERSION, debtor_row, debtor_cells);

static const struct cell cursor_cells[] = {
	TEXT(cursor_row, value),
	NUM(CELL_I64, cursor_row, at),
	NUM(CELL_I64, cursor_row, booked),
	NUM(CELL_I64, cursor_row, refused),
	{ .type = CELL_I64, .at = offsetof(struct cursor_row, digest),
	    .since = VERSION_DIGEST },
	{ .type = CELL_TEXT, .at = offsetof(struct cursor_row, next),
	    .size = sizeof(((struct cursor_row *)0)->next),
	    .since = VERSION_NEXT },
	{ .type = CELL_I64, .at = offsetof(struct cursor_row, next_at),
	    .since = VERSION_NEXT },
};
const struct rows_shape rows_cursor = SHAPE(VERSION_NEXT, cursor_row,
    cursor_cells);

static const struct cell error_cells[] = {
	NUM(CELL_MSG, error_row, why),
	NUM(CELL_I64, error_row, first_at),
	NUM(CELL_I64, error_row, last_at),
	NUM(CELL_I32, error_row, times),
	NUM(CELL_I64, error_row, digest),
	NUM(CELL_BOOL, error_row, held),
	ENUM(error_row, kind, SALE_SUMMARY),
	TEXT(error_row, source),
	TEXT(error_row, id),
	TEXT(error_row, number),
	TEXT(error_row, refund_of),
	TEXT(error_row, text),
	{ .type = CELL_BOOL, .at = offsetof(struct error_row, quoted),
	    .since = VERSION_DEBTOR },
};
const struct rows_shape rows_error = SHAPE(VERSION_DEBTOR, error_row,
    error_cells);

static const struct cell detail_cells[] = {
	NUM(CELL_I64, detail_row, at),
	TEXT(detail_row, debtor_text),
	{ .type = CELL_KEY, .at = offsetof(struct detail_row, debtor),
	    .since = VERSION_DEBTOR },
};
const struct rows_shape rows_detail = SHAPE(VERSION_DEBTOR, detail_row,
    detail_cells);

static const struct cell grant_cells[] = {
	NUM(CELL_I64, grant_row, asked_at),
	NUM(CELL_I32, grant_row, tries),
	NUM(CELL_I64, grant_row, consent_at),
};
const struct rows_shape rows_grant = SHAPE(VERSION, grant_row, grant_cells);

/* --- to bytes --- */

static size_t
put_number(uint8_t *out, uint64_t v, size_t n)
{
	v = htole64(v);
	memcpy(out, &v, n);
	return n;
}

static size_t
put_text(uint8_t *out, const char *text, size_t size)
{
	size_t n = strnlen(text, size - 1);

	put_number(out, n, 2);
	memcpy(out + 2, text, n);
	return n + 2;
}

static size_t
put_cell(uint8_t *out, const struct cell *c, const void *at)
{
	char day[CLOCK_DAY] = "";
	unsigned value;
	struct day d;
	enum msg msg;
	int64_t i64;
	int32_t i32;

	switch (c->type) {
	case CELL_I32:
		memcpy(&i32, at, sizeof(i32));
		return put_number(out, (uint32_t)i32, 4);
	case CELL_I64:
		memcpy(&i64, at, sizeof(i64));
		return put_number(out, (uint64_t)i64, 8);
	case CELL_BOOL:
		return put_number(out, *(const bool *)at, 1);
	case CELL_ENUM:
		memcpy(&value, at, sizeof(value));
		return put_number(out, value, 1);
	case CELL_MSG:
		memcpy(&msg, at, sizeof(msg));
		return put_text(out, msg == M_NONE ? "" :
		    catalog_get(msg)->code, CODE);
	case CELL_TEXT:
		return put_text(out, at, c->size);
	case CELL_DAY:
		memcpy(&d, at, sizeof(d));
		if (d.year != 0)
			clock_day_print(day, d);
		return put_text(out, day, sizeof(day));
	case CELL_KEY:
		memcpy(out, at, STORE_KEY);
		return STORE_KEY;
	}
	return 0;
}

size_t
rows_pack(const struct rows_shape *shape, const void *row,
    uint8_t out[ROWS_MAX])
{
	size_t n = 0;

	if (shape->version != 0)
		out[n++] = shape->version;
	for (size_t i = 0; i < shape->cells_n; i++) {
		const struct cell *c = &shape->cells[i];

		n += put_cell(out + n, c, (const char *)row + c->at);
	}
	assert(n <= ROWS_MAX);
	return n;
}

/* --- and back --- */

struct reader { const uint8_t *p; size_t left; };

static bool
get_number(struct reader *r, size_t n, uint64_t *out)
{
	if (r->left < n)
		return false;
	*out = 0;
	memcpy(out, r->p, n);
	*out = le64toh(*out);
	r->p += n;
	r->left -= n;
	return true;
}

static bool
get_text(struct reader *r, char *out, size_t size)
{
	uint64_t n;

	if (!get_number(r, 2, &n) || n > r->left || n >= size ||
	    memchr(r->p, '\0', n) != NULL)
		return false;
	memcpy(out, r->p, n);
	out[n] = '\0';
	r->p += n;
	r->left -= n;
	return true;
}

/* A code that this program doesn't know becomes M_NONE. */
static bool
get_msg(struct reader *r, void *at)
{
	enum msg msg = M_NONE;
	char code[CODE];

	if (!get_text(r, code, sizeof(code)))
		return false;
	if (code[0] != '\0')
		msg = catalog_find(code);
	if (msg != M_NONE && !str_eq(catalog_get(msg)->code, code))
		msg = M_NONE;
	memcpy(at, &msg, sizeof(msg));
	return true;
}

/* An empty one is no day. */
static bool
get_day(struct reader *r, void *at)
{
	struct day d = { 0, 0, 0 };
	char text[CLOCK_DAY];

	if (!get_text(r, text, sizeof(text)) || (text[0] != '\0' &&
	    clock_day_parse(text, &d) != RC_OK))
		return false;
	memcpy(at, &d, sizeof(d));
	return true;
}

static bool
get_key(struct reader *r, void *at)
{
	if (r->left < STORE_KEY)
		return false;
	memcpy(at, r->p, STORE_KEY);
	r->p += STORE_KEY;
	r->left -= STORE_KEY;
	return true;
}

static bool
get_cell(struct reader *r, const struct cell *c, void *at)
{
	unsigned value;
	uint64_t v = 0;
	int64_t i64;
	int32_t i32;

	switch (c->type) {
	case CELL_I32:
		if (!get_number(r, 4, &v))
			return false;
		i32 = (int32_t)(uint32_t)v;
		memcpy(at, &i32, sizeof(i32));
		return true;
	case CELL_I64:
		if (!get_number(r, 8, &v))
			return false;
		i64 = (int64_t)v;
		memcpy(at, &i64, sizeof(i64));
		return true;
	case CELL_BOOL:
		if (!get_number(r, 1, &v) || v > 1)
			return false;
		*(bool *)at = v == 1;
		return true;
	case CELL_ENUM:
		if (!get_number(r, 1, &v) || v >= c->size)
			return false;
		value = (unsigned)v;
		memcpy(at, &value, sizeof(value));
		return true;
	case CELL_MSG:
		return get_msg(r, at);
	case CELL_TEXT:
		return get_text(r, at, c->size);
	case CELL_DAY:
		return get_day(r, at);
	case CELL_KEY:
		return get_key(r, at);
	}
	return false;
}

enum rc
rows_unpack(const struct rows_shape *shape, const uint8_t *p, size_t n,
    void *row)
{
	_Alignas(max_align_t) char whole[ROWS_MAX];
	struct reader r = { p, n };
	uint64_t version = 0;
	bool ok;

	assert(shape->size <= sizeof(whole));
	memset(whole, 0, shape->size);
	ok = shape->version == 0 || (get_number(&r, 1, &version) &&
	    version >= 1 && version <= shape->version);
	for (size_t i = 0; ok && i < shape->cells_n; i++) {
		const struct cell *c = &shape->cells[i];

		if (c->since <= version)
			ok = get_cell(&r, c, whole + c->at);
	}
	ok = ok && r.left == 0;
	if (ok)
		memcpy(row, whole, shape->size);
	secret_zero(whole, shape->size);
	return ok ? RC_OK : RC_REJECT;
}

size_t
rows_secret_pack(const struct secret_row *r, uint8_t out[ROWS_MAX])
{
	bool plain = r->until_at == 0 && r->drop_at == 0;
	size_t n = 0;

	assert(r->value.len <= SECRET_MAX);
	out[n++] = plain ? VERSION : VERSION_ENDS;
	n += put_number(out + n, (uint64_t)r->at, 8);
	if (!plain) {
		n += put_number(out + n, (uint64_t)r->until_at, 8);
		n += put_number(out + n, (uint64_t)r->drop_at, 8);
	}
	if (r->value.len > 0)
		memcpy(out + n, r->value.text, r->value.len);
	return n + r->value.len;
}

enum rc
rows_secret_unpack(const uint8_t *p, size_t n, struct secret_row *r)
{
	struct reader in = { p, n };
	uint64_t version, at, until = 0, drop = 0;

	if (!get_number(&in, 1, &version) || !get_number(&in, 8, &at))
		return RC_REJECT;
	if (version == VERSION_ENDS && (!get_number(&in, 8, &until) ||
	    !get_number(&in, 8, &drop) || (until == 0 && drop == 0)))
		return RC_REJECT;
	if ((version != VERSION && version != VERSION_ENDS) ||
	    in.left > SECRET_MAX)
		return RC_REJECT;
	if (in.left > 0 && secret_set(&r->value, in.p, in.left) != RC_OK)
		return RC_REJECT;
	r->at = (int64_t)at;
	r->until_at = (int64_t)until;
	r->drop_at = (int64_t)drop;
	return RC_OK;
}
