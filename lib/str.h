/*
 * str.h - bounded C strings.  Nothing here allocates.
 */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Copy src (may be NULL: empty) into dst[size], always terminated.
 * Returns false when it did not fit; dst then holds the part that did, cut
 * at a UTF-8 boundary.  A NUL within len counts as not fitting.
 */
bool str_copy(char *dst, size_t size, const char *src);
bool str_copy_n(char *dst, size_t size, const char *src, size_t len);

/* Append; the same return value. */
bool str_add(char *dst, size_t size, const char *src);

/* printf into dst[size]; false when cut. */
bool str_fmt(char *dst, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

bool str_eq(const char *a, const char *b);		/* both non-NULL */
bool str_eq_nocase(const char *a, const char *b);	/* ASCII case only */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_empty(const char *s);				/* NULL or "" */

/* ASCII lower case in place. */
void str_lower(char *s);

/* Cut leading and trailing ASCII white space in place. */
void str_trim(char *s);

/* What a terminal or a line reader would obey becomes question marks. */
void str_tame(char *s);

/* True when the len bytes are well-formed UTF-8 without NUL (RFC 3629). */
bool str_utf8(const char *s, size_t len);

/* Bytes of the well-formed character that the n bytes at s start with; 0 when
 * they start with none, or with a NUL. */
size_t str_utf8_char(const char *s, size_t n);

/*
 * A whole decimal number, digits alone, at most max.  RC_REJECT otherwise;
 * *out is then untouched.
 */
MUST enum rc str_u64(const char *s, uint64_t max, uint64_t *out);

/*
 * The entry of names[n] nearest to word by edit distance, or NULL when none
 * is near (distance over a third of the word, at least 1 and at most 3).
 */
const char *str_nearest(const char *word, const char *const *names, size_t n);

/* Lower-case hexadecimal of n bytes into out[2 * n + 1]; and back. */
void str_hex(char *out, const void *bytes, size_t n);
MUST enum rc str_unhex(void *out, size_t n, const char *hex);

/* Mix a text and its NUL into a hash (FNV-1a); the first is mixed into
 * STR_HASH.  For telling texts apart, not against those who make them. */
#define STR_HASH UINT64_C(14695981039346656037)
uint64_t str_hash(uint64_t hash, const char *s);

/* True when s is 1..max characters of [A-Za-z0-9._-]. */
bool str_plain(const char *s, size_t max);

#endif
