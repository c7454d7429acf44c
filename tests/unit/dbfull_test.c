/*
 * dbfull_test.c - a full map, which grows, and a full disk, which is said.
 *
 * mdb_put and mdb_txn_commit are put between db.c and LMDB here, to fail when
 * a test says so: a map of a gigabyte is not filled for the sake of a test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <errno.h>
#include <cmocka.h>

#include "envbox.h"

#define MAP_FULL (-30792)

static int puts_left = -1;	/* until one finds the map full */
static int full_times;		/* how often */
static int commit_error;	/* of the next commit */

int mdb_put(void *txn, unsigned dbi, void *k, void *v, unsigned flags);
int mdb_txn_commit(void *txn);
void mdb_txn_abort(void *txn);

int
mdb_put(void *txn, unsigned dbi, void *k, void *v, unsigned flags)
{
	int (*real)(void *, unsigned, void *, void *, unsigned);

	*(void **)&real = dlsym(RTLD_NEXT, "mdb_put");
	if (puts_left > 0)
		puts_left--;
	if (puts_left == 0 && full_times > 0) {
		full_times--;
		return MAP_FULL;
	}
	return real(txn, dbi, k, v, flags);
}

int
mdb_txn_commit(void *txn)
{
	int (*real)(void *), err = commit_error;

	*(void **)&real = dlsym(RTLD_NEXT, "mdb_txn_commit");
	if (err == 0)
		return real(txn);
	commit_error = 0;
	mdb_txn_abort(txn);
	return err;
}

static int
setup_faults(void **state)
{
	puts_left = -1;
	full_times = commit_error = 0;
	return setup(state);
}

static void
test_map_full_put(void **state)
{
	struct db *d = open_db(true, false);

	(void)state;
	put(d, 0, "old", "0");
	put(d, 0, "gone", "0");
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, 0, b("a"), b("1"));
	db_del(d, 0, b("gone"));
	puts_left = 2;
	full_times = 1;
	db_put(d, 0, b("b"), b("2"));
	db_put(d, 1, b("c"), b("3"));
	assert_int_equal(full_times, 0);
	expect(d, 0, "a", "1");
	expect(d, 1, "c", "3");
	assert_int_equal(db_commit(d), RC_OK);
	expect(d, 0, "old", "0");
	expect(d, 0, "a", "1");
	expect(d, 0, "b", "2");
	expect(d, 1, "c", "3");
	expect(d, 0, "gone", NULL);
	db_close(d);
}

static void
test_map_full_commit(void **state)
{
	struct db *d = open_db(true, false);

	(void)state;
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, 0, b("a"), b("1"));
	db_put(d, 0, b("b"), b("2"));
	commit_error = MAP_FULL;
	assert_int_equal(db_commit(d), RC_OK);
	assert_int_equal(commit_error, 0);
	expect(d, 0, "a", "1");
	expect(d, 0, "b", "2");
	db_close(d);
}

/* Once more, not for ever. */
static void
test_map_full_twice(void **state)
{
	struct db *d = open_db(true, false);

	(void)state;
	assert_int_equal(db_begin(d), RC_OK);
	puts_left = 1;
	full_times = 2;
	db_put(d, 0, b("a"), b("1"));
	db_put(d, 0, b("b"), b("1"));
	assert_int_equal(db_commit(d), RC_FATAL);
	assert_true(place_said(&place, "S502"));
	puts_left = -1;
	expect(d, 0, "a", NULL);
	put(d, 0, "b", "2");
	expect(d, 0, "b", "2");
	/* Done over well, and full again later on. */
	assert_int_equal(db_begin(d), RC_OK);
	puts_left = full_times = 1;
	db_put(d, 0, b("a"), b("1"));
	puts_left = full_times = 1;
	db_put(d, 0, b("c"), b("1"));
	assert_int_equal(db_commit(d), RC_FATAL);
	expect(d, 0, "a", NULL);
	db_close(d);
}

/* In both meta pages: the map's size and the last page in use. */
static void
patch_use(uint64_t size, uint64_t last)
{
	pid_t pid = fork();
	int status, fd;

	if (pid == 0) {
		fd = open(place_path(&place, "env/data.mdb"), O_RDWR);
		for (off_t at = 0; at <= 4096; at += 4096)
			if (pwrite(fd, &size, 8, at + 32) != 8 ||
			    pwrite(fd, &last, 8, at + 16 + 24 + 96) != 8)
				_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static uint64_t
mapped(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512], *end;
	uint64_t most = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		uint64_t from = strtoull(line, &end, 16);
		uint64_t to = strtoull(end + 1, NULL, 16);

		if (strstr(line, "data.mdb") != NULL && to - from > most)
			most = to - from;
	}
	fclose(f);
	return most;
}

/* Over 80 % in use: the next transaction starts with twice the map. */
static void
test_map_grows(void **state)
{
	struct db *d = open_db(true, false);
	uint64_t gib = (uint64_t)1 << 30;

	(void)state;
	put(d, 0, "a", "1");
	assert_int_equal(mapped(), gib);
	patch_use(gib, gib / 4096 * 79 / 100);
	put(d, 0, "b", "2");
	assert_int_equal(mapped(), gib);
	patch_use(gib, gib / 4096 * 81 / 100);
	put(d, 0, "c", "3");
	assert_int_equal(mapped(), 2 * gib);
	db_close(d);
	d = open_db(false, false);
	assert_in_range(mapped(), gib * 81 / 50, gib * 82 / 50);
	expect(d, 0, "a", "1");
	expect(d, 0, "c", "3");
	db_close(d);
}

/* Another process made it larger than our map. */
static void
test_map_resized(void **state)
{
	struct db *d = open_db(true, false);
	uint64_t gib = (uint64_t)1 << 30;

	(void)state;
	put(d, 0, "a", "1");
	expect(d, 0, "a", "1");
	patch_use(4 * gib, gib / 4096 + 5);
	db_rest(d);
	expect(d, 0, "a", "1");
	assert_int_equal(mapped(), 4 * gib);
	put(d, 0, "b", "2");
	expect(d, 0, "b", "2");
	patch_use(8 * gib, 4 * gib / 4096 + 5);
	put(d, 0, "c", "3");
	assert_int_equal(mapped(), 8 * gib);
	db_close(d);
	/* And before our first look-up. */
	d = open_db(false, false);
	patch_use(64 * gib, 32 * gib / 4096);
	expect(d, 0, "a", "1");
	assert_int_equal(mapped(), 64 * gib);
	db_close(d);
}

static void
test_disk_full(void **state)
{
	struct db *d = open_db(true, false);

	(void)state;
	put(d, 0, "a", "1");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(db_begin(d), RC_OK);
		db_put(d, 0, b("a"), b("2"));
		commit_error = i == 0 ? ENOSPC : EDQUOT;
		assert_int_equal(db_commit(d), RC_FATAL);
		assert_true(place_said(&place, "S503"));
		expect(d, 0, "a", "1");
	}
	assert_int_equal(db_begin(d), RC_OK);
	commit_error = EIO;
	assert_int_equal(db_commit(d), RC_FATAL);
	assert_true(place_said(&place, "S502"));
	db_close(d);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_faults, place_speak)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_map_full_put),
		TEST(test_map_full_commit),
		TEST(test_map_full_twice),
		TEST(test_map_grows),
		TEST(test_map_resized),
		TEST(test_disk_full),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
