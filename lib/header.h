/*
 * header.h - the few headers of an HTTP answer that matter, from its lines.
 *
 * Bytes from strangers: every field is bounded, and an answer that we could
 * misread is refused.  A header that is only of use and can't be read counts
 * as absent.
 */
#ifndef HEADER_H
#define HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_LINES 100		/* most lines of all heads together */
#define HEADER_BYTES (64u << 10)	/* and their bytes */
#define HEADER_LINK 2048

struct header {
	int lines;
	size_t bytes;
	bool ended;			/* the empty line came: it is whole */
	int64_t date_at;		/* Date, 0: absent */
	int64_t retry_at;		/* Retry-After as a moment, 0: absent */
	int64_t total;			/* X-WP-Total and the like, -1: absent */
	char link_next[HEADER_LINK];	/* Link with rel="next", "": absent */
};

void header_init(struct header *h);

/*
 * Take one line of n bytes, with or without its end of line; a status line
 * starts anew.  NULL, or why the answer can't be used: a constant.
 */
const char *header_take(struct header *h, const char *line, size_t n);

/*
 * What we send.  A word: printable ASCII without spaces, not empty.  A value:
 * no control bytes, so no line of its own.  A header: "Name: value".
 */
bool header_word_ok(const char *word);
bool header_value_ok(const char *value);
bool header_ok(const char *line);

#endif
