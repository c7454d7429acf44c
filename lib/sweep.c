/*
 * sweep.c - carries out a plan of retain.h.
 *
 * Files go whole.  In a tenant's store the details of old errors fade, and
 * the store is written anew, so that no old byte is left.  A tenant's end is
 * shred.h's.  A crash at any point is made good by the next run: it plans
 * anew from what is left.
 */
#include "sweep.h"

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "dated.h"
#include "file.h"
#include "lock.h"
#include "log.h"
#include "shred.h"
#include "store.h"
#include "str.h"

#define DAY_S 86400
#define SLEPT_S (93 * DAY_S)	/* longer without a sign of life: the clock? */

/* --- what could be wrong --- */

enum rc
sweep_clock_check(const struct retain_plan *p)
{
	char at[CLOCK_ISO], newest[CLOCK_ISO], text[100];

	if (p->newest_at == 0 || (p->now >= p->newest_at - DAY_S &&
	    p->now <= p->newest_at + SLEPT_S))
		return RC_OK;
	clock_iso(at, p->now);
	clock_iso(newest, p->newest_at);
	(void)str_fmt(text, sizeof(text), "the last that is known is of %s; "
	    "nothing was deleted", newest);
	SAY(M_CLOCK, F_WORD("at", at), F_WORD("text", text));
	return RC_CONFIG;
}

enum rc
sweep_most_check(const struct retain_plan *p, uint64_t percent)
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
sweep_files_check(const struct retain_plan *p)
{
	enum rc rc = RC_OK;
	bool keys, any;

	for (size_t i = 0; i < p->tenants_n; i++) {
		const struct retain_tenant *t = &p->tenant[i];

		if (t->file == NULL || t->end_at == 0 || t->end_at > p->now ||
		    shred_left(p->cfg, t->name, &keys, &any) != RC_OK || any)
			continue;
		SAY(M_TENANT_FILE_LEFT, F_WORD("tenant", t->name),
		    F_WORD("file", t->file->file));
		rc = RC_REJECT;
	}
	return rc;
}

/* --- files --- */

struct going {
	const struct retain_plan *plan;
	struct retain_row *row;
};

static enum rc
file_go(void *arg, const char *path, struct day day)
{
	struct going *g = arg;
	enum rc rc;

	if (rule_due(g->row->rule, day, g->plan->cfg->zone) > g->plan->now)
		return RC_OK;
	rc = file_remove(path);
	if (rc == RC_OK)
		g->row->gone++;
	return rc;
}

static MUST enum rc
files(struct retain_plan *p, struct retain_row *r)
{
	struct dated files = retain_files(p->cfg, r->rule);
	struct going g = { .plan = p, .row = r };

	if (r->gone == 0)
		return RC_OK;
	r->gone = 0;
	return dated_each(&files, file_go, &g);
}

/* --- a tenant --- */

/*
 * A run that dies between dropping and writing anew must not leave the old
 * bytes for ever: this mark, made before, tells the next one to finish.
 */
static MUST enum rc
mark_path(const struct retain_plan *p, const struct retain_tenant *t,
    char out[FILE_PATH])
{
	char name[SALE_NAME + 32];

	(void)str_fmt(name, sizeof(name), "tenants/%s/reload", t->name);
	return file_path(out, p->cfg->store, name);
}

static MUST enum rc
drop(const struct retain_plan *p, struct store *s, uint64_t *gone)
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

static MUST enum rc
fade(const struct retain_plan *p, const struct retain_tenant *t,
    const char *mark, uint64_t *gone)
{
	struct store_place at = { .dir = p->cfg->store,
	    .witness = p->cfg->logs, .tenant = t->name,
	    .master = p->master };
	struct store *s = NULL;
	enum rc rc = store_open(&at, STORE_WRITE, &s);

	if (rc == RC_OK)
		rc = file_write(mark, "reload\n", 7, 0600);
	if (rc == RC_OK)
		rc = drop(p, s, gone);
	if (rc == RC_OK)
		rc = store_reload(s);
	if (rc == RC_OK)
		rc = file_remove(mark);
	store_close(s);
	return rc == RC_END ? RC_OK : rc;
}

static void
say_rows(const struct retain_row *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].gone > 0)
			SAY(M_PURGED, F_INT("count", r[i].gone),
			    F_WORD("text", rules_kept[r[i].rule].name));
}

static MUST enum rc
tenant(struct retain_plan *p, struct retain_tenant *t)
{
	struct retain_row *r = t->row;
	uint64_t faded = 0;
	char mark[FILE_PATH];
	int lock = -1;
	enum rc rc = mark_path(p, t, mark);

	if (r == NULL || t->act == RETAIN_LEAVE || (t->act == RETAIN_FADE &&
	    r->gone == 0 && rc == RC_OK && access(mark, F_OK) != 0))
		return rc;
	if (rc == RC_OK)
		rc = lock_to_erase(p->cfg, t->name, &lock);
	if (rc == RC_OK && t->act == RETAIN_END)
		rc = shred(p->cfg, t->name);
	if (rc == RC_OK && t->act == RETAIN_FADE) {
		rc = fade(p, t, mark, &faded);
		r->gone = faded;
	}
	if (lock >= 0)
		(void)close(lock);
	for (size_t i = 0; rc != RC_OK && i < RETAIN_TENANT_RULES; i++)
		r[i].gone = i == 0 ? faded : 0;
	say_rows(r, RETAIN_TENANT_RULES);
	return rc;
}

enum rc
sweep(struct retain_plan *p)
{
	enum rc rc = files(p, &p->row[RULE_LOGS]);

	say_rows(&p->row[RULE_LOGS], 1);
	for (size_t i = 0; i < p->tenants_n; i++) {
		log_about(p->tenant[i].name, NULL);
		rc = rc_worse(rc, tenant(p, &p->tenant[i]));
	}
	log_about(NULL, NULL);
	return rc;
}
