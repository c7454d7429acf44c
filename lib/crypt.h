/*
 * crypt.h - sealing, hashing, random.  Only crypt.c knows OpenSSL.
 *
 * Seal: AES-256-GCM, a random 96-bit nonce, the context bound in as AAD.
 * Layout of a sealed value: version byte of the key, nonce 12, ciphertext,
 * tag 16; the version byte is bound in too, after the caller's context.
 * Empty plaintexts are refused.  Hash: HMAC-SHA-256.
 */
#ifndef CRYPT_H
#define CRYPT_H

#include <stddef.h>
#include <stdint.h>

#include "rc.h"

/* Before all else, also what others do with OpenSSL: what it gives back of
 * its memory is wiped. */
void crypt_setup(void);

#define CRYPT_KEY 32
#define CRYPT_HASH 32
#define CRYPT_OVERHEAD (1 + 12 + 16)

struct crypt_key;	/* a key and its prepared contexts */

struct crypt_key *crypt_key_new(const uint8_t key[CRYPT_KEY]);
void crypt_key_free(struct crypt_key *k);	/* wipes */

struct part { const void *data; size_t len; };

/* out must hold n + CRYPT_OVERHEAD bytes; aad is at most 600 bytes. */
MUST enum rc crypt_seal(struct crypt_key *k, uint8_t version, struct part aad,
    const void *plain, size_t n, uint8_t *out);
/* out must hold n - CRYPT_OVERHEAD bytes.  RC_FATAL: not sealed with this key
 * and context, or altered; nothing is said, the caller knows what it was. */
MUST enum rc crypt_open(struct crypt_key *k, struct part aad,
    const uint8_t *sealed, size_t n, void *out);

/* HMAC-SHA-256 of the parts, each preceded by its length, so that no two
 * lists of parts collide. */
void crypt_hash(struct crypt_key *k, const struct part *parts, size_t n,
    uint8_t out[CRYPT_HASH]);

/* The same of one part, short: to see later whether bytes changed. */
uint64_t crypt_digest(struct crypt_key *k, const void *bytes, size_t n);

/* SHA-256, for what others compute too. */
void crypt_sha256(const void *bytes, size_t n, uint8_t out[CRYPT_HASH]);
/* A slow hash of a password, of which the cost is chosen: about 128 * n * r
 * bytes of memory, n * r * p steps. */
struct crypt_cost { int32_t n, r, p; };
void crypt_scrypt(const char *password, struct part salt,
    const struct crypt_cost *c, uint8_t out[CRYPT_HASH]);

/* Ed25519 under the key pair that a seed makes: the same signature each time.
 * pem is the public key as openssl reads it. */
#define CRYPT_SIGNATURE 64
#define CRYPT_PEM 128
void crypt_sign(const uint8_t seed[CRYPT_KEY], struct part what,
    uint8_t out[CRYPT_SIGNATURE]);
void crypt_public_pem(const uint8_t seed[CRYPT_KEY], char pem[CRYPT_PEM]);

/* Random bytes for keys and nonces; dies when the system has none. */
void crypt_random(void *out, size_t n);
/* Constant time; true when equal. */
int crypt_equal(const void *a, const void *b, size_t n);

#endif
