/*
 * undo.c - salesync undo: list what runs booked, and take back what one did.
 */
#include <string.h>

#include "booked.h"
#include "cmd.h"
#include "log.h"
#include "report.h"
#include "run.h"
#include "str.h"
#include "undoing.h"

static const char *const run_columns[] = { "tenant", "run", "booked_at",
    "source", "booked", "stands", NULL };

/* How many of these are still booked. */
static int64_t
standing(struct store *s, const struct booked *b, size_t n)
{
	struct record r;
	int64_t count = 0;

	for (size_t i = 0; s != NULL && i < n; i++)
		count += store_sale_get(s, &b[i].key, &r) == RC_OK &&
		    !(money_is_zero(r.excl) && money_is_zero(r.incl));
	return count;
}

/* A row for each run and source, the newest run first. */
static void
print_runs(const struct cmd *c, const struct tenant *t, struct store *s,
    const struct booked_list *l)
{
	struct report *r = report_new(cmd_option(c, "json") != NULL,
	    run_columns);

	for (size_t end = l->n, at; end > 0; end = at) {
		const struct booked *b = &l->b[end - 1];

		for (at = end - 1; at > 0 &&
		    str_eq(l->b[at - 1].run, b->run) &&
		    str_eq(l->b[at - 1].source, b->source);)
			at--;
		report_text(r, t->name);
		report_text(r, b->run);
		report_at(r, l->b[at].at, c->cfg->zone);
		report_text(r, b->source);
		report_int(r, (int64_t)(end - at));
		report_int(r, standing(s, &l->b[at], end - at));
	}
	report_end(r);
}

static enum rc
list_runs(const struct cmd *c, const struct tenant *t)
{
	struct store_place place = store_place_of(c->cfg, c->master, t->name);
	struct booked_list l;
	struct store *s = NULL;
	enum rc rc = booked_read(c->cfg, t->name, NULL, &l);

	if (rc != RC_OK)
		return rc;
	rc = store_open(&place, STORE_READ, &s);
	if (rc <= RC_END)
		print_runs(c, t, s, &l);
	store_close(s);
	booked_free(&l);
	return rc == RC_END ? RC_OK : rc;
}

static enum rc
undo_run(const struct cmd *c, const struct tenant *t, const char *run)
{
	struct undoing_job job = { .cfg = c->cfg, .master = c->master,
	    .tenant = t, .run = run,
	    .dry_run = cmd_option(c, "dry-run") != NULL };
	struct booked_list l;
	enum rc rc = booked_read(c->cfg, t->name, run, &l);

	if (rc != RC_OK)
		return rc;
	if (l.n == 0) {
		SAY(M_RUN_UNKNOWN, F_ORDER("text", run),
		    F_WORD("tenant", t->name));
		return RC_CONFIG;
	}
	job.report = report_new(cmd_option(c, "json") != NULL,
	    undoing_columns);
	rc = undoing_run(&job, &l);
	report_end(job.report);
	booked_free(&l);
	return rc;
}

static int
run_undo(struct cmd *c)
{
	const struct tenant *t;

	if (c->words_n == 0 || c->words_n > 2)
		return cmd_usage(c, "name one tenant, and the run");
	if ((t = cmd_tenant(c, c->words[0])) == NULL)
		return 78;
	log_about(t->name, NULL);
	return run_exit(c->words_n == 1 ? list_runs(c, t) :
	    undo_run(c, t, c->words[1]));
}

const struct command undo_command = {
	.name = "undo",
	.summary = "List what runs booked, or take back what one did.",
	.words = "TENANT [RUN]",
	.takes = TAKES_WORDS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "dry-run", NULL, "show what would be taken back" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_undo,
};
