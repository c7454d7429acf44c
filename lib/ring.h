/*
 * ring.h - the tenants' keys, wrapped by the master key.
 *
 * STORE/keys/NAME.ring holds, sealed by the master key and bound to the
 * tenant's name: the data key (seals values; can be replaced) and the index
 * key (makes identification keys; never replaced).  Beside it,
 * NAME.generation holds the counter that tells a restored store.  No ring, no
 * data: removing the ring is how a tenant's data ends.
 */
#ifndef RING_H
#define RING_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "master.h"
#include "rc.h"

struct ring {
	struct crypt_key *data;
	uint8_t data_version;		/* stands in each sealed value */
	struct crypt_key *index;
};

/* Open a tenant's ring; make: create it when missing.  RC_END: not there.
 * RC_CONFIG: wrong master key (said).  RC_FATAL: broken file or disk. */
MUST enum rc ring_open(const char *keys_dir, const char *tenant,
    const struct master *m, int make, struct ring *out);
void ring_close(struct ring *r);

/* Wrap every ring under keys_dir anew; each is written, read back and opened
 * with the new key alone.  A ring that already opens with the new key counts
 * as done, so that a rerun completes.  *n: how many. */
MUST enum rc ring_rewrap(const char *keys_dir, const struct master *from,
    const struct master *to, size_t *n);

MUST enum rc ring_generation(const char *keys_dir, const char *tenant,
    uint64_t *out);			/* 0 when there is none */
MUST enum rc ring_generation_set(const char *keys_dir, const char *tenant,
    uint64_t value);

#endif
