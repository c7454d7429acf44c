/*
 * config.c - loads sync.yaml and every tenant file that it names.
 *
 * A configuration is acted on whole or not at all: one faulty tenant file
 * stops the load, after all the others were read and their faults said.  But
 * what must be done for each tenant whatever the others are like, such as
 * erasing, asks for the tenants that are whole.
 * Holds no secret: the master key's place is kept, never the key.
 */
#include "config.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "log.h"
#include "schema.h"
#include "str.h"
#include "yaml.h"

static const struct typed_key config_keys[] = {
	{ .name = "store", .type = TYPED_PATH, .required = true,
	    .at = offsetof(struct config, store) },
	{ .name = "logs", .type = TYPED_PATH, .required = true,
	    .at = offsetof(struct config, logs) },
	{ .name = "master_key", .type = TYPED_TEXT, .required = true,
	    .at = offsetof(struct config, master_key) },
	{ .name = "timezone", .type = TYPED_ZONE,
	    .at = offsetof(struct config, zone) },
	{ .name = "language", .type = TYPED_CHOICE,
	    .at = offsetof(struct config, language),
	    .choices = catalog_languages },
	{ .name = "parallel", .type = TYPED_INT, .min = 1, .max = 1000,
	    .at = offsetof(struct config, parallel) },
	{ .name = "time_limit", .type = TYPED_DURATION, .min = 1,
	    .max = 7 * 86400, .at = offsetof(struct config, time_limit_s) },
	{ .name = "financial_year_end", .type = TYPED_YEAR_END,
	    .at = offsetof(struct config, year_end) },
	{ .name = "backups", .type = TYPED_DURATION, .min = 86400,
	    .max = (int64_t)3660 * 86400,
	    .at = offsetof(struct config, backups_s) },
	{ .name = "tenants", .type = TYPED_ANY, .required = true },
	{ .name = NULL }
};

/* --- sync.yaml's own keys --- */

static void
master_key_check(struct schema *s, const struct yaml *y, const char *spec)
{
	static const char *const kinds[] = { "file:", "credential:",
	    "command:" };

	if (y == NULL || spec == NULL)
		return;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_starts(spec, kinds[i]) &&
		    spec[strlen(kinds[i])] != '\0')
			return;
	schema_fault(s, y, "expected file:PATH, credential:NAME or "
	    "command:ARGV; the key itself must not stand in YAML");
}

static void
own_read(struct schema *s, const struct yaml *root, struct config *c)
{
	schema_read(s, root, config_keys, c);
	master_key_check(s, yaml_get(root, "master_key"), c->master_key);
}

/* sync.yaml's folder, absolute, so that a later change of folder is harmless */
static enum rc
folder_of(const char *path, char out[FILE_PATH])
{
	char dir[FILE_PATH], *slash, *whole;
	bool fits = str_copy(dir, sizeof(dir), path);

	slash = strrchr(dir, '/');
	if (slash == NULL)
		str_copy(dir, sizeof(dir), ".");
	else
		slash[slash == dir ? 1 : 0] = '\0';
	whole = fits ? realpath(dir, NULL) : NULL;
	if (whole == NULL || !str_copy(out, FILE_PATH, whole)) {
		SAY(M_CONFIG_FILE, F_WORD("file", path),
		    F_WORD("text", "its folder can't be used"));
		free(whole);
		return RC_CONFIG;
	}
	free(whole);
	return RC_OK;
}

/* --- the tenant files --- */

/* DIR/PATTERN, where DIR is not a pattern whatever its name. */
static void
pattern_make(struct buf *out, const char *dir, const char *pattern)
{
	if (pattern[0] != '/') {
		for (; *dir != '\0'; dir++) {
			if (strchr("*?[]\\", *dir) != NULL)
				buf_putc(out, '\\');
			buf_putc(out, *dir);
		}
		buf_putc(out, '/');
	}
	buf_puts(out, pattern);
}

static void
pattern_add(struct schema *s, const struct yaml *y, glob_t *found)
{
	static const struct typed_key key = { .type = TYPED_TEXT };
	const char *text = schema_text(s, y, &key);
	struct buf pattern;
	int flags = found->gl_pathc > 0 ? GLOB_APPEND : 0, n;

	if (text == NULL)
		return;
	buf_init(&pattern, 4 * FILE_PATH);
	pattern_make(&pattern, s->dir, text);
	n = glob(pattern.data, flags, NULL, found);
	buf_free(&pattern);
	if (n == GLOB_NOMATCH && strpbrk(text, "*?[") == NULL)
		schema_fault(s, y, "no such file");
	else if (n == GLOB_NOMATCH)
		SAY(M_NO_TENANTS, F_WORD("text", text));
	else if (n != 0)
		schema_fault(s, y, "its folder can't be read");
}

static void
patterns_read(struct schema *s, const struct yaml *tenants, glob_t *found)
{
	if (tenants == NULL)
		return;
	if (tenants->kind != YAML_LIST) {
		pattern_add(s, tenants, found);
		return;
	}
	for (const struct yaml *y = tenants->first; y != NULL; y = y->next)
		pattern_add(s, y, found);
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int
by_name(const void *a, const void *b)
{
	const struct tenant *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d != 0 ? d : strcmp(x->file, y->file);
}

/* Two files that name the same tenant. */
static enum rc
twice(const struct config *c)
{
	const struct tenant *t = c->tenants;
	enum rc rc = RC_OK;
	char text[FILE_PATH + 64];

	for (size_t i = 1; i < c->tenants_n; i++) {
		if (!str_eq(t[i - 1].name, t[i].name))
			continue;
		str_fmt(text, sizeof(text), "this name is taken by %s",
		    t[i - 1].file);
		SAY(M_CONFIG, F_WORD("file", t[i].file),
		    F_INT("line", t[i].line), F_INT("column", t[i].column),
		    F_WORD("path", "tenant"), F_WORD("text", text));
		rc = RC_CONFIG;
	}
	return rc;
}

/* A tenant that two files name is whole in neither. */
static void
twice_drop(struct config *c)
{
	struct tenant *t = c->tenants;
	size_t n = 0;
	bool same = false;

	for (size_t i = 0; i < c->tenants_n; i++) {
		bool next = i + 1 < c->tenants_n &&
		    str_eq(t[i].name, t[i + 1].name);

		if (same || next) {
			tenant_free(&t[i]);
			c->faulty_n++;
		} else {
			t[n++] = t[i];
		}
		same = next;
	}
	c->tenants_n = n;
}

static enum rc
tenants_load(struct config *c, const struct connector *const *connectors,
    glob_t *found)
{
	char **path = found->gl_pathv;
	size_t n = found->gl_pathc;
	enum rc rc = RC_OK, one;

	if (n == 0)
		return RC_OK;
	qsort(path, n, sizeof(*path), by_text);
	c->tenants = mem_alloc(n * sizeof(*c->tenants));
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && str_eq(path[i - 1], path[i]))
			continue;	/* two patterns found it */
		one = tenant_load(path[i], c->dir, connectors,
		    &c->tenants[c->tenants_n]);
		if (one == RC_OK)
			c->tenants_n++;
		else
			c->faulty_n++;
		rc = rc_worse(rc, one);
	}
	qsort(c->tenants, c->tenants_n, sizeof(*c->tenants), by_name);
	return rc_worse(rc, twice(c));
}

/* --- the whole --- */

static enum rc
load(const struct yaml *root, const struct connector *const *connectors,
    bool lenient, struct config *c)
{
	struct schema own = { .file = c->file, .dir = c->dir }, files = own;
	glob_t found = { .gl_pathc = 0 };
	enum rc rc;

	own_read(&own, root, c);
	patterns_read(&files, yaml_get(root, "tenants"), &found);
	rc = tenants_load(c, connectors, &found);
	globfree(&found);
	c->faulty_n += (size_t)files.faults;
	if (lenient) {
		twice_drop(c);
		return own.faults > 0 ? RC_CONFIG : RC_OK;
	}
	return own.faults + files.faults > 0 ? rc_worse(rc, RC_CONFIG) : rc;
}

enum rc
config_load(const char *path, const struct connector *const *connectors,
    bool lenient, struct config **out)
{
	struct config *c = NULL;
	struct yaml *root = NULL;
	enum rc rc;

	rc = yaml_load(path, &root);
	if (rc != RC_OK)
		return rc;
	c = mem_alloc(sizeof(*c));
	c->file = mem_dup(path);
	c->zone = mem_dup("Europe/Amsterdam");
	c->parallel = 32;
	c->time_limit_s = 3600;
	c->year_end = (struct day){ STATUTORY_LEAP, 12, 31 };
	c->backups_s = (int64_t)90 * 86400;
	rc = folder_of(path, c->dir);
	if (rc == RC_OK)
		rc = load(root, connectors, lenient, c);
	yaml_drop(root);
	if (rc != RC_OK) {
		config_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->tenants_n; i++)
		tenant_free(&c->tenants[i]);
	free(c->tenants);
	free(c->file);
	free(c->master_key);
	free(c->zone);
	free(c);
}

/* --- looking things up --- */

static int
name_cmp(const void *name, const void *t)
{
	return strcmp(name, ((const struct tenant *)t)->name);
}

const struct tenant *
config_tenant(const struct config *c, const char *name)
{
	if (c->tenants_n == 0)
		return NULL;
	return bsearch(name, c->tenants, c->tenants_n, sizeof(*c->tenants),
	    name_cmp);
}

const struct config_connection *
config_connection(const struct tenant *t, const char *name)
{
	if (str_eq(name, "books"))
		return &t->books;
	for (size_t i = 0; i < t->sources_n; i++)
		if (str_eq(t->sources[i].name, name))
			return &t->sources[i];
	return NULL;
}

/* Whether both are synced on some day. */
static bool
meet(const struct tenant *a, const struct tenant *b)
{
	return (!a->has_end || clock_day_cmp(b->start, a->end) <= 0) &&
	    (!b->has_end || clock_day_cmp(a->start, b->end) <= 0);
}

bool
config_alike(const struct config *c, const struct tenant *t)
{
	bool alike = false;

	for (size_t i = 0; i < c->tenants_n; i++) {
		const struct tenant *o = &c->tenants[i];

		if (o->books.books_id != t->books.books_id ||
		    str_eq(o->name, t->name) || !meet(o, t))
			continue;
		for (size_t n = 0; n < t->sources_n; n++) {
			const char *source = t->sources[n].name;

			if (config_connection(o, source) == NULL)
				continue;
			SAY(M_ALIKE, F_WORD("other", o->name),
			    F_WORD("source", source));
			alike = true;
		}
	}
	return alike;
}

enum language
config_language(const struct config *c, const struct tenant *t)
{
	return t->has_language ? t->language : c->language;
}

const char *
config_zone(const struct config *c, const struct tenant *t, const char *source)
{
	const struct config_connection *k = config_connection(t, source);

	return k != NULL && k->zone != NULL ? k->zone : c->zone;
}

bool
config_by_day(const struct tenant *t, const char *source)
{
	const struct config_connection *k = config_connection(t, source);

	return k != NULL && k->receipts == RECEIPTS_DAY;
}

const char *
config_pair(const struct config_pair *p, size_t n, const char *key)
{
	return rules_pair(p, n, key);
}

bool
config_secret_key(const char *key)
{
	return schema_secret_key(key);
}
