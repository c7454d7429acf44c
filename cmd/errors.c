/*
 * errors.c - salesync errors: the refused and held sales, in words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
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

/* Where a row is, and what it is sorted by. */
struct place {
	char source[SALE_NAME], number[SALE_ID];
	struct sale_key key;
};

struct errors {
	const struct cmd *c;
	const char *tenant;
	enum language language;
	struct report *report;		/* of JSON; NULL: in words */
	struct place *places;
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

/* Whose words the detail is: the books' of a refusal, the shop's of a method
 * of payment; or the amount that is left over. */
static const char *
detail_name(enum msg why, enum language language)
{
	bool nl = language == LANGUAGE_NL;

	if (why == M_TOTAL)
		return nl ? "het verschil" : "the difference";
	if (why == M_PAYMENT_RULE)
		return nl ? "in de winkel" : "in the shop";
	return nl ? "in hun woorden" : "in their words";
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
		(void)printf("    %s: %s\n", detail_name(r->why,
		    e->language), detail);
	/* The sentence is English, for the log has the same. */
	if (e->language == LANGUAGE_NL)
		(void)printf("    %s\n", m->cause_nl);
	(void)printf("    %s\n", catalog_remedy(m, e->language));
	secret_zero(detail, sizeof(detail));
}

static void
print(const struct errors *e, const struct error_row *row)
{
	const struct message *m = catalog_get(row->why);
	char sentence[400];

	errors_sentence(sentence, sizeof(sentence), e->tenant, row);
	if (e->report == NULL) {
		print_words(e, row, sentence);
		return;
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
}

static enum rc
take(void *arg, const struct sale_key *k, const struct error_row *row)
{
	struct errors *e = arg;
	struct place *p;

	e->places = mem_grow(e->places, (e->n + 1) * sizeof(*p));
	p = &e->places[e->n++];
	p->key = *k;
	(void)str_copy(p->source, sizeof(p->source), row->source);
	(void)str_copy(p->number, sizeof(p->number), row->number);
	return RC_OK;
}

/* By source and number, 9 before 10. */
static int
by_number(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	size_t m = strlen(a->number), n = strlen(b->number);
	int cmp = strcmp(a->source, b->source);

	if (cmp == 0 && m != n)
		cmp = m < n ? -1 : 1;
	if (cmp == 0)
		cmp = strcmp(a->number, b->number);
	return cmp != 0 ? cmp : memcmp(&a->key, &b->key, sizeof(a->key));
}

/* In an order that people can look through; the store has none. */
static enum rc
print_all(struct errors *e, struct store *s)
{
	struct error_row row;
	enum rc rc = store_error_each(s, take, e);

	if (e->n > 0)
		qsort(e->places, e->n, sizeof(*e->places), by_number);
	for (size_t i = 0; i < e->n && rc == RC_OK; i++) {
		rc = store_error_get(s, &e->places[i].key, &row);
		if (rc == RC_OK)
			print(e, &row);
		else if (rc == RC_END)	/* gone meanwhile */
			rc = RC_OK;
	}
	secret_zero(&row, sizeof(row));
	free(e->places);
	e->places = NULL;
	e->n = 0;
	return rc;
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
	rc = print_all(e, s);
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
