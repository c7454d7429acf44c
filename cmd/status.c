/*
 * status.c - salesync status: how each source stands.
 */
#include "cmd.h"
#include "file.h"
#include "lock.h"
#include "report.h"
#include "retain.h"
#include "run.h"
#include "store.h"
#include "str.h"

static const char *const columns[] = { "tenant", "source", "last_run",
    "last_booked_at", "booked", "sales", "refused", "held", "next_purge",
    NULL };

struct tally {			/* of one source */
	const char *source;
	int64_t refused, held;
	int64_t oldest_detail_at;	/* of the tenant */
};

static enum rc
count_error(void *arg, const struct sale_key *k, const struct error_row *r)
{
	struct tally *t = arg;

	(void)k;
	if (r->debtor_text[0] != '\0' && (t->oldest_detail_at == 0 ||
	    r->last_at < t->oldest_detail_at))
		t->oldest_detail_at = r->last_at;
	if (!str_eq(r->source, t->source))
		return RC_OK;
	if (r->held)
		t->held++;
	else
		t->refused++;
	return RC_OK;
}

static enum rc
row_of(const struct cmd *c, struct report *r, const struct tenant *t,
    struct store *s, const char *source)
{
	struct tally tally = { .source = source };
	struct cursor_row cursor = { .at = 0 };
	struct store_counts counts = { .sales = 0 };
	char path[FILE_PATH];
	enum rc rc = RC_OK;

	if (s != NULL)
		rc = store_cursor_get(s, source, &cursor);
	if (s != NULL && rc <= RC_END)
		rc = store_error_each(s, count_error, &tally);
	if (s != NULL && rc <= RC_END)
		rc = store_counts(s, &counts);
	if (rc > RC_END || lock_path(c->cfg, t->name, path) != RC_OK)
		return rc;
	report_text(r, t->name);
	report_text(r, source);
	report_at(r, file_touched_at(path), c->cfg->zone);
	report_at(r, cursor.at, c->cfg->zone);
	report_int(r, cursor.booked);
	report_int(r, (int64_t)counts.sales);
	report_int(r, tally.refused);
	report_int(r, tally.held);
	report_at(r, retain_next(c->cfg, t, tally.oldest_detail_at),
	    c->cfg->zone);
	return RC_OK;
}

static enum rc
of_tenant(const struct cmd *c, struct report *r, const struct tenant *t)
{
	struct store_place place = store_place_of(c->cfg, c->master, t->name);
	struct store *s = NULL;
	enum rc rc = store_open(&place, STORE_READ, &s);

	if (rc > RC_END)
		return rc;
	rc = RC_OK;
	for (size_t i = 0; i < t->sources_n && rc == RC_OK; i++)
		rc = row_of(c, r, t, s, t->sources[i].name);
	store_close(s);
	return rc;
}

static int
run_status(struct cmd *c)
{
	struct report *r = report_new(cmd_option(c, "json") != NULL, columns);
	enum rc worst = RC_OK, rc;

	for (size_t i = 0; i < c->tenants_n; i++) {
		rc = of_tenant(c, r, c->tenants[i]);
		worst = rc_worse(worst, rc);
	}
	report_end(r);
	return run_exit(worst);
}

const struct command status_command = {
	.name = "status",
	.summary = "Print per source the last run, what was booked and what "
	    "waits.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = { { "json", NULL, "as JSON" } },
	.run = run_status,
};
