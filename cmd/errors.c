/*
 * errors.c - salesync errors: the refused and held sales, in words.
 */
#include <stdio.h>

#include "catalog.h"
#include "cmd.h"
#include "errors.h"
#include "log.h"
#include "report.h"
#include "run.h"
#include "store.h"
#include "str.h"

static const char *const columns[] = { "tenant", "source", "kind", "id",
    "number", "code", "state", "times", "first", "last", "message", "remedy",
    "detail", NULL };

struct errors {
	const struct cmd *c;
	const char *tenant;
	enum language language;
	struct report *report;		/* of JSON; NULL: in words */
	size_t n;
};

void
errors_sentence(char *out, size_t size, const char *tenant,
    const struct error_row *r)
{
	log_format(out, size, r->why, (const struct field[]){
	    F_ORDER("order", r->number), F_WORD("text", r->text),
	    F_WORD("tenant", tenant) }, 3);
}

const char *
errors_detail(const struct error_row *r)
{
	if (r->debtor_text[0] != '\0')
		return r->debtor_text;
	return r->quoted ? "[gone]" : NULL;
}

static void
print_words(const struct errors *e, const struct error_row *r,
    const char *sentence)
{
	const struct message *m = catalog_get(r->why);
	char detail[sizeof(r->debtor_text)];

	(void)printf("%s/%s: %s [%s]\n", e->tenant, r->source, sentence,
	    m->code);
	(void)str_copy(detail, sizeof(detail), errors_detail(r));
	str_tame(detail);
	if (detail[0] != '\0')
		(void)printf("    %s: %s\n", e->language == LANGUAGE_NL ?
		    "in hun woorden" : "in their words", detail);
	(void)printf("    %s\n", catalog_remedy(m, e->language));
	secret_zero(detail, sizeof(detail));
}

static enum rc
take(void *arg, const struct sale_key *k, const struct error_row *row)
{
	struct errors *e = arg;
	const struct message *m = catalog_get(row->why);
	char sentence[400];

	(void)k;
	e->n++;
	errors_sentence(sentence, sizeof(sentence), e->tenant, row);
	if (e->report == NULL) {
		print_words(e, row, sentence);
		return RC_OK;
	}
	report_text(e->report, e->tenant);
	report_text(e->report, row->source);
	report_text(e->report, sale_kind_name(row->kind));
	report_text(e->report, row->id);
	report_text(e->report, row->number);
	report_text(e->report, m->code);
	report_text(e->report, row->held ? "held" : "refused");
	report_int(e->report, row->times);
	report_at(e->report, row->first_at, e->c->cfg->zone);
	report_at(e->report, row->last_at, e->c->cfg->zone);
	report_text(e->report, sentence);
	report_text(e->report, catalog_remedy(m, e->language));
	report_text(e->report, errors_detail(row));
	return RC_OK;
}

static enum rc
of_tenant(struct errors *e, const struct tenant *t)
{
	struct store_place place = store_place_of(e->c->cfg, e->c->master,
	    t->name);
	struct store *s = NULL;
	enum rc rc = store_open(&place, STORE_READ, &s);

	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	e->tenant = t->name;
	e->language = config_language(e->c->cfg, t);
	rc = store_error_each(s, take, e);
	store_close(s);
	return rc;
}

static int
run_errors(struct cmd *c)
{
	struct errors e = { .c = c };
	enum rc worst = RC_OK, rc;

	if (cmd_option(c, "json") != NULL)
		e.report = report_new(true, columns);
	for (size_t i = 0; i < c->tenants_n; i++) {
		rc = of_tenant(&e, c->tenants[i]);
		worst = rc_worse(worst, rc);
	}
	if (e.report != NULL)
		report_end(e.report);
	return run_exit(worst);
}

const struct command errors_command = {
	.name = "errors",
	.summary = "Print the refused and held sales, in words.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = { { "json", NULL, "as JSON" } },
	.run = run_errors,
};
