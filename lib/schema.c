/*
 * schema.c - typed values out of YAML, and faults a person can act on.
 *
 * The tables are config.c's, tenant.c's and rules.c's; here stands how a map
 * is held against one and how a fault is worded: file:line:column, the path
 * of the key, what was expected.  A value is never echoed, because the value of
 * a mistaken key may well be a secret.
 */
#include "schema.h"

#include <string.h>
#include <strings.h>

#include "log.h"
#include "str.h"

#define LIST_MAX 150

#define FAULTS_MAX 25		/* said per file */
#define KEYS_MAX 48		/* rows in a table */
#define PATH_TEXT 256
#define TEXT_MAX 1000		/* where a row says nothing */

/* --- faults --- */

/* "sources.shop.statuses[2]" */
static void
path_of(const struct yaml *y, char out[PATH_TEXT])
{
	char step[PATH_TEXT];
	const struct yaml *sibling;
	int i = 0;

	if (y->up == NULL) {
		str_copy(out, PATH_TEXT, "");
		return;
	}
	path_of(y->up, out);
	if (y->key != NULL) {
		str_fmt(step, sizeof(step), "%s%s", out[0] != '\0' ? "." : "",
		    y->key);
	} else {
		for (sibling = y->up->first; sibling != y;
		    sibling = sibling->next)
			i++;
		str_fmt(step, sizeof(step), "[%d]", i);
	}
	str_add(out, PATH_TEXT, step);
}

static void
say(struct schema *s, int line, int column, const char *path,
    const char *text)
{
	s->faults++;
	if (s->faults > FAULTS_MAX)
		return;
	if (s->faults == FAULTS_MAX)
		text = "and there is more; mend the faults above first";
	SAY(M_CONFIG, F_WORD("file", s->file), F_INT("line", line),
	    F_INT("column", column),
	    F_WORD("path", path[0] != '\0' ? path : "top level"),
	    F_WORD("text", text));
}

void
schema_fault(struct schema *s, const struct yaml *at, const char *text)
{
	char path[PATH_TEXT];

	path_of(at, path);
	say(s, at->line, at->column, path, text);
}

void
schema_fault_key(struct schema *s, const struct yaml *at, const char *text)
{
	char path[PATH_TEXT];

	path_of(at, path);
	say(s, at->key_line, at->key_column, path, text);
}

void
schema_secret(struct schema *s, const struct yaml *at)
{
	char path[PATH_TEXT];

	path_of(at, path);
	if (++s->faults > FAULTS_MAX)
		return;
	SAY(M_CONFIG_SECRET, F_WORD("file", s->file),
	    F_INT("line", at->key_line > 0 ? at->key_line : at->line),
	    F_INT("column", at->key_line > 0 ? at->key_column : at->column),
	    F_WORD("path", path),
	    F_WORD("tenant", s->tenant != NULL ? s->tenant : "TENANT"),
	    F_WORD("connection",
	    s->connection != NULL ? s->connection : "CONNECTION"));
}

void
schema_unknown(struct schema *s, const struct yaml *at,
    const char *const *known, size_t n)
{
	const char *near = str_nearest(at->key, known, n);
	char text[512];

	if (schema_secret_key(at->key)) {
		schema_secret(s, at);
		return;
	}
	if (near != NULL) {
		str_fmt(text, sizeof(text),
		    "unknown key; did you mean \"%s\"?", near);
	} else {
		str_copy(text, sizeof(text), "unknown key; known here:");
		for (size_t i = 0; i < n; i++) {
			str_add(text, sizeof(text), i == 0 ? " " : ", ");
			str_add(text, sizeof(text), known[i]);
		}
		if (strlen(text) > LIST_MAX)	/* a message would cut it */
			str_copy(text, sizeof(text), "unknown key; "
			    "sync.yaml(5) lists those that are known");
	}
	schema_fault_key(s, at, text);
}

static void
fault_expected(struct schema *s, const struct yaml *y,
    const struct typed_key *k)
{
	char text[400];

	typed_expected(k, text, sizeof(text));
	schema_fault(s, y, text);
}

static void
missing(struct schema *s, const struct yaml *map, const struct typed_key *k)
{
	char path[PATH_TEXT], text[400], what[300];

	path_of(map, path);
	if (path[0] != '\0')
		str_add(path, sizeof(path), ".");
	str_add(path, sizeof(path), k->name);
	typed_expected(k, what, sizeof(what));
	str_fmt(text, sizeof(text), "this key is missing; %s", what);
	say(s, map->line, map->column, path, text);
}

void
schema_missing(struct schema *s, const struct yaml *map, const char *key)
{
	struct typed_key k = { .name = key, .type = TYPED_TEXT };

	missing(s, map, &k);
}

bool
schema_is(struct schema *s, const struct yaml *y, enum yaml_kind kind)
{
	static const enum typed_type type[] = { [YAML_MAP] = TYPED_MAP,
	    [YAML_LIST] = TYPED_LIST, [YAML_SCALAR] = TYPED_TEXT };
	struct typed_key k = { .type = type[kind] };

	if (y->kind == kind)
		return true;
	fault_expected(s, y, &k);
	return false;
}

/* --- texts --- */

/* YAML's ways to write nothing. */
static bool
nothing(const struct yaml *y)
{
	return y->kind == YAML_SCALAR && (y->text[0] == '\0' ||
	    (y->plain && (str_eq(y->text, "~") ||
	    str_eq_nocase(y->text, "null"))));
}

const char *
schema_text(struct schema *s, const struct yaml *y,
    const struct typed_key *k)
{
	size_t max = k->type == TYPED_TEXT && k->max > 0 ? (size_t)k->max :
	    TEXT_MAX;

	if (y->kind != YAML_SCALAR || nothing(y) || !typed_one_line(y->text) ||
	    strlen(y->text) > max) {
		fault_expected(s, y, k);
		return NULL;
	}
	return y->text;
}

bool
schema_secret_key(const char *key)
{
	static const char *const inside[] = { "password", "passwd",
	    "passphrase", "secret", "token", "credential", "bearer",
	    "apikey", "accesskey", "privatekey", "consumerkey" };
	static const char *const last[] = { "key", "pass", "pwd" };
	size_t len = strlen(key), n;
	char before;

	for (size_t i = 0; i < COUNT(inside); i++)
		if (strcasestr(key, inside[i]) != NULL)
			return true;
	for (size_t i = 0; i < COUNT(last); i++) {
		n = strlen(last[i]);
		if (len < n || strcasecmp(key + len - n, last[i]) != 0)
			continue;
		/* a word of its own: key, access_key, accessKey; no monkey */
		before = len > n ? key[len - n - 1] : '_';
		if (strchr("_-. ", before) != NULL || key[len - n] < 'a')
			return true;
	}
	return false;
}

/* --- maps --- */

void
schema_value(struct schema *s, const struct yaml *y,
    const struct typed_key *k, void *base)
{
	void *to = base == NULL ? NULL : (char *)base + k->at;
	const char *text;

	if (k->type == TYPED_ANY)
		return;
	if (k->type == TYPED_MAP || k->type == TYPED_LIST) {
		schema_is(s, y, k->type == TYPED_MAP ? YAML_MAP : YAML_LIST);
		return;
	}
	text = schema_text(s, y, k);
	if (text == NULL)
		return;
	if ((k->type == TYPED_URL || k->type == TYPED_PROXY) &&
	    typed_has_user(text))
		schema_secret(s, y);
	else if (typed_take(k, s->dir, text, to) != RC_OK)
		fault_expected(s, y, k);
}

static const struct typed_key *
row_of(const struct typed_key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (str_eq(keys->name, name))
			return keys;
	return NULL;
}

void
schema_read(struct schema *s, const struct yaml *map,
    const struct typed_key *keys, void *base)
{
	const char *known[KEYS_MAX];
	const struct typed_key *k;
	size_t n = 0;

	if (!schema_is(s, map, YAML_MAP))
		return;
	for (k = keys; k->name != NULL && n < KEYS_MAX; k++)
		known[n++] = k->name;
	for (const struct yaml *y = map->first; y != NULL; y = y->next) {
		k = row_of(keys, y->key);
		if (k == NULL)
			schema_unknown(s, y, known, n);
		else
			schema_value(s, y, k, base);
	}
	for (k = keys; k->name != NULL; k++)
		if (k->required && yaml_get(map, k->name) == NULL)
			missing(s, map, k);
}
