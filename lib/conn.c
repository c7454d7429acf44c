/*
 * conn.c - makes connections: puts a connection's settings, its secrets and
 * an HTTP handle together, and takes them apart again.
 *
 * A secret is lent to the connector for the length of a call; nothing here
 * copies or prints one.
 */
#include "conn.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "secret.h"
#include "str.h"
#include "url.h"

/* The presets of list settings, taken apart once. */
struct preset {
	const char *name;
	char *text;			/* the items, each with its NUL */
	size_t n;
};

struct conn {
	struct connection base;		/* first: the callbacks get this */
	struct vault_set *set;
	struct renew_place place;
	struct preset *presets;
	size_t presets_n;
};

static const struct config_value *
value_find(const struct config_connection *c, const char *name)
{
	for (size_t i = 0; i < c->values_n; i++)
		if (str_eq(c->values[i].name, name))
			return &c->values[i];
	return NULL;
}

static const char *
preset_item(const struct conn *k, const char *name, size_t at)
{
	for (size_t i = 0; i < k->presets_n; i++) {
		const char *text = k->presets[i].text;

		if (!str_eq(k->presets[i].name, name))
			continue;
		if (at >= k->presets[i].n)
			return NULL;
		while (at-- > 0)
			text += strlen(text) + 1;
		return text;
	}
	return NULL;
}

static const char *
item(const struct connection *c, const char *name, size_t i)
{
	const struct config_value *v = value_find(c->settings, name);

	if (v == NULL)
		return preset_item((const struct conn *)c, name, i);
	return i < v->items_n ? v->items[i] : NULL;
}

static const char *
secret(const struct connection *c, const char *name)
{
	return c->secrets != NULL ? vault_text(c->secrets, name) : NULL;
}

static enum rc
renew(struct connection *c, bool refused)
{
	struct conn *own = (struct conn *)c;

	return renew_token(&own->place, c, own->set, refused);
}

void
conn_renews(struct connection *c, const struct renew_place *p)
{
	struct conn *own = (struct conn *)c;

	if (!renew_can(c->connector, own->set))
		return;
	own->place = *p;
	c->renew = renew;
	c->renew_at = renew_due_at(c->connector, own->set);
}

/* "one, two" becomes "one\0two\0", in place. */
static size_t
split(char *text)
{
	size_t n = 0;
	char *to = text;

	for (const char *p = text; *p != '\0';) {
		size_t len = strcspn(p, ",");

		memmove(to, p, len);
		to += len;
		p += len;
		p += strspn(p, ", ");
		n++;
		if (*p != '\0')
			*to++ = '\0';
	}
	*to = '\0';
	return n;
}

static void
presets_make(struct conn *k, const struct setting *s)
{
	for (; s != NULL && s->name != NULL; s++) {
		struct preset *p;

		if (s->type != SET_LIST || s->preset == NULL)
			continue;
		k->presets = mem_grow(k->presets,
		    (k->presets_n + 1) * sizeof(*k->presets));
		p = &k->presets[k->presets_n++];
		p->name = s->name;
		p->text = mem_dup(s->preset);
		p->n = split(p->text);
	}
}

static enum rc
network(const struct config *cfg, const struct config_connection *c,
    struct connection *k)
{
	const char *ca = connector_setting(k, "ca_file");
	const char *proxy = connector_setting(k, "proxy");
	struct http_options o = { .timeout_s = c->timeout_s };
	char path[FILE_PATH];
	enum rc rc;

	if (!url_base_ok(connector_setting(k, "url"))) {
		SAY(M_HTTP_ONLY, F_WORD("text", "url"));
		return RC_CONFIG;
	}
	if (!str_empty(ca)) {
		rc = file_under(path, cfg->dir, ca);
		if (rc != RC_OK)
			return rc;
		o.ca_file = path;
	}
	o.proxy = str_empty(proxy) ? NULL : proxy;
	o.rate = c->rate;
	return http_open(&o, &k->http);
}

enum rc
conn_make(const struct config *cfg, const struct tenant *t,
    const struct config_connection *c, struct vault_set *secrets,
    struct connection **out)
{
	struct conn *own = mem_alloc(sizeof(*own));
	struct connection *k = &own->base;
	enum rc rc = RC_OK;

	*out = NULL;
	k->connector = c->connector;
	(void)str_copy(k->tenant, sizeof(k->tenant), t->name);
	(void)str_copy(k->name, sizeof(k->name), c->name);
	(void)str_copy(k->country, sizeof(k->country), t->customer.country);
	k->zone = config_zone(cfg, t, c->name);
	k->overlap_s = c->overlap_s;
	if (c->has_since)
		k->since_at = clock_day_start(c->since, k->zone);
	k->settings = c;
	k->secrets = own->set = secrets;
	k->item = item;
	k->secret = secret;
	k->json = json_doc_new();
	presets_make(own, c->connector->settings);
	if (!c->connector->local)
		rc = network(cfg, c, k);
	if (rc != RC_OK) {
		conn_close(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

/* Read without the lock: as a rule there is nothing to do. */
static enum rc
peek(const struct config *cfg, const struct master *m,
    const struct tenant *t, const struct config_connection *c,
    struct vault_set *v)
{
	struct store_place place = store_place_of(cfg, m, t->name);
	struct store *s = NULL;
	enum rc rc = c->connector->oauth == NULL ? RC_END :
	    store_open(&place, STORE_READ, &s);

	if (rc == RC_OK)
		rc = vault_peek(s, SAFE_CURRENT, c, v);
	store_close(s);
	return rc == RC_OK && !renew_can(c->connector, v) ? RC_END : rc;
}

enum rc
conn_refresh(const struct config *cfg, const struct master *m,
    const struct tenant *t, const struct config_connection *c, bool now)
{
	struct renew_place place = { .cfg = cfg, .master = m };
	struct vault_set v = { .n = 0 };
	struct connection *k = NULL;
	enum rc rc = peek(cfg, m, t, c, &v);

	if (rc == RC_OK && (now ||
	    clock_now() >= renew_due_at(c->connector, &v))) {
		rc = conn_make(cfg, t, c, &v, &k);
		if (rc == RC_OK)
			rc = renew_token(&place, k, &v, now);
		if (rc != RC_OK && k != NULL)
			conn_say(k, rc);
		conn_close(k);
	}
	vault_wipe(&v);
	return rc;
}

enum rc
conn_start(struct connection *c, int64_t started_at)
{
	const struct connector *k = c->connector;
	enum rc rc;

	c->started_at = started_at;
	rc = k->source != NULL ? k->source->open(c) : k->books->open(c);
	conn_say(c, rc);
	return rc;
}

enum rc
conn_open(const struct config *cfg, const struct tenant *t,
    const struct config_connection *c, struct vault_set *secrets,
    struct connection **out)
{
	enum rc rc = conn_make(cfg, t, c, secrets, out);

	if (rc != RC_OK)
		return rc;
	rc = conn_start(*out, 0);
	if (rc != RC_OK) {
		conn_close(*out);
		*out = NULL;
	}
	return rc;
}

void
conn_close(struct connection *c)
{
	struct conn *own = (struct conn *)c;

	if (c == NULL)
		return;
	/* A connector whose open never ran has nothing to close. */
	if (c->state != NULL && c->connector->source != NULL)
		c->connector->source->close(c);
	else if (c->state != NULL)
		c->connector->books->close(c);
	http_close(c->http);
	json_doc_free(c->json);
	for (size_t i = 0; i < own->presets_n; i++)
		free(own->presets[i].text);
	free(own->presets);
	secret_zero(own, sizeof(*own));
	free(own);
}

/* The host of the connection, for people. */
static void
host_copy(char *out, size_t size, const struct connection *c)
{
	const char *url = connector_setting(c, "url");

	if (str_starts(url, "https://"))
		url += strlen("https://");
	(void)str_copy_n(out, size, url, strcspn(url, "/"));
}

void
conn_say(const struct connection *c, enum rc rc)
{
	char host[128];

	if (rc < RC_REJECT || c->why == M_NONE)
		return;
	host_copy(host, sizeof(host), c);
	SAY(c->why, F_WORD("connection", c->name), F_WORD("tenant", c->tenant),
	    F_WORD("text", c->why_text), F_WORD("host", host),
	    F_WORD("file", connector_setting(c, "file")),
	    F_INT("status", c->status), F_ORDER("order", "-"));
}
