/*
 * settings.c - reads a connection: the keys that all take, and those of its
 * connector's own table.
 *
 * No secret may come in this way: a key that the connector calls a secret, a
 * key that looks like one, and a URL with a password in it are refused with
 * the command that stores it.
 */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "str.h"

#define KNOWN_MAX 64		/* keys of one connection */
#define ITEMS_MAX 1000		/* in a list */

static const char *const receipts[] = { [RECEIPTS_EACH] = "each",
	[RECEIPTS_DAY] = "day", NULL };

/* Where a common key applies. */
enum { ALL = 0, SOURCES = 1, REMOTE = 2 };

static const struct {
	struct typed_key key;
	int where;
	bool value;		/* goes into values[] */
} common[] = {
	{ { .name = "connector", .type = TYPED_ANY }, ALL, false },
	{ { .name = "since", .type = TYPED_DAY,
	    .at = offsetof(struct config_connection, since) },
	    SOURCES, false },
	{ { .name = "overlap", .type = TYPED_DURATION, .max = 31 * 86400,
	    .at = offsetof(struct config_connection, overlap_s) },
	    SOURCES, false },
	{ { .name = "timezone", .type = TYPED_ZONE,
	    .at = offsetof(struct config_connection, zone) },
	    SOURCES, false },
	{ { .name = "receipts", .type = TYPED_CHOICE, .choices = receipts,
	    .at = offsetof(struct config_connection, receipts) },
	    SOURCES, false },
	{ { .name = "day_starts", .type = TYPED_TIME,
	    .at = offsetof(struct config_connection, day_starts_s) },
	    SOURCES, false },
	{ { .name = "url", .type = TYPED_URL }, REMOTE, true },
	{ { .name = "ca_file", .type = TYPED_FILE }, REMOTE, true },
	{ { .name = "proxy", .type = TYPED_PROXY }, REMOTE, true },
	{ { .name = "timeout", .type = TYPED_DURATION, .min = 1, .max = 600,
	    .at = offsetof(struct config_connection, timeout_s) },
	    REMOTE, false },
	{ { .name = "rate", .type = TYPED_INT, .min = 1, .max = 100000,
	    .at = offsetof(struct config_connection, rate) },
	    REMOTE, false },
};

static const enum typed_type type_of[] = {
	[SET_TEXT] = TYPED_TEXT,
	[SET_URL] = TYPED_URL,
	[SET_PATH] = TYPED_PATH,
	[SET_INT] = TYPED_WHOLE,
	[SET_BOOL] = TYPED_BOOL,
	[SET_DURATION] = TYPED_DURATION,
	[SET_DATE] = TYPED_DAY,
	[SET_LIST] = TYPED_LIST,
	[SET_COUNTRY] = TYPED_COUNTRY,
};

static bool
applies(size_t row, const struct connector *k)
{
	int where = common[row].where;

	return where == ALL || (where == SOURCES && k->source != NULL) ||
	    (where == REMOTE && !k->local);
}

static const struct setting *
setting_of(const struct connector *k, const char *name)
{
	const struct setting *s = k->settings;

	for (; s != NULL && s->name != NULL; s++)
		if (str_eq(s->name, name))
			return s;
	return NULL;
}

static bool
is_secret_of(const struct connector *k, const char *name)
{
	const struct secret_key *s = k->secrets;

	for (; s != NULL && s->name != NULL; s++)
		if (str_eq_nocase(s->name, name))
			return true;
	return false;
}

/* --- the connector --- */

/* Say that a name is no connector of the wanted kind, with the nearest. */
static void
no_connector(struct schema *s, const struct yaml *y, bool books,
    const struct connector *const *list)
{
	const char *names[KNOWN_MAX], *near, *what = books ? "books" : "shops";
	char text[400];
	size_t n = 0;

	for (; *list != NULL && n < KNOWN_MAX; list++) {
		if (((*list)->books != NULL) == books)
			names[n++] = (*list)->name;
		else if (str_eq((*list)->name, y->text)) {
			str_fmt(text, sizeof(text), "the connector %s is for "
			    "%s", (*list)->name, books ? "shops, not for books"
			    : "books, not for shops");
			schema_fault(s, y, text);
			return;
		}
	}
	near = str_nearest(y->text, names, n);
	if (near != NULL)
		str_fmt(text, sizeof(text),
		    "unknown connector; did you mean \"%s\"?", near);
	else
		str_fmt(text, sizeof(text), "unknown connector for %s; "
		    "`salesync connectors` lists them", what);
	schema_fault(s, y, text);
}

static const struct connector *
connector_of(struct schema *s, const struct yaml *map, bool books,
    const struct connector *const *list)
{
	static const struct typed_key key = { .type = TYPED_TEXT };
	const struct yaml *y = yaml_get(map, "connector");
	const char *name;

	if (y == NULL) {
		schema_missing(s, map, "connector");
		return NULL;
	}
	name = schema_text(s, y, &key);
	if (name == NULL)
		return NULL;
	for (size_t i = 0; list[i] != NULL; i++)
		if (str_eq(list[i]->name, name) &&
		    (list[i]->books != NULL) == books)
			return list[i];
	no_connector(s, y, books, list);
	return NULL;
}

/* --- values --- */

/* The checked text of a scalar; NULL after a fault. */
static char *
checked(struct schema *s, const struct yaml *y, enum typed_type type)
{
	struct typed_key k = { .type = type };
	char path[FILE_PATH] = "", *text = NULL;
	unsigned before = s->faults;

	switch (type) {
	case TYPED_PATH:
		schema_value(s, y, &k, path);
		return s->faults == before ? mem_dup(path) : NULL;
	case TYPED_TEXT:
	case TYPED_URL:
	case TYPED_FILE:
	case TYPED_PROXY:
		schema_value(s, y, &k, &text);
		return text;
	default:
		schema_value(s, y, &k, NULL);
		return s->faults == before ? mem_dup(y->text) : NULL;
	}
}

static void
item_add(struct config_value *v, char *text)
{
	if (text == NULL)
		return;
	v->items = mem_grow(v->items, (v->items_n + 1) * sizeof(*v->items));
	v->items[v->items_n++] = text;
}

static void
list_read(struct schema *s, const struct yaml *list, struct config_value *v)
{
	if (list->first == NULL)
		schema_fault(s, list, "expected a list with something in it");
	for (const struct yaml *y = list->first; y != NULL; y = y->next) {
		if (v->items_n == ITEMS_MAX) {
			schema_fault(s, y, "too many items in this list");
			return;
		}
		item_add(v, checked(s, y, TYPED_TEXT));
	}
}

static void
value_add(struct schema *s, const struct yaml *y, enum typed_type type,
    struct config_connection *out)
{
	struct config_value *v;

	out->values = mem_grow(out->values,
	    (out->values_n + 1) * sizeof(*out->values));
	v = &out->values[out->values_n++];
	*v = (struct config_value){ .name = mem_dup(y->key),
	    .line = y->line, .column = y->column };
	if (type == TYPED_LIST && y->kind == YAML_LIST)
		list_read(s, y, v);
	else
		item_add(v, checked(s, y,
		    type == TYPED_LIST ? TYPED_TEXT : type));
}

/* --- the map --- */

static void
common_read(struct schema *s, const struct yaml *y, size_t row,
    struct config_connection *out)
{
	const struct typed_key *k = &common[row].key;
	unsigned before = s->faults;

	if (common[row].value) {
		value_add(s, y, k->type, out);
		return;
	}
	schema_value(s, y, k, out);
	if (str_eq(k->name, "since") && s->faults == before)
		out->has_since = true;
}

static void
unknown(struct schema *s, const struct yaml *y, const struct connector *k)
{
	const char *known[KNOWN_MAX];
	const struct setting *set = k->settings;
	size_t n = 0;

	for (; set != NULL && set->name != NULL && n < KNOWN_MAX; set++)
		known[n++] = set->name;
	for (size_t i = 0; i < COUNT(common) && n < KNOWN_MAX; i++)
		if (applies(i, k) && setting_of(k, common[i].key.name) == NULL)
			known[n++] = common[i].key.name;
	schema_unknown(s, y, known, n);
}

static void
key_read(struct schema *s, const struct yaml *y,
    struct config_connection *out)
{
	const struct connector *k = out->connector;
	const struct setting *set = setting_of(k, y->key);

	if (is_secret_of(k, y->key)) {
		schema_secret(s, y);
		return;
	}
	if (set != NULL) {
		value_add(s, y, type_of[set->type], out);
		return;
	}
	for (size_t i = 0; i < COUNT(common); i++)
		if (str_eq(common[i].key.name, y->key) && applies(i, k)) {
			common_read(s, y, i, out);
			return;
		}
	unknown(s, y, k);
}

static void
required(struct schema *s, const struct yaml *map, const struct connector *k)
{
	const struct setting *set = k->settings;

	for (; set != NULL && set->name != NULL; set++)
		if (set->required && yaml_get(map, set->name) == NULL)
			schema_missing(s, map, set->name);
	if (!k->local && k->url == NULL && setting_of(k, "url") == NULL &&
	    yaml_get(map, "url") == NULL)
		schema_missing(s, map, "url");
}

static const char *
value_of(const struct config_connection *c, const char *name,
    const char *preset)
{
	for (size_t i = 0; i < c->values_n; i++)
		if (str_eq(c->values[i].name, name) && c->values[i].items_n > 0)
			return c->values[i].items[0];
	return preset != NULL ? preset : "";
}

/* By what the file says: books that are reached by two addresses are two. */
static uint64_t
books_id(const struct config_connection *c)
{
	const struct connector *k = c->connector;
	const struct setting *set = k->settings;
	uint64_t h = str_hash(STR_HASH, k->name);
	char url[FILE_PATH];

	(void)str_copy(url, sizeof(url), value_of(c, "url", k->url));
	str_lower(url);
	h = str_hash(h, url);
	for (; set != NULL && set->name != NULL; set++)
		if (set->which)
			h = str_hash(h, value_of(c, set->name, set->preset));
	return h;
}

void
settings_read(struct schema *s, const struct yaml *map, const char *name,
    const struct connector *const *connectors, struct config_connection *out)
{
	bool books = str_eq(name, "books");

	memset(out, 0, sizeof(*out));
	out->name = mem_dup(name);
	out->overlap_s = 600;
	out->timeout_s = 30;
	if (!schema_is(s, map, YAML_MAP))
		return;
	s->connection = name;
	out->connector = connector_of(s, map, books, connectors);
	for (const struct yaml *y = map->first; y != NULL; y = y->next) {
		if (out->connector != NULL)
			key_read(s, y, out);
		else if (schema_secret_key(y->key))
			schema_secret(s, y);
	}
	if (out->connector != NULL)
		required(s, map, out->connector);
	if (books && out->connector != NULL)
		out->books_id = books_id(out);
	s->connection = NULL;
}

void
settings_free(struct config_connection *c)
{
	for (size_t i = 0; i < c->values_n; i++) {
		for (size_t j = 0; j < c->values[i].items_n; j++)
			free(c->values[i].items[j]);
		free(c->values[i].items);
		free(c->values[i].name);
	}
	free(c->values);
	free(c->zone);
	free(c->name);
}
