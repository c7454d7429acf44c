/*
 * rotate.c - salesync rotate-credentials: set or replace a connection's
 * secrets, proven before the old ones go; or, by rekey.c, the master key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "conn.h"
#include "lock.h"
#include "log.h"
#include "rekey.h"
#include "run.h"
#include "signin.h"
#include "str.h"

struct rotation {
	struct cmd *c;
	const struct tenant *t;
	const struct config_connection *conn;
	struct store *store;
	struct vault_set old, next;
	size_t given;
};

/* The slot of a secret in the set, by the connector's table; NULL. */
static struct secret *
slot(struct vault_set *v, const struct connector *k, const char *name)
{
	size_t i = 0;

	for (; k->secrets != NULL && k->secrets[i].name != NULL; i++) {
		if (!str_eq(k->secrets[i].name, name))
			continue;
		v->name[i] = k->secrets[i].name;
		if (v->n <= i)
			v->n = i + 1;
		return &v->value[i];
	}
	return NULL;
}

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
	struct secret *s = slot(&r->next, r->conn->connector, name);
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

static char *
read_line(char *line, size_t size)
{
	char *end;

	if (fgets(line, (int)size, stdin) == NULL)
		return NULL;
	end = strpbrk(line, "\r\n");
	if (end != NULL)
		*end = '\0';
	return line;
}

/* name=value lines; the value is taken as it is, behind the first =. */
static int
read_lines(struct rotation *r)
{
	char line[SECRET_MAX + 128];
	int code = 0;

	while (code == 0 && read_line(line, sizeof(line)) != NULL) {
		char *eq = strchr(line, '=');

		if (line[0] == '\0')
			continue;
		if (eq == NULL) {
			code = cmd_usage(r->c, "standard input takes lines of "
			    "name=value");
			break;
		}
		*eq = '\0';
		str_trim(line);
		code = set_one(r, line, eq + 1);
	}
	secret_zero(line, sizeof(line));
	return code;
}

static int
prompt(struct rotation *r)
{
	const struct secret_key *k = r->conn->connector->secrets;
	struct termios shown, hidden;
	char line[SECRET_MAX + 2];
	int code = 0;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return 70;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	for (; code == 0 && k != NULL && k->name != NULL; k++) {
		(void)fprintf(stderr, "%s of %s (%s)%s: ", k->name,
		    r->conn->name, k->help,
		    k->required ? "" : ", empty for none");
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
		if (read_line(line, sizeof(line)) == NULL)
			line[0] = '\0';
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		(void)fputc('\n', stderr);
		if (line[0] != '\0')
			code = set_one(r, k->name, line);
	}
	secret_zero(line, sizeof(line));
	return code;
}

/* What was not given stays as it is. */
static int
fill_from_old(struct rotation *r)
{
	const struct secret_key *k = r->conn->connector->secrets;
	char text[200];

	for (size_t i = 0; k[i].name != NULL; i++) {
		struct secret *s = slot(&r->next, r->conn->connector,
		    k[i].name);
		const struct secret *was = i < r->old.n ? &r->old.value[i] :
		    NULL;

		if (s->len == 0 && was != NULL && was->len > 0 &&
		    secret_set(s, was->text, was->len) != RC_OK)
			return 70;
		if (s->len > 0 || !k[i].required)
			continue;
		(void)str_fmt(text, sizeof(text), "%s is missing: give a line "
		    "%s=... on standard input", k[i].name, k[i].name);
		return cmd_usage(r->c, text);
	}
	return 0;
}

static enum rc
prove(struct rotation *r)
{
	struct connection *conn = NULL;
	enum rc rc;

	if (cmd_option(r->c, "unproven") != NULL)
		return RC_OK;
	rc = conn_open(r->c->cfg, r->t, r->conn, &r->next, &conn);
	conn_close(conn);
	return rc;
}

static enum rc
keep(struct rotation *r)
{
	enum rc rc = store_begin(r->store);

	if (rc != RC_OK)
		return rc;
	vault_store(r->store, r->conn, &r->next, clock_now());
	rc = store_commit(r->store);
	if (rc == RC_OK)
		SAY(M_PROVEN, F_WORD("connection", r->conn->name),
		    F_WORD("tenant", r->t->name));
	return rc;
}

static int
rotate(struct rotation *r)
{
	struct store_place place = { .dir = r->c->cfg->store,
	    .witness = r->c->cfg->logs,
	    .tenant = r->t->name, .master = r->c->master };
	int code;
	enum rc rc = store_open(&place, STORE_MAKE, &r->store);

	if (rc == RC_OK)
		rc = vault_peek(r->store, r->conn, &r->old);
	if (rc != RC_OK)
		return run_exit(rc);
	code = isatty(STDIN_FILENO) ? prompt(r) : read_lines(r);
	if (code == 0 && r->given == 0)
		code = cmd_usage(r->c, "no secret was given");
	if (code == 0)
		code = fill_from_old(r);
	if (code != 0)
		return code;
	rc = prove(r);
	if (rc == RC_OK && cmd_option(r->c, "dry-run") == NULL)
		rc = keep(r);
	return run_exit(rc);
}

static int
one_connection(struct cmd *c)
{
	struct rotation r = { .c = c };
	int lock = -1, code;

	if (c->words_n != 2)
		return cmd_usage(c, "name a tenant and one of its sources, "
		    "or books");
	if ((r.t = config_tenant(c->cfg, c->words[0])) == NULL) {
		SAY(M_TENANT, F_WORD("text", c->words[0]));
		return 78;
	}
	log_about(r.t->name, NULL);
	if ((r.conn = config_connection(r.t, c->words[1])) == NULL) {
		SAY(M_SOURCE, F_WORD("tenant", r.t->name),
		    F_WORD("text", c->words[1]));
		return 78;
	}
	if (r.conn->connector->secrets == NULL)
		return cmd_usage(c, "this connector takes no secrets");
	code = run_exit(lock_take(c->cfg, r.t->name, &lock));
	if (code == 0)
		code = rotate(&r);
	vault_wipe(&r.old);
	vault_wipe(&r.next);
	store_close(r.store);
	if (lock >= 0)
		(void)close(lock);
	return code;
}

static int
run_rotate(struct cmd *c)
{
	if (cmd_option(c, "master-key") != NULL)
		return rekey_master(c);
	if (cmd_option(c, "tenant-key") != NULL)
		return rekey_tenants(c);
	if (cmd_option(c, "login") != NULL)
		return signin_run(c);
	return one_connection(c);
}

const struct command rotate_command = {
	.name = "rotate-credentials",
	.summary = "Set or replace a connection's secrets, proven first.",
	.words = "TENANT CONNECTION",
	.takes = TAKES_WORDS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "unproven", NULL, "store without asking the remote" },
		{ "master-key", NULL, "make a new master key and wrap all "
		    "keys anew" },
		{ "tenant-key", NULL, "make a new data key and seal all "
		    "values of the tenants anew" },
		{ "to", "PLACE", "with --master-key: the new one is there" },
		{ "login", "EMAIL", "make a key and take a password for the "
		    "dashboard" },
		{ "forget", NULL, "with --login: remove them" },
		{ "dry-run", NULL, "prove, store nothing" },
	},
	.run = run_rotate,
};
