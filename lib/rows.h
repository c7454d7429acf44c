/*
 * rows.h - what a tenant's store keeps, as structs, and the bytes they become.
 *
 * The bytes are explicit: little-endian numbers and texts with their length,
 * behind a version byte (a booked sale has none: there are millions).  What
 * comes back is checked to its last byte, and nothing is taken on trust
 * because it was sealed.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "connector.h"
#include "document.h"
#include "money.h"
#include "rc.h"
#include "sale.h"
#include "secret.h"

#define STORE_KEY 16		/* identification key, truncated */

/* A booked sale. */
struct sale_key { uint8_t b[STORE_KEY]; };
struct record { struct money excl, incl; };

/* Written before the request goes out.  The one of a receipt whose day is
 * booked as a whole takes no request of its own (steps is 0): it has the
 * reference of that summary, and no id. */
struct intent {
	int64_t at;			/* when it was written or last sent */
	int32_t attempt;		/* how often it was sent */
	int32_t steps;			/* requests that it takes */
	int32_t looked;			/* look-ups that found nothing since */
	int64_t looked_at;
	bool held;			/* waits for a person */
	enum sale_kind kind;
	char source[SALE_NAME];
	char id[SALE_ID];
	char number[SALE_ID];
	char reference[REF_MAX];
	struct record amounts;
	struct sale_key of;		/* a refund's order; 0: not known */
	int32_t revision;		/* of the sale, see takeback.h */
	bool anew;			/* it is to be booked anew behind it */
	bool drop;			/* a draft is deleted, nothing booked */
};

/* Customer number in the books, and email address. */
struct debtor_key { uint8_t b[STORE_KEY]; };
struct debtor_row {
	int64_t pending_at;		/* being made since; 0: known */
	char contact[CODE_MAX];		/* the books' contact */
	char email[255];
};

/* How far a source was read, and what its last run with news did. */
struct cursor_row {
	char value[CURSOR_MAX];
	int64_t at;
	int64_t booked, refused;	/* of that run */
	uint64_t digest;		/* of the lines read last: the sum of
					 * their crypt_digest */
	char next[CURSOR_MAX];		/* what value may become; or "" */
	int64_t next_at;		/* from when on: then the days are over
					 * that were not when it was read */
};

/* A refused or held sale. */
struct error_row {
	enum msg why;
	int64_t first_at, last_at;
	int32_t times;
	uint64_t digest;		/* of the sale as the shop gave it */
	bool held;			/* not refused: unknown outcome */
	enum sale_kind kind;
	char source[SALE_NAME];
	char id[SALE_ID], number[SALE_ID];
	char refund_of[SALE_ID];	/* its order, to fetch it by; "" */
	char text[200];			/* our words */
	bool quoted;			/* the two below were there, and may
					 * be gone */
	char debtor_text[200];		/* the debtor's own: sealed apart, gone
					 * after 2 months; "" then */
	struct debtor_key debtor;	/* whose they are; 0: not known */
};
/* The part of it that fades. */
struct detail_row {
	int64_t at;			/* the error's last_at */
	char debtor_text[200];
	struct debtor_key debtor;
};

struct secret_row {
	int64_t at;			/* when it was stored */
	int64_t until_at;		/* an access token's end; 0: none */
	int64_t drop_at;		/* when it goes by itself; 0: never */
	struct secret value;
};
/* How far the renewal of an access token is. */
struct grant_row {
	int64_t asked_at;		/* the last time it was asked for... */
	int32_t tries;			/* ...without an answer, and how often */
	int64_t consent_at;		/* since when a person must act; 0 */
};

#define ROWS_MAX (SECRET_MAX + 64)	/* longest row, as bytes and as a struct */

struct rows_shape;		/* shape.h */
extern const struct rows_shape rows_record, rows_intent, rows_debtor,
    rows_cursor, rows_error, rows_detail, rows_grant;

/* The bytes of a row of that shape; returns how many. */
size_t rows_pack(const struct rows_shape *shape, const void *row,
    uint8_t out[ROWS_MAX]);
/* And back.  RC_REJECT: these are not its bytes. */
MUST enum rc rows_unpack(const struct rows_shape *shape, const uint8_t *p,
    size_t n, void *row);

size_t rows_secret_pack(const struct secret_row *r, uint8_t out[ROWS_MAX]);
/* r->value must be empty. */
MUST enum rc rows_secret_unpack(const uint8_t *p, size_t n,
    struct secret_row *r);

#endif
