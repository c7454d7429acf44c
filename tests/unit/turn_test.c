/*
 * turn_test.c - rings while keys change: a master key that was replaced by
 * another process, one that lies elsewhere, and a new data key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ring_place.h"

/* The file's key was replaced after it was read. */
static void
test_late(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *old = master_of(HEX), *new = NULL;
	struct ring r = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(ring_open(keys, "acme", old, 1, &r), RC_OK);
	ring_close(&r);
	new = master_of(HEX2);
	assert_int_equal(ring_rewrap(keys, old, new, true, &n), RC_OK);
	open_with(new, "acme", RC_CONFIG);	/* that was for show */
	write_file("m.key", HEX, 0600);
	assert_int_equal(ring_rewrap(keys, old, new, false, &n), RC_OK);
	open_with(old, "acme", RC_CONFIG);
	write_file("m.key", HEX2, 0600);
	open_with(old, "acme", RC_OK);
	/* A new ring is made with what is there now. */
	assert_int_equal(ring_open(keys, "bold", old, 1, &r), RC_OK);
	ring_close(&r);
	open_with(new, "bold", RC_OK);
	write_file("m.key", HEX, 0600);
	open_with(old, "bold", RC_CONFIG);
	master_free(old);
	master_free(new);
}

static void
test_move(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *old = master_of(HEX);
	struct master *new = master_in("file:2.key", HEX2);
	struct master *other = master_in("file:3.key", HEX3);
	struct ring r = { 0 };
	char seen[300];

	(void)state;
	assert_int_equal(master_follow(old, keys), RC_OK);
	assert_null(old->next);
	assert_int_equal(master_announce(old, keys, "file:2.key"), RC_OK);
	(void)place_slurp(place_path(&place, "keys/" MASTER_MOVE), seen,
	    sizeof(seen));
	assert_null(strstr(seen, "2.key"));
	/* The old one alone can have said so. */
	assert_int_equal(master_follow(other, keys), RC_OK);
	assert_null(other->next);
	assert_int_equal(master_follow(old, keys), RC_OK);
	assert_memory_equal(old->next->id, new->id, MASTER_ID);
	/* A ring that is made now will not have to be done again. */
	assert_int_equal(ring_open(keys, "acme", old, 1, &r), RC_OK);
	ring_close(&r);
	open_with(new, "acme", RC_OK);
	master_free(old);
	old = master_of(HEX);
	assert_int_equal(file_remove(place_path(&place, "2.key")), RC_OK);
	assert_int_equal(master_follow(old, keys), RC_CONFIG);
	assert_true(place_said(&place, "S770"));
	master_free(old);
	master_free(new);
	master_free(other);
}

/* Seal four bytes with the ring's newest key. */
static void
seal4(struct ring *r, uint8_t out[4 + CRYPT_OVERHEAD])
{
	assert_int_equal(crypt_seal(r->data, r->data_version, PART("", 0),
	    "abcd", 4, out), RC_OK);
}

static bool
opens4(struct ring *r, const uint8_t sealed[4 + CRYPT_OVERHEAD])
{
	struct crypt_key *k = ring_key(r, sealed[0]);
	uint8_t out[4];

	return k != NULL && crypt_open(k, PART("", 0), sealed,
	    4 + CRYPT_OVERHEAD, out) == RC_OK;
}

static void
test_turn(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *m = master_of(HEX);
	struct master *to = master_in("file:2.key", HEX2);
	struct ring r = { 0 }, reader = { 0 };
	uint8_t before[4 + CRYPT_OVERHEAD], after[sizeof(before)], h[2][32];
	struct part part = { "x", 1 };
	size_t n = 0;

	(void)state;
	assert_int_equal(ring_open(keys, "acme", m, 1, &r), RC_OK);
	assert_int_equal(ring_open(keys, "acme", m, 0, &reader), RC_OK);
	crypt_hash(r.index, &part, 1, h[0]);
	seal4(&r, before);
	assert_int_equal(ring_settle(&r), RC_OK);	/* nothing to do */
	assert_int_equal(ring_turn(&r), RC_OK);
	assert_int_equal(r.data_version, 2);
	seal4(&r, after);
	assert_int_equal(ring_turn(&r), RC_OK);		/* still that one */
	assert_int_equal(r.data_version, 2);
	assert_true(opens4(&r, before) && opens4(&r, after));
	/* One that was opened before learns of it. */
	assert_true(opens4(&reader, after) && opens4(&reader, before));
	/* A new master key in the middle loses none of the three. */
	assert_int_equal(ring_rewrap(keys, m, to, false, &n), RC_OK);
	ring_close(&r);
	assert_int_equal(ring_open(keys, "acme", to, 0, &r), RC_OK);
	assert_true(opens4(&r, before) && opens4(&r, after));
	assert_int_equal(ring_settle(&r), RC_OK);
	assert_true(opens4(&r, after));
	assert_false(opens4(&r, before));
	crypt_hash(r.index, &part, 1, h[1]);
	assert_memory_equal(h[0], h[1], 32);
	before[0] = 0;
	assert_false(opens4(&r, before));
	ring_close(&reader);
	ring_close(&r);
	master_free(m);
	master_free(to);
}

/* The version is a byte; 0 never comes. */
static void
test_turn_around(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *m = master_of(HEX);
	uint8_t last[4 + CRYPT_OVERHEAD];
	struct ring r = { 0 };

	(void)state;
	assert_int_equal(ring_open(keys, "acme", m, 1, &r), RC_OK);
	for (int i = 2; i <= 255; i++) {
		assert_int_equal(ring_turn(&r), RC_OK);
		assert_int_equal(r.data_version, i);
		assert_int_equal(ring_settle(&r), RC_OK);
	}
	seal4(&r, last);
	assert_int_equal(ring_turn(&r), RC_OK);
	assert_int_equal(r.data_version, 1);
	assert_true(opens4(&r, last));
	ring_close(&r);
	master_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_late),
		TEST(test_move),
		TEST(test_turn),
		TEST(test_turn_around),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
