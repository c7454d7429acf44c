/*
 * estate.c - the operator's own: customers, invoices, logins and visits under
 * the rules of rule.h.
 *
 * What the plan counts and what the sweep deletes is decided by the same
 * functions, which give the end of a thing's term.  It must never delete an
 * invoice within its statutory term or under a hold, nor forget a tenant of
 * whom something is left.
 */
#include "estate.h"

#include <string.h>

#include "shred.h"
#include "statutory.h"
#include "str.h"

struct estate {
	struct plan *p;
	struct operator_store *o;
	struct plan_row *visits;	/* and the operator's logins */
	struct plan_row *own_logins;
};

/* --- who and what there is --- */

static enum rc
name_customer(void *arg, const void *row)
{
	const struct customer_row *c = row;

	plan_name(arg, c->tenant, strlen(c->tenant));
	return RC_OK;
}

static enum rc
name_invoice(void *arg, const void *row)
{
	const struct invoice_row *i = row;

	plan_name(arg, i->tenant, strlen(i->tenant));
	return RC_OK;
}

static enum rc
name_login(void *arg, const void *row)
{
	const struct login_row *l = row;

	plan_name(arg, l->tenant, strlen(l->tenant));
	return RC_OK;
}

enum rc
estate_names(struct plan *p, struct operator_store *o)
{
	enum rc rc;

	if (o == NULL)
		return RC_OK;
	rc = operator_each(o, OPERATOR_CUSTOMERS, name_customer, p);
	if (rc == RC_OK)
		rc = operator_each(o, OPERATOR_INVOICES, name_invoice, p);
	if (rc == RC_OK)
		rc = operator_each(o, OPERATOR_LOGINS, name_login, p);
	return rc;
}

static enum rc
know_customer(void *arg, const void *row)
{
	const struct customer_row *c = row;
	struct plan_tenant *t = plan_find(arg, c->tenant);

	if (t == NULL)
		return RC_OK;
	t->known = true;
	if (t->file != NULL)
		return RC_OK;	/* the file knows better */
	t->end = c->end;
	plan_hold(t->hold, c->hold);
	return RC_OK;
}

enum rc
estate_know(struct plan *p, struct operator_store *o)
{
	enum rc rc;

	if (o == NULL)
		return RC_OK;
	rc = operator_purge_get(o, &p->purge);
	p->newest_at = p->purge.at;
	return rc > RC_END ? rc :
	    operator_each(o, OPERATOR_CUSTOMERS, know_customer, p);
}

/* --- the plan --- */

/* The end of its term, or 0 when it may not be touched. */
static struct statutory
invoice_term(const struct plan *p, const struct plan_tenant *t,
    const struct invoice_row *i)
{
	if (!t->judged || t->hold[0] != '\0' || i->hold[0] != '\0')
		return (struct statutory){ 0, 0 };
	return statutory_of(i->date, i->term, p->cfg->year_end, p->cfg->zone);
}

static const char *
invoice_why(struct plan_tenant *t, const struct invoice_row *i)
{
	if (!t->judged)
		return plan_why(t);
	if (t->hold[0] != '\0')
		return t->hold;
	plan_hold(t->invoice_hold, i->hold);
	return t->invoice_hold[0] != '\0' ? t->invoice_hold : "term runs";
}

static enum rc
plan_invoice(void *arg, const void *row)
{
	struct estate *e = arg;
	const struct invoice_row *i = row;
	struct plan_tenant *t = plan_find(e->p, i->tenant);
	struct statutory s;
	struct plan_row **r;

	if (t == NULL)
		return RC_OK;
	s = invoice_term(e->p, t, i);
	r = s.end_at == 0 ? &t->held : &t->invoices;
	if (*r == NULL) {
		*r = plan_row(e->p, RULE_INVOICES, t->name);
		(*r)->why = invoice_why(t, i);
	}
	plan_count(e->p, *r, clock_day_start(i->date, e->p->cfg->zone),
	    s.end_at, s.due_at);
	return RC_OK;
}

/* Of an operator's own login there is none: it stays until it is removed. */
static int64_t
login_end(const struct plan_tenant *t)
{
	return t != NULL && t->judged ? t->end_at : 0;
}

static enum rc
plan_login(void *arg, const void *row)
{
	struct estate *e = arg;
	const struct login_row *l = row;
	struct plan_tenant *t = plan_find(e->p, l->tenant);
	struct plan_row **r = t != NULL ? &t->logins : &e->own_logins;
	int64_t end = login_end(t);

	if (*r == NULL) {
		*r = plan_row(e->p, RULE_LOGINS, t != NULL ? t->name : NULL);
		(*r)->why = t == NULL ? "the operator's own" : plan_why(t);
	}
	plan_count(e->p, *r, l->made_at, end, end);
	return RC_OK;
}

static enum rc
plan_visit(void *arg, const void *row)
{
	struct estate *e = arg;
	const struct visit_row *v = row;
	const char *zone = e->p->cfg->zone;
	int64_t due = rule_due(RULE_VISITS, v->day, zone);

	plan_count(e->p, e->visits, clock_day_start(v->day, zone), due, due);
	return RC_OK;
}

/* Why a customer must stay; NULL: it may go. */
static const char *
customer_why(const struct plan *p, const struct plan_tenant *t)
{
	if (t->judged && t->hold[0] != '\0')
		return t->hold;
	if (!t->judged || !plan_over(p, t->end_at))
		return plan_why(t);
	if (t->file != NULL)
		return "its file is there";
	return t->held != NULL || (t->invoices != NULL &&
	    t->invoices->kept > 0) ? "invoices" : NULL;
}

static void
plan_customer(struct plan *p, struct plan_tenant *t)
{
	const char *why = customer_why(p, t);
	int64_t end = why == NULL ? t->end_at : 0;
	/* Not before the last of its invoices must be gone. */
	bool must = t->invoices == NULL ||
	    t->invoices->overdue == t->invoices->gone;

	t->customer = plan_row(p, RULE_CUSTOMERS, t->name);
	t->customer->why = why;
	plan_count(p, t->customer, 0, end, must ? end : 0);
}

enum rc
estate_plan(struct plan *p, struct operator_store *o)
{
	struct estate e = { .p = p, .o = o };
	enum rc rc;

	if (o == NULL)
		return RC_OK;
	e.visits = plan_row(p, RULE_VISITS, NULL);
	e.visits->why = "term runs";
	rc = operator_each(o, OPERATOR_VISITS, plan_visit, &e);
	if (rc == RC_OK)
		rc = operator_each(o, OPERATOR_LOGINS, plan_login, &e);
	if (rc == RC_OK)
		rc = operator_each(o, OPERATOR_INVOICES, plan_invoice, &e);
	for (size_t i = 0; rc == RC_OK && i < p->tenants_n; i++)
		if (p->tenant[i].known)
			plan_customer(p, &p->tenant[i]);
	return rc;
}

/* --- the sweep --- */

static enum rc
sweep_invoice(void *arg, const void *row)
{
	struct estate *e = arg;
	const struct invoice_row *i = row;
	struct plan_tenant *t = plan_find(e->p, i->tenant);
	struct statutory s;

	if (t == NULL || t->invoices == NULL)
		return RC_OK;
	s = invoice_term(e->p, t, i);
	if (!plan_over(e->p, s.end_at))
		return RC_OK;
	operator_invoice_del(e->o, i->tenant, i->number);
	t->invoices->gone++;
	return RC_OK;
}

static enum rc
sweep_login(void *arg, const void *row)
{
	struct estate *e = arg;
	const struct login_row *l = row;
	struct plan_tenant *t = plan_find(e->p, l->tenant);

	if (!plan_over(e->p, login_end(t)) || t->logins == NULL)
		return RC_OK;
	operator_login_del(e->o, l->email);
	t->logins->gone++;
	return RC_OK;
}

static MUST enum rc
sweep_customer(struct plan *p, struct operator_store *o,
    struct plan_tenant *t)
{
	struct customer_row c;
	bool keys, any;
	enum rc rc = shred_left(p->cfg, t->name, &keys, &any);

	if (rc != RC_OK || any || !plan_over(p, t->end_at)) {
		if (t->customer != NULL)
			t->customer->gone = 0;
		return rc;
	}
	if (t->customer != NULL && t->customer->gone > 0) {
		operator_customer_del(o, t->name);
		return RC_OK;
	}
	rc = operator_customer_get(o, t->name, &c);
	if (rc == RC_OK && c.shredded_at == 0) {
		c.shredded_at = p->now;
		operator_customer_put(o, &c);
	}
	return rc == RC_END ? RC_OK : rc;
}

/* What the sweep counts anew. */
static void
counts_clear(struct plan *p, struct plan_row **visits)
{
	for (size_t i = 0; i < p->rows_n; i++) {
		struct plan_row *r = &p->row[i];

		if (r->rule == RULE_VISITS)
			*visits = r;
		if (r->rule == RULE_VISITS || r->rule == RULE_INVOICES ||
		    r->rule == RULE_LOGINS)
			r->gone = 0;
	}
}

enum rc
estate_sweep(struct plan *p, struct operator_store *o)
{
	struct estate e = { .p = p, .o = o };
	size_t n = 0;
	enum rc rc;

	counts_clear(p, &e.visits);
	rc = operator_visit_fade(o, rule_cut(RULE_VISITS, p->now,
	    p->cfg->zone), &n);
	if (e.visits != NULL)
		e.visits->gone = n;
	if (rc == RC_OK)
		rc = operator_each(o, OPERATOR_LOGINS, sweep_login, &e);
	if (rc == RC_OK)
		rc = operator_each(o, OPERATOR_INVOICES, sweep_invoice, &e);
	for (size_t i = 0; rc == RC_OK && i < p->tenants_n; i++)
		rc = sweep_customer(p, o, &p->tenant[i]);
	p->purge.at = p->now;
	if (rc == RC_OK)
		operator_purge_put(o, &p->purge);
	return rc;
}
