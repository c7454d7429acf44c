/*
 * plan.h - what is stored, what of it is past its term, and why the rest
 * stays: the plan that audit prints and purge carries out.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "operator.h"
#include "rc.h"
#include "ring.h"
#include "rule.h"
#include "sale.h"

struct plan_row {			/* per rule and tenant */
	const char *tenant;		/* NULL: the operator's own */
	enum rule rule;
	uint64_t gone, kept;		/* gone: may go; once done, what went */
	uint64_t overdue;		/* of these, what should be gone */
	int64_t oldest_at;		/* what the oldest counts from; 0: none */
	int64_t due_at;			/* when the first of all must be gone */
	int64_t next_at;		/* when the next of what stays goes */
	const char *why;		/* why that stays: "contract runs" */
};

/* The rows of a tenant's own store come in this order. */
#define PLAN_STORE_RULES (RULE_ERASURES - RULE_DETAILS + 1)
#define PLAN_CREDENTIALS (RULE_CREDENTIALS - RULE_DETAILS)
#define PLAN_ERASURES (RULE_ERASURES - RULE_DETAILS)

struct plan_tenant {
	char name[SALE_NAME];
	const struct tenant *file;	/* NULL: none names it */
	bool known;			/* the operator's store has it */
	bool judged;			/* false: a file at fault may be its */
	struct day end;			/* of the contract; year 0: none known */
	int64_t end_at;			/* when it ends here; 0: not known */
	char hold[OPERATOR_TEXT + 8];	/* "hold: REASON"; "": none */
	char invoice_hold[OPERATOR_TEXT + 8];	/* of the first that has one */
	enum { PLAN_LEAVE, PLAN_FADE, PLAN_END } act;
	bool marked;			/* old bytes are still to go */
	struct plan_row *store;		/* NULL: nothing of it is left */
	struct plan_row *customer, *invoices, *held, *logins;	/* or NULL */
};

struct plan {
	const struct config *cfg;
	const struct master *master;
	int64_t now;
	int64_t fade_before;		/* errors last seen before it are due */
	int64_t newest_at;		/* the newest moment that is known */
	struct purge_row purge;		/* the last one; all 0: none */
	struct plan_row *row;
	size_t rows_n;
	struct plan_tenant *tenant;	/* sorted by name */
	size_t tenants_n;
};

void plan_free(struct plan *p);

/* While the names are gathered: one more; again is no fault, and a name that
 * no tenant can bear is not taken.  Then sort them and make room for rows. */
void plan_name(struct plan *p, const char *name, size_t len);
void plan_names_end(struct plan *p);
struct plan_tenant *plan_find(const struct plan *p, const char *name);

struct plan_row *plan_row(struct plan *p, enum rule rule, const char *tenant);
/* Why what goes with the end of a tenant's contract stays as yet. */
const char *plan_why(const struct plan_tenant *t);
/* Whether a term is over; 0: it has no end, as yet. */
bool plan_over(const struct plan *p, int64_t end_at);
/* Count one thing in a row: from when it counts, when it may go, and when it
 * must be gone (0: never, as yet). */
void plan_count(const struct plan *p, struct plan_row *r, int64_t from_at,
    int64_t end_at, int64_t due_at);
/* "hold: REASON" into an empty text, when there is a reason. */
void plan_hold(char out[OPERATOR_TEXT + 8], const char *reason);
/* The clock was there once, unless it was wrong then. */
void plan_seen(struct plan *p, int64_t at);

#endif
