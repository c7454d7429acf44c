/*
 * ring_test.c - the master key from a file, a credential and a command; rings
 * and what they refuse; a new master key; the counter outside the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <cmocka.h>

#include "ring_place.h"

static void
refused(const char *spec, const char *code)
{
	struct master *m = NULL;

	(void)place_said(&place, "x");
	assert_int_equal(master_load(spec, place.dir, &m), RC_CONFIG);
	assert_null(m);
	assert_true(place_said(&place, code));
}

static void
test_master_file(void **state)
{
	struct master *a, *b = NULL;
	char spec[300];

	(void)state;
	a = master_of(HEX "\n");
	snprintf(spec, sizeof(spec), "file:%s", place_path(&place, "m.key"));
	assert_int_equal(master_load(spec, "/nowhere", &b), RC_OK);
	assert_memory_equal(a->id, b->id, MASTER_ID);
	master_free(b);
	b = master_of(HEX2);
	assert_memory_not_equal(a->id, b->id, MASTER_ID);
	master_free(b);
	master_free(a);
	write_file("m.key", HEX "00", 0600);
	refused("file:m.key", "S510");
	write_file("m.key", "0g" HEX, 0600);
	refused("file:m.key", "S510");
	write_file("m.key", "", 0600);
	refused("file:m.key", "S510");
	write_file("m.key", HEX, 0640);
	refused("file:m.key", "S513");
	refused("file:none.key", "S510");
	refused("file:", "S510");
	refused("plain words", "S510");
}

static void
test_master_credential(void **state)
{
	struct master *m = NULL;

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	refused("credential:m.key", "S510");
	setenv("CREDENTIALS_DIRECTORY", place.dir, 1);
	write_file("m.key", HEX "\n", 0400);
	assert_int_equal(master_load("credential:m.key", "/", &m), RC_OK);
	master_free(m);
	/* One that is there, but not in there. */
	setenv("CREDENTIALS_DIRECTORY", place_path(&place, "logs"), 1);
	refused("credential:../m.key", "S510");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
test_master_command(void **state)
{
	struct master *m = NULL, *file = master_of(HEX);
	char spec[300];

	(void)state;
	snprintf(spec, sizeof(spec), "command: cat  %s ",
	    place_path(&place, "m.key"));
	assert_int_equal(master_load(spec, "/", &m), RC_OK);
	assert_memory_equal(m->id, file->id, MASTER_ID);
	master_free(m);
	master_free(file);
	refused("command:", "S510");
	refused("command:/nowhere/at/all", "S510");
	/* It printed a key, but failed. */
	write_file("fail.sh", "#!/bin/sh\necho " HEX "\nexit 3\n", 0700);
	snprintf(spec, sizeof(spec), "command:%s",
	    place_path(&place, "fail.sh"));
	refused(spec, "S510");
	/* More than a key: not read to its end, not taken. */
	refused("command:cat /etc/passwd", "S510");
}

/* No shell: what one would make of the words must not happen. */
static void
test_master_no_shell(void **state)
{
	char spec[400];

	(void)state;
	snprintf(spec, sizeof(spec), "command:echo $(touch %s); touch %s",
	    place_path(&place, "trap"), place_path(&place, "trap"));
	refused(spec, "S510");
	assert_int_not_equal(access(place_path(&place, "trap"), F_OK), 0);
}

static void
test_master_make(void **state)
{
	char a[66], b[66];

	(void)state;
	master_make(a);
	master_make(b);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 65);
	assert_int_equal(strspn(a, "0123456789abcdef"), 64);
	master_free(master_of(a));
}

static void
test_ring(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *m = master_of(HEX);
	struct master *other = master_in("file:2.key", HEX2);
	struct ring a = { 0 }, b = { 0 };
	uint8_t sealed[4 + CRYPT_OVERHEAD], out[4], h[2][CRYPT_HASH];
	struct part part = { "x", 1 };
	struct stat st;

	(void)state;
	assert_int_equal(ring_open(keys, "acme", m, 0, &a), RC_END);
	assert_int_equal(ring_open(keys, "acme", m, 1, &a), RC_OK);
	assert_int_equal(a.data_version, 1);
	assert_int_equal(stat(place_path(&place, "keys/acme.ring"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(crypt_seal(a.data, 1, PART("", 0), "abcd", 4, sealed),
	    RC_OK);
	/* The same keys every time, and two different ones. */
	assert_int_equal(ring_open(keys, "acme", m, 1, &b), RC_OK);
	assert_int_equal(crypt_open(b.data, PART("", 0), sealed, sizeof(sealed),
	    out), RC_OK);
	assert_int_equal(crypt_open(b.index, PART("", 0), sealed, sizeof(sealed),
	    out), RC_FATAL);
	crypt_hash(a.index, &part, 1, h[0]);
	crypt_hash(b.index, &part, 1, h[1]);
	assert_memory_equal(h[0], h[1], CRYPT_HASH);
	ring_close(&b);
	/* Another tenant has others. */
	assert_int_equal(ring_open(keys, "bold", m, 1, &b), RC_OK);
	assert_int_equal(crypt_open(b.data, PART("", 0), sealed, sizeof(sealed),
	    out), RC_FATAL);
	ring_close(&b);
	ring_close(&a);
	assert_int_equal(ring_open(keys, "acme", other, 1, &a), RC_CONFIG);
	assert_true(place_said(&place, "S511"));
	assert_null(a.data);
	master_free(m);
	master_free(other);
}

static void
test_ring_broken(void **state)
{
	const char *keys = place_path(&place, "keys");
	const char *path = place_path(&place, "keys/acme.ring");
	struct master *m = master_of(HEX);
	struct ring r = { 0 };
	char good[256];
	size_t n;

	(void)state;
	assert_int_equal(ring_open(keys, "acme", m, 1, &r), RC_OK);
	ring_close(&r);
	n = place_slurp(path, good, sizeof(good));
	assert_int_equal(n, 8 + 8 + 64 + CRYPT_OVERHEAD);
	for (size_t i = 0; i < n; i++) {
		good[i] ^= 1;
		assert_int_equal(file_write(path, good, n, 0600), RC_OK);
		assert_int_equal(ring_open(keys, "acme", m, 1, &r),
		    i >= 8 && i < 16 ? RC_CONFIG : RC_FATAL);
		good[i] ^= 1;
	}
	assert_int_equal(file_write(path, good, n - 1, 0600), RC_OK);
	assert_int_equal(ring_open(keys, "acme", m, 1, &r), RC_FATAL);
	assert_true(place_said(&place, "S509"));
	/* Bound to the tenant: under another name it is no ring. */
	assert_int_equal(file_write(place_path(&place, "keys/bold.ring"),
	    good, n, 0600), RC_OK);
	assert_int_equal(ring_open(keys, "bold", m, 1, &r), RC_FATAL);
	assert_true(place_said(&place, "S509"));
	master_free(m);
}

static void
test_rewrap(void **state)
{
	static const char *const names[] = { "acme", "bold", "c.d-e" };
	const char *keys = place_path(&place, "keys");
	struct master *from = master_of(HEX);
	struct master *to = master_in("file:2.key", HEX2);
	struct ring r = { 0 }, after = { 0 };
	uint8_t sealed[4 + CRYPT_OVERHEAD], out[4];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ring_open(keys, names[i], from, 1, &r), RC_OK);
		assert_int_equal(crypt_seal(r.data, 1, PART("", 0), "abcd", 4,
		    sealed), RC_OK);
		ring_close(&r);
	}
	assert_int_equal(ring_generation_set(keys, "acme", 7), RC_OK);
	assert_int_equal(ring_rewrap(keys, from, to, false, &n), RC_OK);
	assert_int_equal(n, 3);
	for (int i = 0; i < 3; i++) {
		open_with(to, names[i], RC_OK);
		open_with(from, names[i], RC_CONFIG);
	}
	/* The tenant's keys are what they were. */
	assert_int_equal(ring_open(keys, "c.d-e", to, 0, &after), RC_OK);
	assert_int_equal(crypt_open(after.data, PART("", 0), sealed, sizeof(sealed),
	    out), RC_OK);
	ring_close(&after);
	/* A rerun finds all of them done. */
	n = 0;
	assert_int_equal(ring_rewrap(keys, from, to, false, &n), RC_OK);
	assert_int_equal(n, 3);
	master_free(from);
	master_free(to);
}

static bool lies;		/* the disk */

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	int (*real)(int, const char *, int, const char *), fd;

	*(void **)&real = dlsym(RTLD_NEXT, "renameat");
	if (lies) {
		fd = openat(from_dir, from, O_WRONLY);
		assert_int_equal(pwrite(fd, "?", 1, 40), 1);
		close(fd);
	}
	return real(from_dir, from, to_dir, to);
}

/* The old key is not let go of for a ring that can't be read back. */
static void
test_rewrap_verified(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *from = master_of(HEX);
	struct master *to = master_in("file:2.key", HEX2);
	struct ring r = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(ring_open(keys, "acme", from, 1, &r), RC_OK);
	ring_close(&r);
	lies = true;
	assert_int_equal(ring_rewrap(keys, from, to, false, &n), RC_FATAL);
	lies = false;
	assert_true(place_said(&place, "S509"));
	assert_int_equal(n, 0);
	master_free(from);
	master_free(to);
}

/* Half of them done by a run that died; then one that can't be done: it is
 * found before another is changed. */
static void
test_rewrap_half(void **state)
{
	const char *keys = place_path(&place, "keys");
	struct master *from = master_of(HEX);
	struct master *to = master_in("file:2.key", HEX2);
	struct master *strange = master_in("file:3.key", HEX3);
	struct ring r = { 0 };
	size_t n = 99;

	(void)state;
	assert_int_equal(ring_open(keys, "acme", from, 1, &r), RC_OK);
	ring_close(&r);
	assert_int_equal(ring_open(keys, "bold", to, 1, &r), RC_OK);
	ring_close(&r);
	assert_int_equal(ring_open(keys, "zulu", strange, 1, &r), RC_OK);
	ring_close(&r);
	assert_int_equal(ring_rewrap(keys, from, to, false, &n), RC_CONFIG);
	assert_true(place_said(&place, "S511"));
	assert_int_equal(n, 99);
	open_with(from, "acme", RC_OK);
	assert_int_equal(file_remove(place_path(&place, "keys/zulu.ring")),
	    RC_OK);
	assert_int_equal(ring_rewrap(keys, from, to, false, &n), RC_OK);
	assert_int_equal(n, 2);
	open_with(to, "acme", RC_OK);
	open_with(to, "bold", RC_OK);
	master_free(from);
	master_free(to);
	master_free(strange);
}

static void
test_generation(void **state)
{
	const char *keys = place_path(&place, "keys");
	uint64_t n = 9;

	(void)state;
	assert_int_equal(ring_generation(keys, "acme", &n), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(ring_generation_set(keys, "acme", 12345678901234),
	    RC_OK);
	assert_int_equal(ring_generation(keys, "acme", &n), RC_OK);
	assert_int_equal(n, 12345678901234);
	write_file("keys/acme.generation", "12x\n", 0600);
	assert_int_equal(ring_generation(keys, "acme", &n), RC_FATAL);
	write_file("keys/acme.generation", "", 0600);
	assert_int_equal(ring_generation(keys, "acme", &n), RC_FATAL);
	assert_true(place_said(&place, "S509"));
	assert_int_equal(n, 12345678901234);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_master_file),
		TEST(test_master_credential),
		TEST(test_master_command),
		TEST(test_master_no_shell),
		TEST(test_master_make),
		TEST(test_ring),
		TEST(test_ring_broken),
		TEST(test_rewrap),
		TEST(test_rewrap_verified),
		TEST(test_rewrap_half),
		TEST(test_generation),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
