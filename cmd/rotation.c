/*
 * rotation.c - new secrets for one connection, proven before the old ones go.
 *
 * It must never leave a connection without a working secret: those in use are
 * replaced in one transaction, by proven ones.
 */
#include "rotation.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "hidden.h"
#include "lock.h"
#include "log.h"
#include "run.h"
#include "str.h"

/* --- input --- */

/* No vendor gives out others, and a slip in copying makes them. */
static bool
printable(const char *value)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return false;
	return value[0] != ' ' && value[n - 1] != ' ';
}

static int
set_one(struct rotation *r, const char *name, const char *value)
{
	struct secret *s = vault_slot(&r->next, r->conn->connector, name);
	char text[200];

	if (s == NULL) {
		(void)str_fmt(text, sizeof(text), "connector %s has no secret "
		    "of that name; see salesync connectors %s",
		    r->conn->connector->name, r->conn->connector->name);
		return cmd_usage(r->c, text);
	}
	if (s->len > 0)
		return cmd_usage(r->c, "a secret is given twice");
	if (value[0] == '\0')
		return cmd_usage(r->c, "a secret is empty");
	if (!printable(value))
		return cmd_usage(r->c, "a secret holds a control byte, or "
		    "begins or ends with a blank");
	if (secret_set(s, value, strlen(value)) != RC_OK)
		return cmd_usage(r->c, "a secret is too long");
	r->given++;
	return 0;
}

/* The value is taken as it is, behind the first =. */
int
rotation_line(struct rotation *r, char *line)
{
	char *eq = strchr(line, '=');

	if (eq == NULL)
		return cmd_usage(r->c, "standard input takes lines of "
		    "name=value");
	*eq = '\0';
	str_trim(line);
	return set_one(r, line, eq + 1);
}

int
rotation_prompt(struct rotation *r, const struct secret_key *k)
{
	char ask[300], line[SECRET_MAX + 2];
	int code = 0;

	(void)str_fmt(ask, sizeof(ask), "%s of %s (%s)%s", k->name,
	    r->conn->name, k->help, k->required &&
	    r->conn->connector->oauth == NULL ? "" : ", empty for none");
	if (hidden_line(ask, line, sizeof(line)) != RC_OK)
		code = cmd_usage(r->c, "a secret is too long, or the input "
		    "ended");
	else if (line[0] != '\0')
		code = set_one(r, k->name, line);
	secret_zero(line, sizeof(line));
	return code;
}

static int
read_all(struct rotation *r)
{
	const struct secret_key *k = r->conn->connector->secrets;
	char line[SECRET_MAX + 128];
	enum rc rc = RC_OK;
	int code = 0;

	if (isatty(STDIN_FILENO)) {
		for (; code == 0 && k->name != NULL; k++)
			code = rotation_prompt(r, k);
		return code;
	}
	while (code == 0 &&
	    (rc = hidden_read(line, sizeof(line))) == RC_OK)
		if (line[0] != '\0')
			code = rotation_line(r, line);
	if (rc == RC_REJECT)
		code = cmd_usage(r->c, "a line is too long, or holds a NUL");
	secret_zero(line, sizeof(line));
	return code;
}

/* --- what is given, and what stays --- */

static bool
group_given(const struct rotation *r, int group)
{
	const struct secret_key *k = r->conn->connector->secrets;

	for (; k->name != NULL; k++)
		if (k->group == group && vault_text(&r->next, k->name) != NULL)
			return true;
	return false;
}

/* What was not given stays as it is, but what only goes with others that were
 * not given either. */
static int
fill_from_old(struct rotation *r)
{
	const struct secret_key *k = r->conn->connector->secrets;
	const char *name;
	char text[200];

	for (size_t i = 0; k[i].name != NULL && i < r->old.n; i++) {
		const struct secret *was = &r->old.value[i];

		if (was->len == 0 || vault_text(&r->next, k[i].name) != NULL ||
		    !group_given(r, k[i].group))
			continue;
		if (secret_set(vault_slot(&r->next, r->conn->connector,
		    k[i].name), was->text, was->len) != RC_OK)
			return 70;
		r->next.at[i] = r->old.at[i];
	}
	name = vault_missing(&r->next, r->conn->connector, 0);
	if (name == NULL)
		return 0;
	(void)str_fmt(text, sizeof(text), "%s is missing: give a line "
	    "%s=... on standard input", name, name);
	return cmd_usage(r->c, text);
}

/* The previous ones; 64, said, when there are none. */
static int
take_back(struct rotation *r)
{
	enum rc rc = vault_peek(r->store, SAFE_PREVIOUS, r->conn, &r->next);

	if (rc != RC_OK)
		return run_exit(rc);
	if (vault_empty(&r->next))
		return cmd_usage(r->c, "there are no previous secrets: they "
		    "stay for a day");
	return 0;
}

/* Given ones, or, without any, those that a run which was cut short left. */
static int
choose(struct rotation *r)
{
	int code;

	if (cmd_option(r->c, "back") != NULL)
		return take_back(r);
	code = read_all(r);
	if (code != 0)
		return code;
	if (r->given > 0)
		return fill_from_old(r);
	vault_wipe(&r->next);
	code = run_exit(vault_peek(r->store, SAFE_CANDIDATE, r->conn,
	    &r->next));
	if (code == 0 && vault_empty(&r->next))
		code = cmd_usage(r->c, "no secret was given");
	return code;
}

/* --- the steps --- */

static enum rc
prove(struct rotation *r, bool stored)
{
	struct renew_place place = { .cfg = r->c->cfg, .store = r->store,
	    .slot = SAFE_CANDIDATE };
	struct connection *c = NULL;
	enum rc rc;

	if (cmd_option(r->c, "unproven") != NULL)
		return RC_OK;
	rc = conn_make(r->c->cfg, r->t, r->conn, &r->next, &c);
	if (rc != RC_OK)
		return rc;
	if (stored)
		conn_renews(c, &place);
	rc = conn_start(c, 0);
	conn_close(c);
	return rc;
}

static enum rc
keep_candidate(struct rotation *r, const struct vault_set *v)
{
	enum rc rc = store_begin(r->store);

	if (rc != RC_OK)
		return rc;
	vault_store(r->store, SAFE_CANDIDATE, r->conn, v, clock_now());
	return store_commit(r->store);
}

static enum rc
swap(struct rotation *r)
{
	enum rc rc = store_begin(r->store);

	if (rc != RC_OK)
		return rc;
	rc = vault_swap(r->store, r->conn, clock_now());
	if (rc != RC_OK) {
		store_abort(r->store);
		return rc;
	}
	rc = store_commit(r->store);
	if (rc == RC_OK)
		SAY(M_PROVEN, F_WORD("connection", r->conn->name),
		    F_WORD("tenant", r->t->name));
	return rc;
}

static int
dry_run(struct rotation *r)
{
	if (renew_can(r->conn->connector, &r->next) &&
	    vault_text(&r->next, "token") == NULL)
		return cmd_usage(r->c, "a refresh token can't be proven "
		    "without using it: not with --dry-run");
	return run_exit(prove(r, false));
}

int
rotation_finish(struct rotation *r)
{
	const struct vault_set none = { .n = 0 };
	enum rc rc, end;

	if (cmd_option(r->c, "dry-run") != NULL)
		return dry_run(r);
	rc = keep_candidate(r, &r->next);
	if (rc == RC_OK)
		rc = prove(r, true);
	if (rc == RC_OK) {
		rc = swap(r);
	} else if (rc == RC_LATER || rc == RC_UNSURE) {
		/* Not refused, and a token may have been spent on them. */
		SAY(M_CANDIDATE, F_WORD("connection", r->conn->name),
		    F_WORD("tenant", r->t->name));
	} else if (rc != RC_FATAL) {
		end = keep_candidate(r, &none);
		rc = rc_worse(rc, end);
	}
	return run_exit(rc);
}

/* --- the connection --- */

static int
find(struct rotation *r)
{
	struct cmd *c = r->c;

	if (c->words_n != 2)
		return cmd_usage(c, "name a tenant and one of its sources, "
		    "or books");
	if ((r->t = cmd_tenant(c, c->words[0])) == NULL)
		return 78;
	log_about(r->t->name, NULL);
	if ((r->conn = cmd_connection(r->t, c->words[1])) == NULL)
		return 78;
	if (r->conn->connector->secrets == NULL)
		return cmd_usage(c, "this connector takes no secrets");
	return 0;
}

int
rotation_open(struct rotation *r, struct cmd *c)
{
	struct store_place place = store_place_of(c->cfg, c->master, NULL);
	bool dry = cmd_option(c, "dry-run") != NULL;
	size_t n = 0;
	int code;
	enum rc rc;

	*r = (struct rotation){ .c = c, .lock = -1 };
	code = find(r);
	if (code != 0)
		return code;
	place.tenant = r->t->name;
	rc = lock_take(c->cfg, r->t->name, &r->lock);
	if (rc == RC_OK)
		rc = store_open(&place, dry ? STORE_READ : STORE_MAKE,
		    &r->store);
	if (rc == RC_OK && !dry)
		rc = vault_fade(r->store, clock_now(), &n);
	if (rc == RC_OK || rc == RC_END)
		rc = vault_peek(r->store, SAFE_CURRENT, r->conn, &r->old);
	return run_exit(rc);
}

void
rotation_close(struct rotation *r)
{
	vault_wipe(&r->old);
	vault_wipe(&r->next);
	store_close(r->store);
	if (r->lock >= 0)
		(void)close(r->lock);
}

int
rotation_run(struct cmd *c)
{
	struct rotation r;
	int code = rotation_open(&r, c);

	if (code == 0)
		code = choose(&r);
	if (code == 0)
		code = rotation_finish(&r);
	rotation_close(&r);
	return code;
}
