/*
 * master.h - the master key: outside the store, and wraps what is in it.
 */
#ifndef MASTER_H
#define MASTER_H

#include <stdint.h>

#include "crypt.h"
#include "rc.h"

#define MASTER_ID 8
#define MASTER_NEXT ".new"		/* behind the key file's name */

struct master {
	struct crypt_key *key;
	uint8_t id[MASTER_ID];		/* tells keys apart; no secret */
	struct master *next;		/* of a rotation that was broken off */
};

/* spec: "file:PATH" (relative to dir), "credential:NAME" (systemd), or
 * "command:ARGV" (split at blanks, run without a shell).  The key is 64
 * hexadecimal digits.  RC_CONFIG: said. */
MUST enum rc master_load(const char *spec, const char *dir,
    struct master **out);
void master_free(struct master *m);
/* A new random key as 64 digits, a line feed and NUL. */
void master_make(char out[66]);

#endif
