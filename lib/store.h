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

#include "clock.h"
#include "env.h"		/* store_place, store_mode */
#include "rc.h"
#include "rows.h"
#include "sale.h"

struct store;

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
/* Make this host the owner, whatever host wrote it; sets restored.  Under the
 * lock; p->tenant may be ENV_OPERATOR. */
MUST enum rc store_take_over(const struct store_place *p);

MUST enum rc store_begin(struct store *s);
/* The first commit of a process also raises the generation, in here and then
 * in the ring's counter; so does store_close after a second one.  A commit
 * without a change does nothing. */
MUST enum rc store_commit(struct store *s);
void store_abort(struct store *s);
/* Within a transaction: the record is whole again. */
void store_trusted(struct store *s);

/* --- sales --- */
void store_sale_key(struct store *s, const char *source, enum sale_kind kind,
    const char *id, unsigned revision, struct sale_key *out);
MUST enum rc store_sale_get(struct store *s, const struct sale_key *k,
    struct record *out);			/* RC_END: not booked */
void store_sale_put(struct store *s, const struct sale_key *k,
    const struct record *r);
void store_sale_del(struct store *s, const struct sale_key *k);

/* --- what went back of sales: see refunded.h --- */
MUST enum rc store_refunded_get(struct store *s, const struct sale_key *k,
    struct record *out);			/* RC_END: nothing */
void store_refunded_put(struct store *s, const struct sale_key *k,
    const struct record *r);
void store_refunded_del(struct store *s, const struct sale_key *k);

/* For crypt_digest of a sale's line, also when the store is closed again;
 * crypt_key_free. */
struct crypt_key *store_digest_key(struct store *s);

/* --- intents --- */
MUST enum rc store_intent_get(struct store *s, const struct sale_key *k,
    struct intent *out);
void store_intent_put(struct store *s, const struct sale_key *k,
    const struct intent *i);
void store_intent_del(struct store *s, const struct sale_key *k);
MUST enum rc store_intent_each(struct store *s, enum rc (*take)(void *arg,
    const struct sale_key *k, const struct intent *i), void *arg);

/* --- debtors --- */
/* By email (lower-cased); without one by source and shop id; RC_END for a
 * debtor with neither. */
MUST enum rc store_debtor_key(struct store *s, const char *source,
    const struct debtor *d, struct debtor_key *out);
MUST enum rc store_debtor_get(struct store *s, const struct debtor_key *k,
    struct debtor_row *out);
void store_debtor_put(struct store *s, const struct debtor_key *k,
    const struct debtor_row *r);
void store_debtor_del(struct store *s, const struct debtor_key *k);

/* --- cursors --- */
MUST enum rc store_cursor_get(struct store *s, const char *source,
    struct cursor_row *out);
void store_cursor_put(struct store *s, const char *source,
    const struct cursor_row *r);

/* --- errors --- */
MUST enum rc store_error_get(struct store *s, const struct sale_key *k,
    struct error_row *out);
void store_error_put(struct store *s, const struct sale_key *k,
    const struct error_row *r);
void store_error_del(struct store *s, const struct sale_key *k);
MUST enum rc store_error_each(struct store *s, enum rc (*take)(void *arg,
    const struct sale_key *k, const struct error_row *r), void *arg);
/* Drop the debtor's values of errors last seen before `before`; *n counts
 * on.  Within a transaction. */
MUST enum rc store_error_fade(struct store *s, int64_t before, size_t *n);

/* --- a debtor's rights: see erase.h --- */
/* Erase the row and the details of a debtor for good, and see to it that no
 * backup brings them back: opening for writing repeats it where it must.  No
 * transaction may be open.  *n: rows that went. */
MUST enum rc store_debtor_erase(struct store *s, const struct debtor_key *k,
    struct day today, size_t *n);
/* Forget the erasures of days before this one: how many, how many stay. */
MUST enum rc store_erased_expire(struct store *s, struct day before,
    size_t *gone, size_t *kept);

/* --- secrets: see safe.h and vault.h --- */
const struct sealed *store_safe(const struct store *s);

struct store_counts {
	uint64_t sales, intents, debtors, cursors, errors, details, secrets,
	    refunded;
};
MUST enum rc store_counts(struct store *s, struct store_counts *out);
/* The same of a store that is not open, whoever owns it and whether or not
 * its keys are there.  RC_END: there is none. */
MUST enum rc store_tally(const struct store_place *p,
    struct store_counts *out);

/* Mark, before rows are dropped, that their old bytes are to go: when a crash
 * comes between, the mark stays for the next purge. */
MUST enum rc store_mark(struct store *s);
bool store_marked(const struct store *s);
/* Leave no old byte (see fresh_copy), then take the mark away.  No
 * transaction may be open.  RC_LATER: another process reads for too long. */
MUST enum rc store_reload(struct store *s);
/* Keep memory flat over long runs: see db_relax. */
void store_relax(struct store *s);

#endif
