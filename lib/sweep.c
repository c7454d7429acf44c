/*
 * sweep.c - carries out a plan.
 *
 * Files go whole.  In a tenant's store the details of old errors fade, and
 * the store is written anew, so that no old byte is left.  A tenant's end is
 * shred.h's, the operator's own is estate.h's.  A crash at any point is made
 * good by the next run: it plans anew from what is left.
 */
#include "sweep.h"

#include <string.h>
#include <unistd.h>

#include "certificate.h"
#include "clock.h"
#include "customer.h"
#include "estate.h"
#include "file.h"
#include "lock.h"
#include "log.h"
#include "retain.h"
#include "shred.h"
#include "store.h"
#include "str.h"
#include "vault.h"

#define DAY_S 86400
#define SLEPT_S (93 * DAY_S)	/* longer without a purge: is it the clock? */

/* --- what could be wrong --- */

enum rc
sweep_clock_check(struct plan *p, bool right)
{
	/* Other runs may have followed a wrong clock forward, and left their
	 * traces; purge has not. */
	int64_t slept = p->purge.at != 0 ? p->purge.at : p->newest_at;
	int64_t known = p->newest_at;
	char at[CLOCK_ISO], then[CLOCK_ISO], text[100];

	if (right && known > p->now)
		p->purge.wrong_at = known;
	if (right || known == 0 || (p->now >= known - DAY_S &&
	    p->now <= slept + SLEPT_S))
		return RC_OK;
	clock_iso(at, p->now);
	clock_iso(then, p->now < known ? known : slept);
	(void)str_fmt(text, sizeof(text), "the last that is known is of %s; "
	    "nothing was deleted", then);
	SAY(M_CLOCK, F_WORD("at", at), F_WORD("text", text));
	return RC_CONFIG;
}

enum rc
sweep_most_check(const struct plan *p, uint64_t percent)
{
	uint64_t gone[RULE_COUNT] = { 0 }, all[RULE_COUNT] = { 0 };
	uint64_t share, worst = percent;
	int rule = -1;

	for (size_t i = 0; i < p->rows_n; i++) {
		gone[p->row[i].rule] += p->row[i].gone;
		all[p->row[i].rule] += p->row[i].gone + p->row[i].kept;
	}
	for (int r = 0; r < RULE_COUNT; r++) {
		/* Rounded up: 0.1 % is more than 0. */
		share = all[r] == 0 ? 0 :
		    (gone[r] * 100 + all[r] - 1) / all[r];
		if (share > worst) {
			worst = share;
			rule = r;
		}
	}
	if (rule < 0)
		return RC_OK;
	SAY(M_PURGE_MOST, F_INT("count", gone[rule]), F_INT("total", all[rule]),
	    F_WORD("text", rules_kept[rule].name), F_INT("percent", percent),
	    F_INT("needed", worst));
	return RC_REJECT;
}

enum rc
sweep_files_check(const struct plan *p)
{
	enum rc rc = RC_OK;
	bool keys, any;

	for (size_t i = 0; i < p->tenants_n; i++) {
		const struct plan_tenant *t = &p->tenant[i];

		if (t->file == NULL || !plan_over(p, t->end_at) ||
		    shred_left(p->cfg, t->name, &keys, &any) != RC_OK || any)
			continue;
		SAY(M_TENANT_FILE_LEFT, F_WORD("tenant", t->name),
		    F_WORD("file", t->file->file));
		rc = RC_REJECT;
	}
	return rc;
}

static void
say(const struct plan_row *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].gone == 0)
			continue;
		log_about(r[i].tenant, NULL);
		SAY(M_PURGED, F_INT("count", r[i].gone),
		    F_WORD("text", rules_kept[r[i].rule].name));
	}
}

/* --- files --- */

struct going { const struct plan *plan; struct plan_row *row; };

static enum rc
file_go(void *arg, const char *path, struct day day)
{
	const struct going *g = arg;
	enum rc rc;

	if (rule_due(g->row->rule, day, g->plan->cfg->zone) > g->plan->now)
		return RC_OK;
	rc = file_remove(path);
	if (rc == RC_OK)
		g->row->gone++;
	return rc;
}

static MUST enum rc
files(struct plan *p, enum rule rule)
{
	struct going g = { .plan = p };
	char dir[FILE_PATH];
	struct dated d;
	enum rc rc = retain_files(p->cfg, rule, dir, &d);

	for (size_t i = 0; i < p->rows_n; i++)
		if (p->row[i].rule == rule)
			g.row = &p->row[i];
	if (g.row == NULL || g.row->gone == 0)
		return RC_OK;
	g.row->gone = 0;
	if (rc == RC_OK)
		rc = dated_each(&d, file_go, &g);
	say(g.row, 1);
	return rc;
}

/* --- a tenant --- */

static MUST enum rc
drop(const struct plan *p, struct store *s, size_t *gone)
{
	size_t n = 0;
	enum rc rc = store_begin(s);

	if (rc == RC_OK)
		rc = store_error_fade(s, p->fade_before, &n);
	if (rc != RC_OK) {
		store_abort(s);
		return rc;
	}
	rc = store_commit(s);
	if (rc == RC_OK)
		*gone = n;
	return rc;
}

/* What goes from a tenant's store that stays.  Opening it repeats erasures;
 * here those are forgotten of which no backup can be left. */
struct faded { size_t details, credentials, erasures; };

static MUST enum rc
fade(const struct plan *p, const struct plan_tenant *t, struct faded *f)
{
	struct store_place at = store_place_of(p->cfg, p->master, t->name);
	bool replaced = t->store[PLAN_CREDENTIALS].gone > 0;
	size_t kept;
	struct store *s = NULL;
	enum rc rc = store_open(&at, STORE_WRITE, &s);

	if (rc == RC_OK)
		rc = store_erased_expire(s, clock_day_of(p->now -
		    p->cfg->backups_s, p->cfg->zone), &f->erasures, &kept);
	if (rc == RC_OK && (t->store->gone > 0 || replaced))
		rc = store_mark(s);
	if (rc == RC_OK && replaced)
		rc = vault_fade(s, p->now, &f->credentials);
	if (rc == RC_OK && t->store->gone > 0)
		rc = drop(p, s, &f->details);
	if (rc == RC_OK && store_marked(s))
		rc = store_reload(s);
	store_close(s);
	return rc == RC_END ? RC_OK : rc;
}

/* Whether there is anything to do in a tenant's store that stays. */
static bool
fades(const struct plan_tenant *t)
{
	const struct plan_row *erasures = &t->store[PLAN_ERASURES];

	return t->marked || t->store->gone > 0 ||
	    t->store[PLAN_CREDENTIALS].gone > 0 ||
	    erasures->gone + erasures->kept > 0;
}

static MUST enum rc
tenant(struct plan *p, struct plan_tenant *t)
{
	struct plan_row *r = t->store;
	struct faded f = { 0 };
	int lock = -1;
	enum rc rc;

	if (r == NULL || t->act == PLAN_LEAVE ||
	    (t->act == PLAN_FADE && !fades(t)))
		return RC_OK;
	rc = lock_any(p->cfg, t->name, &lock);
	if (rc == RC_OK && t->act == PLAN_END) {
		rc = shred(p->cfg, t->name);
	} else if (rc == RC_OK) {
		rc = fade(p, t, &f);
	}
	if (lock >= 0)
		(void)close(lock);
	for (size_t i = 0; (rc != RC_OK || t->act == PLAN_FADE) &&
	    i < PLAN_STORE_RULES; i++)
		r[i].gone = 0;
	r->gone += f.details;
	r[PLAN_CREDENTIALS].gone += f.credentials;
	r[PLAN_ERASURES].gone += f.erasures;
	say(r, PLAN_STORE_RULES);
	return rc;
}

/* --- the operator's own --- */

static MUST enum rc
refresh(const struct plan *p, struct operator_store *o)
{
	enum rc rc = operator_begin(o);

	if (rc == RC_OK)
		rc = customer_refresh(o, p->cfg, p->now);
	if (rc == RC_OK)
		return operator_commit(o);
	operator_abort(o);
	return rc;
}

/* Whether any row says that something of the operator's store goes. */
static bool
estate_due(const struct plan *p)
{
	for (size_t i = 0; i < p->rows_n; i++)
		if (p->row[i].gone > 0 && p->row[i].rule >= RULE_CUSTOMERS &&
		    p->row[i].rule <= RULE_VISITS)
			return true;
	return false;
}

static void
nothing_went(struct plan *p, enum rule from, enum rule to)
{
	for (size_t i = 0; i < p->rows_n; i++)
		if (p->row[i].rule >= from && p->row[i].rule <= to)
			p->row[i].gone = 0;
}

static MUST enum rc
estate_drop(struct plan *p, struct operator_store *o)
{
	enum rc rc = estate_due(p) ? operator_mark(o) : RC_OK;

	if (rc == RC_OK)
		rc = operator_begin(o);
	if (rc != RC_OK)
		return rc;
	rc = estate_sweep(p, o);
	if (rc == RC_OK)
		return operator_commit(o);
	operator_abort(o);
	return rc;
}

static MUST enum rc
estate(struct plan *p, struct operator_store *o)
{
	enum rc rc = estate_drop(p, o);

	if (rc != RC_OK) {
		nothing_went(p, RULE_CUSTOMERS, RULE_VISITS);
		return rc;
	}
	for (size_t i = 0; i < p->rows_n; i++)
		if (p->row[i].rule >= RULE_CUSTOMERS &&
		    p->row[i].rule <= RULE_VISITS)
			say(&p->row[i], 1);
	log_about(NULL, NULL);
	return operator_marked(o) ? operator_reload(o) : RC_OK;
}

/* --- all of it --- */

static MUST enum rc
all(struct plan *p, struct operator_store *o, const char *program)
{
	enum rc rc = files(p, RULE_LOGS);

	for (size_t i = 0; i < p->tenants_n; i++) {
		log_about(p->tenant[i].name, NULL);
		rc = rc_worse(rc, tenant(p, &p->tenant[i]));
	}
	log_about(NULL, NULL);
	rc = rc_worse(rc, estate(p, o));
	rc = rc_worse(rc, files(p, RULE_CERTIFICATES));
	return rc_worse(rc, certificate_write(p, o, program));
}

enum rc
sweep(struct plan *p, const char *program)
{
	struct store_place at = store_place_of(p->cfg, p->master, NULL);
	struct operator_store *o = NULL;
	int lock = -1;
	enum rc rc;

	if (p->rows_n == 0)
		return RC_OK;	/* it could not be made */
	rc = lock_operator(p->cfg, &lock);
	if (rc == RC_OK)
		rc = operator_open(&at, STORE_MAKE, &o);
	if (rc == RC_OK)
		rc = refresh(p, o);
	if (rc == RC_OK)
		rc = all(p, o, program);
	else
		nothing_went(p, 0, RULE_COUNT);
	operator_close(o);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
