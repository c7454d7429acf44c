/*
 * store.h - all that salesync keeps, in its own words.
 *
 * One tenant, one folder, one key: STORE/tenants/NAME/.  What is not in this
 * header is not kept.  Every value is sealed with the tenant's data key and
 * bound to tenant, table and row; rows are found through keyed hashes.
 * Changes go between store_begin and store_commit; errors stick until then.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "connector.h"
#include "money.h"
#include "rc.h"
#include "ring.h"
#include "sale.h"
#include "secret.h"

#define STORE_FORMAT 1
#define STORE_KEY 16		/* identification key, truncated */

struct store;

struct store_place {
	const char *dir;		/* the store's folder */
	const char *tenant;
	const struct master *master;
};

enum store_mode { STORE_READ, STORE_WRITE, STORE_MAKE };

/*
 * STORE_MAKE creates what is missing.  RC_END: the tenant has no store yet
 * (READ, WRITE).  RC_CONFIG: newer format, other host, wrong master key.
 * RC_FATAL: disk.  All said.
 */
MUST enum rc store_open(const struct store_place *p, enum store_mode mode,
    struct store **out);
void store_close(struct store *s);
/* True when the environment is older than its generation counter, or was
 * taken over: look every sale up before sending it, until store_trusted. */
bool store_restored(const struct store *s);
/* Make this host the owner, whatever host wrote it; sets restored. */
MUST enum rc store_take_over(const struct store_place *p);

MUST enum rc store_begin(struct store *s);
/* The first commit of a process also raises the generation, in here and then
 * in the ring's counter. */
MUST enum rc store_commit(struct store *s);
void store_abort(struct store *s);
/* Within a transaction: the record is whole again. */
void store_trusted(struct store *s);

/* --- sales --- */
struct sale_key { uint8_t b[STORE_KEY]; };
void store_sale_key(struct store *s, const char *source, enum sale_kind kind,
    const char *id, unsigned revision, struct sale_key *out);
struct record { struct money excl, incl; };
MUST enum rc store_sale_get(struct store *s, const struct sale_key *k,
    struct record *out);			/* RC_END: not booked */
void store_sale_put(struct store *s, const struct sale_key *k,
    const struct record *r);
void store_sale_del(struct store *s, const struct sale_key *k);

/* --- intents: written before the request goes out --- */
struct intent {
	int64_t at;			/* when it was written or last sent */
	int32_t attempt;		/* how often it was sent */
	int32_t looked;			/* look-ups that found nothing since */
	int64_t looked_at;
	bool held;			/* waits for a person */
	enum sale_kind kind;
	char source[SALE_NAME];
	char id[SALE_ID];
	char number[SALE_ID];
	char reference[REF_MAX];
	struct record amounts;
};
MUST enum rc store_intent_get(struct store *s, const struct sale_key *k,
    struct intent *out);
void store_intent_put(struct store *s, const struct sale_key *k,
    const struct intent *i);
void store_intent_del(struct store *s, const struct sale_key *k);
MUST enum rc store_intent_each(struct store *s, enum rc (*take)(void *arg,
    const struct sale_key *k, const struct intent *i), void *arg);

/* --- debtors: customer number in the books, and email address --- */
struct debtor_key { uint8_t b[STORE_KEY]; };
/* By email (lower-cased); without one by source and shop id; RC_END for a
 * debtor with neither. */
MUST enum rc store_debtor_key(struct store *s, const char *source,
    const struct debtor *d, struct debtor_key *out);
struct debtor_row {
	int64_t pending_at;		/* being made since; 0: known */
	char contact[CODE_MAX];		/* the books' contact */
	char email[255];
};
MUST enum rc store_debtor_get(struct store *s, const struct debtor_key *k,
    struct debtor_row *out);
void store_debtor_put(struct store *s, const struct debtor_key *k,
    const struct debtor_row *r);
void store_debtor_del(struct store *s, const struct debtor_key *k);

/* --- cursors and what a source's last run with news did --- */
struct cursor_row {
	char value[CURSOR_MAX];
	int64_t at;
	int64_t booked, refused;	/* of that run */
};
MUST enum rc store_cursor_get(struct store *s, const char *source,
    struct cursor_row *out);
void store_cursor_put(struct store *s, const char *source,
    const struct cursor_row *r);

/* --- errors: refused and held sales --- */
struct error_row {
	enum msg why;
	int64_t first_at, last_at;
	int32_t times;
	bool held;			/* not refused: unknown outcome */
	enum sale_kind kind;
	char source[SALE_NAME];
	char id[SALE_ID], number[SALE_ID];
	char text[200];			/* our words */
	char debtor_text[200];		/* the debtor's own: sealed apart, gone
					 * after 2 months; "" then */
};
MUST enum rc store_error_get(struct store *s, const struct sale_key *k,
    struct error_row *out);
void store_error_put(struct store *s, const struct sale_key *k,
    const struct error_row *r);
void store_error_del(struct store *s, const struct sale_key *k);
MUST enum rc store_error_each(struct store *s, enum rc (*take)(void *arg,
    const struct sale_key *k, const struct error_row *r), void *arg);
/* Drop the debtor's values of errors last seen before `before`; the number
 * dropped.  Within a transaction. */
MUST enum rc store_error_fade(struct store *s, int64_t before, size_t *n);

/* --- secrets: see vault.h --- */
struct secret_row { int64_t at; struct secret value; };
MUST enum rc store_secret_get(struct store *s, const char *connection,
    const char *name, struct secret_row *out);	/* wipe out->value after */
void store_secret_put(struct store *s, const char *connection,
    const char *name, const struct secret_row *r);
void store_secret_del(struct store *s, const char *connection,
    const char *name);
/* All of them; *n counts. */
MUST enum rc store_secret_drop(struct store *s, size_t *n);

struct store_counts {
	uint64_t sales, intents, debtors, errors, details, secrets;
};
MUST enum rc store_counts(struct store *s, struct store_counts *out);

/* Leave no old byte: db.h, db_reload. */
MUST enum rc store_reload(struct store *s);
/* Keep memory flat over long runs: db.h, db_relax. */
void store_relax(struct store *s);

#endif
