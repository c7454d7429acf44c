/*
 * retain.c - what is kept until when, and what makes it go.
 *
 * The rules stand in one table.  Log files go whole, by the day in their
 * name; no other file of the log folder is ever touched.  In a tenant's store
 * the debtor's values of old errors go, and after its contract its
 * credentials; then the store is written anew, so that no old byte is left.
 */
#include "retain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "lock.h"
#include "log.h"
#include "safe.h"
#include "store.h"
#include "str.h"
#include "vault.h"

const struct retain_rule retain_rules[RETAIN_COUNT] = {
	[RETAIN_LOGS] = { .what = RETAIN_LOGS, .name = "log files",
	    .holds = "what the program did, without debtor data",
	    .months = 1, .from = "the day of the file" },
	[RETAIN_DETAILS] = { .what = RETAIN_DETAILS,
	    .name = "debtor's values in errors",
	    .holds = "the debtor's own values of a refused sale, sealed",
	    .months = 2, .from = "the day the error was last seen" },
	[RETAIN_CREDENTIALS] = { .what = RETAIN_CREDENTIALS,
	    .name = "credentials",
	    .holds = "API keys and tokens of shops and books, sealed",
	    .months = 2, .from = "the end of the contract" },
};

struct job {
	const struct config *cfg;
	const struct master *master;
	bool dry;
	int64_t now;
	int64_t fade_before;	/* errors last seen before this are due */
	void (*take)(void *arg, const struct retain_done *d);
	void *arg;
};

struct details { int64_t before, oldest; uint64_t due, kept; };

static int64_t
due_at(const struct job *j, enum retain_what what, struct day from)
{
	return clock_term_end_day(from, retain_rules[what].months,
	    j->cfg->zone);
}

/* The earlier of two moments, where 0 is never. */
static int64_t
sooner(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a != 0 ? a : b;
	return a < b ? a : b;
}

static void
report(const struct job *j, const struct retain_done *d)
{
	if (d->gone > 0 && !j->dry) {
		log_about(d->tenant, NULL);
		SAY(M_PURGED, F_INT("count", d->gone),
		    F_WORD("text", retain_rules[d->what].name));
		log_about(NULL, NULL);
	}
	j->take(j->arg, d);
}

/* --- log files --- */

/* The day in "salesync-YYYY-MM-DD.log"; RC_REJECT for any other name. */
static MUST enum rc
log_day(const char *name, struct day *out)
{
	char day[CLOCK_DAY];

	if (!str_starts(name, "salesync-") || strlen(name) != 9 + 10 + 4 ||
	    !str_ends(name, ".log"))
		return RC_REJECT;
	str_copy_n(day, sizeof(day), name + 9, 10);
	return clock_day_parse(day, out);
}

static MUST enum rc
log_file(const struct job *j, const char *name, struct retain_done *d)
{
	char path[FILE_PATH];
	struct day day;
	enum rc rc;
	int64_t due;

	if (log_day(name, &day) != RC_OK)
		return RC_OK;
	due = due_at(j, RETAIN_LOGS, day);
	if (due > j->now) {
		d->kept++;
		d->next_at = sooner(d->next_at, due);
		return RC_OK;
	}
	if (!j->dry) {
		rc = file_path(path, j->cfg->logs, name);
		if (rc == RC_OK)
			rc = file_remove(path);
		if (rc != RC_OK) {
			d->kept++;
			return rc;
		}
	}
	d->gone++;
	return RC_OK;
}

static MUST enum rc
logs(const struct job *j)
{
	static const char *const suffixes[] = { ".log", NULL };
	struct retain_done d = { .what = RETAIN_LOGS };
	struct file_info *list = NULL;
	size_t n = 0;
	enum rc rc;

	rc = file_list(j->cfg->logs, suffixes, &list, &n);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		rc = rc_worse(rc, log_file(j, list[i].name, &d));
	free(list);
	report(j, &d);
	return rc;
}

/* --- a tenant's store --- */

/* The first moment of the first day whose errors are not due yet. */
static int64_t
fade_before(const struct job *j)
{
	struct day d = clock_day_of(j->now, j->cfg->zone);

	while (due_at(j, RETAIN_DETAILS, clock_day_add(d, -1)) > j->now)
		d = clock_day_add(d, -1);
	return clock_day_start(d, j->cfg->zone);
}

static enum rc
count_detail(void *arg, const struct sale_key *k, const struct error_row *r)
{
	struct details *d = arg;

	(void)k;
	if (r->debtor_text[0] == '\0')
		return RC_OK;
	if (r->last_at < d->before) {
		d->due++;
		return RC_OK;
	}
	d->kept++;
	d->oldest = sooner(d->oldest, r->last_at);
	return RC_OK;
}

/* What is there and what is due; both rows are filled in but for ->gone of
 * what a real run drops. */
static MUST enum rc
count(const struct job *j, const struct tenant *t, struct store *s,
    struct retain_done *details, struct retain_done *credentials)
{
	struct details d = { .before = j->fade_before };
	struct store_counts n;
	enum rc rc;

	rc = store_error_each(s, count_detail, &d);
	if (rc == RC_OK)
		rc = store_counts(s, &n);
	if (rc != RC_OK)
		return rc;
	details->gone = d.due;
	details->kept = d.kept;
	if (d.oldest != 0)
		details->next_at = due_at(j, RETAIN_DETAILS,
		    clock_day_of(d.oldest, j->cfg->zone));
	credentials->kept = n.secrets;
	if (!t->has_end || n.secrets == 0)
		return RC_OK;
	credentials->next_at = due_at(j, RETAIN_CREDENTIALS, t->end);
	if (credentials->next_at > j->now)
		return RC_OK;
	credentials->gone = n.secrets;
	credentials->kept = 0;
	credentials->next_at = 0;
	return RC_OK;
}

static MUST enum rc
drop(const struct job *j, struct store *s, struct retain_done *details,
    struct retain_done *credentials)
{
	size_t faded = 0, dropped = 0;
	enum rc rc;

	rc = store_begin(s);
	if (rc != RC_OK)
		return rc;
	rc = store_error_fade(s, j->fade_before, &faded);
	if (rc == RC_OK && credentials->gone > 0)
		rc = safe_drop(store_safe(s), &dropped);
	if (rc != RC_OK) {
		store_abort(s);
		return rc;
	}
	details->gone = faded;
	credentials->gone = dropped;
	return store_commit(s);
}

/* Opening the store has repeated erasures; here those go of which no backup
 * can be left. */
static MUST enum rc
clean(const struct job *j, struct store *s, struct retain_done *details,
    struct retain_done *credentials)
{
	struct day before = clock_day_of(j->now - j->cfg->backups_s,
	    j->cfg->zone);
	size_t gone, kept, faded = 0;
	bool due;
	enum rc rc = store_erased_expire(s, before, &gone, &kept);

	if (rc == RC_OK)
		rc = vault_fade(s, j->now, &faded);
	due = details->gone + credentials->gone + faded > 0;
	if (rc == RC_OK && due)
		rc = store_mark(s);
	if (rc == RC_OK && due)
		rc = drop(j, s, details, credentials);
	return rc == RC_OK && store_marked(s) ? store_reload(s) : rc;
}

static MUST enum rc
open_store(const struct job *j, const struct tenant *t, struct store **s)
{
	struct store_place p = { .dir = j->cfg->store,
	    .witness = j->cfg->logs, .tenant = t->name,
	    .master = j->master };

	return store_open(&p, j->dry ? STORE_READ : STORE_WRITE, s);
}

static MUST enum rc
apply(const struct job *j, const struct tenant *t)
{
	struct retain_done details = { .tenant = t->name,
	    .what = RETAIN_DETAILS };
	struct retain_done credentials = { .tenant = t->name,
	    .what = RETAIN_CREDENTIALS };
	struct store *s = NULL;
	enum rc rc;

	rc = open_store(j, t, &s);
	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	rc = count(j, t, s, &details, &credentials);
	if (rc == RC_OK && !j->dry)
		rc = clean(j, s, &details, &credentials);
	store_close(s);
	if (rc != RC_OK)
		return rc;
	report(j, &details);
	report(j, &credentials);
	return RC_OK;
}

/* Under the tenant's lock; counting alone needs none. */
static MUST enum rc
tenant(const struct job *j, const struct tenant *t)
{
	char name[SALE_NAME + 32], path[FILE_PATH];
	int fd = -1;
	enum rc rc;

	str_fmt(name, sizeof(name), "tenants/%s", t->name);
	rc = file_path(path, j->cfg->store, name);
	if (rc != RC_OK)
		return rc;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return RC_OK;	/* it never ran */
	if (j->dry)
		return apply(j, t);
	rc = lock_take(j->cfg, t->name, &fd);
	if (rc != RC_OK)
		return rc;
	rc = apply(j, t);
	close(fd);
	return rc;
}

enum rc
retain_apply(const struct config *cfg, const struct master *m, bool dry,
    void (*take)(void *arg, const struct retain_done *d), void *arg)
{
	struct job j = { .cfg = cfg, .master = m, .dry = dry,
	    .now = clock_now(), .take = take, .arg = arg };
	enum rc rc;

	j.fade_before = fade_before(&j);
	rc = logs(&j);
	for (size_t i = 0; i < cfg->tenants_n; i++)
		rc = rc_worse(rc, tenant(&j, &cfg->tenants[i]));
	return rc;
}

int64_t
retain_next(const struct config *cfg, const struct tenant *t,
    int64_t oldest_detail_at)
{
	int64_t details = 0, credentials = 0;

	if (oldest_detail_at > 0)
		details = clock_term_end(oldest_detail_at,
		    retain_rules[RETAIN_DETAILS].months, cfg->zone);
	if (t->has_end)
		credentials = clock_term_end_day(t->end,
		    retain_rules[RETAIN_CREDENTIALS].months, cfg->zone);
	if (credentials <= clock_now())
		credentials = 0;	/* purge did it, or will at once */
	return sooner(details, credentials);
}
