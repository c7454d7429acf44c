/*
 * moneybird_call.c - one question to Moneybird, or one change.
 *
 * What an answer means is decided here: what was refused, and in whose
 * words; what may have been carried out; what says nothing about the sale.
 * It must never let the vendor's words, which may quote the debtor, into
 * anything but why_debtor.
 */
#include "moneybird_call.h"

#include <string.h>

#include "str.h"

#define PAGES_MAX 2000
#define BODY_MAX (1u << 20)

void
moneybird_call_path(const struct connection *c, struct buf *path)
{
	buf_init(path, HTTP_URL_MAX);
	buf_fmt(path, "/%s/", connector_setting(c, "administration"));
}

void
moneybird_call_open(struct json_out *o, struct buf *body, const char *name)
{
	buf_init(body, BODY_MAX);
	json_begin(o, body);
	json_open_object(o);
	json_put_key(o, name);
	json_open_object(o);
}

void
moneybird_call_close(struct json_out *o)
{
	json_close_object(o);
	json_close_object(o);
}

void
moneybird_call_put(struct json_out *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_put_member(o, key, text);
}

bool
moneybird_call_id(const char *s)
{
	return *s != '\0' && strlen(s) < 20 &&
	    strspn(s, "0123456789") == strlen(s);
}

enum rc
moneybird_call_garbage(struct connection *c, const char *text)
{
	return connector_fail(c, RC_LATER, M_GARBAGE, text);
}

static enum rc
status_fail(struct connection *c, enum rc rc, const struct http_answer *a)
{
	char text[32];

	(void)str_fmt(text, sizeof(text), "%ld", a->status);
	return connector_fail(c, rc, M_STATUS, text);
}

/* a->status stays 0 when nothing was sent. */
static enum rc
call(struct connection *c, const char *method, const struct buf *path,
    const struct buf *body, struct http_answer *a, const struct json **v)
{
	struct http_request q = {
		.method = method,
		.bearer = connector_secret(c, "token"),
		.changes = !str_eq(method, "GET"),
	};
	struct buf url;
	enum rc rc;

	memset(a, 0, sizeof(*a));
	*v = NULL;
	buf_init(&url, HTTP_URL_MAX);
	connector_url(c, &url, path->data);
	if (body != NULL) {
		q.body = body->data;
		q.body_len = body->len;
	}
	q.url = url.data;
	if (path->over || url.over || (body != NULL && body->over))
		rc = connector_fail(c, RC_REJECT, M_TOO_LARGE, "the request");
	else
		rc = connector_call(c, &q, a, v);
	buf_free(&url);
	return rc;
}

/* ---- questions ---- */

static enum rc
get(struct connection *c, const struct buf *path, bool list,
    const struct json **v)
{
	struct http_answer a;
	enum rc rc = call(c, "GET", path, NULL, &a, v);

	if (rc == RC_REJECT && a.status != 0)
		return status_fail(c, RC_LATER, &a);
	if (rc == RC_OK && list && !json_is_array(*v))
		return moneybird_call_garbage(c, "a list was expected");
	if (rc == RC_OK && !list && !json_is_object(*v))
		return moneybird_call_garbage(c, "an object was expected");
	return rc;
}

enum rc
moneybird_call_get(struct connection *c, struct buf *path, bool list,
    const struct json **v)
{
	enum rc rc = get(c, path, list, v);

	buf_free(path);
	return rc;
}

/* One page: how many items it had goes in *n. */
static enum rc
one_page(struct connection *c, const struct buf *path, size_t *n,
    enum rc (*each)(struct connection *c, const struct json *item, void *arg),
    void *arg)
{
	const struct json *v;
	enum rc rc = get(c, path, true, &v);

	/* A list of ours is there, be it empty, or the path is wrong. */
	if (rc == RC_END)
		return connector_fail(c, RC_CONFIG, M_ADMINISTRATION,
		    connector_setting(c, "administration"));
	if (rc != RC_OK)
		return rc;
	*n = json_count(v);
	for (const struct json *i = json_first(v); i != NULL && rc == RC_OK;
	    i = json_next(i))
		rc = each(c, i, arg);
	return rc;
}

enum rc
moneybird_call_pages(struct connection *c, struct buf *path, int per_page,
    enum rc (*each)(struct connection *c, const struct json *item, void *arg),
    void *arg)
{
	size_t n = (size_t)per_page;
	enum rc rc = RC_OK;

	for (int page = 1; rc == RC_OK && n >= (size_t)per_page; page++) {
		struct buf one;

		if (page > PAGES_MAX) {
			rc = moneybird_call_garbage(c, "a list without end");
			break;
		}
		buf_init(&one, HTTP_URL_MAX);
		buf_fmt(&one, "%s&per_page=%d&page=%d", path->data, per_page,
		    page);
		rc = one_page(c, &one, &n, each, arg);
		buf_free(&one);
	}
	buf_free(path);
	return rc;
}

/* ---- refusals ---- */

/* A name of the vendor's: nothing that a debtor could have typed. */
static bool
is_field(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 48 &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz_.0123456789") == n;
}

static void
add_item(char *out, size_t size, const char *item)
{
	if (out[0] != '\0')
		(void)str_add(out, size, ", ");
	(void)str_add(out, size, item);
}

/* {"price": [...]} and {"sales_invoice": {"contact_id": "..."}} */
static void
add_fields(char *out, size_t size, const struct json *v)
{
	const struct json *g;

	for (const struct json *f = json_first(v); f != NULL;
	    f = json_next(f)) {
		if (!json_is_object(f) && is_field(json_key(f)))
			add_item(out, size, json_key(f));
		if (!json_is_object(f))
			continue;
		for (g = json_first(f); g != NULL; g = json_next(g))
			if (is_field(json_key(g)))
				add_item(out, size, json_key(g));
	}
}

/* {"price": ["is not a number", ...]} */
static void
add_words(char *out, size_t size, const struct json *error)
{
	const struct json *w;

	for (const struct json *f = json_first(error); f != NULL;
	    f = json_next(f))
		for (w = json_first(f); w != NULL; w = json_next(w)) {
			add_item(out, size, json_key(f));
			(void)str_add(out, size, " ");
			(void)str_add(out, size, json_text(w) != NULL ?
			    json_text(w) : "is refused");
		}
}

/*
 * A change was refused: which fields goes in our words, what was said of
 * them apart.  A 404 that has not the vendor's shape comes from something in
 * between and says nothing about the sale: then the run waits.
 */
static enum rc
refused(struct connection *c, enum msg why, const struct http_answer *a,
    const struct json *v)
{
	const struct json *error = json_get(v, "error");
	bool named = json_is_object(error);
	char fields[sizeof(c->why_text)] = "";

	if (a->status == 402)
		return status_fail(c, RC_LATER, a);
	if (a->status == 409)
		return connector_fail(c, RC_UNSURE, M_LOST, "status 409");
	if (error == NULL && a->status != 400 && a->status != 413 &&
	    a->status != 422)
		return status_fail(c, RC_LATER, a);
	add_fields(fields, sizeof(fields), named ? error :
	    json_get(v, "symbolic"));
	if (fields[0] == '\0')
		(void)str_fmt(fields, sizeof(fields), "status %ld", a->status);
	(void)connector_fail(c, RC_REJECT, why, fields);
	c->why_debtor[0] = '\0';
	if (named)
		add_words(c->why_debtor, sizeof(c->why_debtor), error);
	else
		(void)str_copy(c->why_debtor, sizeof(c->why_debtor),
		    json_text(error));
	return RC_REJECT;
}

enum rc
moneybird_call_change(struct connection *c, const char *method,
    struct buf *path, struct buf *body, enum msg why, const struct json **v)
{
	struct http_answer a;
	enum rc rc = call(c, method, path, body, &a, v);

	buf_free(path);
	buf_free(body);
	if (rc == RC_END || (rc == RC_REJECT && a.status != 0))
		return refused(c, why, &a, *v);
	if (rc == RC_OK && !moneybird_call_id(json_str(*v, "id")))
		return connector_fail(c, RC_UNSURE, M_LOST,
		    "the answer has no id");
	return rc;
}

enum rc
moneybird_call_delete(struct connection *c, struct buf *path, enum msg why)
{
	const struct json *v;
	struct http_answer a;
	enum rc rc = call(c, "DELETE", path, NULL, &a, &v);

	buf_free(path);
	return rc == RC_REJECT && a.status != 0 ? refused(c, why, &a, v) : rc;
}
