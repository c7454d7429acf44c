/*
 * yaml.c - configuration files, read with libyaml's event interface.
 *
 * libyaml is lenient where a configuration must not be (it takes duplicate
 * keys and keeps silent about tags nobody asked for), and some of its work is
 * quadratic; so limits are checked at each event, before the next is asked
 * for.  A nesting bomb costs no more than the 17 levels that are looked at.
 * A file is never trusted to be small, to be text, or to be one document.
 */
#include "yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "secret.h"
#include "str.h"

#define DEPTH 16

struct reader {
	const char *file;
	struct yaml *root;
	struct yaml *open[DEPTH];	/* maps and lists not ended yet */
	struct yaml **tail[DEPTH];	/* where their next child goes */
	size_t depth;
	char *key;			/* of the open map; waits for a value */
	yaml_mark_t key_at;
	bool document;			/* one has begun */
};

static enum rc
fault(const struct reader *r, yaml_mark_t at, const char *text)
{
	SAY(M_CONFIG, F_WORD("file", r->file), F_INT("line", at.line + 1),
	    F_INT("column", at.column + 1), F_WORD("path", "YAML"),
	    F_WORD("text", text));
	return RC_CONFIG;
}

/* What libyaml itself did not like. */
static enum rc
fault_library(const struct reader *r, const yaml_parser_t *p)
{
	if (p->error == YAML_MEMORY_ERROR) {
		SAY0(M_MEMORY);
		return RC_FATAL;
	}
	return fault(r, p->problem_mark,
	    p->problem != NULL ? p->problem : "not YAML");
}

/* A new node, hung where the next one belongs. */
static struct yaml *
add(struct reader *r, enum yaml_kind kind, yaml_mark_t at)
{
	struct yaml *y = mem_alloc(sizeof(*y));

	y->kind = kind;
	y->line = (int)at.line + 1;
	y->column = (int)at.column + 1;
	y->key = r->key;
	if (r->key != NULL) {
		y->key_line = (int)r->key_at.line + 1;
		y->key_column = (int)r->key_at.column + 1;
		r->key = NULL;
	}
	if (r->depth == 0) {
		r->root = y;
	} else {
		y->up = r->open[r->depth - 1];
		*r->tail[r->depth - 1] = y;
		r->tail[r->depth - 1] = &y->next;
	}
	return y;
}

/* True when what comes next is a key, not a value. */
static bool
at_key(const struct reader *r)
{
	return r->depth > 0 && r->open[r->depth - 1]->kind == YAML_MAP &&
	    r->key == NULL;
}

static enum rc
begin(struct reader *r, enum yaml_kind kind, const yaml_char_t *anchor,
    const yaml_char_t *tag, yaml_mark_t at)
{
	struct yaml *y;

	if (anchor != NULL)
		return fault(r, at, "anchors are not taken");
	if (tag != NULL)
		return fault(r, at, "tags are not taken");
	if (at_key(r))
		return fault(r, at, "a key must be text, not a map or list");
	if (r->depth == DEPTH)
		return fault(r, at, "nested too deep");
	y = add(r, kind, at);
	r->open[r->depth] = y;
	r->tail[r->depth++] = &y->first;
	return RC_OK;
}

static enum rc
scalar(struct reader *r, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	size_t n = e->data.scalar.length;
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct yaml *y;

	if (e->data.scalar.anchor != NULL)
		return fault(r, e->start_mark, "anchors are not taken");
	if (e->data.scalar.tag != NULL)
		return fault(r, e->start_mark, "tags are not taken");
	if (memchr(text, '\0', n) != NULL)
		return fault(r, e->start_mark, "a NUL byte in a text");
	if (at_key(r)) {
		if (plain && str_eq(text, "<<"))
			return fault(r, e->start_mark,
			    "merge keys are not taken");
		r->key = mem_dup(text);
		r->key_at = e->start_mark;
		return RC_OK;
	}
	y = add(r, YAML_SCALAR, e->start_mark);
	y->text = mem_dup(text);
	y->plain = plain;
	return RC_OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct yaml *const *x = a, *const *y = b;
	int d = strcmp((*x)->key, (*y)->key);

	if (d != 0)
		return d;
	if ((*x)->key_line != (*y)->key_line)
		return (*x)->key_line < (*y)->key_line ? -1 : 1;
	return (*x)->key_column < (*y)->key_column ? -1 : 1;
}

/* Sorted, because comparing each with each is a bomb in a 1 MiB map. */
static enum rc
duplicates(const struct reader *r, const struct yaml *map)
{
	const struct yaml **list, *y;
	size_t n = 0, i = 0;
	enum rc rc = RC_OK;

	for (y = map->first; y != NULL; y = y->next)
		n++;
	if (n < 2)
		return RC_OK;
	list = mem_alloc(n * sizeof(*list));
	for (y = map->first; y != NULL; y = y->next)
		list[i++] = y;
	qsort(list, n, sizeof(*list), by_key);
	for (i = 1; i < n && rc == RC_OK; i++)
		if (str_eq(list[i - 1]->key, list[i]->key)) {
			yaml_mark_t at = { 0,
			    (size_t)list[i]->key_line - 1,
			    (size_t)list[i]->key_column - 1 };
			rc = fault(r, at, "this key stands twice in its map");
		}
	free(list);
	return rc;
}

static enum rc
end(struct reader *r)
{
	const struct yaml *y = r->open[--r->depth];

	return y->kind == YAML_MAP ? duplicates(r, y) : RC_OK;
}

/* One event.  RC_END: the stream ended. */
static enum rc
take(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->document)
			return fault(r, e->start_mark,
			    "a second document in one file");
		r->document = true;
		return RC_OK;
	case YAML_ALIAS_EVENT:
		return fault(r, e->start_mark, "aliases are not taken");
	case YAML_SCALAR_EVENT:
		return scalar(r, e);
	case YAML_MAPPING_START_EVENT:
		return begin(r, YAML_MAP, e->data.mapping_start.anchor,
		    e->data.mapping_start.tag, e->start_mark);
	case YAML_SEQUENCE_START_EVENT:
		return begin(r, YAML_LIST, e->data.sequence_start.anchor,
		    e->data.sequence_start.tag, e->start_mark);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return end(r);
	case YAML_STREAM_END_EVENT:
		return RC_END;
	default:
		return RC_OK;
	}
}

static enum rc
read_events(struct reader *r, yaml_parser_t *p)
{
	yaml_event_t e;
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		if (!yaml_parser_parse(p, &e))
			return fault_library(r, p);
		rc = take(r, &e);
		yaml_event_delete(&e);
	}
	return rc == RC_END ? RC_OK : rc;
}

/* The first line that is not text, by its number from 0. */
static size_t
bad_line(const char *bytes, size_t n)
{
	const char *feed;
	size_t line = 0, len;

	for (; n > 0; line++) {
		feed = memchr(bytes, '\n', n);
		len = feed != NULL ? (size_t)(feed - bytes) + 1 : n;
		if (!str_utf8(bytes, len))
			break;
		bytes += len;
		n -= len;
	}
	return line;
}

/* True when the first thing in the text, comments aside, is a directive. */
static bool
directive(const char *p, size_t n)
{
	const char *end_at = p + n;
	bool comment = false;

	for (; p < end_at; p++) {
		if (*p == '\n' || *p == '\r')
			comment = false;
		else if (*p == '#')
			comment = true;
		else if (!comment && *p != ' ' && *p != '\t')
			return *p == '%';
	}
	return false;
}

/* What libyaml is not asked to judge; it compares each directive with each. */
static enum rc
look(const struct reader *r, const char *bytes, size_t n)
{
	yaml_mark_t at = { 0, 0, 0 };

	if (n > YAML_MAX)
		return fault(r, at, "longer than 1 MiB");
	if (!str_utf8(bytes, n)) {
		at.line = bad_line(bytes, n);
		return fault(r, at, "not UTF-8 text");
	}
	if (directive(bytes, n))
		return fault(r, at, "directives are not taken");
	return RC_OK;
}

enum rc
yaml_parse(const char *file, const char *bytes, size_t n, struct yaml **out)
{
	struct reader r = { .file = file };
	yaml_mark_t top = { 0, 0, 0 };
	yaml_parser_t p;
	enum rc rc;

	/* libyaml counts a byte order mark as a column */
	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		n -= 3;
	}
	rc = look(&r, bytes, n);
	if (rc != RC_OK)
		return rc;
	if (!yaml_parser_initialize(&p)) {
		SAY0(M_MEMORY);
		return RC_FATAL;
	}
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const yaml_char_t *)bytes, n);
	rc = read_events(&r, &p);
	yaml_parser_delete(&p);
	if (rc == RC_OK && (r.root == NULL ||
	    (r.root->kind == YAML_SCALAR && r.root->text[0] == '\0')))
		rc = fault(&r, top, "there is nothing in it");
	free(r.key);
	if (rc != RC_OK) {
		yaml_drop(r.root);
		return rc;
	}
	*out = r.root;
	return RC_OK;
}

enum rc
yaml_load(const char *path, struct yaml **out)
{
	char *real = realpath(path, NULL);	/* it may well be a link */
	struct buf text;
	enum rc rc = RC_END;

	buf_init(&text, YAML_MAX);
	if (real != NULL || errno != ENOENT)
		rc = file_read(real != NULL ? real : path, &text);
	free(real);
	if (rc == RC_END) {
		SAY(M_CONFIG_FILE, F_WORD("file", path),
		    F_WORD("text", "no such file"));
		rc = RC_CONFIG;
	} else if (rc == RC_OK) {
		rc = yaml_parse(path, text.data != NULL ? text.data : "",
		    text.len, out);
	}
	buf_free(&text);
	return rc;
}

void
yaml_drop(struct yaml *y)
{
	struct yaml *next;

	for (; y != NULL; y = next) {
		next = y->next;
		yaml_drop(y->first);
		if (y->text != NULL)
			secret_zero(y->text, strlen(y->text));
		free(y->text);
		free(y->key);
		free(y);
	}
}

const struct yaml *
yaml_get(const struct yaml *map, const char *key)
{
	if (map == NULL || map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml *y = map->first; y != NULL; y = y->next)
		if (str_eq(y->key, key))
			return y;
	return NULL;
}
