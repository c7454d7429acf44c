/*
 * retain.c - the rules of rule.h against what is stored: a plan.
 *
 * Rows are counted without the keys, so that also a store that can't be read
 * any more is known.  It must never plan the end of what it can't name: a
 * store without a tenant's file is said and kept, and while a file can't be
 * read no such store is judged.
 */
#include "retain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "dated.h"
#include "file.h"
#include "log.h"
#include "shred.h"
#include "store.h"
#include "str.h"

/* What a pass over a tenant's errors, or over files, finds. */
struct found {
	const struct retain_plan *plan;
	struct retain_row *row;
	int64_t newest_at, oldest_kept_at;
};

/* The earlier of two moments, where 0 is never. */
static int64_t
sooner(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a != 0 ? a : b;
	return a < b ? a : b;
}

static void
seen(struct retain_plan *p, int64_t at)
{
	if (at > p->newest_at)
		p->newest_at = at;
}

static struct retain_row *
row_add(struct retain_plan *p, enum rule rule, const char *tenant)
{
	struct retain_row *r = &p->row[p->rows_n++];

	r->rule = rule;
	(void)str_copy(r->tenant, sizeof(r->tenant), tenant);
	return r;
}

/* --- files with a day in their name --- */

struct dated
retain_files(const struct config *cfg, enum rule rule)
{
	(void)rule;
	return (struct dated){ .dir = cfg->logs, .head = "salesync-",
	    .tail = ".log" };
}

static enum rc
take_file(void *arg, const char *path, struct day day)
{
	struct found *f = arg;
	struct retain_row *r = f->row;
	const char *zone = f->plan->cfg->zone;
	int64_t due = rule_due(r->rule, day, zone);
	int64_t at = clock_day_start(day, zone);

	(void)path;
	/* Today's may have been begun by this very run. */
	if (at > f->newest_at && clock_day_cmp(day,
	    clock_day_of(f->plan->now, zone)) != 0)
		f->newest_at = at;
	r->oldest_at = sooner(r->oldest_at, at);
	if (due <= f->plan->now) {
		r->gone++;
		r->due_at = sooner(r->due_at, due);
		return RC_OK;
	}
	r->kept++;
	r->next_at = sooner(r->next_at, due);
	return RC_OK;
}

static MUST enum rc
look_at_files(struct retain_plan *p, enum rule rule)
{
	struct found f = { .plan = p, .row = row_add(p, rule, "") };
	struct dated files = retain_files(p->cfg, rule);
	enum rc rc = dated_each(&files, take_file, &f);

	seen(p, f.newest_at);
	return rc;
}

/* --- a tenant: what there is --- */

/* The first moment of the first day whose errors are not due yet. */
static int64_t
fade_before(const struct retain_plan *p)
{
	const char *zone = p->cfg->zone;
	struct day d = clock_day_of(p->now, zone);

	while (rule_due(RULE_DETAILS, clock_day_add(d, -1), zone) > p->now)
		d = clock_day_add(d, -1);
	return clock_day_start(d, zone);
}

static struct store_place
place(const struct retain_plan *p, const struct retain_tenant *t)
{
	return (struct store_place){ .dir = p->cfg->store,
	    .witness = p->cfg->logs, .tenant = t->name,
	    .master = p->master };
}

static enum rc
take_error(void *arg, const struct sale_key *k, const struct error_row *e)
{
	struct found *f = arg;
	const char *zone = f->plan->cfg->zone;

	(void)k;
	if (e->last_at > f->newest_at)
		f->newest_at = e->last_at;
	if (e->debtor_text[0] == '\0')
		return RC_OK;
	f->row->oldest_at = sooner(f->row->oldest_at, e->last_at);
	if (e->last_at < f->plan->fade_before) {
		f->row->gone++;
		f->row->kept--;
		f->row->due_at = sooner(f->row->due_at,
		    rule_due(RULE_DETAILS, clock_day_of(e->last_at, zone),
		    zone));
	} else {
		f->oldest_kept_at = sooner(f->oldest_kept_at, e->last_at);
	}
	return RC_OK;
}

/* Which of the details are due, and how far the clock has been. */
static MUST enum rc
look_inside(struct retain_plan *p, const struct retain_tenant *t,
    struct retain_row *details)
{
	struct store_place at = place(p, t);
	struct found f = { .plan = p, .row = details };
	struct cursor_row cursor;
	struct store *s = NULL;
	enum rc rc = store_open(&at, STORE_READ, &s);

	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	rc = store_error_each(s, take_error, &f);
	for (size_t i = 0; rc <= RC_END && t->file != NULL &&
	    i < t->file->sources_n; i++) {
		rc = store_cursor_get(s, t->file->sources[i].name, &cursor);
		if (rc == RC_OK)
			seen(p, cursor.at);
	}
	store_close(s);
	seen(p, f.newest_at);
	if (f.oldest_kept_at != 0)
		details->next_at = rule_due(RULE_DETAILS, clock_day_of(
		    f.oldest_kept_at, p->cfg->zone), p->cfg->zone);
	return rc == RC_END ? RC_OK : rc;
}

static MUST enum rc
decide(const struct retain_plan *p, struct retain_tenant *t,
    const char **why)
{
	if (t->file != NULL && t->file->has_end)
		t->end_at = rule_due(RULE_KEYS, t->file->end, p->cfg->zone);
	t->act = t->end_at != 0 && t->end_at <= p->now ? RETAIN_END :
	    RETAIN_FADE;
	*why = t->end_at != 0 ? "term runs" : "contract runs";
	if (t->file != NULL)
		return RC_OK;
	t->act = RETAIN_LEAVE;
	*why = "no file names it";
	if (p->cfg->faulty_n > 0)
		return RC_OK;	/* it may be that of a file at fault */
	SAY(M_STORE_UNKNOWN, F_WORD("tenant", t->name));
	return RC_CONFIG;
}

static void
rows_fill(struct retain_plan *p, struct retain_tenant *t,
    const struct store_counts *n, const char *why)
{
	const uint64_t counts[] = {
		[RULE_DETAILS] = n->details,
		[RULE_CREDENTIALS] = n->secrets,
		[RULE_SALES] = n->sales + n->intents + n->errors +
		    n->cursors,
		[RULE_DEBTORS] = n->debtors,
		[RULE_KEYS] = 1,
	};

	t->row = &p->row[p->rows_n];
	for (enum rule r = RULE_DETAILS; r <= RULE_KEYS; r++) {
		struct retain_row *row = row_add(p, r, t->name);

		*(t->act == RETAIN_END ? &row->gone : &row->kept) = counts[r];
		if (t->act == RETAIN_END) {
			row->due_at = t->end_at;
			continue;
		}
		row->next_at = r != RULE_DETAILS ? t->end_at : 0;
		(void)str_copy(row->why, sizeof(row->why),
		    r == RULE_DETAILS && t->act == RETAIN_FADE ? "term runs" : why);
	}
}

static MUST enum rc
look(struct retain_plan *p, struct retain_tenant *t)
{
	struct store_place at = place(p, t);
	struct store_counts n = { 0 };
	const char *why = "";
	bool keys, any;
	enum rc rc = shred_left(p->cfg, t->name, &keys, &any), worst;

	worst = decide(p, t, &why);
	if (rc != RC_OK || !any)
		return rc;	/* it never ran, or has ended */
	rc = store_tally(&at, &n);
	/* What can't be counted must go all the same. */
	worst = rc == RC_END ? worst : rc_worse(worst, rc);
	if (rc > RC_END && t->act != RETAIN_END) {
		t->act = RETAIN_LEAVE;
		return worst;
	}
	rows_fill(p, t, &n, why);
	if (t->act != RETAIN_FADE)
		return worst;
	rc = look_inside(p, t, t->row);
	if (rc != RC_OK) {
		t->act = RETAIN_LEAVE;
		p->rows_n = (size_t)(t->row - p->row);
		t->row = NULL;
	}
	return rc_worse(worst, rc);
}

/* --- whom there is --- */

static int
by_name(const void *a, const void *b)
{
	const struct retain_tenant *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
name_add(struct retain_plan *p, const char *name, size_t len)
{
	struct retain_tenant *t;

	p->tenant = mem_grow(p->tenant, (p->tenants_n + 1) *
	    sizeof(*p->tenant));
	t = &p->tenant[p->tenants_n];
	*t = (struct retain_tenant){ .act = RETAIN_LEAVE };
	if (!str_copy_n(t->name, sizeof(t->name), name, len) ||
	    !str_plain(t->name, SALE_NAME - 1))
		return;		/* no tenant can bear it */
	t->file = config_tenant(p->cfg, t->name);
	p->tenants_n++;
}

/* The tenants whose folders or key rings lie in the store. */
static MUST enum rc
stored(struct retain_plan *p, const char *folder, const char *suffix)
{
	const char *const suffixes[] = { suffix, NULL };
	struct file_info *list = NULL;
	char dir[FILE_PATH];
	size_t n = 0;
	enum rc rc = file_path(dir, p->cfg->store, folder);

	if (rc != RC_OK || (access(dir, F_OK) != 0 && errno == ENOENT))
		return rc;
	if (suffix[0] == '\0')
		rc = file_folders(dir, &list, &n);
	else
		rc = file_list(dir, suffixes, &list, &n);
	for (size_t i = 0; i < n; i++)
		name_add(p, list[i].name, strlen(list[i].name) -
		    strlen(suffix));
	free(list);
	return rc;
}

static MUST enum rc
everybody(struct retain_plan *p)
{
	size_t n = 0;
	enum rc rc;

	for (size_t i = 0; i < p->cfg->tenants_n; i++)
		name_add(p, p->cfg->tenants[i].name,
		    strlen(p->cfg->tenants[i].name));
	rc = stored(p, "tenants", "");
	rc = rc_worse(rc, stored(p, "keys", ".ring"));
	if (p->tenants_n > 0)
		qsort(p->tenant, p->tenants_n, sizeof(*p->tenant), by_name);
	for (size_t i = 0; i < p->tenants_n; i++)
		if (n == 0 || !str_eq(p->tenant[n - 1].name,
		    p->tenant[i].name))
			p->tenant[n++] = p->tenant[i];
	p->tenants_n = n;
	return rc;
}

enum rc
retain_plan(const struct config *cfg, const struct master *m,
    struct retain_plan **out)
{
	struct retain_plan *p = mem_alloc(sizeof(*p));
	enum rc rc;

	p->cfg = cfg;
	p->master = m;
	p->now = clock_now();
	p->fade_before = fade_before(p);
	rc = everybody(p);
	p->row = mem_alloc((p->tenants_n + 1) * RULE_COUNT * sizeof(*p->row));
	rc = rc_worse(rc, look_at_files(p, RULE_LOGS));
	for (size_t i = 0; i < p->tenants_n; i++) {
		log_about(p->tenant[i].name, NULL);
		rc = rc_worse(rc, look(p, &p->tenant[i]));
	}
	log_about(NULL, NULL);
	*out = p;
	return rc;
}

void
retain_free(struct retain_plan *p)
{
	if (p == NULL)
		return;
	free(p->row);
	free(p->tenant);
	free(p);
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
	if (end <= clock_now())
		end = 0;	/* purge did it, or will at once */
	return sooner(details, end);
}
