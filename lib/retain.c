/*
 * retain.c - makes the plan: the rules of rule.h against what is stored.
 *
 * Rows are counted without the keys, so that also a store that can't be read
 * any more is known.  It must never plan the end of what it can't name: a
 * store of whom no end is known is said and kept, and while a tenant's file
 * can't be read no store without one is judged.
 */
#include "retain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "disk.h"
#include "estate.h"
#include "file.h"
#include "log.h"
#include "safe.h"
#include "shred.h"
#include "store.h"
#include "str.h"
#include "tomb.h"

/* What a pass over files, or over a tenant's errors, counts. */
struct pass { struct plan *plan; struct plan_row *row; };

/* --- files with a day in their name --- */

enum rc
retain_files(const struct config *cfg, enum rule rule, char dir[FILE_PATH],
    struct dated *out)
{
	if (rule == RULE_LOGS) {
		*out = (struct dated){ cfg->logs, "salesync-", ".log" };
		return RC_OK;
	}
	*out = (struct dated){ dir, "purge-", "T######Z.json" };
	return file_path(dir, cfg->store, "certificates");
}

static enum rc
take_file(void *arg, const char *path, struct day day)
{
	const struct pass *f = arg;
	const char *zone = f->plan->cfg->zone;
	int64_t at = clock_day_start(day, zone);
	int64_t due = rule_due(f->row->rule, day, zone);

	(void)path;
	/* Today's may have been begun by this very run. */
	if (clock_day_cmp(day, clock_day_of(f->plan->now, zone)) != 0)
		plan_seen(f->plan, at);
	plan_count(f->plan, f->row, at, due, due);
	return RC_OK;
}

static MUST enum rc
files(struct plan *p, enum rule rule)
{
	struct pass f = { p, plan_row(p, rule, NULL) };
	char dir[FILE_PATH];
	struct dated d;
	enum rc rc = retain_files(p->cfg, rule, dir, &d);

	f.row->why = "term runs";
	/* There are no certificates before the first. */
	if (rc == RC_OK && rule != RULE_LOGS && access(dir, F_OK) != 0)
		return errno == ENOENT ? RC_OK : disk_fault(dir, errno);
	return rc == RC_OK ? dated_each(&d, take_file, &f) : rc;
}

/* --- a tenant: what there is --- */

static enum rc
take_error(void *arg, const struct sale_key *k, const struct error_row *e)
{
	const struct pass *f = arg;
	const char *zone = f->plan->cfg->zone;
	int64_t due;

	(void)k;
	plan_seen(f->plan, e->last_at);
	if (e->debtor_text[0] == '\0')
		return RC_OK;
	due = rule_due(RULE_DETAILS, clock_day_of(e->last_at, zone), zone);
	plan_count(f->plan, f->row, e->last_at, due, due);
	return RC_OK;
}

/* Which of the details are due, and how far the clock has been. */
static MUST enum rc
look_inside(struct plan *p, struct plan_tenant *t)
{
	struct store_place at = store_place_of(p->cfg, p->master, t->name);
	struct pass f = { p, t->store };
	struct cursor_row cursor;
	size_t replaced = 0;
	struct store *s = NULL;
	enum rc rc = store_open(&at, STORE_READ, &s);

	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	f.row->kept = 0;
	rc = store_error_each(s, take_error, &f);
	if (rc == RC_OK)
		rc = safe_due(store_safe(s), p->now, &replaced);
	t->store[PLAN_CREDENTIALS].gone = replaced;
	t->store[PLAN_CREDENTIALS].overdue = replaced;
	t->store[PLAN_CREDENTIALS].kept -= replaced;
	for (size_t i = 0; rc <= RC_END && t->file != NULL &&
	    i < t->file->sources_n; i++) {
		rc = store_cursor_get(s, t->file->sources[i].name, &cursor);
		if (rc == RC_OK)
			plan_seen(p, cursor.at);
	}
	t->marked = store_marked(s);
	store_close(s);
	return rc == RC_END ? RC_OK : rc;
}

/* Who was erased: known without the keys. */
static MUST enum rc
look_at_tombs(struct plan *p, struct plan_tenant *t)
{
	const char *zone = p->cfg->zone;
	struct plan_row *r = &t->store[PLAN_ERASURES];
	char keys[FILE_PATH];
	struct tomb_place at = { keys, p->cfg->logs, t->name };
	struct tombs all = { NULL, 0 };
	enum rc rc = file_path(keys, p->cfg->store, "keys");

	if (rc == RC_OK)
		rc = tomb_read(&at, &all);
	for (size_t i = 0; i < all.n; i++) {
		int64_t due = t->act == PLAN_END ? t->end_at :
		    clock_day_start(clock_day_add(all.t[i].day, 1), zone) +
		    p->cfg->backups_s;

		plan_count(p, r, clock_day_start(all.t[i].day, zone),
		    t->act == PLAN_LEAVE ? 0 : due, due);
	}
	tomb_free(&all);
	return rc;
}

/* When it ends, and whether that can be said. */
static void
judge(const struct plan *p, struct plan_tenant *t)
{
	if (t->file != NULL)
		plan_hold(t->hold, t->file->hold);
	if (t->file != NULL && t->file->has_end)
		t->end = t->file->end;
	t->judged = t->file != NULL || p->cfg->faulty_n == 0;
	if (t->end.year != 0)
		t->end_at = rule_due(RULE_KEYS, t->end, p->cfg->zone);
	if (t->judged && (t->file != NULL || t->end_at != 0))
		t->act = plan_over(p, t->end_at) ? PLAN_END :
		    PLAN_FADE;
}

static void
rows_fill(struct plan *p, struct plan_tenant *t, const struct store_counts *n,
    bool keys)
{
	const uint64_t counts[] = {
		[RULE_DETAILS] = n->details,
		[RULE_CREDENTIALS] = n->secrets,
		[RULE_SALES] = n->sales + n->refunded + n->intents +
		    n->errors + n->cursors,
		[RULE_DEBTORS] = n->debtors,
		[RULE_KEYS] = keys || t->act == PLAN_END,
		[RULE_ERASURES] = 0,	/* counted later */
	};

	for (enum rule rule = RULE_DETAILS; rule <= RULE_ERASURES; rule++) {
		struct plan_row *r = plan_row(p, rule, t->name);
		bool own;		/* a term of its own */

		if (rule == RULE_DETAILS)
			t->store = r;
		if (t->act == PLAN_END) {
			r->gone = r->overdue = counts[rule];
			r->due_at = counts[rule] > 0 ? t->end_at : 0;
			continue;
		}
		r->kept = counts[rule];
		own = rule == RULE_DETAILS || rule == RULE_ERASURES;
		r->why = own && t->act == PLAN_FADE ? "term runs" : plan_why(t);
		if (t->judged && !own)
			r->due_at = r->next_at = t->end_at;
	}
}

static MUST enum rc
look(struct plan *p, struct plan_tenant *t)
{
	struct store_place at = store_place_of(p->cfg, p->master, t->name);
	struct store_counts n = { 0 };
	bool keys, any;
	enum rc rc = shred_left(p->cfg, t->name, &keys, &any), counted;

	if (rc == RC_OK && t->act == PLAN_LEAVE && t->judged &&
	    (any || t->known)) {
		SAY(M_STORE_UNKNOWN, F_WORD("tenant", t->name));
		rc = RC_CONFIG;
	}
	if (!any)
		return rc;	/* it never ran, or has ended */
	counted = store_tally(&at, &n);
	if (counted == RC_END)
		counted = RC_OK;
	rc = rc_worse(rc, counted);
	/* What can't be counted must end all the same. */
	if (counted != RC_OK && t->act != PLAN_END)
		return rc;
	rows_fill(p, t, &n, keys);
	counted = look_at_tombs(p, t);
	if (t->act == PLAN_FADE)
		counted = rc_worse(counted, look_inside(p, t));
	if (t->act == PLAN_FADE && counted != RC_OK)
		t->act = PLAN_LEAVE;
	return rc_worse(rc, counted);
}

/* --- whom there is --- */

/* The tenants whose folders or key rings lie in the store. */
static MUST enum rc
stored(struct plan *p, const char *folder, const char *suffix)
{
	const char *const suffixes[] = { suffix, NULL };
	struct file_info *list = NULL;
	char dir[FILE_PATH];
	size_t n = 0;
	enum rc rc = file_path(dir, p->cfg->store, folder);

	if (rc == RC_OK && access(dir, F_OK) != 0)
		return errno == ENOENT ? RC_OK : disk_fault(dir, errno);
	if (rc != RC_OK)
		return rc;
	if (suffix[0] == '\0')
		rc = file_folders(dir, &list, &n);
	else
		rc = file_list(dir, suffixes, &list, &n);
	for (size_t i = 0; i < n; i++)
		plan_name(p, list[i].name, strlen(list[i].name) -
		    strlen(suffix));
	free(list);
	return rc;
}

static MUST enum rc
everybody(struct plan *p, struct operator_store *o)
{
	const struct config *cfg = p->cfg;
	enum rc rc;

	for (size_t i = 0; i < cfg->tenants_n; i++)
		plan_name(p, cfg->tenants[i].name,
		    strlen(cfg->tenants[i].name));
	rc = stored(p, "tenants", "");
	if (rc == RC_OK)
		rc = stored(p, "keys", ".ring");
	if (rc == RC_OK)
		rc = estate_names(p, o);
	plan_names_end(p);
	for (size_t i = 0; i < p->tenants_n; i++)
		p->tenant[i].file = config_tenant(cfg, p->tenant[i].name);
	if (rc == RC_OK)
		rc = estate_know(p, o);
	for (size_t i = 0; i < p->tenants_n; i++)
		judge(p, &p->tenant[i]);
	return rc;
}

static MUST enum rc
fill(struct plan *p, struct operator_store *o)
{
	enum rc rc = everybody(p, o);

	if (rc != RC_OK)
		return rc;	/* half known is not acted on */
	rc = files(p, RULE_LOGS);
	for (size_t i = 0; i < p->tenants_n; i++) {
		log_about(p->tenant[i].name, NULL);
		rc = rc_worse(rc, look(p, &p->tenant[i]));
	}
	log_about(NULL, NULL);
	rc = rc_worse(rc, files(p, RULE_CERTIFICATES));
	return rc_worse(rc, estate_plan(p, o));
}

enum rc
retain_plan(const struct config *cfg, const struct master *m,
    struct plan **out)
{
	struct store_place at = store_place_of(cfg, m, NULL);
	struct plan *p = mem_alloc(sizeof(*p));
	struct operator_store *o = NULL;
	enum rc rc = operator_open(&at, STORE_READ, &o);

	p->cfg = cfg;
	p->master = m;
	p->now = clock_now();
	p->fade_before = clock_day_start(rule_cut(RULE_DETAILS, p->now,
	    cfg->zone), cfg->zone);
	if (rc == RC_OK || rc == RC_END)
		rc = fill(p, o);
	operator_close(o);
	*out = p;
	return rc;
}

int64_t
retain_next(const struct config *cfg, const struct tenant *t,
    int64_t oldest_detail_at)
{
	int64_t details = 0, end = 0;

	if (oldest_detail_at > 0)
		details = rule_due(RULE_DETAILS,
		    clock_day_of(oldest_detail_at, cfg->zone), cfg->zone);
	if (t->has_end)
		end = rule_due(RULE_KEYS, t->end, cfg->zone);
	if (end <= clock_now() || details == 0)
		return end <= clock_now() ? details : end;
	return end != 0 && end < details ? end : details;
}
