/*
 * purge.c - salesync purge: apply every retention rule and print what went
 * under which.
 */
#include <unistd.h>

#include "cmd.h"
#include "log.h"
#include "report.h"
#include "retain.h"
#include "run.h"
#include "str.h"
#include "sweep.h"
#include "version.h"

static const char *const columns[] = { "rule", "tenant", "gone", "kept",
    "next", "why", NULL };

static void
print(const struct cmd *c, const struct plan *p, bool dry)
{
	bool json = cmd_option(c, "json") != NULL;
	/* From cron: silent when there was nothing to do. */
	bool all = dry || json || isatty(STDOUT_FILENO);
	struct report *report = report_new(json, columns);

	for (size_t i = 0; i < p->rows_n; i++) {
		const struct plan_row *r = &p->row[i];

		if (!all && r->gone == 0)
			continue;
		report_text(report, rules_kept[r->rule].name);
		report_text(report, r->tenant);
		report_int(report, (int64_t)r->gone);
		report_int(report, (int64_t)r->kept);
		report_at(report, r->next_at, c->cfg->zone);
		report_text(report, r->kept > 0 ? r->why : NULL);
	}
	report_end(report);
}

/* What could be wrong with the clock, and with so much of it. */
static enum rc
checks(const struct cmd *c, struct plan *p)
{
	const char *most = cmd_option(c, "max-delete");
	uint64_t percent = 100;
	enum rc rc;

	if (most != NULL && str_u64(most, 100, &percent) != RC_OK) {
		(void)cmd_usage(c, "--max-delete takes a whole number of "
		    "percent, 0 to 100");
		return RC_CONFIG;
	}
	rc = sweep_clock_check(p, cmd_option(c, "clock-is-right") != NULL);
	return rc == RC_OK ? sweep_most_check(p, percent) : rc;
}

static int
run_purge(struct cmd *c)
{
	bool dry = cmd_option(c, "dry-run") != NULL;
	struct plan *p = NULL;
	enum rc rc = retain_plan(c->cfg, c->master, &p), may;

	may = checks(c, p);
	if (may == RC_OK && !dry)
		rc = rc_worse(rc, sweep(p, "salesync " VERSION));
	if (may == RC_OK || dry)
		print(c, p, dry);
	if (may == RC_OK && !dry)
		rc = rc_worse(rc, sweep_files_check(p));
	if (c->cfg->faulty_n > 0)
		SAY(M_FAULTY_LEFT_OUT, F_INT("count", c->cfg->faulty_n));
	plan_free(p);
	return run_exit(rc_worse(rc, may));
}

const struct command purge_command = {
	.name = "purge",
	.summary = "Apply every retention rule.",
	.words = "",
	.takes = TAKES_NOTHING,
	.needs = NEEDS_CONFIG | NEEDS_MASTER | NEEDS_WHAT_IS_WHOLE,
	.options = {
		{ "dry-run", NULL, "show what would go, delete nothing" },
		{ "max-delete", "PERCENT", "delete nothing when more of what "
		    "a rule keeps would go" },
		{ "clock-is-right", NULL, "go on though the clock seems "
		    "wrong" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_purge,
};
