/*
 * ring_place.h - a folder with master keys and rings, for their tests.
 */
#include "place.h"

#include "master.h"
#include "ring.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX3 "110102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX2 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define PART(p, n) ((struct part){ (p), (n) })

static struct place place;

static void
write_file(const char *name, const char *text, mode_t mode)
{
	const char *path = place_path(&place, name);

	assert_int_equal(file_write(path, text, strlen(text), 0600), RC_OK);
	assert_int_equal(chmod(path, mode), 0);
}

/* Each in a file of its own: a ring that does not open has it read anew. */
static struct master *
master_in(const char *spec, const char *hex)
{
	struct master *m = NULL;

	write_file(spec + strlen("file:"), hex, 0600);
	assert_int_equal(master_load(spec, place.dir, &m), RC_OK);
	return m;
}

static struct master *
master_of(const char *hex)
{
	return master_in("file:m.key", hex);
}

static int
setup(void **state)
{
	(void)state;
	if (place_hush() != 0)
		return 1;
	if (file_remove(place_path(&place, "keys")) != RC_OK)
		return 1;
	return mkdir(place_path(&place, "keys"), 0700);
}

static void
open_with(const struct master *m, const char *tenant, enum rc want)
{
	struct ring r = { 0 };

	assert_int_equal(ring_open(place_path(&place, "keys"), tenant, m, 0,
	    &r), want);
	ring_close(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, place_speak)
