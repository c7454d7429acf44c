/*
 * plan.c - the plan that audit prints and purge carries out.
 *
 * Holds names, counts and moments; never a debtor's value.
 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "str.h"

/* Rows that a tenant can have: a rule each, and invoices under a hold. */
#define ROWS (RULE_COUNT + 1)

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	free(p->row);
	free(p->tenant);
	free(p);
}

/* --- tenants --- */

void
plan_name(struct plan *p, const char *name, size_t len)
{
	struct plan_tenant *t;

	p->tenant = mem_grow(p->tenant, (p->tenants_n + 1) *
	    sizeof(*p->tenant));
	t = &p->tenant[p->tenants_n];
	*t = (struct plan_tenant){ .act = PLAN_LEAVE };
	if (!str_copy_n(t->name, sizeof(t->name), name, len) ||
	    !str_plain(t->name, SALE_NAME - 1) || t->name[0] == '.')
		return;
	/* Sorted lists come with their likes in a row. */
	if (p->tenants_n == 0 || !str_eq(t[-1].name, t->name))
		p->tenants_n++;
}

static int
by_name(const void *a, const void *b)
{
	const struct plan_tenant *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
plan_names_end(struct plan *p)
{
	struct plan_tenant *t = p->tenant;
	size_t n = 0;

	if (p->tenants_n > 0)
		qsort(t, p->tenants_n, sizeof(*t), by_name);
	for (size_t i = 0; i < p->tenants_n; i++)
		if (n == 0 || !str_eq(t[n - 1].name, t[i].name))
			t[n++] = t[i];
	p->tenants_n = n;
	p->row = mem_alloc((n + 1) * ROWS * sizeof(*p->row));
}

struct plan_tenant *
plan_find(const struct plan *p, const char *name)
{
	struct plan_tenant key;

	if (p->tenants_n == 0 ||
	    !str_copy(key.name, sizeof(key.name), name))
		return NULL;
	return bsearch(&key, p->tenant, p->tenants_n, sizeof(key), by_name);
}

/* --- rows --- */

struct plan_row *
plan_row(struct plan *p, enum rule rule, const char *tenant)
{
	struct plan_row *r = &p->row[p->rows_n++];

	*r = (struct plan_row){ .tenant = tenant, .rule = rule };
	return r;
}

static void
sooner(int64_t *at, int64_t other)
{
	if (other != 0 && (*at == 0 || other < *at))
		*at = other;
}

const char *
plan_why(const struct plan_tenant *t)
{
	if (!t->judged)
		return "a tenant file is at fault";
	if (t->end_at != 0)
		return "term runs";
	return t->file != NULL ? "contract runs" :
	    "no end of the contract is known";
}

bool
plan_over(const struct plan *p, int64_t end_at)
{
	return end_at != 0 && end_at <= p->now;
}

void
plan_count(const struct plan *p, struct plan_row *r, int64_t from_at,
    int64_t end_at, int64_t due_at)
{
	sooner(&r->oldest_at, from_at);
	sooner(&r->due_at, due_at);
	if (!plan_over(p, end_at)) {
		r->kept++;
		sooner(&r->next_at, end_at);
		return;
	}
	r->gone++;
	r->overdue += plan_over(p, due_at);
}

void
plan_hold(char out[OPERATOR_TEXT + 8], const char *reason)
{
	if (out[0] == '\0' && !str_empty(reason))
		(void)str_fmt(out, OPERATOR_TEXT + 8, "hold: %s", reason);
}

void
plan_seen(struct plan *p, int64_t at)
{
	if (at > p->now && at <= p->purge.wrong_at)
		return;
	if (at > p->newest_at)
		p->newest_at = at;
}
