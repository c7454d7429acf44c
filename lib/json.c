/*
 * json.c - JSON in and out; the only file that knows cJSON.
 *
 * cJSON alone is lenient and lossy: it never sees foreign bytes, only the
 * copy that scan.c makes of strict JSON, in which a number is a string behind
 * a mark.  So no amount ever passes through a double.  The tree, and the copy
 * while it lives, hold debtors' data: both are wiped, never just freed.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "secret.h"
#include "str.h"

struct area {			/* memory, wiped before it is used anew */
	char *at;
	size_t cap, used;
};

struct json_doc {
	struct scan scan;
	struct area copy, tree;
	char fault[80];
};

/*
 * cJSON takes its memory from two functions without an argument, the same for
 * all parses; so they must be told aside whose tree is being built.  Set in
 * build and nowhere else, NULL outside of it.
 */
static struct area *building;

static void
area_wipe(struct area *a)
{
	if (a->used != 0)
		secret_zero(a->at, a->used);
	a->used = 0;
}

static void
area_free(struct area *a)
{
	area_wipe(a);
	free(a->at);
	a->at = NULL;
	a->cap = 0;
}

/* An empty area of n bytes at least. */
static void
area_ready(struct area *a, size_t n)
{
	area_wipe(a);
	if (n <= a->cap)
		return;
	free(a->at);
	a->cap = n + n / 4;
	a->at = mem_grow(NULL, a->cap);
}

static void *
area_take(size_t n)
{
	void *p;

	n = (n + 7) & ~(size_t)7;
	if (building == NULL || n > building->cap - building->used)
		return NULL;
	p = building->at + building->used;
	building->used += n;
	return p;
}

static void
area_keep(void *p)
{
	(void)p;	/* the tree goes as a whole */
}

struct json_doc *
json_doc_new(void)
{
	return mem_alloc(sizeof(struct json_doc));
}

void
json_doc_free(struct json_doc *d)
{
	if (d == NULL)
		return;
	area_free(&d->copy);
	area_free(&d->tree);
	scan_free(&d->scan);
	free(d);
}

/*
 * The tree of the copy, in an area that is large enough from the start: a
 * node a value, and for at most two strings a node (its key and its text) a
 * NUL and what rounding up costs.
 */
static const cJSON *
build(struct json_doc *d)
{
	cJSON_Hooks ours = { area_take, area_keep };
	cJSON_Hooks none = { malloc, free };
	const cJSON *root;

	area_ready(&d->tree, d->copy.used +
	    d->scan.nodes * (((sizeof(cJSON) + 7) & ~(size_t)7) + 2 * 8));
	cJSON_InitHooks(&ours);
	building = &d->tree;
	root = cJSON_ParseWithLengthOpts(d->copy.at, d->copy.used, NULL, 1);
	building = NULL;
	cJSON_InitHooks(&none);
	return root;
}

enum rc
json_parse(struct json_doc *d, const char *bytes, size_t len,
    const struct json **out)
{
	const cJSON *root;
	size_t n = 0;

	area_wipe(&d->tree);
	d->fault[0] = '\0';
	area_ready(&d->copy, scan_room(len) + 1);
	/* Until the scan says how much it wrote, it may have filled it. */
	d->copy.used = d->copy.cap;
	if (scan_json(&d->scan, bytes, len, d->copy.at, &n) != RC_OK) {
		area_wipe(&d->copy);
		(void)str_fmt(d->fault, sizeof(d->fault), "%s at byte %zu",
		    d->scan.fault, d->scan.at);
		return RC_REJECT;
	}
	d->copy.at[n] = '\0';
	d->copy.used = n + 1;
	root = build(d);
	area_wipe(&d->copy);
	if (root == NULL) {
		area_wipe(&d->tree);
		(void)str_copy(d->fault, sizeof(d->fault),
		    "the parser refused it");
		return RC_REJECT;
	}
	*out = (const struct json *)root;
	return RC_OK;
}

const char *
json_fault(const struct json_doc *d)
{
	return d->fault;
}

static const cJSON *
node(const struct json *v)
{
	return (const cJSON *)v;
}

static const struct json *
child_named(const struct json *obj, const char *key, size_t len)
{
	if (!json_is_object(obj))
		return NULL;
	/* The first character settles most of them; an empty key has its NUL
	 * there, as has an empty name. */
	for (const cJSON *c = node(obj)->child; c != NULL; c = c->next)
		if (c->string[0] == (len > 0 ? key[0] : '\0') &&
		    strncmp(c->string, key, len) == 0 &&
		    c->string[len] == '\0')
			return (const struct json *)c;
	return NULL;
}

/* By its index, in decimal digits. */
static const struct json *
child_at(const struct json *array, const char *digits, size_t len)
{
	const struct json *c = json_first(array);
	size_t index = 0;

	if (len == 0)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9' || index > JSON_NODES)
			return NULL;
		index = index * 10 + (size_t)(digits[i] - '0');
	}
	while (c != NULL && index-- > 0)
		c = json_next(c);
	return c;
}

const struct json *
json_get(const struct json *obj, const char *key)
{
	return child_named(obj, key, strlen(key));
}

const struct json *
json_path(const struct json *v, const char *path)
{
	size_t n;

	while (*path != '\0' && v != NULL) {
		n = strcspn(path, ".");
		v = json_is_array(v) ? child_at(v, path, n) :
		    child_named(v, path, n);
		path += n + (path[n] == '.');
	}
	return v;
}

const char *
json_text(const struct json *v)
{
	if (v == NULL || !cJSON_IsString(node(v)))
		return NULL;
	return node(v)->valuestring + json_is_number(v);
}

const char *
json_str(const struct json *v, const char *path)
{
	const char *s = json_text(json_path(v, path));

	return s != NULL ? s : "";
}

bool
json_bool(const struct json *v, const char *path, bool preset)
{
	const struct json *at = json_path(v, path);

	return at != NULL && cJSON_IsBool(node(at)) ?
	    cJSON_IsTrue(node(at)) : preset;
}

enum rc
json_i64(const struct json *v, const char *path, int64_t *out)
{
	const struct json *at = json_path(v, path);
	const char *p = json_is_number(at) ? json_text(at) : "";
	bool negative = *p == '-';
	const char *zeros = strchr(p, '.');
	char whole[24];
	uint64_t n;

	p += negative;
	if (!str_copy_n(whole, sizeof(whole), p, strcspn(p, ".")) ||
	    (zeros != NULL && zeros[1 + strspn(zeros + 1, "0")] != '\0') ||
	    str_u64(whole, (uint64_t)INT64_MAX + negative, &n) != RC_OK)
		return RC_REJECT;
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return RC_OK;
}

bool
json_is_object(const struct json *v)
{
	return v != NULL && cJSON_IsObject(node(v));
}

bool
json_is_array(const struct json *v)
{
	return v != NULL && cJSON_IsArray(node(v));
}

bool
json_is_null(const struct json *v)
{
	return v == NULL || cJSON_IsNull(node(v));
}

bool
json_is_number(const struct json *v)
{
	return v != NULL && cJSON_IsString(node(v)) &&
	    *node(v)->valuestring == SCAN_NUMBER;
}

bool
json_is_string(const struct json *v)
{
	return v != NULL && cJSON_IsString(node(v)) &&
	    *node(v)->valuestring != SCAN_NUMBER;
}

const struct json *
json_first(const struct json *v)
{
	return v != NULL ? (const struct json *)node(v)->child : NULL;
}

const struct json *
json_next(const struct json *c)
{
	return c != NULL ? (const struct json *)node(c)->next : NULL;
}

const char *
json_key(const struct json *c)
{
	return c != NULL ? node(c)->string : NULL;
}

size_t
json_count(const struct json *v)
{
	size_t n = 0;

	for (const struct json *c = json_first(v); c != NULL;
	    c = json_next(c))
		n++;
	return n;
}

void
json_begin(struct json_out *o, struct buf *b)
{
	memset(o, 0, sizeof(*o));
	o->buf = b;
}

/* The comma before a value, where one is due. */
static void
place(struct json_out *o)
{
	if (!o->after_key && o->comma[o->depth])
		buf_putc(o->buf, ',');
	o->after_key = false;
	o->comma[o->depth] = true;
}

static void
open_with(struct json_out *o, char bracket)
{
	place(o);
	if (o->depth == JSON_DEPTH) {
		o->buf->over = true;
		return;
	}
	buf_putc(o->buf, bracket);
	o->comma[++o->depth] = false;
}

static void
close_with(struct json_out *o, char bracket)
{
	buf_putc(o->buf, bracket);
	if (o->depth > 0)
		o->depth--;
}

void
json_open_object(struct json_out *o)
{
	open_with(o, '{');
}

void
json_close_object(struct json_out *o)
{
	close_with(o, '}');
}

void
json_open_array(struct json_out *o)
{
	open_with(o, '[');
}

void
json_close_array(struct json_out *o)
{
	close_with(o, ']');
}

static void
put_special(struct buf *b, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = strchr(from, c);

	if (at != NULL) {
		buf_putc(b, '\\');
		buf_putc(b, to[at - from]);
	} else {
		buf_fmt(b, "\\u%04x", (unsigned)(unsigned char)c);
	}
}

static void
put_quoted(struct buf *b, const char *s)
{
	const char *from = s;
	size_t n;

	buf_putc(b, '"');
	while (*s != '\0') {
		n = (unsigned char)*s < 0x80 ? 1 :
		    str_utf8_char(s, strnlen(s, 4));
		if (n > 1 || (n == 1 && *s >= ' ' && *s != '"' &&
		    *s != '\\')) {
			s += n;
			continue;
		}
		buf_add(b, from, (size_t)(s - from));
		if (n == 0)
			buf_puts(b, "\xef\xbf\xbd");
		else
			put_special(b, *s);
		from = ++s;
	}
	buf_add(b, from, (size_t)(s - from));
	buf_putc(b, '"');
}

void
json_put_key(struct json_out *o, const char *key)
{
	place(o);
	put_quoted(o->buf, key);
	buf_putc(o->buf, ':');
	o->after_key = true;
}

void
json_put_str(struct json_out *o, const char *s)
{
	place(o);
	if (s == NULL)
		buf_puts(o->buf, "null");
	else
		put_quoted(o->buf, s);
}

void
json_put_raw(struct json_out *o, const char *number)
{
	place(o);
	buf_puts(o->buf, number);
}

void
json_put_i64(struct json_out *o, int64_t n)
{
	char text[24];

	(void)str_fmt(text, sizeof(text), "%lld", (long long)n);
	json_put_raw(o, text);
}

void
json_put_bool(struct json_out *o, bool b)
{
	json_put_raw(o, b ? "true" : "false");
}

void
json_put_null(struct json_out *o)
{
	json_put_raw(o, "null");
}

void
json_put_member(struct json_out *o, const char *key, const char *s)
{
	json_put_key(o, key);
	json_put_str(o, s);
}
