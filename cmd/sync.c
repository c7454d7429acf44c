/*
 * sync.c - salesync sync: pull and push together, many tenants at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "log.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "run.h"
#include "unruled.h"

static const char *const columns[] = { "tenant", "booked", "already", "refused",
    "held", "changed", "corrected", "left_out", "waiting", "unruled",
    "seconds", "exit", NULL };
/* The first is for JSON, where other objects stand beside it. */
static const char *const dry_columns[] = { "type", "tenant", "to_book",
    "already", "refused", "changed", "left_out", "waiting", "unruled", "exit",
    NULL };

static void
closing_table(const struct run_tenant *t, size_t n, bool json)
{
	struct report *r = report_new(json, columns);

	for (size_t i = 0; i < n; i++) {
		const struct push_counts *c = &t[i].counts;

		report_text(r, t[i].tenant->name);
		report_int(r, (int64_t)c->booked);
		report_int(r, (int64_t)c->skipped);
		report_int(r, (int64_t)c->refused);
		report_int(r, (int64_t)c->held);
		report_int(r, (int64_t)c->changed);
		report_int(r, (int64_t)c->corrected);
		report_int(r, (int64_t)c->left_out);
		report_int(r, (int64_t)c->waiting);
		report_int(r, (int64_t)c->unruled);
		report_int(r, (t[i].ended_ms - t[i].started_ms + 500) / 1000);
		report_int(r, t[i].exit);
	}
	report_end(r);
}

/* What a dry run found, behind the documents that it printed. */
static void
dry_table(const struct run_tenant *t, size_t n, bool json)
{
	struct report *r = report_new(json, json ? dry_columns :
	    dry_columns + 1);

	if (json)
		report_goes_on(r);
	for (size_t i = 0; i < n; i++) {
		const struct push_counts *c = &t[i].counts;

		if (json)
			report_text(r, "tenant");
		report_text(r, t[i].tenant->name);
		report_int(r, (int64_t)c->shown);
		report_int(r, (int64_t)c->skipped);
		report_int(r, (int64_t)c->refused);
		report_int(r, (int64_t)c->changed);
		report_int(r, (int64_t)c->left_out);
		report_int(r, (int64_t)c->waiting);
		report_int(r, (int64_t)c->unruled);
		report_int(r, t[i].exit);
	}
	report_end(r);
}

static void
choose_tenants(struct cmd *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->tenants_n; i++)
		if (options_in_contract(c, c->tenants[i]))
			c->tenants[n++] = c->tenants[i];
	c->tenants_n = n;
}

static int
run_sync(struct cmd *c)
{
	bool json = cmd_option(c, "json") != NULL;
	struct unruled shown = { .journal = { .json = json } };
	struct pull_job p = { .cfg = c->cfg };
	struct run_job job = { .cfg = c->cfg, .master = c->master,
	    .dry_run = cmd_option(c, "dry-run") != NULL,
	    .show = unruled_show, .show_arg = &shown };
	struct run_tenant *t = NULL;
	int code = options_pull(c, &p);

	if (code == 0 && !job.dry_run)
		code = options_take_over(c);
	if (code != 0)
		return code;
	choose_tenants(c);
	job.tenants = c->tenants;
	job.tenants_n = c->tenants_n;
	job.source = p.source;
	job.order = p.order;
	job.since_at = p.since_at;
	job.until_at = p.until_at;
	job.retry = p.retry;
	if (isatty(STDERR_FILENO) && !job.dry_run) {
		progress_begin();
		job.progress = progress_show;
	}
	if (json && job.dry_run)
		(void)putchar('[');
	code = run_tenants(&job, &t);
	progress_end();
	if (job.dry_run)
		dry_table(t, t != NULL ? c->tenants_n : 0, json);
	else if (t != NULL && (json || isatty(STDOUT_FILENO)))
		closing_table(t, c->tenants_n, json);
	run_free(t, c->tenants_n);
	return code;
}

const struct command sync_command = {
	.name = "sync",
	.summary = "Read new sales and book them, many tenants at a time.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "source", "SOURCE", "this source alone" },
		{ "order", "ID", "this one sale and its refunds" },
		{ "since", "DAY", "sales placed on this day or later" },
		{ "until", "DAY", "sales placed on this day or earlier" },
		{ "retry", NULL, "refused sales again" },
		{ "dry-run", NULL, "show the bookings, book nothing" },
		{ "take-over", NULL, "this host now owns the store" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_sync,
};
