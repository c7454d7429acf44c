/*
 * crypt.c - sealing, hashing and random bytes, by OpenSSL's EVP interface.
 *
 * A key is prepared once: its cipher contexts keep the expanded key and take
 * a new nonce per value, its MAC context keeps the padded key.  That is what
 * makes a look-up cheap.  Those that not every process needs are made when
 * they are first needed.  There is no state but in struct crypt_key.
 *
 * It must never use a nonce twice under one key, never give out a byte of
 * plaintext whose tag is wrong, and never use EVP_Cipher(), which has let
 * forged empty values through.
 */
#include "crypt.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "buf.h"
#include "log.h"
#include "secret.h"

#define NONCE 12
#define TAG 16
#define POOL 4096		/* random bytes drawn at a time */
#define GATHER 640		/* bytes that are taken in one go */

struct crypt_key {
	uint8_t key[CRYPT_KEY];
	EVP_CIPHER_CTX *open;
	EVP_CIPHER_CTX *seal;	/* NULL: not needed yet */
	EVP_MAC_CTX *mac;	/* the same */
	uint8_t pool[POOL];	/* nonces to come; no secret */
	size_t pool_left;
	pid_t pool_pid;
};

/* OpenSSL fails here for want of memory, or because it is broken. */
static void
crypt_die(const char *what)
{
	SAY(M_INTERNAL, F_WORD("text", what));
	abort();
}

static void *
take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(n);
}

static void *
grow(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return secret_grow(p, n);
}

static void
give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	secret_free(p);
}

void
crypt_setup(void)
{
	if (CRYPTO_set_mem_functions(take, grow, give) != 1)
		crypt_die("OpenSSL has begun already");
}

static EVP_CIPHER_CTX *
cipher_new(const uint8_t *key, bool sealing)
{
	EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (gcm == NULL || c == NULL || EVP_CipherInit_ex2(c, gcm, key, NULL,
	    sealing, NULL) != 1)
		crypt_die("OpenSSL has no AES-256-GCM");
	EVP_CIPHER_free(gcm);
	return c;
}

static EVP_MAC_CTX *
mac_new(const uint8_t *key)
{
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
		    digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *m = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);

	if (m == NULL || EVP_MAC_init(m, key, CRYPT_KEY, params) != 1)
		crypt_die("OpenSSL has no HMAC-SHA-256");
	EVP_MAC_free(hmac);
	return m;
}

struct crypt_key *
crypt_key_new(const uint8_t key[CRYPT_KEY])
{
	struct crypt_key *k = mem_alloc(sizeof(*k));

	memcpy(k->key, key, sizeof(k->key));
	/* Of the master key this comes before the forks: what OpenSSL looks up
	 * here, which takes long, its children then have. */
	k->open = cipher_new(k->key, false);
	return k;
}

void
crypt_key_free(struct crypt_key *k)
{
	if (k == NULL)
		return;
	EVP_CIPHER_CTX_free(k->seal);
	EVP_CIPHER_CTX_free(k->open);
	EVP_MAC_CTX_free(k->mac);
	secret_zero(k, sizeof(*k));
	free(k);
}

/* A child would draw the same nonces from a pool it inherited. */
static void
nonce_next(struct crypt_key *k, uint8_t out[NONCE])
{
	pid_t pid = getpid();

	if (k->pool_left < NONCE || k->pool_pid != pid) {
		crypt_random(k->pool, sizeof(k->pool));
		k->pool_left = sizeof(k->pool);
		k->pool_pid = pid;
	}
	k->pool_left -= NONCE;
	memcpy(out, k->pool + k->pool_left, NONCE);
}

/* The nonce, and what is bound in: the caller's context and the version. */
static bool
start(EVP_CIPHER_CTX *c, const uint8_t *head, struct part aad)
{
	uint8_t bound[GATHER];
	int n;

	if (aad.len >= sizeof(bound))
		return false;
	if (aad.len > 0)
		memcpy(bound, aad.data, aad.len);
	bound[aad.len] = head[0];
	return EVP_CipherInit_ex2(c, NULL, NULL, head + 1, -1, NULL) == 1 &&
	    EVP_CipherUpdate(c, NULL, &n, bound, (int)aad.len + 1) == 1;
}

enum rc
crypt_seal(struct crypt_key *k, uint8_t version, struct part aad,
    const void *plain, size_t n, uint8_t *out)
{
	uint8_t *body = out + 1 + NONCE;
	int got = 0, rest = 0;

	if (n == 0 || n > INT32_MAX / 2)
		return RC_FATAL;
	if (k->seal == NULL)
		k->seal = cipher_new(k->key, true);
	out[0] = version;
	nonce_next(k, out + 1);
	if (!start(k->seal, out, aad) ||
	    EVP_EncryptUpdate(k->seal, body, &got, plain, (int)n) != 1 ||
	    EVP_EncryptFinal_ex(k->seal, body + got, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(k->seal, EVP_CTRL_AEAD_GET_TAG, TAG,
	    body + n) != 1) {
		ERR_clear_error();
		secret_zero(out, n + CRYPT_OVERHEAD);
		return RC_FATAL;
	}
	return RC_OK;
}

enum rc
crypt_open(struct crypt_key *k, struct part aad, const uint8_t *sealed,
    size_t n, void *out)
{
	const uint8_t *body = sealed + 1 + NONCE;
	uint8_t tag[TAG], *plain = out;
	int got = 0, rest = 0;

	if (n <= CRYPT_OVERHEAD || n > INT32_MAX / 2)
		return RC_FATAL;
	n -= CRYPT_OVERHEAD;
	memcpy(tag, body + n, TAG);
	if (!start(k->open, sealed, aad) ||
	    EVP_DecryptUpdate(k->open, plain, &got, body, (int)n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(k->open, EVP_CTRL_AEAD_SET_TAG, TAG,
	    tag) != 1 ||
	    EVP_DecryptFinal_ex(k->open, plain + got, &rest) != 1) {
		ERR_clear_error();
		secret_zero(out, n);
		return RC_FATAL;
	}
	return RC_OK;
}

static void
mac_add(struct crypt_key *k, const void *data, size_t n)
{
	if (n > 0 && EVP_MAC_update(k->mac, data, n) != 1)
		crypt_die("HMAC-SHA-256 failed");
}

#define LENGTH 4

static void
length_put(uint8_t out[LENGTH], size_t n)
{
	for (int i = 0; i < LENGTH; i++)
		out[i] = (uint8_t)(n >> (8 * i));
}

void
crypt_hash(struct crypt_key *k, const struct part *parts, size_t n,
    uint8_t out[CRYPT_HASH])
{
	uint8_t gather[GATHER];
	size_t held = 0, most = 0, got = 0;

	if (k->mac == NULL)
		k->mac = mac_new(k->key);
	/* No key given: start anew with the one prepared. */
	if (EVP_MAC_init(k->mac, NULL, 0, NULL) != 1)
		crypt_die("HMAC-SHA-256 failed");
	for (size_t i = 0; i < n; i++) {
		assert(parts[i].len <= UINT32_MAX);
		if (held + LENGTH > sizeof(gather)) {
			mac_add(k, gather, held);
			held = 0;
		}
		length_put(gather + held, parts[i].len);
		held += LENGTH;
		most = held > most ? held : most;
		if (parts[i].len > sizeof(gather) - held) {
			mac_add(k, gather, held);
			mac_add(k, parts[i].data, parts[i].len);
			held = 0;
		} else if (parts[i].len > 0) {
			memcpy(gather + held, parts[i].data, parts[i].len);
			held += parts[i].len;
			most = held > most ? held : most;
		}
	}
	mac_add(k, gather, held);
	if (EVP_MAC_final(k->mac, out, &got, CRYPT_HASH) != 1 ||
	    got != CRYPT_HASH)
		crypt_die("HMAC-SHA-256 failed");
	secret_zero(gather, most);
}

uint64_t
crypt_digest(struct crypt_key *k, const void *bytes, size_t n)
{
	struct part part = { bytes, n };
	uint8_t hash[CRYPT_HASH];
	uint64_t digest;

	crypt_hash(k, &part, 1, hash);
	memcpy(&digest, hash, sizeof(digest));
	return digest;
}

void
crypt_sha256(const void *bytes, size_t n, uint8_t out[CRYPT_HASH])
{
	if (EVP_Q_digest(NULL, "SHA256", NULL, bytes, n, out, NULL) != 1)
		crypt_die("SHA-256 fails");
}

void
crypt_scrypt(const char *password, struct part salt,
    const struct crypt_cost *c, uint8_t out[CRYPT_HASH])
{
	uint64_t n = (uint64_t)c->n, r = (uint64_t)c->r, p = (uint64_t)c->p;

	if (EVP_PBE_scrypt(password, strlen(password), salt.data, salt.len,
	    n, r, p, 128 * r * (n + p + 2), out, CRYPT_HASH) != 1)
		crypt_die("scrypt failed, for want of memory or support");
}

void
crypt_random(void *out, size_t n)
{
	uint8_t *p = out;

	while (n > 0) {
		int some = n > POOL ? POOL : (int)n;

		if (RAND_bytes(p, some) != 1)
			crypt_die("the system has no random bytes");
		p += some;
		n -= (size_t)some;
	}
}

/* --- signatures --- */

static EVP_PKEY *
pair_of(const uint8_t seed[CRYPT_KEY])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	    seed, CRYPT_KEY);

	if (k == NULL)
		crypt_die("OpenSSL has no Ed25519");
	return k;
}

void
crypt_sign(const uint8_t seed[CRYPT_KEY], struct part what,
    uint8_t out[CRYPT_SIGNATURE])
{
	EVP_PKEY *k = pair_of(seed);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = CRYPT_SIGNATURE;

	if (c == NULL || EVP_DigestSignInit(c, NULL, NULL, NULL, k) != 1 ||
	    EVP_DigestSign(c, out, &n, what.data, what.len) != 1 ||
	    n != CRYPT_SIGNATURE)
		crypt_die("Ed25519 failed");
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
}

void
crypt_public_pem(const uint8_t seed[CRYPT_KEY], char pem[CRYPT_PEM])
{
	EVP_PKEY *k = pair_of(seed);
	BIO *b = BIO_new(BIO_s_mem());
	int n = 0;

	if (b == NULL || PEM_write_bio_PUBKEY(b, k) != 1 ||
	    (n = BIO_read(b, pem, CRYPT_PEM - 1)) <= 0)
		crypt_die("OpenSSL can't write a public key");
	pem[n] = '\0';
	BIO_free(b);
	EVP_PKEY_free(k);
}

int
crypt_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
