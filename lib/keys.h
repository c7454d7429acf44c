/*
 * keys.h - the keys of JSON objects that are still open: are any two equal?
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct keys_one {
	const char *text;	/* the caller's, while its object is open */
	size_t len;
};

struct keys {			/* all zero at the start */
	struct keys_one *k;	/* working memory, kept between texts */
	size_t n, cap;
};

void keys_free(struct keys *s);

void keys_add(struct keys *s, const char *text, size_t len);
/* The object whose keys begin at `first` is closed: forget them.  False when
 * two of them are equal. */
bool keys_close(struct keys *s, size_t first);

#endif
