/*
 * scan.c - a strict tokenizer over foreign JSON.
 *
 * What passes here is exactly JSON, of a bounded shape, with every number
 * still in its own digits.  The words of a fault are ours: they never hold a
 * byte of the text, which may be a debtor's.
 */
#include "scan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "str.h"

#define FEW 64			/* keys in an object; more are sorted */

struct walk {
	const unsigned char *p, *end;
	char *out;
	unsigned depth;
	struct scan *s;
};

static bool value(struct walk *w);

void
scan_free(struct scan *s)
{
	free(s->keys);
	memset(s, 0, sizeof(*s));
}

/* A number gains two quotes and a mark. */
size_t
scan_room(size_t len)
{
	return len + 3 * (len < SCAN_NODES ? len : SCAN_NODES);
}

static bool
fault(struct walk *w, const char *words)
{
	if (w->s->fault == NULL)
		w->s->fault = words;
	return false;
}

/* The byte at hand, 0 at the end: no token starts with a NUL. */
static unsigned char
peek(const struct walk *w)
{
	return w->p < w->end ? *w->p : 0;
}

static void
skip_space(struct walk *w)
{
	while (w->p < w->end && (*w->p == ' ' || *w->p == '\n' ||
	    *w->p == '\r' || *w->p == '\t'))
		w->p++;
}

static void
utf8_put(struct walk *w, uint32_t c)
{
	if (c < 0x80) {
		*w->out++ = (char)c;
		return;
	}
	if (c < 0x800) {
		*w->out++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*w->out++ = (char)(0xe0 | c >> 12);
		} else {
			*w->out++ = (char)(0xf0 | c >> 18);
			*w->out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*w->out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*w->out++ = (char)(0x80 | (c & 0x3f));
}

/* Four hexadecimal digits. */
static bool
hex4(struct walk *w, uint32_t *out)
{
	uint32_t v = 0;

	if (w->end - w->p < 4)
		return fault(w, "broken escape");
	for (int i = 0; i < 4; i++, w->p++) {
		v <<= 4;
		if (*w->p >= '0' && *w->p <= '9')
			v |= *w->p - (uint32_t)'0';
		else if ((*w->p | 0x20) >= 'a' && (*w->p | 0x20) <= 'f')
			v |= (*w->p | 0x20) - (uint32_t)'a' + 10;
		else
			return fault(w, "broken escape");
	}
	*out = v;
	return true;
}

/* \uXXXX, and the second of a pair. */
static bool
unicode_escape(struct walk *w)
{
	uint32_t c = 0, low = 0;

	if (!hex4(w, &c))
		return false;
	if (c == 0)
		return fault(w, "NUL in a string");
	if (c >= 0xd800 && c <= 0xdfff) {
		if (c >= 0xdc00 || w->end - w->p < 2 || w->p[0] != '\\' ||
		    w->p[1] != 'u')
			return fault(w, "lone surrogate");
		w->p += 2;
		if (!hex4(w, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fault(w, "lone surrogate");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c == '"' || c == '\\')
		*w->out++ = '\\';
	utf8_put(w, c);
	return true;
}

static bool
escape(struct walk *w)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	w->p++;
	if (peek(w) == 'u') {
		w->p++;
		return unicode_escape(w);
	}
	at = peek(w) != 0 ? strchr(from, *w->p) : NULL;
	if (at == NULL)
		return fault(w, "broken escape");
	if (*at == '"' || *at == '\\')
		*w->out++ = '\\';
	*w->out++ = to[at - from];
	w->p++;
	return true;
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Over the plain characters from p on; eight at a time while there are. */
static const unsigned char *
plain_run(const unsigned char *p, const unsigned char *end)
{
	const uint64_t ones = UINT64_MAX / 0xff, highs = ones * 0x80;
	uint64_t w, quote, slash;

	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		quote = w ^ ones * '"';
		slash = w ^ ones * '\\';
		/* A high bit where a byte is not ASCII, below 0x20, or zero
		 * after the xor; none where all are plain. */
		if (((w | (w - ones * 0x20) | (quote - ones) |
		    (slash - ones)) & highs) != 0)
			break;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

/* The run of bytes that go into the copy as they are. */
static bool
string_run(struct walk *w)
{
	const unsigned char *from = w->p, *p = w->p;
	size_t n;

	for (;;) {
		p = plain_run(p, w->end);
		if (p == w->end || *p < 0x80)
			break;
		n = str_utf8_char((const char *)p, (size_t)(w->end - p));
		if (n == 0) {
			w->p = p;
			return fault(w, "not UTF-8");
		}
		p += n;
	}
	memcpy(w->out, from, (size_t)(p - from));
	w->out += p - from;
	w->p = p;
	return true;
}

/* The inside of a string, and its closing quote; *from is its copy. */
static bool
string(struct walk *w, char **from)
{
	*w->out++ = '"';
	*from = w->out;
	w->p++;
	for (;;) {
		if (!string_run(w))
			return false;
		if (w->p == w->end)
			return fault(w, "unfinished string");
		if (*w->p == '"')
			break;
		if (*w->p != '\\')
			return fault(w, "control character in a string");
		if (!escape(w))
			return false;
	}
	w->p++;
	*w->out++ = '"';
	return true;
}

static bool
some_digits(struct walk *w)
{
	const unsigned char *from = w->p;

	while (w->p < w->end && *w->p >= '0' && *w->p <= '9')
		w->p++;
	return w->p > from ? true : fault(w, "broken number");
}

static bool
number(struct walk *w)
{
	const unsigned char *from = w->p;

	if (peek(w) == '-')
		w->p++;
	if (peek(w) == '0')
		w->p++;
	else if (!some_digits(w))
		return false;
	if (peek(w) == '.') {
		w->p++;
		if (!some_digits(w))
			return false;
	}
	if (peek(w) == 'e' || peek(w) == 'E') {
		w->p++;
		if (peek(w) == '+' || peek(w) == '-')
			w->p++;
		if (!some_digits(w))
			return false;
	}
	*w->out++ = '"';
	*w->out++ = SCAN_NUMBER;
	memcpy(w->out, from, (size_t)(w->p - from));
	w->out += w->p - from;
	*w->out++ = '"';
	return true;
}

static bool
word(struct walk *w, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(w->end - w->p) < n || memcmp(w->p, text, n) != 0)
		return fault(w, "not a JSON value");
	memcpy(w->out, text, n);
	w->out += n;
	w->p += n;
	return true;
}

static void
key_add(struct scan *s, const char *text, size_t len)
{
	if (s->keys_n == s->keys_cap) {
		s->keys_cap = s->keys_cap * 2 + 256;
		s->keys = mem_grow(s->keys, s->keys_cap * sizeof(*s->keys));
	}
	s->keys[s->keys_n++] = (struct scan_key){ text, len };
}

/* The length settles most comparisons. */
static int
key_cmp(const void *a, const void *b)
{
	const struct scan_key *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->text, y->text, x->len);
}

/* Sorted where there are many, for those that are made to be slow. */
static bool
keys_differ(struct scan_key *k, size_t n)
{
	bool sorted = n > FEW;

	if (sorted)
		qsort(k, n, sizeof(*k), key_cmp);
	for (size_t i = 1; i < n; i++)
		for (size_t j = sorted ? i - 1 : 0; j < i; j++)
			if (key_cmp(&k[i], &k[j]) == 0)
				return false;
	return true;
}

/* "key": value */
static bool
member(struct walk *w)
{
	char *from = NULL;

	if (peek(w) != '"')
		return fault(w, "a key was expected");
	if (!string(w, &from))
		return false;
	key_add(w->s, from, (size_t)(w->out - from) - 1);
	skip_space(w);
	if (peek(w) != ':')
		return fault(w, "a colon was expected");
	*w->out++ = ':';
	w->p++;
	skip_space(w);
	return value(w);
}

/* What stands between the brackets, and the closing one. */
static bool
items(struct walk *w, bool (*item)(struct walk *), char close)
{
	*w->out++ = (char)*w->p++;
	skip_space(w);
	for (bool first = true; peek(w) != (unsigned char)close;
	    first = false) {
		if (!first && peek(w) != ',')
			return fault(w, "a comma was expected");
		if (!first) {
			*w->out++ = ',';
			w->p++;
			skip_space(w);
		}
		if (!item(w))
			return false;
		skip_space(w);
	}
	*w->out++ = close;
	w->p++;
	return true;
}

static bool
object(struct walk *w)
{
	struct scan *s = w->s;
	size_t first = s->keys_n, n;

	if (!items(w, member, '}'))
		return false;
	n = s->keys_n - first;
	s->keys_n = first;
	return n < 2 || keys_differ(s->keys + first, n) ||
	    fault(w, "duplicate key");
}

static bool
value(struct walk *w)
{
	char *text;
	bool ok;

	if (++w->s->nodes > SCAN_NODES)
		return fault(w, "too many values");
	switch (peek(w)) {
	case '{':
	case '[':
		if (w->depth == SCAN_DEPTH)
			return fault(w, "nested too deep");
		w->depth++;
		ok = peek(w) == '{' ? object(w) : items(w, value, ']');
		w->depth--;
		return ok;
	case '"':
		return string(w, &text);
	case 't':
		return word(w, "true");
	case 'f':
		return word(w, "false");
	case 'n':
		return word(w, "null");
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return number(w);
	}
	return fault(w, w->p == w->end ? "unfinished" : "not a JSON value");
}

enum rc
scan_json(struct scan *s, const char *bytes, size_t len, char *copy,
    size_t *copy_len)
{
	const unsigned char *start = (const unsigned char *)bytes;
	struct walk w = { .p = start, .end = start + len, .out = copy,
	    .s = s };

	s->fault = NULL;
	s->at = s->nodes = s->keys_n = 0;
	skip_space(&w);
	if (value(&w)) {
		skip_space(&w);
		if (w.p != w.end)
			(void)fault(&w, "something behind the value");
	}
	if (s->fault != NULL) {
		s->at = (size_t)(w.p - start);
		return RC_REJECT;
	}
	*copy_len = (size_t)(w.out - copy);
	return RC_OK;
}
