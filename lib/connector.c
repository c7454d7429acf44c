/*
 * connector.c - what every connector leans on: settings, secrets, URLs, and
 * one request whose answer is sorted into what to do next.
 *
 * The vendor's own words may hold a debtor's values: they go into why_debtor
 * and nowhere else.  Never logs.
 */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "str.h"

static const struct setting *
setting_find(const struct connector *k, const char *name)
{
	const struct setting *s = k->settings;

	for (; s != NULL && s->name != NULL; s++)
		if (str_eq(s->name, name))
			return s;
	return NULL;
}

static const char *
preset(const struct connector *k, const char *name)
{
	const struct setting *s = setting_find(k, name);

	if (s != NULL && s->preset != NULL)
		return s->preset;
	if (str_eq(name, "url") && k->url != NULL)
		return k->url;
	return "";
}

const char *
connector_item(const struct connection *c, const char *name, size_t i)
{
	return c->item != NULL ? c->item(c, name, i) : NULL;
}

const char *
connector_setting(const struct connection *c, const char *name)
{
	const char *text = connector_item(c, name, 0);

	return text != NULL ? text : preset(c->connector, name);
}

bool
connector_flag(const struct connection *c, const char *name)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	const char *text = connector_setting(c, name);

	for (size_t i = 0; i < COUNT(yes); i++)
		if (str_eq_nocase(text, yes[i]))
			return true;
	return false;
}

int64_t
connector_number(const struct connection *c, const char *name)
{
	const struct setting *s = setting_find(c->connector, name);
	const char *text = connector_setting(c, name);
	bool minus = text[0] == '-';
	int64_t seconds;
	uint64_t n;

	if (s != NULL && s->type == SET_DURATION)
		return clock_parse_duration(text, &seconds) == RC_OK ?
		    seconds : 0;
	if (str_u64(text + minus, INT64_MAX, &n) != RC_OK)
		return 0;
	return minus ? -(int64_t)n : (int64_t)n;
}

const char *
connector_secret(const struct connection *c, const char *name)
{
	const char *text = c->secret != NULL ? c->secret(c, name) : NULL;

	return text != NULL ? text : "";
}

enum rc
connector_fail(struct connection *c, enum rc rc, enum msg why,
    const char *text)
{
	c->why = why;
	(void)str_copy(c->why_text, sizeof(c->why_text), text);
	return rc;
}

void
connector_url(const struct connection *c, struct buf *out, const char *path)
{
	const char *base = connector_setting(c, "url");
	size_t len = strlen(base);

	while (len > 0 && base[len - 1] == '/')
		len--;
	buf_clear(out);
	buf_add(out, base, len);
	if (path[0] != '/')
		buf_putc(out, '/');
	buf_puts(out, path);
}

/* The strings of an error body, joined: what a person would read. */
static void
words_add(char *out, size_t size, const struct json *v)
{
	const char *text = json_is_string(v) ? json_text(v) : NULL;

	if (!str_empty(text)) {
		if (out[0] != '\0')
			(void)str_add(out, size, "; ");
		(void)str_add(out, size, text);
	}
	for (v = json_first(v); v != NULL; v = json_next(v))
		words_add(out, size, v);
}

/* A vendor's code is taken only when it can't be a sentence or somebody's
 * value: words of letters with a line between them, and a number behind. */
static void
code_copy(char *out, size_t size, const struct json *v)
{
	const char *code = json_str(v, "code");
	size_t letters = strspn(code, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	size_t digits = strspn(code + letters, "0123456789");

	if (letters > 0 && letters <= 64 && digits <= 4 &&
	    code[letters + digits] == '\0' && strchr(code, '_') != NULL)
		(void)str_copy(out, size, code);
}

static enum rc
unusable(struct connection *c, const struct http_request *q)
{
	bool shop = c->connector->source != NULL;

	return connector_fail(c, q->changes ? RC_UNSURE : RC_LATER,
	    shop ? M_SHOP_GARBAGE : M_GARBAGE, json_fault(c->json));
}

/* A complete answer that is not 2xx. */
static enum rc
refused(struct connection *c, long status, const struct json *v)
{
	bool shop = c->connector->source != NULL;

	if (v != NULL) {
		words_add(c->why_debtor, sizeof(c->why_debtor), v);
		code_copy(c->why_text, sizeof(c->why_text), v);
	}
	if (status < 400)
		return connector_fail(c, RC_LATER, shop ? M_SHOP_STATUS :
		    M_STATUS, "a request; it points elsewhere: put that "
		    "address in url");
	if (status == 401 || status == 403) {
		c->why = M_CREDENTIALS;
		return RC_AUTH;
	}
	if (status == 404)
		return RC_END;
	c->why = shop ? M_SHOP_STATUS : M_BOOKS_REFUSED;
	if (c->why_text[0] == '\0')
		(void)str_fmt(c->why_text, sizeof(c->why_text), "HTTP %ld",
		    status);
	return RC_REJECT;
}

/* The access token is renewed before it ends, and once in a run when it is
 * refused: then the request was not carried out, and is sent again. */
static enum rc
send(struct connection *c, const struct http_request *q,
    struct http_answer *a)
{
	struct http_request mine = *q;
	bool refused = false;
	enum rc rc;

	for (;; refused = c->renewed = true) {
		if (c->renew != NULL &&
		    (refused || clock_now() >= c->renew_at)) {
			rc = c->renew(c, refused);
			if (rc != RC_OK)
				return rc;
		}
		if (c->renew != NULL && q->bearer != NULL)
			mine.bearer = connector_secret(c, "token");
		rc = http_send(c->http, &mine, a);
		c->status = a->status;
		if (rc != RC_OK || a->status != 401 || c->renew == NULL ||
		    c->renewed)
			return rc;
	}
}

enum rc
connector_call(struct connection *c, const struct http_request *q,
    struct http_answer *a, const struct json **v)
{
	enum rc rc;

	*a = (struct http_answer){ .total = -1 };
	*v = NULL;
	c->why = M_NONE;
	c->why_text[0] = c->why_debtor[0] = '\0';
	rc = send(c, q, a);
	if (rc != RC_OK)
		return rc;
	if (a->status == 204 && a->body_len == 0)
		return RC_OK;
	rc = json_parse(c->json, a->body != NULL ? a->body : "",
	    a->body_len, v);
	if (rc != RC_OK)
		*v = NULL;
	if (a->status / 100 != 2)
		return refused(c, a->status, *v);
	return rc == RC_OK ? RC_OK : unusable(c, q);
}
