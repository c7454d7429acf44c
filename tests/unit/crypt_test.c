/*
 * crypt_test.c - known answers, and every way a sealed value must not open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypt.h"
#include "str.h"

/* Worked out apart, in Python. */
#define KNOWN_EDGE "5b1172e862c5368bd00ea63fc836c96d" \
    "97cca7a7c61f2b3541c7bdd70e9080dd"
#define KNOWN_EMPTY "a1b3b984218899c1c6939828941ca62c"
#define KNOWN_GCM "6dbbfdb1de91201806d99" \
    "ab45a98c652c0bf08a0a2"
#define KNOWN_HMAC "bfb1baab9b712152a13afa38ac8476cc" \
    "df9f713ad76bb3f8325290c090acd8f1"
#define KNOWN_LONG "9ff9e4b421508674020eb5c398c8ed9a" \
    "f3bbe55409444bf0d31c7d8ab2c7eec2"

#define PART(p, n) ((struct part){ (p), (n) })
#define AAD "acme\0sales\0key"

static struct crypt_key *
key_of(uint8_t fill)
{
	uint8_t key[CRYPT_KEY];

	memset(key, fill, sizeof(key));
	return crypt_key_new(key);
}

/* The seal opens with any AES-256-GCM: nonce at 1, version byte last in the
 * AAD. */
static void
test_known_answer(void **state)
{
	static const char hex[] = "07" "000102030405060708090a0b" KNOWN_GCM;
	uint8_t sealed[5 + CRYPT_OVERHEAD], out[6] = "";
	struct crypt_key *k = key_of(0x42);

	(void)state;
	assert_int_equal(str_unhex(sealed, sizeof(sealed), hex), RC_OK);
	assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed,
	    sizeof(sealed), out), RC_OK);
	assert_string_equal((char *)out, "hello");
	crypt_key_free(k);
}

/* A good tag over nothing: refused all the same. */
static void
test_empty(void **state)
{
	static const char hex[] = "07" "000102030405060708090a0b" KNOWN_EMPTY;
	uint8_t sealed[CRYPT_OVERHEAD], out[1];
	struct crypt_key *k = key_of(0x42);

	(void)state;
	assert_int_equal(str_unhex(sealed, sizeof(sealed), hex), RC_OK);
	assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed,
	    sizeof(sealed), out), RC_FATAL);
	crypt_key_free(k);
}

static void
test_seal_open(void **state)
{
	struct crypt_key *k = key_of(1);
	uint8_t plain[3000], sealed[3000 + CRYPT_OVERHEAD], out[3000];

	(void)state;
	for (size_t n = 1; n <= sizeof(plain); n = n * 3 + 1) {
		memset(plain, (int)n, n);
		memset(out, 0, sizeof(out));
		assert_int_equal(crypt_seal(k, 3, PART(AAD, sizeof(AAD)), plain, n,
		    sealed), RC_OK);
		assert_int_equal(sealed[0], 3);
		assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed,
		    n + CRYPT_OVERHEAD, out), RC_OK);
		assert_memory_equal(out, plain, n);
	}
	crypt_key_free(k);
}

static void
test_every_bit(void **state)
{
	static const char plain[] = "sixteen bytes...";
	struct crypt_key *k = key_of(1);
	uint8_t sealed[16 + CRYPT_OVERHEAD], out[16], zero[16] = { 0 };

	(void)state;
	assert_int_equal(crypt_seal(k, 1, PART(AAD, sizeof(AAD)), plain, 16,
	    sealed), RC_OK);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(out, 'x', sizeof(out));
		assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed,
		    sizeof(sealed), out), RC_FATAL);
		assert_memory_equal(out, zero, sizeof(out));
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed,
	    sizeof(sealed), out), RC_OK);
	crypt_key_free(k);
}

static void
test_refused(void **state)
{
	struct crypt_key *k = key_of(1), *other = key_of(2);
	uint8_t sealed[4 + CRYPT_OVERHEAD], out[64];
	size_t n = sizeof(sealed);

	(void)state;
	assert_int_equal(crypt_seal(k, 1, PART(AAD, sizeof(AAD)), "four", 4,
	    sealed), RC_OK);
	assert_int_equal(crypt_open(other, PART(AAD, sizeof(AAD)), sealed, n, out),
	    RC_FATAL);
	assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD) - 1), sealed, n, out),
	    RC_FATAL);
	assert_int_equal(crypt_open(k, PART(NULL, 0), sealed, n, out), RC_FATAL);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed, cut,
		    out), RC_FATAL);
	assert_int_equal(crypt_seal(k, 1, PART(AAD, sizeof(AAD)), "", 0, sealed),
	    RC_FATAL);
	assert_int_equal(crypt_open(k, PART(AAD, sizeof(AAD)), sealed, n, out),
	    RC_OK);
	crypt_key_free(k);
	crypt_key_free(other);
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 12);
}

/* More than a pool of them. */
static void
test_nonces_differ(void **state)
{
	enum { N = 2000 };
	static uint8_t nonces[N][12];
	struct crypt_key *k = key_of(1);
	uint8_t sealed[1 + CRYPT_OVERHEAD];

	(void)state;
	for (int i = 0; i < N; i++) {
		assert_int_equal(crypt_seal(k, 1, PART(NULL, 0), "x", 1, sealed),
		    RC_OK);
		memcpy(nonces[i], sealed + 1, 12);
	}
	/* Nor do they overlap. */
	for (int i = 1; i < N; i++)
		assert_memory_not_equal(nonces[i - 1], nonces[i] + 1, 11);
	qsort(nonces, N, 12, by_bytes);
	for (int i = 1; i < N; i++)
		assert_memory_not_equal(nonces[i - 1], nonces[i], 12);
	crypt_key_free(k);
}

static void
test_nonces_after_fork(void **state)
{
	struct crypt_key *k = key_of(1);
	uint8_t ours[1 + CRYPT_OVERHEAD], theirs[1 + CRYPT_OVERHEAD];
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(crypt_seal(k, 1, PART(NULL, 0), "x", 1, ours), RC_OK);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		if (crypt_seal(k, 1, PART(NULL, 0), "x", 1, theirs) != RC_OK ||
		    write(fds[1], theirs, sizeof(theirs)) < 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(fds[0], theirs, sizeof(theirs)),
	    sizeof(theirs));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(crypt_seal(k, 1, PART(NULL, 0), "x", 1, ours), RC_OK);
	assert_memory_not_equal(ours + 1, theirs + 1, 12);
	close(fds[0]);
	close(fds[1]);
	crypt_key_free(k);
}

/* HMAC of 02 00 00 00 "ab" 01 00 00 00 "c" */
static void
test_hash_known(void **state)
{
	struct part parts[] = { { "ab", 2 }, { "c", 1 } };
	struct crypt_key *k = key_of(0x42);
	uint8_t hash[CRYPT_HASH];
	char hex[2 * CRYPT_HASH + 1];

	(void)state;
	for (int i = 0; i < 3; i++) {
		crypt_hash(k, parts, 2, hash);
		str_hex(hex, hash, sizeof(hash));
		assert_string_equal(hex, KNOWN_HMAC);
	}
	crypt_key_free(k);
}

static void
test_hash_parts(void **state)
{
	struct part ab_c[] = { { "ab", 2 }, { "c", 1 } };
	struct part a_bc[] = { { "a", 1 }, { "bc", 2 } };
	struct part abc[] = { { "abc", 3 } }, empty[] = { { "abc", 3 },
	    { NULL, 0 } };
	struct crypt_key *k = key_of(1);
	uint8_t h[4][CRYPT_HASH];

	(void)state;
	crypt_hash(k, ab_c, 2, h[0]);
	crypt_hash(k, a_bc, 2, h[1]);
	crypt_hash(k, abc, 1, h[2]);
	crypt_hash(k, empty, 2, h[3]);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(h[i], h[j], CRYPT_HASH);
	crypt_key_free(k);
}

/* However the parts fall around the gathering buffer, the hash is that of
 * lengths and bytes in a row. */
static void
test_hash_long(void **state)
{
	static uint8_t big[3000];
	struct part parts[] = { { big, 1200 }, { big, 1500 }, { big, 300 } };
	struct crypt_key *k = key_of(0x42);
	uint8_t hash[CRYPT_HASH];
	char hex[2 * CRYPT_HASH + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7);
	crypt_hash(k, parts, 3, hash);
	str_hex(hex, hash, sizeof(hash));
	assert_string_equal(hex, KNOWN_LONG);
	parts[0].len = 632;
	parts[1].len = 1;
	parts[2].len = 640;
	crypt_hash(k, parts, 3, hash);
	str_hex(hex, hash, sizeof(hash));
	assert_string_equal(hex, KNOWN_EDGE);
	crypt_key_free(k);
}

/* RFC 7914, section 12; half of its 64 bytes. */
static void
test_scrypt_known(void **state)
{
	static const char *const want[] = {
	    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162",
	    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
	};
	struct crypt_cost a = { 1024, 8, 16 }, b = { 16384, 8, 1 };
	uint8_t out[CRYPT_HASH];
	char hex[2 * CRYPT_HASH + 1];

	(void)state;
	crypt_scrypt("password", (struct part){ "NaCl", 4 }, &a, out);
	str_hex(hex, out, sizeof(out));
	assert_string_equal(hex, want[0]);
	crypt_scrypt("pleaseletmein", (struct part){ "SodiumChloride", 14 },
	    &b, out);
	str_hex(hex, out, sizeof(out));
	assert_string_equal(hex, want[1]);
}

static void
test_random_equal(void **state)
{
	static uint8_t a[10000], b[10000];
	size_t zeros = 0;

	(void)state;
	crypt_random(a, sizeof(a));
	crypt_random(b, sizeof(b));
	assert_false(crypt_equal(a, b, sizeof(a)));
	memcpy(b, a, sizeof(a));
	assert_true(crypt_equal(a, b, sizeof(a)));
	b[9999] ^= 1;
	assert_false(crypt_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	assert_in_range(zeros, 1, 120);
}

/* RFC 8032, 7.1, test 2. */
#define KNOWN_SEED "4ccd089b28ff96da9db6c346ec114e0f" \
    "5b8a319f35aba624da8cf6ed4fb8a6fb"
#define KNOWN_SIGNATURE "92a009a9f0d4cab8720e820b5f642540" \
    "a2b27b5416503f8fb3762223ebdb69da" "085ac1e43e15996e458f3613d0f11d8c" \
    "387b2eaeb4302aeeb00d291612bb0c00"

static void
test_sign(void **state)
{
	uint8_t seed[CRYPT_KEY], sig[CRYPT_SIGNATURE], want[CRYPT_SIGNATURE];
	char pem[CRYPT_PEM];

	(void)state;
	assert_int_equal(str_unhex(seed, sizeof(seed), KNOWN_SEED), RC_OK);
	assert_int_equal(str_unhex(want, sizeof(want), KNOWN_SIGNATURE),
	    RC_OK);
	crypt_sign(seed, PART("r", 1), sig);
	assert_memory_equal(sig, want, sizeof(sig));
	crypt_public_pem(seed, pem);
	assert_string_equal(pem, "-----BEGIN PUBLIC KEY-----\n"
	    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
	    "-----END PUBLIC KEY-----\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answer),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_seal_open),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nonces_differ),
		cmocka_unit_test(test_nonces_after_fork),
		cmocka_unit_test(test_hash_known),
		cmocka_unit_test(test_hash_parts),
		cmocka_unit_test(test_hash_long),
		cmocka_unit_test(test_scrypt_known),
		cmocka_unit_test(test_random_equal),
		cmocka_unit_test(test_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
