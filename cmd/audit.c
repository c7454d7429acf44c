/*
 * audit.c - salesync audit: what is stored now, under which rule, and until
 * when.  Reads only.
 */
#include <stdio.h>

#include "certificate.h"
#include "cmd.h"
#include "log.h"
#include "record.h"
#include "report.h"
#include "retain.h"
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
	for (size_t i = 0; i < c->words_n && tenant != NULL; i++)
		if (str_eq(c->words[i], tenant))
			return true;
	return c->words_n == 0;
}

static void
print_rows(const struct cmd *c, const struct plan *p)
{
	struct report *report = report_new(cmd_option(c, "json") != NULL,
	    columns);

	for (size_t i = 0; i < p->rows_n; i++) {
		const struct plan_row *r = &p->row[i];

		if (!asked(c, r->tenant))
			continue;
		report_text(report, rules_kept[r->rule].name);
		report_text(report, r->tenant);
		report_int(report, (int64_t)(r->gone + r->kept));
		report_at(report, r->oldest_at, c->cfg->zone);
		report_at(report, r->due_at, c->cfg->zone);
		report_int(report, (int64_t)r->overdue);
		report_text(report, r->kept > 0 ? r->why : NULL);
	}
	report_end(report);
}

static enum rc
overdue(const struct cmd *c, const struct plan *p)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < p->rows_n; i++) {
		const struct plan_row *r = &p->row[i];

		if (r->overdue == 0 || !asked(c, r->tenant))
			continue;
		log_about(r->tenant, NULL);
		SAY(M_OVERDUE, F_INT("count", r->overdue),
		    F_WORD("text", rules_kept[r->rule].name));
		rc = RC_REJECT;
	}
	log_about(NULL, NULL);
	return rc;
}

/* --- certificates --- */

static const char *const deleted_columns[] = { "rule", "tenant", "count",
    "term", "from", NULL };

static enum rc
print_certificate(const struct cmd *c, struct operator_store *o,
    const char *path)
{
	struct json_doc *d = json_doc_new();
	const struct json *root = NULL;
	enum rc rc = certificate_read(o, path, d, &root);
	struct report *report;
	int64_t n;

	if (rc == RC_OK) {
		report = report_new(cmd_option(c, "json") != NULL,
		    deleted_columns);
		for (const struct json *r = json_first(json_get(root,
		    "deleted")); r != NULL; r = json_next(r)) {
			report_text(report, json_str(r, "rule"));
			report_text(report, json_text(json_get(r, "tenant")));
			report_int(report, json_i64(r, "count", &n) == RC_OK ?
			    n : 0);
			report_text(report, json_str(r, "term"));
			report_text(report, json_str(r, "from"));
		}
		report_end(report);
	}
	json_doc_free(d);
	return rc;
}

static bool
asks_key(const struct cmd *c)
{
	return cmd_option(c, "verify") != NULL ||
	    cmd_option(c, "public-key") != NULL;
}

/* What is signed by, or has to do with, the operator's key. */
static int
run_key(struct cmd *c)
{
	struct store_place at = store_place_of(c->cfg, c->master, NULL);
	const char *path = cmd_option(c, "verify");
	struct operator_store *o = NULL;
	char pem[CRYPT_PEM];
	enum rc rc = operator_open(&at, STORE_READ, &o);

	if (rc == RC_END) {
		SAY0(M_NEVER_PURGED);
		return run_exit(RC_CONFIG);
	}
	if (rc == RC_OK && path != NULL)
		rc = print_certificate(c, o, path);
	if (rc == RC_OK && cmd_option(c, "public-key") != NULL) {
		certificate_pem(o, pem);
		(void)fputs(pem, stdout);
	}
	operator_close(o);
	return run_exit(rc);
}

/* --- the command --- */

static enum rc
tenants_check(const struct cmd *c, const struct plan *p)
{
	for (size_t i = 0; i < c->words_n; i++)
		if (plan_find(p, c->words[i]) == NULL) {
			SAY(M_TENANT, F_ORDER("text", c->words[i]));
			return RC_CONFIG;
		}
	return RC_OK;
}

/* What was left out makes it no whole account. */
static int
faulty(const struct cmd *c)
{
	if (c->cfg->faulty_n > 0)
		SAY(M_FAULTY_LEFT_OUT, F_INT("count", c->cfg->faulty_n));
	return log_exit();
}

static int
run_audit(struct cmd *c)
{
	struct plan *p = NULL;
	enum rc rc;

	if (c->words_n > 0 && (cmd_option(c, "rules") != NULL ||
	    cmd_option(c, "record") != NULL || asks_key(c)))
		return cmd_usage(c, "only what is stored is shown by tenant");
	if (cmd_option(c, "rules") != NULL)
		return print_rules(c);
	if (cmd_option(c, "record") != NULL) {
		record_print(c->cfg);
		return faulty(c);
	}
	if (asks_key(c))
		return run_key(c);
	rc = retain_plan(c->cfg, c->master, &p);
	rc = rc_worse(rc, tenants_check(c, p));
	print_rows(c, p);
	rc = rc_worse(rc, overdue(c, p));
	rc = rc_worse(rc, sweep_files_check(p));
	plan_free(p);
	return catalog_worse(run_exit(rc), faulty(c));
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
		{ "record", NULL, "print the record of processing" },
		{ "verify", "FILE", "whether this is a certificate of purge" },
		{ "public-key", NULL, "print the key that certificates are "
		    "signed with" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_audit,
};
