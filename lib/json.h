/*
 * json.h - strict JSON in, exact JSON out.  Only json.c knows cJSON.
 *
 * Reading: the bytes are checked first (UTF-8, strict grammar, depth at most
 * JSON_DEPTH, at most JSON_NODES values, no duplicate keys, no NUL in a
 * string, nothing behind the value) and only then parsed.  Numbers keep their
 * text: 0.1 stays "0.1", 9007199254740993 stays itself, 1e999 stays text and
 * is refused by money_parse.  The tree lives in one arena and is wiped and
 * freed as a whole; one struct json_doc serves one document after another
 * without touching the heap again.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "rc.h"
#include "scan.h"

#define JSON_DEPTH SCAN_DEPTH
#define JSON_NODES SCAN_NODES

struct json;		/* a value in a tree; NULL stands for "absent" */
struct json_doc;	/* the arena that holds a tree */

struct json_doc *json_doc_new(void);
void json_doc_free(struct json_doc *d);

/*
 * Parse bytes; the tree lives until the next parse into d.  RC_REJECT: not
 * strict JSON; json_fault then says why in a few words of our own ("duplicate
 * key at byte 17"), without any of the text.
 */
MUST enum rc json_parse(struct json_doc *d, const char *bytes, size_t len,
    const struct json **out);
const char *json_fault(const struct json_doc *d);

/* All take NULL and then answer "absent". */
const struct json *json_get(const struct json *obj, const char *key);
/* A path of keys and indexes: "billing.email", "taxes.0.total". */
const struct json *json_path(const struct json *v, const char *path);
/* The text of a string or of a number; NULL for anything else. */
const char *json_text(const struct json *v);
/* json_text(json_path(v, path)), or "" when absent or null. */
const char *json_str(const struct json *v, const char *path);
/* A boolean, or the preset when absent or of another type. */
bool json_bool(const struct json *v, const char *path, bool preset);
/* A whole number (5 and 5.0, not 5e0); RC_REJECT when absent, a string, or
 * out of range. */
MUST enum rc json_i64(const struct json *v, const char *path, int64_t *out);

bool json_is_object(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_null(const struct json *v);	/* null or absent */
bool json_is_number(const struct json *v);
bool json_is_string(const struct json *v);

/* Children of an object or array, in order: for (c = json_first(v); c; c =
 * json_next(c)).  json_key is NULL in an array. */
const struct json *json_first(const struct json *v);
const struct json *json_next(const struct json *c);
const char *json_key(const struct json *c);
size_t json_count(const struct json *v);

/*
 * Writing: a tiny emitter that places commas and escapes.  Errors are sticky
 * in the buffer (buf.over), and so is nesting past JSON_DEPTH.  Strings must
 * be UTF-8; bytes that are not become U+FFFD.
 */
struct json_out {
	struct buf *buf;
	unsigned depth;
	bool comma[JSON_DEPTH + 1];	/* a value already stands here */
	bool after_key;
};

void json_begin(struct json_out *o, struct buf *b);
void json_open_object(struct json_out *o);
void json_close_object(struct json_out *o);
void json_open_array(struct json_out *o);
void json_close_array(struct json_out *o);
void json_put_key(struct json_out *o, const char *key);
void json_put_str(struct json_out *o, const char *s);	/* NULL: null */
void json_put_raw(struct json_out *o, const char *number);
void json_put_i64(struct json_out *o, int64_t n);
void json_put_bool(struct json_out *o, bool b);
void json_put_null(struct json_out *o);
/* key and string in one. */
void json_put_member(struct json_out *o, const char *key, const char *s);

#endif
