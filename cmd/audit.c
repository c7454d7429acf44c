/*
 * audit.c - salesync audit: what is stored now, under which rule, and until
 * when.  Reads only.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "log.h"
#include "report.h"
#include "run.h"
#include "str.h"
#include "sweep.h"

static const char *const columns[] = { "rule", "tenant", "count", "oldest",
    "due", "overdue", "why", NULL };
static const char *const rule_columns[] = { "rule", "whose", "holds", "form",
    "term", "from", NULL };

/* --- the rules --- */

static int
print_rules(const struct cmd *c)
{
	struct report *report = report_new(cmd_option(c, "json") != NULL,
	    rule_columns);

	for (int i = 0; i < RULE_COUNT; i++) {
		report_text(report, rules_kept[i].name);
		report_text(report, rules_kept[i].whose);
		report_text(report, rules_kept[i].holds);
		report_text(report, rules_kept[i].form);
		report_text(report, rules_kept[i].term);
		report_text(report, rules_kept[i].from);
	}
	report_end(report);
	return 0;
}

/* --- what is stored --- */

static bool
asked(const struct cmd *c, const char *tenant)
{
	for (size_t i = 0; i < c->words_n; i++)
		if (str_eq(c->words[i], tenant))
			return true;
	return c->words_n == 0;
}

static void
print_rows(const struct cmd *c, const struct retain_plan *p)
{
	struct report *report = report_new(cmd_option(c, "json") != NULL,
	    columns);

	for (size_t i = 0; i < p->rows_n; i++) {
		const struct retain_row *r = &p->row[i];

		if (!asked(c, r->tenant))
			continue;
		report_text(report, rules_kept[r->rule].name);
		report_text(report, r->tenant[0] != '\0' ? r->tenant : NULL);
		report_int(report, (int64_t)(r->gone + r->kept));
		report_at(report, r->oldest_at, c->cfg->zone);
		report_at(report, r->gone > 0 ? r->due_at : r->next_at,
		    c->cfg->zone);
		report_int(report, (int64_t)r->gone);
		report_text(report, r->kept > 0 ? r->why : NULL);
	}
	report_end(report);
}

static enum rc
overdue(const struct cmd *c, const struct retain_plan *p)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < p->rows_n; i++) {
		const struct retain_row *r = &p->row[i];

		if (r->gone == 0 || !asked(c, r->tenant))
			continue;
		log_about(r->tenant, NULL);
		SAY(M_OVERDUE, F_INT("count", r->gone),
		    F_WORD("text", rules_kept[r->rule].name));
		rc = RC_REJECT;
	}
	log_about(NULL, NULL);
	return rc;
}

static int
run_audit(struct cmd *c)
{
	struct retain_plan *p = NULL;
	enum rc rc;

	if (cmd_option(c, "rules") != NULL)
		return print_rules(c);
	rc = retain_plan(c->cfg, c->master, &p);
	print_rows(c, p);
	rc = rc_worse(rc, overdue(c, p));
	rc = rc_worse(rc, sweep_files_check(p));
	if (c->cfg->faulty_n > 0)
		SAY(M_FAULTY_LEFT_OUT, F_INT("count", c->cfg->faulty_n));
	retain_free(p);
	return run_exit(rc);
}

const struct command audit_command = {
	.name = "audit",
	.summary = "Show what is stored now, per rule, and whether it is "
	    "overdue.",
	.words = "[TENANT...]",
	.takes = TAKES_WORDS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER | NEEDS_WHAT_IS_WHOLE,
	.bare = "rules",
	.options = {
		{ "rules", NULL, "show the rules themselves" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_audit,
};
