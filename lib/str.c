/*
 * str.c - bounded C strings.
 *
 * Everything that writes knows the size of what it writes to, and says when
 * it had to cut.  Nothing here allocates, and nothing depends on the locale:
 * letters, digits and white space are ASCII's.
 */
#include "str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NEAREST_WORD 64		/* longest word str_nearest looks at */

/* Bytes of the UTF-8 sequence that starts with c; 0 when none can. */
static size_t
utf8_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	if (c >= 0xf0 && c <= 0xf4)
		return 4;
	return 0;
}

/* The most of s[n] that does not end in the middle of a character. */
static size_t
utf8_whole(const char *s, size_t n)
{
	size_t back;

	for (back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)s[n - back];

		if ((c & 0xc0) == 0x80)
			continue;
		return utf8_length(c) > back ? n - back : n;
	}
	return n;
}

bool
str_copy_n(char *dst, size_t size, const char *src, size_t len)
{
	size_t n;
	bool whole;

	if (size == 0)
		return false;
	n = src == NULL ? 0 : strnlen(src, len);
	whole = src == NULL || n == len;
	if (n >= size) {
		n = utf8_whole(src, size - 1);
		whole = false;
	}
	if (n > 0)
		memmove(dst, src, n);
	dst[n] = '\0';
	return whole;
}

bool
str_copy(char *dst, size_t size, const char *src)
{
	return str_copy_n(dst, size, src, src == NULL ? 0 : strlen(src));
}

bool
str_add(char *dst, size_t size, const char *src)
{
	size_t n = strnlen(dst, size);

	return str_copy(dst + n, size - n, src);
}

bool
str_fmt(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (size == 0)
		return false;
	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	if (n < 0) {
		dst[0] = '\0';
		return false;
	}
	if ((size_t)n < size)
		return true;
	dst[utf8_whole(dst, size - 1)] = '\0';
	return false;
}

bool
str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
str_eq_nocase(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool
str_empty(const char *s)
{
	return s == NULL || *s == '\0';
}

void
str_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = lower(*s);
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void
str_trim(char *s)
{
	size_t from = 0, to = strlen(s);

	while (to > 0 && is_space(s[to - 1]))
		to--;
	while (from < to && is_space(s[from]))
		from++;
	memmove(s, s + from, to - from);
	s[to - from] = '\0';
}

void
str_tame(char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		unsigned char d = (unsigned char)s[1];

		if (c < 0x20 || c == 0x7f)
			*s = '?';
		else if (c == 0xc2 && d >= 0x80 && d <= 0x9f)
			s[0] = s[1] = '?';
	}
}

size_t
str_utf8_char(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = n > 0 && *p != 0 ? utf8_length(*p) : 0;
	unsigned char low = 0x80, high = 0xbf;

	if (len == 0 || len > n)
		return 0;
	if (*p == 0xe0)
		low = 0xa0;		/* overlong */
	else if (*p == 0xed)
		high = 0x9f;		/* surrogates */
	else if (*p == 0xf0)
		low = 0x90;		/* overlong */
	else if (*p == 0xf4)
		high = 0x8f;		/* past U+10FFFF */
	for (size_t i = 1; i < len; i++) {
		if (p[i] < low || p[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

bool
str_utf8(const char *s, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = str_utf8_char(s + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

enum rc
str_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (*s == '\0')
		return RC_REJECT;
	for (; *s != '\0'; s++) {
		uint64_t digit;

		if (*s < '0' || *s > '9')
			return RC_REJECT;
		digit = (uint64_t)(*s - '0');
		if (digit > max || value > (max - digit) / 10)
			return RC_REJECT;
		value = value * 10 + digit;
	}
	*out = value;
	return RC_OK;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Insertions, deletions, replacements and swaps of neighbours that make b out
 * of a.  Both are shorter than NEAREST_WORD.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t row[3][NEAREST_WORD];
	size_t n = strlen(a), m = strlen(b), i, j;

	for (j = 0; j <= m; j++)
		row[0][j] = j;
	for (i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3];
		const size_t *before = row[(i + 1) % 3];

		now[0] = i;
		for (j = 1; j <= m; j++) {
			now[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], last[j] + 1);
			now[j] = least(now[j], now[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

const char *
str_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word), limit = len / 3, i, d;

	if (len >= NEAREST_WORD)
		return NULL;
	if (limit < 1)
		limit = 1;
	if (limit > 3)
		limit = 3;
	for (i = 0; i < n; i++) {
		if (strlen(names[i]) >= NEAREST_WORD)
			continue;
		d = distance(word, names[i]);
		if (d > limit)
			continue;
		best = names[i];
		if (d == 0)
			break;
		limit = d - 1;
	}
	return best;
}

void
str_hex(char *out, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

enum rc
str_unhex(void *out, size_t n, const char *hex)
{
	unsigned char *p = out;
	size_t i;

	for (i = 0; i < 2 * n; i++)
		if (hex_digit(hex[i]) < 0)
			return RC_REJECT;
	if (hex[2 * n] != '\0')
		return RC_REJECT;
	for (i = 0; i < n; i++)
		p[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 |
		    hex_digit(hex[2 * i + 1]));
	return RC_OK;
}

uint64_t
str_hash(uint64_t hash, const char *s)
{
	do
		hash = (hash ^ (unsigned char)*s) * UINT64_C(1099511628211);
	while (*s++ != '\0');
	return hash;
}

bool
str_plain(const char *s, size_t max)
{
	size_t n;

	for (n = 0; s[n] != '\0'; n++) {
		char c = lower(s[n]);

		if (n == max)
			return false;
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '.' && c != '_' && c != '-')
			return false;
	}
	return n > 0;
}
