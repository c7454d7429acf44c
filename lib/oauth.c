/*
 * oauth.c - asks a vendor for tokens, and sorts what comes back.
 *
 * A refresh token may work once only, so what was asked is on the wire once,
 * and a token is taken from any answer that holds one, whatever its status.
 * It must never say or keep a token, and never store one: renew.c does.
 */
#include "oauth.h"

#include <string.h>

#include "clock.h"
#include "connector.h"
#include "crypt.h"
#include "log.h"
#include "str.h"
#include "url.h"

#define FORM_MAX (10 * SECRET_MAX)	/* three secrets, all escaped, and more */
#define LONGEST_S (366 * 86400)		/* no token is taken to last longer */

/* RFC 4648 5, without padding. */
static void
base64url(const uint8_t in[CRYPT_HASH], char out[OAUTH_RANDOM])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	size_t have = 0, n = 0;

	for (size_t i = 0; i < CRYPT_HASH; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			out[n++] = digits[bits >> (have - 6) & 63];
	}
	out[n++] = digits[bits << (6 - have) & 63];
	out[n] = '\0';
}

void
oauth_random(char out[OAUTH_RANDOM])
{
	uint8_t bytes[CRYPT_HASH];

	crypt_random(bytes, sizeof(bytes));
	base64url(bytes, out);
	secret_zero(bytes, sizeof(bytes));
}

static void
member(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (b->len > 0 && b->data[b->len - 1] != '?')
		buf_putc(b, '&');
	buf_puts(b, name);
	buf_putc(b, '=');
	url_escape(b, value);
}

/* A path stands on the host of the setting url. */
static void
address(const struct connection *c, const char *at, struct buf *out)
{
	char host[URL_HOST];

	buf_clear(out);
	if (at[0] == '/' && url_check(connector_setting(c, "url"), host))
		buf_fmt(out, "https://%s", host);
	buf_puts(out, at);
}

void
oauth_consent(const struct connection *c, const char *redirect_uri,
    const char *state, const char *verifier, struct buf *out)
{
	const struct oauth *o = c->connector->oauth;
	uint8_t hash[CRYPT_HASH];
	char challenge[OAUTH_RANDOM];

	crypt_sha256(verifier, strlen(verifier), hash);
	base64url(hash, challenge);
	address(c, o->authorize, out);
	buf_putc(out, '?');
	member(out, "response_type", "code");
	member(out, "client_id", connector_secret(c, "client_id"));
	member(out, "redirect_uri", redirect_uri);
	member(out, "scope", o->scope);
	member(out, "state", state);
	member(out, "code_challenge", challenge);
	member(out, "code_challenge_method", "S256");
}

/* --- the answer --- */

/* Whatever the status: a token that was given out is the one that works. */
static enum rc
take(const struct json *v, struct oauth_tokens *out)
{
	const char *access = json_str(v, "access_token");
	const char *refresh = json_str(v, "refresh_token");
	struct oauth_tokens t = { .until_at = 0 };
	uint64_t seconds;

	if (access[0] == '\0')
		return RC_END;
	if (secret_set(&t.access, access, strlen(access)) != RC_OK ||
	    secret_set(&t.refresh, refresh, strlen(refresh)) != RC_OK) {
		oauth_wipe(&t);
		return RC_END;
	}
	if (str_u64(json_str(v, "expires_in"), LONGEST_S, &seconds) == RC_OK)
		t.until_at = clock_now() + (int64_t)seconds;
	*out = t;
	return RC_OK;
}

bool
oauth_code(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	return n > 0 && n < 64 && text[n] == '\0' && strchr(text, '_') != NULL;
}

/* Refused for good, in RFC 6749's own form; all else may pass. */
static bool
is_refusal(long status, const char *code)
{
	return (status == 400 || status == 401 || status == 403) &&
	    oauth_code(code) && !str_eq(code, "server_error") &&
	    !str_eq(code, "temporarily_unavailable");
}

static enum rc
sort_out(struct connection *c, enum rc rc, const struct http_answer *a,
    struct oauth_tokens *out)
{
	const struct json *v = NULL;
	const char *code;

	if (a->status != 0 && json_parse(c->json, a->body, a->body_len,
	    &v) == RC_OK && take(v, out) == RC_OK)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	if (a->status / 100 == 2)
		return connector_fail(c, RC_UNSURE, M_NONE, "no token came");
	code = json_str(v, "error");
	if (is_refusal(a->status, code))
		return connector_fail(c, RC_AUTH, M_NONE, code);
	return connector_fail(c, RC_LATER, M_STATUS, "");
}

/* --- the request --- */

static void
form(struct connection *c, const struct oauth_ask *ask, struct buf *b)
{
	const struct oauth *o = c->connector->oauth;

	member(b, "grant_type", ask->grant_type);
	member(b, "refresh_token", ask->refresh_token);
	member(b, "code", ask->code);
	member(b, "redirect_uri", ask->redirect_uri);
	member(b, "code_verifier", ask->verifier);
	if (str_eq(ask->grant_type, "client_credentials"))
		member(b, "scope", o->scope);
	if (o->basic)
		return;
	member(b, "client_id", connector_secret(c, "client_id"));
	member(b, "client_secret", connector_secret(c, "client_secret"));
}

/* RFC 6749 2.3.1: both are encoded before Basic joins them. */
static void
login(struct connection *c, struct http_request *q, struct buf *user,
    struct buf *password)
{
	if (!c->connector->oauth->basic)
		return;
	url_escape(user, connector_secret(c, "client_id"));
	url_escape(password, connector_secret(c, "client_secret"));
	q->user = user->data;
	q->password = password->data;
}

enum rc
oauth_token(struct connection *c, const struct oauth_ask *ask,
    struct oauth_tokens *out)
{
	struct http_request q = { .method = "POST", .changes = true,
	    .once = true,
	    .content_type = "application/x-www-form-urlencoded",
	    .headers = { "Accept: application/json" } };
	struct http_answer a;
	struct buf url, body, user, password;
	enum rc rc;

	buf_init(&url, HTTP_URL_MAX);
	buf_init(&body, FORM_MAX);
	buf_init(&user, FORM_MAX);
	buf_init(&password, FORM_MAX);
	address(c, c->connector->oauth->token, &url);
	form(c, ask, &body);
	login(c, &q, &user, &password);
	q.url = url.data;
	q.body = body.data;
	q.body_len = body.len;
	c->why = M_NONE;
	c->why_text[0] = '\0';
	rc = http_send(c->http, &q, &a);
	c->status = a.status;
	rc = sort_out(c, rc, &a, out);
	buf_free(&url);
	buf_free(&body);
	buf_free(&user);
	buf_free(&password);
	return rc;
}

void
oauth_wipe(struct oauth_tokens *t)
{
	secret_wipe(&t->access);
	secret_wipe(&t->refresh);
}
