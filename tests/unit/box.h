/*
 * box.h - a store's folder and its master key to test with.
 */
#ifndef BOX_H
#define BOX_H

#include "place.h"

#include "env.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct place place;
static struct master *master;
static struct store_place at;

static inline int
setup(void **state)
{
	(void)state;
	if (place_hush() != 0 ||
	    file_remove(place_path(&place, "store")) != RC_OK)
		return 1;
	(void)place_said(&place, "x");
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, place_speak)

static inline int
run_all(int (*run)(void))
{
	static char dir[128];
	int failed;

	place_make(&place);
	(void)snprintf(dir, sizeof(dir), "%s", place_path(&place, "store"));
	if (file_write(place_path(&place, "m.key"), HEX, 64, 0600) != RC_OK ||
	    master_load("file:m.key", place.dir, &master) != RC_OK)
		return 1;
	at = (struct store_place){ .dir = dir, .tenant = "acme",
	    .master = master };
	failed = run();
	master_free(master);
	place_end(&place);
	return failed;
}

#endif
