/*
 * subject.c - salesync subject: a debtor's rights.  Shows all that is kept
 * under an email address, or erases it everywhere.
 *
 * The address is found by its keyed hash, so that no tenant's debtors are
 * opened but the one that is asked for.  It must never reach the log.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog.h"
#include "clock.h"
#include "cmd.h"
#include "errors.h"
#include "file.h"
#include "hidden.h"
#include "lock.h"
#include "log.h"
#include "report.h"
#include "run.h"
#include "store.h"
#include "str.h"
#include "typed.h"

static const char *const access_columns[] = { "tenant", "what", "state",
    "source", "kind", "id", "number", "code", "first", "last", "contact",
    "email", "message", "detail", NULL };
static const char *const erase_columns[] = { "tenant", "rows", "erased",
    NULL };

struct subject {
	const struct cmd *c;
	bool erase, dry;
	struct debtor who;		/* the address alone */
	struct report *report;
	enum rc worst;
	size_t total;
	const char *tenant;		/* from here on: of one */
	struct debtor_key key;
	size_t found;
	bool marked;			/* old bytes are to go */
};

static void
take_debtor(struct subject *u, const struct debtor_row *row)
{
	u->found++;
	if (u->erase)
		return;
	report_text(u->report, u->tenant);
	report_text(u->report, "debtor");
	report_text(u->report, row->pending_at != 0 ? "being made" : "known");
	for (int i = 0; i < 5; i++)
		report_text(u->report, NULL);
	report_at(u->report, 0, u->c->cfg->zone);
	report_at(u->report, 0, u->c->cfg->zone);
	report_text(u->report, row->contact[0] != '\0' ? row->contact : NULL);
	report_text(u->report, row->email);
	report_text(u->report, NULL);
	report_text(u->report, NULL);
}

static enum rc
take_error(void *arg, const struct sale_key *k, const struct error_row *r)
{
	struct subject *u = arg;
	char sentence[400];

	(void)k;
	if (memcmp(&r->debtor, &u->key, sizeof(u->key)) != 0)
		return RC_OK;
	u->found++;
	if (u->erase)
		return RC_OK;
	errors_sentence(sentence, sizeof(sentence), u->tenant, r);
	report_text(u->report, u->tenant);
	report_text(u->report, "sale");
	report_text(u->report, r->held ? "held" : "refused");
	report_text(u->report, r->source);
	report_text(u->report, sale_kind_name(r->kind));
	report_text(u->report, r->id);
	report_text(u->report, r->number);
	report_text(u->report, catalog_get(r->why)->code);
	report_at(u->report, r->first_at, u->c->cfg->zone);
	report_at(u->report, r->last_at, u->c->cfg->zone);
	report_text(u->report, NULL);
	report_text(u->report, NULL);
	report_text(u->report, sentence);
	report_text(u->report, errors_detail(r));
	return RC_OK;
}

/* What one tenant's store has of the debtor. */
static enum rc
look(struct subject *u)
{
	struct store_place place = store_place_of(u->c->cfg, u->c->master,
	    u->tenant);
	struct store *s = NULL;
	struct debtor_row row;
	enum rc rc = store_open(&place, STORE_READ, &s);

	u->found = 0;
	u->marked = false;
	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	rc = store_debtor_key(s, "", &u->who, &u->key);
	if (rc == RC_OK)
		rc = store_debtor_get(s, &u->key, &row);
	if (rc == RC_OK) {
		take_debtor(u, &row);
		secret_zero(&row, sizeof(row));
	}
	if (rc <= RC_END)
		rc = store_error_each(s, take_error, u);
	u->marked = store_marked(s);
	store_close(s);
	return rc;
}

/* Under the tenant's lock, so that no run is making the debtor meanwhile.
 * Where nothing is left but old bytes, an earlier run was interrupted. */
static enum rc
erase(struct subject *u)
{
	struct store_place place = store_place_of(u->c->cfg, u->c->master,
	    u->tenant);
	struct store *s = NULL;
	struct day today = clock_day_of(clock_now(), u->c->cfg->zone);
	size_t n = 0;
	int lock = -1;
	enum rc rc = lock_any(u->c->cfg, u->tenant, &lock);

	if (rc == RC_OK)
		rc = store_open(&place, STORE_WRITE, &s);
	if (rc == RC_OK && u->found > 0)
		rc = store_debtor_erase(s, &u->key, today, &n);
	else if (rc == RC_OK)
		rc = store_reload(s);
	store_close(s);
	if (rc == RC_OK && u->found > 0)
		SAY(M_ERASED, F_INT("count", u->found));
	if (lock >= 0)
		(void)close(lock);
	return rc;
}

static enum rc
of_tenant(struct subject *u)
{
	enum rc rc = look(u);

	if (rc == RC_OK && u->erase && !u->dry && (u->found > 0 || u->marked))
		rc = erase(u);
	if (rc != RC_OK || !u->erase || u->found == 0)
		return rc;
	report_text(u->report, u->tenant);
	report_int(u->report, (int64_t)u->found);
	report_bool(u->report, !u->dry);
	return RC_OK;
}

static void
take_tenant(struct subject *u, const char *name)
{
	enum rc rc;

	u->tenant = name;
	u->found = 0;
	log_about(name, NULL);
	rc = of_tenant(u);
	u->worst = rc_worse(u->worst, rc);
	u->total += u->found;
	log_about(NULL, NULL);
}

/* Who has a store but no file: what is kept there is kept all the same. */
static enum rc
take_strays(struct subject *u)
{
	const struct config *cfg = u->c->cfg;
	struct file_info *list = NULL;
	char dir[FILE_PATH];
	size_t n = 0;
	enum rc rc = file_path(dir, cfg->store, "tenants");

	if (rc == RC_OK && access(dir, F_OK) == 0)
		rc = file_folders(dir, &list, &n);
	for (size_t i = 0; i < n; i++)
		if (typed_name_ok(list[i].name) &&
		    config_tenant(cfg, list[i].name) == NULL)
			take_tenant(u, list[i].name);
	free(list);
	return rc;
}

/* From standard input it does not stand in the list of processes. */
static int
read_address(struct subject *u, const char *value)
{
	char line[sizeof(u->who.email) + 2] = "";
	bool fits = true;

	if (str_eq(value, "-")) {
		fits = hidden_read(line, sizeof(line)) == RC_OK;
		value = line;
	}
	fits = str_copy(u->who.email, sizeof(u->who.email), value) && fits;
	str_trim(u->who.email);
	secret_zero(line, sizeof(line));
	if (!fits || u->who.email[0] == '\0')
		return cmd_usage(u->c, "give an email address");
	return 0;
}

static int
run_subject(struct cmd *c)
{
	const char *shown = cmd_option(c, "access");
	const char *gone = cmd_option(c, "erase");
	struct subject u = { .c = c, .erase = gone != NULL,
	    .dry = cmd_option(c, "dry-run") != NULL };
	int code;

	if ((shown == NULL) == (gone == NULL))
		return cmd_usage(c, "give either --access or --erase");
	if ((code = read_address(&u, u.erase ? gone : shown)) != 0)
		return code;
	u.report = report_new(cmd_option(c, "json") != NULL,
	    u.erase ? erase_columns : access_columns);
	for (size_t i = 0; i < c->tenants_n; i++)
		take_tenant(&u, c->tenants[i]->name);
	if (c->words_n == 0)
		u.worst = rc_worse(u.worst, take_strays(&u));
	report_end(u.report);
	secret_zero(&u.who, sizeof(u.who));
	if (u.worst == RC_OK && u.total == 0)
		SAY0(M_SUBJECT_NONE);
	return run_exit(u.worst);
}

const struct command subject_command = {
	.name = "subject",
	.summary = "Show or erase what is kept of a debtor.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "access", "EMAIL", "show it; - reads the address from "
		    "standard input" },
		{ "erase", "EMAIL", "erase it; - likewise" },
		{ "dry-run", NULL, "only show what would be erased" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_subject,
};
