/*
 * dedupe.c - salesync dedupe: hold shop, record and books against each other,
 * mend the record, or filter a stream by it.  It never books and never takes
 * anything out of the books.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "compare.h"
#include "filter.h"
#include "lock.h"
#include "log.h"
#include "refunded.h"
#include "report.h"
#include "run.h"
#include "store.h"
#include "str.h"
#include "takeback.h"
#include "tied.h"
#include "totals.h"

#define PERIOD_DAYS 31		/* compared when no period is given */

static const enum sale_kind kinds[] = { SALE_ORDER, SALE_RECEIPT, SALE_REFUND,
    SALE_SUMMARY };

static const char *const show_columns[] = { "tenant", "source", "kind", "id",
    "state", "excl", "incl", "reference", NULL };

struct dedupe {
	struct cmd *c;
	const struct tenant *t;
	struct store *store;
	char source[SALE_NAME], id[SALE_ID];
};

/* SOURCE:ID of --show and --forget. */
static int
split_name(struct dedupe *d, const char *text)
{
	const char *colon = strchr(text, ':');

	if (d->c->tenants_n != 1)
		return cmd_usage(d->c, "name one tenant");
	if (colon == NULL || colon == text || colon[1] == '\0' ||
	    !str_copy_n(d->source, sizeof(d->source), text,
	    (size_t)(colon - text)) ||
	    !str_copy(d->id, sizeof(d->id), colon + 1))
		return cmd_usage(d->c, "a sale is named SOURCE:ID");
	d->t = d->c->tenants[0];
	return cmd_connection(d->t, d->source) != NULL ? 0 : 78;
}

/* A row of the report, unless that is NULL. */
static void
show_row(const struct dedupe *d, struct report *r, enum sale_kind kind,
    const char *state, const struct record *amounts, const char *reference)
{
	char excl[MONEY_TEXT], incl[MONEY_TEXT];

	if (r == NULL)
		return;
	if (amounts != NULL) {
		money_print(excl, amounts->excl, 2);
		money_print(incl, amounts->incl, 2);
	}
	report_text(r, d->t->name);
	report_text(r, d->source);
	report_text(r, sale_kind_name(kind));
	report_text(r, d->id);
	report_text(r, state);
	report_text(r, amounts != NULL ? excl : NULL);
	report_text(r, amounts != NULL ? incl : NULL);
	report_text(r, reference);
}

static size_t
show_kind(struct dedupe *d, struct report *r, enum sale_kind kind)
{
	struct sale_key k;
	struct record rec;
	struct intent i;
	struct error_row e;
	size_t n = 0;

	store_sale_key(d->store, d->source, kind, d->id, 0, &k);
	if (store_refunded_get(d->store, &k, &rec) == RC_OK) {
		n++;
		show_row(d, r, kind, kind == SALE_REFUND ? "forgotten" :
		    "refunded", &rec, NULL);
	}
	if (store_sale_get(d->store, &k, &rec) == RC_OK) {
		n++;
		show_row(d, r, kind, "booked", &rec, NULL);
	}
	if (store_intent_get(d->store, &k, &i) == RC_OK) {
		n++;
		show_row(d, r, kind, i.held ? "held" : "intent", &i.amounts,
		    i.reference);
		secret_zero(&i, sizeof(i));
	}
	if (store_error_get(d->store, &k, &e) == RC_OK) {
		n++;
		show_row(d, r, kind, catalog_get(e.why)->code, NULL, NULL);
		secret_zero(&e, sizeof(e));
	}
	return n;
}

/* What corrected it: what stands of it now is in its own record. */
static void
forget_revisions(struct dedupe *d, enum sale_kind kind)
{
	struct takeback t = { .store = d->store };
	struct takeback_of of = { .kind = kind };
	struct sale_key k;
	unsigned last;

	(void)str_copy(of.source, sizeof(of.source), d->source);
	(void)str_copy(of.id, sizeof(of.id), d->id);
	last = takeback_revision(&t, &of, NULL) + 1;
	for (unsigned i = 1; i <= last; i++) {
		store_sale_key(d->store, d->source, kind, d->id, i, &k);
		store_sale_del(d->store, &k);
		store_intent_del(d->store, &k);
	}
}

/* What the store has of the sale, into a report (may be NULL); false, and
 * said, when it has nothing. */
static bool
show_all(struct dedupe *d, struct report *r)
{
	size_t found = 0;

	for (size_t i = 0; i < COUNT(kinds) && d->store != NULL; i++)
		found += show_kind(d, r, kinds[i]);
	if (found == 0)
		SAY(M_NOT_KNOWN, F_ORDER("order", d->id),
		    F_WORD("source", d->source));
	return found > 0;
}

static int
show(struct dedupe *d)
{
	struct report *r = report_new(cmd_option(d->c, "json") != NULL,
	    show_columns);

	(void)show_all(d, r);
	report_end(r);
	return 0;
}

/* The receipts of a summary of unknown outcome go with their day again. */
static enum rc
untie(struct dedupe *d, const struct sale_key *k)
{
	struct ties all = { .t = NULL };
	struct intent i;
	enum rc rc = store_intent_get(d->store, k, &i);

	if (rc == RC_OK)
		rc = tied_load(d->store, &all);
	if (rc == RC_OK)
		tied_settle(d->store, &all, i.reference, TIED_LOOSE);
	tied_free(&all);
	return rc == RC_END ? RC_OK : rc;
}

static int
forget(struct dedupe *d)
{
	enum rc rc;

	if (!show_all(d, NULL) || cmd_option(d->c, "dry-run") != NULL)
		return 0;
	rc = store_begin(d->store);
	for (size_t i = 0; rc == RC_OK && i < COUNT(kinds); i++) {
		struct sale_key k;

		store_sale_key(d->store, d->source, kinds[i], d->id, 0, &k);
		if (kinds[i] == SALE_REFUND)
			rc = refunded_drop(d->store, &k);
		else
			store_sale_del(d->store, &k);
		if (kinds[i] == SALE_SUMMARY && rc == RC_OK)
			rc = untie(d, &k);
		store_intent_del(d->store, &k);
		store_error_del(d->store, &k);
		forget_revisions(d, kinds[i]);
	}
	return run_exit(rc == RC_OK ? store_commit(d->store) : rc);
}

static int
one_sale(struct cmd *c, const char *name, int (*act)(struct dedupe *d))
{
	struct dedupe d = { .c = c };
	int lock = -1, code = split_name(&d, name);
	struct store_place place = store_place_of(c->cfg, c->master, NULL);
	enum rc rc;

	if (code != 0)
		return code;
	place.tenant = d.t->name;
	log_about(d.t->name, NULL);
	rc = act == forget ? lock_take(c->cfg, d.t->name, &lock) : RC_OK;
	if (rc == RC_OK)
		rc = store_open(&place, act == forget ? STORE_WRITE :
		    STORE_READ, &d.store);
	code = rc > RC_END ? run_exit(rc) : act(&d);
	store_close(d.store);
	if (lock >= 0)
		(void)close(lock);
	return code;
}

/* The period to compare: what was asked, else the last month. */
static int
period(const struct cmd *c, struct compare_job *job)
{
	struct day today = clock_day_of(clock_now(), c->cfg->zone);

	if (cmd_day(c, "since", false, &job->since_at) != RC_OK ||
	    cmd_day(c, "until", true, &job->until_at) != RC_OK)
		return 64;
	if (job->since_at == 0)
		job->since_at = clock_day_start(clock_day_add(today,
		    -PERIOD_DAYS), c->cfg->zone);
	if (job->until_at == 0)
		job->until_at = clock_day_start(clock_day_add(today, 1),
		    c->cfg->zone);
	return 0;
}

static int
compare_all(struct cmd *c)
{
	struct compare_job job = { .cfg = c->cfg, .master = c->master,
	    .source = cmd_option(c, "source"),
	    .totals = cmd_option(c, "totals") != NULL,
	    .repair = cmd_option(c, "repair") != NULL &&
	    cmd_option(c, "dry-run") == NULL };
	int code = period(c, &job);
	enum rc worst = RC_OK, rc;
	size_t found = 0;

	if (code != 0)
		return code;
	job.report = report_new(cmd_option(c, "json") != NULL,
	    job.totals ? totals_columns : compare_columns);
	for (size_t i = 0; i < c->tenants_n; i++) {
		job.tenant = c->tenants[i];
		log_about(job.tenant->name, NULL);
		rc = compare_tenant(&job, &found);
		worst = rc_worse(worst, rc);
	}
	log_about(NULL, NULL);
	report_end(job.report);
	code = run_exit(worst);
	return code == 0 && found > 0 ? 1 : code;
}

static int
run_dedupe(struct cmd *c)
{
	const char *name;

	if (cmd_option(c, "filter") != NULL && cmd_option(c, "repair") != NULL)
		return cmd_usage(c, "--filter changes nothing: not with "
		    "--repair");
	if (cmd_option(c, "filter") != NULL)
		return filter_stream(c);
	if ((name = cmd_option(c, "show")) != NULL)
		return one_sale(c, name, show);
	if ((name = cmd_option(c, "forget")) != NULL)
		return one_sale(c, name, forget);
	return compare_all(c);
}

const struct command dedupe_command = {
	.name = "dedupe",
	.summary = "Compare shop, record and books; mend the record.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "since", "DAY", "sales placed on this day or later; "
		    "31 days" },
		{ "until", "DAY", "sales placed on this day or earlier" },
		{ "source", "SOURCE", "this source alone" },
		{ "totals", NULL, "what each side comes to, by VAT, instead of "
		    "what differs" },
		{ "repair", NULL, "mend the record by the books" },
		{ "show", "SOURCE:ID", "what the record has of one sale" },
		{ "forget", "SOURCE:ID", "drop it, so that it is booked anew" },
		{ "filter", NULL, "a pipe that lets only unbooked sales "
		    "through" },
		{ "dry-run", NULL, "change nothing" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_dedupe,
};
