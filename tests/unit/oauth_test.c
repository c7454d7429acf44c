/*
 * oauth_test.c - what a vendor is asked for tokens, and what its answers mean.
 *
 * http_send here takes the place of http.c's: it notes and answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clock.h"
#include "connector.h"
#include "oauth.h"
#include "str.h"

static struct oauth vendor = { .authorize = "/oauth/authorize",
    .token = "/oauth/token", .scope = "a b" };
static struct connector kind = { .name = "demo", .oauth = &vendor };
static struct connection c;
static const char *verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

static struct {
	char url[256], body[1024], user[64], password[64];
	bool changes, once, form;
	size_t body_len;
	long status;			/* to be answered */
	const char *text;
	enum rc rc;
} wire;

enum rc
http_send(struct http *h, const struct http_request *q, struct http_answer *a)
{
	(void)h;
	assert_string_equal(q->method, "POST");
	assert_null(q->bearer);
	(void)str_copy(wire.url, sizeof(wire.url), q->url);
	(void)str_copy_n(wire.body, sizeof(wire.body), q->body, q->body_len);
	(void)str_copy(wire.user, sizeof(wire.user), q->user);
	(void)str_copy(wire.password, sizeof(wire.password), q->password);
	wire.body_len = q->body_len;
	wire.changes = q->changes;
	wire.once = q->once;
	wire.form = str_eq(q->content_type,
	    "application/x-www-form-urlencoded");
	*a = (struct http_answer){ .status = wire.status, .body = wire.text,
	    .body_len = strlen(wire.text) };
	return wire.rc;
}

static const char *
item(const struct connection *k, const char *name, size_t i)
{
	(void)k;
	return i == 0 && str_eq(name, "url") ?
	    "https://books.example:8443/api/v2" : NULL;
}

static const char *long_secret;		/* both of them; NULL: the usual */

static const char *
secret(const struct connection *k, const char *name)
{
	(void)k;
	if (long_secret != NULL)
		return long_secret;
	if (str_eq(name, "client_id"))
		return "app 1";
	return str_eq(name, "client_secret") ? "s&cret" : NULL;
}

static enum rc
ask(const struct oauth_ask *q, enum rc rc, long status, const char *text,
    struct oauth_tokens *t)
{
	wire.rc = rc;
	wire.status = status;
	wire.text = text;
	memset(t, 0, sizeof(*t));
	return oauth_token(&c, q, t);
}

static void
test_refresh(void **state)
{
	struct oauth_ask q = { .grant_type = "refresh_token",
	    .refresh_token = "r/1" };
	struct oauth_tokens t;

	(void)state;
	assert_int_equal(ask(&q, RC_OK, 200, "{\"access_token\":\"A\","
	    "\"refresh_token\":\"R\",\"expires_in\":3600}", &t), RC_OK);
	assert_string_equal(wire.url, "https://books.example:8443/oauth/token");
	assert_string_equal(wire.body, "grant_type=refresh_token&"
	    "refresh_token=r%2F1&client_id=app%201&client_secret=s%26cret");
	assert_true(wire.changes && wire.once && wire.form);
	assert_string_equal(wire.user, "");
	assert_string_equal(t.access.text, "A");
	assert_string_equal(t.refresh.text, "R");
	assert_in_range(t.until_at, clock_now() + 3590, clock_now() + 3600);
	oauth_wipe(&t);
	assert_null(t.access.text);
}

static void
test_other_grants(void **state)
{
	struct oauth_ask code = { .grant_type = "authorization_code",
	    .code = "c", .verifier = verifier,
	    .redirect_uri = "http://127.0.0.1:1/callback" };
	struct oauth_ask own = { .grant_type = "client_credentials" };
	struct oauth_tokens t;
	const char *given = "{\"access_token\":\"A\",\"expires_in\":\"60\"}";

	(void)state;
	vendor.basic = true;
	vendor.token = "https://login.example/token";
	assert_int_equal(ask(&code, RC_OK, 200, given, &t), RC_OK);
	assert_string_equal(wire.url, "https://login.example/token");
	assert_string_equal(wire.body, "grant_type=authorization_code&code=c&"
	    "redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&code_verifier="
	    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	assert_string_equal(wire.user, "app%201");
	assert_string_equal(wire.password, "s%26cret");
	assert_null(t.refresh.text);
	assert_in_range(t.until_at, clock_now() + 50, clock_now() + 60);
	oauth_wipe(&t);
	assert_int_equal(ask(&own, RC_OK, 200, given, &t), RC_OK);
	assert_string_equal(wire.body,
	    "grant_type=client_credentials&scope=a%20b");
	oauth_wipe(&t);
	vendor.basic = false;
	vendor.token = "/oauth/token";
}

static void
test_answers(void **state)
{
	static const struct {
		enum rc rc;
		long status;
		const char *text;
		enum rc want;
	} t[] = {
		{ RC_UNSURE, 500, "{\"access_token\":\"A\"}", RC_OK },
		{ RC_LATER, 429, "{\"access_token\":\"A\"}", RC_OK },
		{ RC_OK, 400, "{\"access_token\":\"A\"}", RC_OK },
		{ RC_OK, 400, "{\"error\":\"invalid_grant\"}", RC_AUTH },
		{ RC_OK, 401, "{\"error\":\"invalid_client\"}", RC_AUTH },
		{ RC_OK, 400, "{\"error\":\"server_error\"}", RC_LATER },
		{ RC_OK, 403, "{\"error\":\"Mr. Jansen may not\"}",
		    RC_LATER },
		{ RC_OK, 403, "{\"error\":\"jansen\"}", RC_LATER },
		{ RC_OK, 403, "<html>", RC_LATER },
		{ RC_OK, 404, "{\"error\":\"invalid_grant\"}", RC_LATER },
		{ RC_OK, 302, "", RC_LATER },
		{ RC_OK, 200, "{\"access_token\":\"\"}", RC_UNSURE },
		{ RC_OK, 200, "{\"access_token\":\"A\"", RC_UNSURE },
		{ RC_OK, 204, "", RC_UNSURE },
		{ RC_UNSURE, 502, "<html>", RC_UNSURE },
		{ RC_UNSURE, 0, "", RC_UNSURE },
		{ RC_LATER, 429, "{\"error\":\"slow_down\"}", RC_LATER },
		{ RC_LATER, 0, "", RC_LATER },
	};
	struct oauth_ask q = { .grant_type = "refresh_token",
	    .refresh_token = "r" };
	struct oauth_tokens got;

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		enum rc rc = ask(&q, t[i].rc, t[i].status, t[i].text, &got);

		if (rc != t[i].want)
			fail_msg("%ld %s: %s", t[i].status, t[i].text,
			    rc_name(rc));
		assert_int_equal(got.until_at, 0);
		assert_true((got.access.text != NULL) == (rc == RC_OK));
		assert_null(strstr(c.why_text, "Jansen"));
		oauth_wipe(&got);
	}
}

/* The longest there can be, of which every byte is escaped. */
static void
test_longest(void **state)
{
	static char most[SECRET_MAX + 1];
	struct oauth_ask q = { .grant_type = "refresh_token",
	    .refresh_token = most };
	struct oauth_tokens t;

	(void)state;
	memset(most, '%', SECRET_MAX);
	long_secret = most;
	assert_int_equal(ask(&q, RC_OK, 200, "{\"access_token\":\"A\"}", &t),
	    RC_OK);
	assert_in_range(wire.body_len, 9 * SECRET_MAX, 10 * SECRET_MAX);
	oauth_wipe(&t);
	long_secret = NULL;
}

/* RFC 7636, appendix B. */
static void
test_consent(void **state)
{
	struct buf url;

	(void)state;
	buf_init(&url, HTTP_URL_MAX);
	oauth_consent(&c, "http://127.0.0.1:1/callback", "st", verifier, &url);
	assert_string_equal(url.data,
	    "https://books.example:8443/oauth/authorize?response_type=code&"
	    "client_id=app%201&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F"
	    "callback&scope=a%20b&state=st&code_challenge="
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"
	    "code_challenge_method=S256");
	buf_free(&url);
}

static void
test_random(void **state)
{
	char a[OAUTH_RANDOM], b[OAUTH_RANDOM];

	(void)state;
	oauth_random(a);
	oauth_random(b);
	assert_int_equal(strlen(a), 43);
	assert_true(str_plain(a, 43) && strchr(a, '.') == NULL);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_other_grants),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_consent),
		cmocka_unit_test(test_random),
	};
	int failed;

	c = (struct connection){ .connector = &kind, .item = item,
	    .secret = secret, .json = json_doc_new() };
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_doc_free(c.json);
	return failed;
}
