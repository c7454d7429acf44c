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
	struct master *next;		/* the one that takes its place: rings
					 * may be wrapped by either */
	const char *spec, *dir;		/* where it came from, borrowed */
};

/* spec: "file:PATH" (relative to dir), "credential:NAME" (systemd), or
 * "command:ARGV" (split at blanks, run without a shell).  The key is 64
 * hexadecimal digits.  A file's next key lies beside it, as PATH MASTER_NEXT.
 * RC_CONFIG: said. */
MUST enum rc master_load(const char *spec, const char *dir,
    struct master **out);

/*
 * A next key that lies elsewhere: KEYS/MASTER_MOVE says where, sealed by the
 * key that it replaces, so that nobody else can name a command to be run.
 * announce writes it; follow makes it m's next, if there is one.
 */
#define MASTER_MOVE "master.next"
MUST enum rc master_announce(const struct master *m, const char *keys_dir,
    const char *spec);
MUST enum rc master_follow(struct master *m, const char *keys_dir);
/* What stands where m came from by now, and its next. */
MUST enum rc master_again(const struct master *m, const char *keys_dir,
    struct master **out);
void master_free(struct master *m);
/* A new random key as 64 digits, a line feed and NUL. */
void master_make(char out[66]);

#endif
