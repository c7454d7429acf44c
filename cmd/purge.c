/*
 * purge.c - salesync purge: apply every retention rule and print what went
 * under which.
 */
#include <unistd.h>

#include "cmd.h"
#include "report.h"
#include "retain.h"
#include "run.h"

static const char *const columns[] = { "rule", "tenant", "gone", "kept",
    "next", NULL };

struct purge {
	const struct cmd *c;
	struct report *report;
	bool all;		/* rows under which nothing went as well */
};

static void
take(void *arg, const struct retain_done *d)
{
	struct purge *p = arg;

	/* From cron: silent when there was nothing to do. */
	if (!p->all && d->gone == 0)
		return;
	report_text(p->report, retain_rules[d->what].name);
	report_text(p->report, d->tenant);
	report_int(p->report, (int64_t)d->gone);
	report_int(p->report, (int64_t)d->kept);
	report_at(p->report, d->next_at, p->c->cfg->zone);
}

static int
run_purge(struct cmd *c)
{
	bool dry = cmd_option(c, "dry-run") != NULL;
	bool json = cmd_option(c, "json") != NULL;
	struct purge p = { .c = c,
	    .all = dry || json || isatty(STDOUT_FILENO) };
	enum rc rc;

	p.report = report_new(json, columns);
	rc = retain_apply(c->cfg, c->master, dry, take, &p);
	report_end(p.report);
	return run_exit(rc);
}

const struct command purge_command = {
	.name = "purge",
	.summary = "Apply every retention rule.",
	.words = "",
	.takes = TAKES_NOTHING,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "dry-run", NULL, "show what would go, delete nothing" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_purge,
};
