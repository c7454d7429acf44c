/*
 * authorize.c - gets a person's consent for OAuth, and the tokens for it.
 *
 * The person opens the address that is printed.  The browser comes back to
 * this machine (RFC 8252, 7.3), or what it came to is pasted here.  Nothing is
 * stored before there are tokens; then it is a rotation like any other.  It
 * must never take a code that was not asked for by this run.
 */
#include "authorize.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "hidden.h"
#include "landing.h"
#include "log.h"
#include "oauth.h"
#include "rotation.h"
#include "run.h"
#include "str.h"

#define LIMIT_MS 600000

struct consent {
	struct rotation r;
	struct connection *conn;
	int port, listen;
	char redirect[64];
	char state[OAUTH_RANDOM], verifier[OAUTH_RANDOM];
	char code[LANDING_VALUE];
};

/* What the vendor knows this program by: stored, or asked for now. */
static int
client(struct rotation *r)
{
	static const char *const names[] = { "client_id", "client_secret" };
	const struct secret_key *k = r->conn->connector->secrets;
	char line[SECRET_MAX + 128];
	int code = 0;

	for (size_t i = 0; i < COUNT(names) && code == 0; i++) {
		struct secret *s = vault_slot(&r->next, r->conn->connector,
		    names[i]);
		const char *old = vault_text(&r->old, names[i]);

		if (s->len == 0 && old != NULL) {
			if (secret_set(s, old, strlen(old)) != RC_OK)
				code = 70;
			continue;
		}
		while (!str_eq(k->name, names[i]))
			k++;
		if (s->len == 0 && isatty(STDIN_FILENO))
			code = rotation_prompt(r, k);
		else if (s->len == 0 &&
		    hidden_read(line, sizeof(line)) == RC_OK)
			code = rotation_line(r, line);
		if (code == 0 && s->len == 0)
			code = cmd_usage(r->c, "client_id and client_secret "
			    "are needed, in this order");
	}
	secret_zero(line, sizeof(line));
	return code;
}

static enum rc
refused(struct consent *k, const char *text)
{
	SAY(M_NO_CONSENT, F_WORD("connection", k->r.conn->name),
	    F_WORD("tenant", k->r.t->name), F_WORD("text", text));
	return RC_AUTH;
}

/* The query of the address that the browser came to. */
static enum rc
take_query(struct consent *k, const char *query)
{
	char state[LANDING_VALUE], error[LANDING_VALUE];

	landing_value(query, "state", state);
	if (strlen(state) != strlen(k->state) ||
	    !crypt_equal(state, k->state, strlen(state)))
		return refused(k, "the answer is to another request");
	landing_value(query, "error", error);
	if (error[0] != '\0')
		return refused(k, oauth_code(error) ? error : "an error");
	landing_value(query, "code", k->code);
	return k->code[0] != '\0' ? RC_OK : refused(k, "no code came");
}

/* What was pasted: an address, or the code alone. */
static enum rc
take_pasted(struct consent *k)
{
	char line[LANDING_LINE], *query;
	enum rc rc = hidden_read(line, sizeof(line));

	str_trim(line);
	query = strchr(line, '?');
	if (rc == RC_OK && line[0] == '\0')
		rc = RC_LATER;
	else if (rc == RC_OK && query != NULL)
		rc = take_query(k, query + 1);
	else if (rc == RC_REJECT || (rc == RC_OK &&
	    !str_copy(k->code, sizeof(k->code), line)))
		rc = refused(k, "what was pasted is too long");
	secret_zero(line, sizeof(line));
	return rc;
}

/* RC_LATER: the time is over. */
static enum rc
wait_for_code(struct consent *k)
{
	struct pollfd p[2] = { { .fd = k->listen, .events = POLLIN },
	    { .fd = STDIN_FILENO, .events = POLLIN } };
	int64_t end = clock_mono_ms() + LIMIT_MS, left;
	char query[LANDING_LINE];
	enum rc rc = RC_LATER;

	while (rc == RC_LATER && (left = end - clock_mono_ms()) > 0) {
		if (poll(p, 2, (int)left) <= 0)
			break;
		if (p[0].revents != 0 && landing_take(k->listen, query))
			rc = take_query(k, query);
		else if (p[1].revents != 0)
			rc = take_pasted(k);
		if (rc == RC_END) {	/* nobody types here: listen alone */
			p[1].fd = -1;
			rc = RC_LATER;
		}
	}
	secret_zero(query, sizeof(query));
	if (rc == RC_LATER)
		SAY(M_NO_ANSWER, F_WORD("connection", k->r.conn->name),
		    F_WORD("tenant", k->r.t->name));
	return rc;
}

static void
show(struct consent *k)
{
	struct buf url;

	buf_init(&url, 4 * SECRET_MAX);
	oauth_consent(k->conn, k->redirect, k->state, k->verifier, &url);
	(void)printf("Open this address in a browser, and give consent as the "
	    "tenant:\n\n%s\n\nIf the browser then can't reach this machine, "
	    "paste here the address it ends at,\nor the code it shows:\n",
	    url.data);
	(void)fflush(stdout);
	buf_free(&url);
}

static enum rc
exchange(struct consent *k)
{
	struct oauth_ask ask = { .grant_type = "authorization_code",
	    .code = k->code, .verifier = k->verifier,
	    .redirect_uri = k->redirect };
	const struct connector *c = k->r.conn->connector;
	struct oauth_tokens t = { .until_at = 0 };
	struct secret *access = vault_slot(&k->r.next, c, "token");
	struct secret *refresh = vault_slot(&k->r.next, c, "refresh_token");
	enum rc rc = oauth_token(k->conn, &ask, &t);

	if (rc == RC_AUTH ||
	    (rc == RC_UNSURE && k->conn->why_text[0] != '\0'))
		return refused(k, k->conn->why_text);
	if (rc != RC_OK) {
		conn_say(k->conn, rc);
		return rc;
	}
	if (t.refresh.text == NULL) {
		oauth_wipe(&t);
		return refused(k, "no refresh token came");
	}
	*access = t.access;
	*refresh = t.refresh;
	k->r.next.until[access - k->r.next.value] = t.until_at;
	return RC_OK;
}

static enum rc
consent(struct consent *k)
{
	enum rc rc = landing_open(k->port, &k->listen, &k->port);

	if (rc != RC_OK)
		return rc;
	(void)str_fmt(k->redirect, sizeof(k->redirect),
	    "http://127.0.0.1:%d" LANDING_PATH, k->port);
	oauth_random(k->state);
	oauth_random(k->verifier);
	rc = conn_make(k->r.c->cfg, k->r.t, k->r.conn, &k->r.next, &k->conn);
	if (rc != RC_OK)
		return rc;
	show(k);
	rc = wait_for_code(k);
	return rc == RC_OK ? exchange(k) : rc;
}

/* The port to listen on; 0: any. */
static int
port(struct consent *k)
{
	const char *text = cmd_option(k->r.c, "port");
	uint64_t n = 0;

	if (text != NULL && (str_u64(text, 65535, &n) != RC_OK || n < 1024))
		return cmd_usage(k->r.c, "a port is a number from 1024 to "
		    "65535");
	k->port = (int)n;
	return 0;
}

int
authorize_run(struct cmd *c)
{
	struct consent k = { .listen = -1 };
	int code = rotation_open(&k.r, c);

	if (code == 0 && (k.r.conn->connector->oauth == NULL ||
	    k.r.conn->connector->oauth->authorize == NULL))
		code = cmd_usage(c, "this connector has no OAuth consent");
	if (code == 0 && cmd_option(c, "dry-run") != NULL)
		code = cmd_usage(c, "consent can't be tried: not with "
		    "--dry-run");
	if (code == 0)
		code = port(&k);
	if (code == 0)
		code = client(&k.r);
	if (code == 0)
		code = run_exit(consent(&k));
	if (code == 0)
		code = rotation_finish(&k.r);
	conn_close(k.conn);
	if (k.listen >= 0)
		(void)close(k.listen);
	rotation_close(&k.r);
	secret_zero(&k, sizeof(k));
	return code;
}
