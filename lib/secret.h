/*
 * secret.h - values that must not outlive their use.
 *
 * A struct secret is the caller's memory; secret_wipe ends it.  The bytes are
 * locked out of swap where the system allows it and are wiped so that the
 * compiler can't skip it.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

#include "rc.h"

#define SECRET_MAX 4096		/* longest credential, in bytes */

struct secret {
	char *text;		/* NUL-terminated; NULL when empty */
	size_t len;
};

/* Wipe n bytes for certain. */
void secret_zero(void *p, size_t n);

/* free and realloc that leave nothing behind, for foreign libraries that copy
 * secrets. */
void secret_free(void *p);
void *secret_grow(void *p, size_t n);

/* Take a copy of n bytes; RC_REJECT when n > SECRET_MAX.  s must be empty. */
MUST enum rc secret_set(struct secret *s, const void *bytes, size_t n);
void secret_wipe(struct secret *s);

/* No core dump, not traceable by others, umask 077, no file in the place of a
 * standard stream that is closed, and out of the environment what makes
 * libraries write keys or use proxies unasked.  Called first thing in main. */
void secret_harden(void);

#endif
