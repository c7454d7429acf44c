/*
 * signin.c - rotate-credentials --login: a key and a password for the
 * dashboard, new, replaced or removed.
 *
 * The key is shown once, when it is stored and was seen to fit.  It must never
 * write a password or an email address where it stays.
 */
#include "signin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "hidden.h"
#include "lock.h"
#include "log.h"
#include "login.h"
#include "run.h"
#include "str.h"

struct signin {
	struct cmd *c;
	struct operator_store *store;
	int lock;
	struct login_row row;
	char password[LOGIN_PASSWORD];
	char key[LOGIN_KEY + 1];
};

static bool
is_address(const char *email)
{
	const char *at = strchr(email, '@');

	if (at == NULL || at == email || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL || !str_utf8(email, strlen(email)))
		return false;
	for (; *email != '\0'; email++)
		if ((unsigned char)*email <= ' ' || *email == 0x7f)
			return false;
	return true;
}

static enum rc
open_store(struct signin *s, enum store_mode mode)
{
	struct store_place place = store_place_of(s->c->cfg, s->c->master,
	    NULL);
	enum rc rc = lock_operator(s->c->cfg, &s->lock);

	return rc == RC_OK ? operator_open(&place, mode, &s->store) : rc;
}

/* Deleting is erasing: no old row is left in a free page, and what is cut
 * short purge finishes. */
static enum rc
finish(struct signin *s)
{
	enum rc rc = operator_mark(s->store);

	if (rc != RC_OK) {
		operator_abort(s->store);
		return rc;
	}
	rc = operator_commit(s->store);
	return rc == RC_OK ? operator_reload(s->store) : rc;
}

static enum rc
forget(struct signin *s)
{
	const char *email = s->row.email;
	enum rc rc = open_store(s, STORE_WRITE);

	if (rc == RC_OK)
		rc = operator_login_get(s->store, email, &s->row);
	if (rc == RC_END) {
		SAY(M_LOGIN_ABSENT, F_ORDER("order", email));
		return RC_REJECT;
	}
	if (rc != RC_OK || cmd_option(s->c, "dry-run") != NULL)
		return rc;
	rc = operator_begin(s->store);
	if (rc != RC_OK)
		return rc;
	operator_login_del(s->store, email);
	rc = finish(s);
	if (rc == RC_OK)
		SAY0(M_LOGIN_GONE);
	return rc;
}

/* What went in must come out, before the key is shown and gone. */
static enum rc
prove(struct signin *s)
{
	struct login_row r;
	enum rc rc = operator_login_get(s->store, s->row.email, &r);

	if (rc != RC_OK)
		return rc;
	if (login_fits(s->store, &r, s->password, s->key))
		return RC_OK;
	SAY(M_INTERNAL, F_WORD("text", "a login that was stored does not fit"));
	return RC_FATAL;
}

static enum rc
set(struct signin *s)
{
	struct login_row old;
	enum rc rc = open_store(s, STORE_MAKE);

	if (rc == RC_OK)
		rc = operator_login_get(s->store, s->row.email, &old);
	if (rc == RC_OK && !str_eq(old.tenant, s->row.tenant)) {
		(void)cmd_usage(s->c, "this login is another tenant's, or the "
		    "operator's: name the same, or remove it first with "
		    "--forget");
		return RC_CONFIG;
	}
	if (rc != RC_OK && rc != RC_END)
		return rc;
	s->row.made_at = clock_now();
	login_key(s->key);
	login_make(s->store, s->password, s->key, &s->row);
	rc = operator_begin(s->store);
	if (rc != RC_OK)
		return rc;
	operator_login_put(s->store, &s->row);
	rc = finish(s);
	if (rc == RC_OK)
		rc = prove(s);
	if (rc != RC_OK)
		return rc;
	SAY0(M_LOGIN_SET);
	(void)printf("%s\n", s->key);
	return RC_OK;
}

/* Twice from a terminal, where nobody sees what is typed. */
static int
ask(struct signin *s)
{
	const char *weak = NULL;
	char again[LOGIN_PASSWORD];
	bool same = true;

	if (hidden_line("password", s->password, sizeof(s->password)) !=
	    RC_OK)
		return cmd_usage(s->c, "give a password, of one line of at "
		    "most 128 characters, on standard input");
	weak = login_weak(s->password, s->row.email);
	if (weak != NULL) {
		SAY(M_LOGIN_WEAK, F_WORD("text", weak));
		return 65;
	}
	if (isatty(STDIN_FILENO))
		same = hidden_line("once more", again, sizeof(again)) ==
		    RC_OK && str_eq(again, s->password);
	secret_zero(again, sizeof(again));
	return same ? 0 : cmd_usage(s->c, "the two are not the same");
}

static int
run(struct signin *s)
{
	struct cmd *c = s->c;
	const char *tenant = c->words_n > 0 ? c->words[0] : "";
	int code;

	if (c->words_n > 1)
		return cmd_usage(c, "--login takes one tenant, or none");
	if (!is_address(cmd_option(c, "login")) ||
	    !str_copy(s->row.email, sizeof(s->row.email),
	    cmd_option(c, "login")))
		return cmd_usage(c, "this is not an email address");
	if (c->words_n > 0 && cmd_tenant(c, tenant) == NULL)
		return 78;
	(void)str_copy(s->row.tenant, sizeof(s->row.tenant), tenant);
	if (cmd_option(c, "forget") != NULL)
		return run_exit(forget(s));
	code = ask(s);
	if (code != 0 || cmd_option(c, "dry-run") != NULL)
		return code;
	return run_exit(set(s));
}

int
signin_run(struct cmd *c)
{
	struct signin s = { .c = c, .lock = -1 };
	int code = run(&s);

	operator_close(s.store);
	if (s.lock >= 0)
		(void)close(s.lock);
	secret_zero(&s, sizeof(s));
	return code;
}
