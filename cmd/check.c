/*
 * check.c - salesync check: prove that everything a run needs is there and
 * fits together, and say what to do where it does not.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "conn.h"
#include "file.h"
#include "iban.h"
#include "ledger.h"
#include "log.h"
#include "operator.h"
#include "report.h"
#include "run.h"
#include "str.h"
#include "vatid.h"
#include "vatrate.h"

static const char *const columns[] = { "tenant", "connection", "check",
    "result", NULL };

struct check {
	struct cmd *c;
	struct report *report;
	const struct tenant *t;
	bool codes;			/* list the books' codes instead */
	enum rc worst;
};

static const char *const code_columns[] = { "tenant", "kind", "code", "rate",
    "active", "name", NULL };

static void
row(struct check *k, const char *connection, const char *what, enum rc rc)
{
	static const char *const words[] = {
		[RC_OK] = "ok", [RC_END] = "nothing there yet",
		[RC_REJECT] = "something to mend", [RC_UNSURE] = "no answer",
		[RC_LATER] = "out of reach", [RC_AUTH] = "refused",
		[RC_CONFIG] = "configuration", [RC_FATAL] = "broken",
	};

	if (!k->codes) {
		report_text(k->report, k->t != NULL ? k->t->name : NULL);
		report_text(k->report, connection);
		report_text(k->report, what);
		report_text(k->report, words[rc]);
	}
	if (rc != RC_END)
		k->worst = rc_worse(k->worst, rc);
}

/* One map of the tenant's rules, and which of its codes the books know. */
struct codes {
	const char *where;
	const struct config_pair *p;
	size_t n;
	bool *known;
};

/* The first is VAT, all others are accounts. */
struct known {
	struct codes list[5];
	bool lists[2];			/* OPTION_...: a journal lists none */
	bool wrong_rate;
};

/* A code under "NL 21" must be one of 21 %. */
static void
check_rate(struct known *n, const struct config_pair *p,
    const struct option *o)
{
	const char *blank = strchr(p->key, ' ');
	char text[200], theirs[MONEY_TEXT];
	int32_t rate;

	if (blank == NULL || o->rate_e4 < 0 ||
	    money_parse_rate(blank + 1, &rate) != RC_OK || rate == o->rate_e4)
		return;
	money_print_rate(theirs, o->rate_e4);
	(void)str_fmt(text, sizeof(text), "vat %s: %s (%s %% in the books)",
	    p->key, p->value, theirs);
	SAY(M_OPTION_RATE, F_WORD("text", text),
	    F_WORD("tenant", log_tenant()));
	n->wrong_rate = true;
}

static void
take_option(void *arg, const struct option *o)
{
	struct known *n = arg;
	bool vat = o->kind == OPTION_VAT;

	n->lists[o->kind] = true;
	for (size_t k = vat ? 0 : 1; k < (vat ? 1 : COUNT(n->list)); k++)
		for (size_t i = 0; i < n->list[k].n; i++) {
			const struct config_pair *p = &n->list[k].p[i];

			if (!str_eq(p->value, o->code) || !o->active)
				continue;
			n->list[k].known[i] = true;
			if (vat)
				check_rate(n, p, o);
		}
}

static enum rc
say_unknown(const struct check *k, const struct codes *c)
{
	enum rc rc = RC_OK;
	char text[200];

	for (size_t i = 0; i < c->n; i++) {
		if (c->known[i] || str_eq(c->p[i].value, LEDGER_IGNORE))
			continue;
		(void)str_fmt(text, sizeof(text), "%s %s: %s", c->where,
		    c->p[i].key, c->p[i].value);
		SAY(M_OPTION, F_WORD("text", text),
		    F_WORD("tenant", k->t->name));
		rc = RC_REJECT;
	}
	return rc;
}

static enum rc
check_options(struct check *k, struct connection *conn)
{
	const struct rules *r = &k->t->rules;
	struct known n = { .list = {
		{ .where = "vat", .p = r->vat, .n = r->vat_n },
		{ .where = "accounts", .p = r->accounts, .n = r->accounts_n },
		{ .where = "payments", .p = r->payments, .n = r->payments_n },
		{ .where = "articles", .p = r->articles, .n = r->articles_n },
		{ .where = "turnover", .p = r->turnover, .n = r->turnover_n },
	} };
	enum rc rc, one;
	bool ok;

	for (size_t i = 0; i < COUNT(n.list); i++)
		n.list[i].known = mem_alloc(n.list[i].n + 1);
	rc = conn->connector->books->options(conn, take_option, &n);
	ok = rc == RC_OK;
	if (!ok)
		conn_say(conn, rc);
	if (ok && n.wrong_rate)
		rc = RC_REJECT;
	for (size_t i = 0; i < COUNT(n.list); i++) {
		bool listed = n.lists[i == 0 ? OPTION_VAT : OPTION_ACCOUNT];

		one = ok && listed ?
		    say_unknown(k, &n.list[i]) : RC_OK;
		rc = rc_worse(rc, one);
		free(n.list[i].known);
	}
	return rc;
}

static void
list_code(void *arg, const struct option *o)
{
	struct check *k = arg;
	char rate[MONEY_TEXT];

	report_text(k->report, k->t->name);
	report_text(k->report, o->kind == OPTION_VAT ? "vat" : "account");
	report_text(k->report, o->code);
	money_print_rate(rate, o->rate_e4 >= 0 ? o->rate_e4 : 0);
	report_text(k->report, o->rate_e4 >= 0 ? rate : NULL);
	report_bool(k->report, o->active);
	report_text(k->report, o->name);
}

/* What may stand under rules: vat and accounts. */
static void
list_codes(struct check *k, struct connection *conn)
{
	enum rc rc = conn->connector->books->options(conn, list_code, k);

	if (rc != RC_OK)
		conn_say(conn, rc);
	k->worst = rc_worse(k->worst, rc);
}

static void
check_connection(struct check *k, struct store *s,
    const struct config_connection *conf)
{
	struct vault_set secrets = { .n = 0 };
	struct connection *conn = NULL;
	enum rc rc;

	log_about(k->t->name, conf->name);
	rc = vault_load(s, k->t->name, conf, &secrets);
	if (rc != RC_OK || conf->connector->secrets != NULL)
		row(k, conf->name, rc == RC_AUTH ? "secrets (not stored)" :
		    "secrets", rc);
	if (rc == RC_OK && cmd_option(k->c, "offline") == NULL) {
		rc = conn_open(k->c->cfg, k->t, conf, &secrets, &conn);
		row(k, conf->name, "connection", rc);
		if (rc == RC_OK && conf->connector->books != NULL && k->codes)
			list_codes(k, conn);
		else if (rc == RC_OK && conf->connector->books != NULL)
			row(k, conf->name, "VAT codes and accounts",
			    check_options(k, conn));
	}
	conn_close(conn);
	vault_wipe(&secrets);
	log_about(k->t->name, NULL);
}

/* What the operator's own invoices will bear. */
static enum rc
check_customer(const struct tenant *t)
{
	const struct customer *c = &t->customer;
	bool iban = c->iban == NULL || iban_ok(c->iban);
	bool vat = c->vat_number == NULL ||
	    vatid_ok(c->vat_number, c->country);

	if (!iban)
		SAY(M_CUSTOMER, F_WORD("file", t->file),
		    F_WORD("text", "iban"));
	if (!vat)
		SAY(M_CUSTOMER, F_WORD("file", t->file),
		    F_WORD("text", "vat_number"));
	return iban && vat ? RC_OK : RC_REJECT;
}

/* A rate that no country ever had is a slip of the pen. */
static enum rc
check_rates(const struct tenant *t)
{
	const struct rules *r = &t->rules;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r->vat_n; i++) {
		const char *key = r->vat[i].key;
		char country[3];
		int32_t rate;

		(void)str_copy_n(country, sizeof(country), key, 2);
		if (strlen(key) < 4 || key[2] != ' ' ||
		    money_parse_rate(key + 3, &rate) != RC_OK ||
		    vatrate_until(country, rate, "9999-12-31"))
			continue;
		SAY(M_VAT_NEVER, F_WORD("file", t->file),
		    F_INT("line", r->vat[i].line), F_WORD("key", key));
		rc = RC_REJECT;
	}
	return rc;
}

/* Before the store is open; what fails shows with the connection. */
static void
refresh(struct check *k)
{
	const struct tenant *t = k->t;
	enum rc rc = RC_OK;

	if (cmd_option(k->c, "offline") != NULL)
		return;
	for (size_t i = 0; i < t->sources_n; i++)
		rc = conn_refresh(k->c->cfg, k->c->master, t, &t->sources[i],
		    false);
	rc = conn_refresh(k->c->cfg, k->c->master, t, &t->books, false);
	(void)rc;
}

/* Whether a new data key was left half way. */
static enum rc
check_keys(const struct check *k)
{
	struct ring ring = { 0 };
	char keys[FILE_PATH];
	enum rc rc = file_path(keys, k->c->cfg->store, "keys");

	if (rc == RC_OK)
		rc = ring_open(keys, k->t->name, k->c->master, 0, &ring);
	if (rc == RC_OK && ring.old != NULL) {
		SAY(M_RESEAL_HALF, F_WORD("tenant", k->t->name));
		rc = RC_REJECT;
	}
	ring_close(&ring);
	return rc;
}

static void
check_tenant(struct check *k, const struct tenant *t)
{
	struct store_place place = store_place_of(k->c->cfg, k->c->master,
	    t->name);
	struct store *s = NULL;
	enum rc rc;

	k->t = t;
	log_about(t->name, NULL);
	refresh(k);
	rc = store_open(&place, STORE_READ, &s);
	row(k, NULL, "store", rc);
	row(k, NULL, "customer", check_customer(t));
	row(k, NULL, "VAT rates", check_rates(t));
	row(k, NULL, "sources", config_alike(k->c->cfg, t) ? RC_REJECT : RC_OK);
	if (rc == RC_OK)
		row(k, NULL, "keys", check_keys(k));
	for (size_t i = 0; i < t->sources_n && !k->codes; i++)
		check_connection(k, s, &t->sources[i]);
	check_connection(k, s, &t->books);
	store_close(s);
	log_about(NULL, NULL);
}

static void
check_files(struct check *k)
{
	const char *spec = k->c->cfg->master_key;
	char path[FILE_PATH];
	enum rc rc = RC_OK;

	row(k, NULL, "configuration", RC_OK);
	if (str_starts(spec, "file:")) {
		rc = file_under(path, k->c->cfg->dir,
		    spec + strlen("file:"));
		if (rc == RC_OK)
			rc = file_private_check(path);
	}
	if (rc == RC_OK && k->c->master->next != NULL) {
		SAY0(M_MASTER_HALF);
		rc = RC_CONFIG;
	}
	row(k, NULL, "master key", rc);
	rc = file_is_remote(k->c->cfg->store) ? RC_CONFIG : RC_OK;
	if (rc != RC_OK)
		SAY(M_STORE_REMOTE, F_WORD("file", k->c->cfg->store));
	row(k, NULL, "store folder", rc);
}

static void
check_own(struct check *k)
{
	struct store_place place = store_place_of(k->c->cfg, k->c->master,
	    NULL);
	struct operator_store *o = NULL;

	row(k, NULL, "operator's store",
	    operator_open(&place, STORE_READ, &o));
	operator_close(o);
}

static int
run_check(struct cmd *c)
{
	struct check k = { .c = c,
	    .codes = cmd_option(c, "codes") != NULL };

	if (k.codes && cmd_option(c, "offline") != NULL)
		return cmd_usage(c, "--codes asks the books: not --offline");
	k.report = report_new(cmd_option(c, "json") != NULL,
	    k.codes ? code_columns : columns);
	check_files(&k);
	check_own(&k);
	for (size_t i = 0; i < c->tenants_n; i++)
		check_tenant(&k, c->tenants[i]);
	report_end(k.report);
	return run_exit(k.worst);
}

const struct command check_command = {
	.name = "check",
	.summary = "Prove configuration, keys, connections, VAT codes and "
	    "accounts.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "offline", NULL, "contact nothing" },
		{ "codes", NULL, "list the books' VAT codes and accounts" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_check,
};
