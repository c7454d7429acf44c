/*
 * ring.h - the tenants' keys, wrapped by the master key.
 *
 * STORE/keys/NAME.ring holds, sealed by the master key and bound to the
 * tenant's name: the data key (seals values; can be replaced), the index key
 * (makes identification keys; never replaced), and, while values are sealed
 * anew with another data key, the one before it.  Beside it,
 * NAME.generation holds the counter that tells a restored store.  No ring, no
 * data: removing the ring is how a tenant's data ends.
 */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "master.h"
#include "rc.h"

struct ring {
	struct crypt_key *data;
	uint8_t data_version;		/* stands in each sealed value */
	struct crypt_key *old;		/* the version before it, or NULL */
	struct crypt_key *index;
	const char *dir, *tenant;	/* as it was opened: borrowed */
	const struct master *master;
};

/* Open a tenant's ring; make: create it when missing.  What is passed must
 * live as long as the ring.  When no key of m's fits, the master key is read
 * anew: it may just have been replaced.  RC_END: not there.  RC_CONFIG: wrong
 * master key (said).  RC_FATAL: broken file or disk. */
MUST enum rc ring_open(const char *keys_dir, const char *tenant,
    const struct master *m, int make, struct ring *out);
void ring_close(struct ring *r);

/* The data key of a version, also one that came into the ring since it was
 * opened; NULL: none.  Borrowed until the next call. */
struct crypt_key *ring_key(struct ring *r, uint8_t version);

/* A new data key; the present one becomes the old one.  Nothing when there is
 * an old one already.  And: let the old one go, once no value needs it. */
MUST enum rc ring_turn(struct ring *r);
MUST enum rc ring_settle(struct ring *r);

/* Hold this to change rings; closing *fd lets go.  Waits. */
MUST enum rc ring_lock(const char *keys_dir, int *fd);

/* Wrap every ring under keys_dir anew, under ring_lock; each is written, read
 * back and opened with the new key alone.  A ring that already opens with the
 * new key counts as done, so that a rerun completes.  dry: only see whether
 * it can be done.  *n: how many. */
MUST enum rc ring_rewrap(const char *keys_dir, const struct master *from,
    const struct master *to, bool dry, size_t *n);

MUST enum rc ring_generation(const char *keys_dir, const char *tenant,
    uint64_t *out);			/* 0 when there is none */
MUST enum rc ring_generation_set(const char *keys_dir, const char *tenant,
    uint64_t value);

#endif
