/*
 * retain.h - the rules of rule.h against what is stored: a plan.
 *
 * What is there, what of it is past its term, and why the rest stays.  audit
 * prints it; purge carries it out (sweep.h).
 */
#ifndef RETAIN_H
#define RETAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "dated.h"
#include "rc.h"
#include "ring.h"
#include "rule.h"
#include "sale.h"

#define RETAIN_WHY 220
#define RETAIN_TENANT_RULES (RULE_KEYS - RULE_DETAILS + 1)

struct retain_row {			/* per rule and tenant */
	char tenant[SALE_NAME];		/* "": the operator's own */
	enum rule rule;
	uint64_t gone, kept;		/* gone: past its term; once done,
					 * what went */
	int64_t oldest_at;		/* what the oldest counts from; 0: no
					 * such moment */
	int64_t due_at;			/* since when the first of gone is */
	int64_t next_at;		/* when the next of what stays goes */
	char why[RETAIN_WHY];		/* why it stays: "contract runs" */
};

struct retain_tenant {
	char name[SALE_NAME];
	const struct tenant *file;	/* NULL: none names it */
	enum { RETAIN_LEAVE, RETAIN_FADE, RETAIN_END } act;
	int64_t end_at;			/* when it ends; 0: not known */
	struct retain_row *row;		/* its rows, in rule.h's order; NULL:
					 * nothing of it is left */
};

struct retain_plan {
	const struct config *cfg;
	const struct master *master;
	int64_t now;
	int64_t fade_before;		/* errors last seen before it are due */
	int64_t newest_at;		/* the newest moment that is known */
	struct retain_row *row;
	size_t rows_n;
	struct retain_tenant *tenant;
	size_t tenants_n;
};

/* What must be done; nothing is changed.  What can't be looked at is said and
 * left out, and the worst is returned; *out is there all the same. */
MUST enum rc retain_plan(const struct config *cfg, const struct master *m,
    struct retain_plan **out);
void retain_free(struct retain_plan *p);

/* The files that a rule is about. */
struct dated retain_files(const struct config *cfg, enum rule rule);

/* When the next thing of a tenant is due; 0 when nothing is. */
int64_t retain_next(const struct config *cfg, const struct tenant *t,
    int64_t oldest_detail_at);

#endif
