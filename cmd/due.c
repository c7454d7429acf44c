/*
 * due.c - which secrets are due: OAuth tokens to renew, and old ones to list.
 *
 * It lists names and days, and must never print a secret.
 */
#include "due.h"

#include "clock.h"
#include "conn.h"
#include "log.h"
#include "report.h"
#include "run.h"
#include "store.h"
#include "str.h"

struct due {
	struct cmd *c;
	struct report *report;		/* NULL: no list */
	int64_t before;			/* stored before it: too old */
	bool refresh;
	size_t old, done;
	enum rc worst;
};

static const char *const columns[] = { "tenant", "connection", "secret",
    "since", "to_do", NULL };

static void
list_one(struct due *d, const struct tenant *t,
    const struct config_connection *conn, const struct vault_set *v, size_t i)
{
	bool consent = str_eq(v->name[i], "refresh_token");
	char text[200];

	(void)str_fmt(text, sizeof(text), "salesync rotate-credentials %s%s "
	    "%s", consent ? "--authorize " : "", t->name, conn->name);
	report_text(d->report, t->name);
	report_text(d->report, conn->name);
	report_text(d->report, v->name[i]);
	report_at(d->report, v->at[i], d->c->cfg->zone);
	report_text(d->report, text);
	d->old++;
}

static enum rc
read_set(struct due *d, const struct tenant *t,
    const struct config_connection *conn, struct vault_set *v)
{
	struct store_place place = store_place_of(d->c->cfg, d->c->master,
	    t->name);
	struct store *s = NULL;
	enum rc rc = store_open(&place, STORE_READ, &s);

	if (rc == RC_OK)
		rc = vault_peek(s, SAFE_CURRENT, conn, v);
	store_close(s);
	return rc;
}

static enum rc
refresh(struct due *d, const struct tenant *t,
    const struct config_connection *conn)
{
	enum rc rc = conn_refresh(d->c->cfg, d->c->master, t, conn, true);

	d->done += rc == RC_OK;
	return rc;
}

/* An access token that is renewed by itself is not a person's work, and a
 * refresh token need not be. */
static enum rc
list(struct due *d, const struct tenant *t,
    const struct config_connection *conn)
{
	struct vault_set v = { .n = 0 };
	enum rc rc = read_set(d, t, conn, &v), one;
	bool renewed = renew_can(conn->connector, &v);

	for (size_t i = 0; i < v.n; i++) {
		if (v.at[i] == 0 || v.at[i] >= d->before ||
		    (renewed && str_eq(v.name[i], "token")))
			continue;
		one = RC_END;
		if (d->refresh && str_eq(v.name[i], "refresh_token"))
			one = refresh(d, t, conn);
		if (one != RC_OK)
			list_one(d, t, conn, &v, i);
		rc = rc_worse(rc, one);
	}
	vault_wipe(&v);
	return rc;
}

static void
take(struct due *d, const struct tenant *t,
    const struct config_connection *conn)
{
	enum rc rc;

	if (conn->connector->secrets == NULL)
		return;
	log_about(t->name, NULL);
	rc = d->report != NULL ? list(d, t, conn) : refresh(d, t, conn);
	d->worst = rc_worse(d->worst, rc);
	log_about(NULL, NULL);
}

/* All tenants, one, or one connection of one; 0, or an exit code, said. */
static int
take_named(struct due *d)
{
	struct cmd *c = d->c;
	const struct config_connection *only = NULL;
	const struct tenant *t = NULL;

	if (c->words_n > 0 && (t = cmd_tenant(c, c->words[0])) == NULL)
		return 78;
	if (c->words_n > 1 &&
	    (only = cmd_connection(t, c->words[1])) == NULL)
		return 78;
	for (size_t i = 0; i < c->cfg->tenants_n; i++) {
		const struct tenant *one = &c->cfg->tenants[i];

		if (t != NULL && t != one)
			continue;
		for (size_t k = 0; k < one->sources_n; k++)
			if (only == NULL || only == &one->sources[k])
				take(d, one, &one->sources[k]);
		if (only == NULL || only == &one->books)
			take(d, one, &one->books);
	}
	return 0;
}

int
due_run(struct cmd *c)
{
	const char *age = cmd_option(c, "older-than");
	struct due d = { .c = c, .refresh = cmd_option(c, "refresh") != NULL };
	int64_t age_s = 0;
	int code;

	if (c->words_n > 2)
		return cmd_usage(c, "name a tenant and one of its sources, "
		    "or books");
	if (age != NULL && clock_parse_duration(age, &age_s) != RC_OK)
		return cmd_usage(c, "an age is written 90d");
	if (d.refresh && cmd_option(c, "dry-run") != NULL)
		return cmd_usage(c, "--refresh can't be tried: not with "
		    "--dry-run");
	d.before = clock_now() - age_s;
	if (age != NULL)
		d.report = report_new(cmd_option(c, "json") != NULL, columns);
	code = take_named(&d);
	if (d.report != NULL)
		report_end(d.report);
	if (code != 0)
		return code;
	if (age == NULL && c->words_n == 2 && d.done == 0 &&
	    d.worst <= RC_END)
		return cmd_usage(c, "this connection has no refresh token");
	code = run_exit(d.worst);
	return code == 0 && d.old > 0 ? 1 : code;
}
