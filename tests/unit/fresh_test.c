/*
 * fresh_test.c - a file made aside: whole or not there, without old bytes,
 * and never exchanged under a reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <cmocka.h>

#include "clock.h"
#include "envbox.h"
#include "envdir.h"
#include "fresh.h"

static void
test_make(void **state)
{
	const char *env = place_path(&place, "env");
	struct db *d;

	(void)state;
	assert_int_equal(fresh_make(place_path(&place, "nowhere"), tables),
	    RC_END);
	assert_int_equal(fresh_copy(env, tables), RC_END);
	/* What a crash left of one in the making. */
	assert_int_equal(mkdir(place_path(&place, "env/reload.tmp"), 0700), 0);
	assert_int_equal(file_write(place_path(&place,
	    "env/reload.tmp/data.mdb"), "half", 4, 0600), RC_OK);
	assert_int_equal(fresh_make(env, tables), RC_OK);
	assert_int_not_equal(access(place_path(&place, "env/reload.tmp"), F_OK),
	    0);
	d = open_db(false, false);
	put(d, 1, "a", "1");
	db_close(d);
	assert_int_equal(fresh_make(env, tables), RC_OK);
	d = open_db(false, true);
	expect(d, 1, "a", "1");
	db_close(d);
}

static void
test_tidy(void **state)
{
	const char *left = place_path(&place, "env/reload.tmp");

	(void)state;
	assert_int_equal(fresh_tidy(place_path(&place, "env")), RC_OK);
	assert_int_equal(mkdir(left, 0700), 0);
	assert_int_equal(file_write(place_path(&place,
	    "env/reload.tmp/data.mdb"), "half", 4, 0600), RC_OK);
	assert_int_equal(fresh_tidy(place_path(&place, "env")), RC_OK);
	assert_int_not_equal(access(left, F_OK), 0);
}

/* Deleted rows stay in LMDB's free pages, and don't outlive a copy. */
static void
test_copy(void **state)
{
	static const char canary[] = "canary-5150";
	const char *data = place_path(&place, "env/data.mdb");
	struct db *d = open_db(true, false);
	char key[16], value[64];
	uint64_t n = 0;

	(void)state;
	assert_int_equal(db_begin(d), RC_OK);
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "%06d", i);
		snprintf(value, sizeof(value), "%s %d", i % 2 ? "kept" :
		    canary, i);
		db_put(d, i % 3 == 0, b(key), b(value));
	}
	assert_int_equal(db_commit(d), RC_OK);
	assert_int_equal(db_begin(d), RC_OK);
	for (int i = 0; i < 5000; i += 2) {
		snprintf(key, sizeof(key), "%06d", i);
		db_del(d, i % 3 == 0, b(key));
	}
	assert_int_equal(db_commit(d), RC_OK);
	db_close(d);
	assert_true(place_holds(data, canary, strlen(canary)));
	assert_int_equal(fresh_copy(place_path(&place, "env"), tables), RC_OK);
	assert_false(place_holds(data, canary, strlen(canary)));
	assert_true(place_holds(data, "kept 4999", 9));
	assert_int_not_equal(access(place_path(&place, "env/reload.tmp"), F_OK),
	    0);
	d = open_db(false, false);
	assert_int_equal(db_count(d, 0, &n), RC_OK);
	assert_int_equal(n, 1667);
	for (int i = 1; i < 5000; i += 2) {
		snprintf(key, sizeof(key), "%06d", i);
		snprintf(value, sizeof(value), "kept %d", i);
		expect(d, i % 3 == 0, key, value);
	}
	put(d, 0, "after", "1");
	expect(d, 0, "after", "1");
	db_close(d);
}

/* More than a commit takes, rows longer than a view, and an end that falls on
 * one. */
static void
test_copy_long(void **state)
{
	static char value[600 << 10];
	struct db *d = open_db(true, false);
	struct buf key, got;
	char name[16];
	int n = 0;

	(void)state;
	for (int i = 0; i < 256; i++) {
		size_t len = i % 50 == 7 ? sizeof(value) : 64 << 10;

		snprintf(name, sizeof(name), "%06d", i);
		memset(value, 'a' + i % 26, len);
		assert_int_equal(db_begin(d), RC_OK);
		db_put(d, 0, b(name), (struct bytes){ value, len });
		db_put(d, 1, b(name), (struct bytes){ value,
		    (64 << 10) - strlen(name) });
		assert_int_equal(db_commit(d), RC_OK);
	}
	db_close(d);
	assert_int_equal(fresh_copy(place_path(&place, "env"), tables), RC_OK);
	d = open_db(false, true);
	buf_init(&key, DB_KEY_MAX);
	buf_init(&got, DB_VALUE_MAX);
	for (int table = 0; table < 2; table++) {
		for (n = 0; db_next(d, table, &key, &got) == RC_OK; n++) {
			snprintf(name, sizeof(name), "%06d", n);
			assert_string_equal(key.data, name);
			assert_int_equal(got.len, table == 1 ? (64 << 10) - 6 :
			    n % 50 == 7 ? (int)sizeof(value) : 64 << 10);
			assert_int_equal(got.data[got.len - 1], 'a' + n % 26);
		}
		assert_int_equal(n, 256);
		buf_clear(&key);
	}
	buf_free(&key);
	buf_free(&got);
	db_close(d);
}

/* A reader that has the old file open keeps its lock table alive: it is
 * waited for, so that writers never see a table of another file. */
static void
test_copy_waits(void **state)
{
	struct db *d = open_db(true, false);
	struct envdir e = { .fd = -1 };
	int fds[2], status;
	char c = 0;
	pid_t pid;

	(void)state;
	for (int i = 0; i < 20; i++)
		put(d, 0, "a", i % 2 ? "odd" : "even");
	db_close(d);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		if (db_open(place_path(&place, "env"), tables, false, true,
		    &d) != RC_OK || write(fds[1], &c, 1) != 1)
			_exit(1);
		/* Until the parent is seen to ask for the folder alone. */
		for (int i = 0; i < 50; i++)
			clock_sleep_ms(10);
		expect(d, 0, "a", "odd");
		if (write(fds[1], &c, 1) != 1)
			_exit(1);
		db_close(d);
		_exit(0);
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(envdir_open(&e, place_path(&place, "env")), RC_OK);
	assert_int_not_equal(flock(e.fd, LOCK_EX | LOCK_NB), 0);
	envdir_close(&e);
	assert_int_equal(fresh_copy(place_path(&place, "env"), tables), RC_OK);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	d = open_db(false, false);
	expect(d, 0, "a", "odd");
	put(d, 0, "a", "new");
	expect(d, 0, "a", "new");
	db_close(d);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_make),
		TEST(test_tidy),
		TEST(test_copy),
		TEST(test_copy_long),
		TEST(test_copy_waits),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
