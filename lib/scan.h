/*
 * scan.h - is it JSON, to the letter?  The look before json.c parses.
 *
 * Checks RFC 8259 over the bytes and more: well-formed UTF-8 (no byte order
 * mark), no lone surrogates, no NUL in a string, no two equal keys in an
 * object, at most SCAN_DEPTH deep and SCAN_NODES values, nothing behind the
 * value.  It writes a plainer copy for the parser behind it:
 *
 * - white space between tokens is gone;
 * - in a string every escape but \" and \\ is resolved, control characters
 *   stand raw, so that two equal strings are equal bytes;
 * - a number is a string of its own text behind SCAN_NUMBER, a byte that no
 *   string can hold, since it stands nowhere in UTF-8.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "rc.h"

#define SCAN_DEPTH 64
#define SCAN_NODES 200000
#define SCAN_NUMBER '\xff'

struct scan_key {			/* in the copy, while its object is open */
	const char *text;
	size_t len;
};

struct scan {			/* all zero at the start */
	const char *fault;	/* why it was refused, in our words */
	size_t at;		/* the byte where */
	size_t nodes;		/* values found */
	struct scan_key *keys;	/* of the objects that are open */
	size_t keys_n, keys_cap;
};

void scan_free(struct scan *s);

/* Bytes that the copy of len bytes may take. */
size_t scan_room(size_t len);

/* Check the bytes and write the copy, of *copy_len bytes without a NUL, to
 * where scan_room(len) bytes are free.  RC_REJECT: fault and at say why. */
MUST enum rc scan_json(struct scan *s, const char *bytes, size_t len,
    char *copy, size_t *copy_len);

#endif
