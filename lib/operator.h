/*
 * operator.h - what outlives a tenant: own customers, their invoices, logins,
 * visits.
 *
 * STORE/operator is one environment with a ring of its own.  As with store.h:
 * what is not in this header is not kept, every value is sealed and bound to
 * its table and row, rows with a person's address in their name are found
 * through keyed hashes, changes go between operator_begin and
 * operator_commit, and errors stick until then.
 */
#ifndef OPERATOR_H
#define OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "env.h"		/* store_place, store_mode, operator_table */
#include "money.h"
#include "rc.h"
#include "sale.h"
#include "statutory.h"

#define OPERATOR_TEXT 200	/* longest description, hold, with its NUL */
#define OPERATOR_NUMBER 64	/* longest number of an invoice, likewise */

struct operator_store;

/* An own customer: a tenant. */
struct customer_row {
	char tenant[SALE_NAME];		/* the key */
	int64_t seen_at;		/* when its file was last read */
	struct day start, end;		/* of the contract; end.year 0: none */
	int64_t shredded_at;		/* its data and keys are gone; 0: not */
	char name[201], address[201], postcode[21], city[101], country[3],
	    email[255], iban[43], vat_number[33];
	char services[2000];		/* a line each: name, TAB, since */
	char hold[OPERATOR_TEXT];	/* why all of it must stay; "": no hold */
};

struct invoice_row {
	char tenant[SALE_NAME], number[OPERATOR_NUMBER];	/* the key */
	struct day date;
	char currency[4];
	struct money excl, vat, incl;
	enum invoice_term term;
	char description[OPERATOR_TEXT];
	char hold[OPERATOR_TEXT];
};

struct login_row {
	char email[255];		/* the key: its hash, lower-cased */
	char tenant[SALE_NAME];		/* "": the operator's own */
	int64_t made_at;
	char salt[65], password[129], key[129];		/* hexadecimal */
	int32_t scrypt_n, scrypt_r, scrypt_p;
};

struct visit_row {
	struct day day;			/* the key: these three */
	char page[128];
	char net[4];			/* first three digits of the address */
	int64_t count;
};

/* When purge last did its work, by a clock that it held to be right. */
struct purge_row {
	int64_t at;
	int64_t wrong_at;	/* traces of the future up to this moment are
				 * known to be of a wrong clock; 0: none */
};

/* Modes as in store_open; p->tenant does not matter.  RC_END: there is none
 * yet (READ, WRITE).  WRITE and MAKE: the caller holds the operator's lock. */
MUST enum rc operator_open(const struct store_place *p, enum store_mode mode,
    struct operator_store **out);
void operator_close(struct operator_store *o);

MUST enum rc operator_begin(struct operator_store *o);
MUST enum rc operator_commit(struct operator_store *o);
void operator_abort(struct operator_store *o);
/* Leave no old byte: see store_mark, store_marked and store_reload. */
MUST enum rc operator_mark(struct operator_store *o);
bool operator_marked(const struct operator_store *o);
MUST enum rc operator_reload(struct operator_store *o);

/* Get: RC_END, not there.  Put goes by the key in the row. */
MUST enum rc operator_customer_get(struct operator_store *o,
    const char *tenant, struct customer_row *out);
void operator_customer_put(struct operator_store *o,
    const struct customer_row *r);
void operator_customer_del(struct operator_store *o, const char *tenant);

MUST enum rc operator_invoice_get(struct operator_store *o,
    const char *tenant, const char *number, struct invoice_row *out);
void operator_invoice_put(struct operator_store *o,
    const struct invoice_row *r);
void operator_invoice_del(struct operator_store *o, const char *tenant,
    const char *number);

MUST enum rc operator_login_get(struct operator_store *o, const char *email,
    struct login_row *out);
void operator_login_put(struct operator_store *o, const struct login_row *r);
void operator_login_del(struct operator_store *o, const char *email);

/* One more; RC_FATAL: said.  And within a transaction, the end of all before
 * a day; *n: how many rows. */
MUST enum rc operator_visit_add(struct operator_store *o, struct day day,
    const char *page, const char *net);
MUST enum rc operator_visit_fade(struct operator_store *o, struct day before,
    size_t *n);

/* All rows of a table, in the order of their keys; row is that table's
 * struct.  take as in sealed_each: it may change the store. */
MUST enum rc operator_each(struct operator_store *o, enum operator_table table,
    enum rc (*take)(void *arg, const void *row), void *arg);
MUST enum rc operator_count(struct operator_store *o,
    enum operator_table table, uint64_t *n);

/* RC_END: it never ran. */
MUST enum rc operator_purge_get(struct operator_store *o,
    struct purge_row *out);
void operator_purge_put(struct operator_store *o, const struct purge_row *r);

/* A keyed hash under the index key, which is never replaced; what it is for
 * stands in the label. */
void operator_hash(struct operator_store *o, const char *label,
    const void *bytes, size_t n, uint8_t out[CRYPT_HASH]);

#endif
