/*
 * db_test.c - rows, transactions, killed writers and missing rights.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <cmocka.h>

#include "envbox.h"

static void
test_rows(void **state)
{
	struct db *d = open_db(true, false);
	uint64_t n = 9;

	(void)state;
	put(d, 0, "a", "1");
	put(d, 0, "b", "2");
	put(d, 1, "a", "other");
	expect(d, 0, "a", "1");
	expect(d, 1, "a", "other");
	expect(d, 1, "b", NULL);
	assert_int_equal(db_count(d, 0, &n), RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(db_begin(d), RC_OK);
	assert_false(db_changed(d));
	db_del(d, 0, b("a"));
	db_del(d, 0, b("never there"));
	assert_true(db_changed(d));
	expect(d, 0, "a", NULL);
	db_put(d, 0, b("b"), b("22"));
	expect(d, 0, "b", "22");
	assert_int_equal(db_commit(d), RC_OK);
	db_close(d);
	d = open_db(false, true);
	expect(d, 0, "a", NULL);
	expect(d, 0, "b", "22");
	db_close(d);
}

/* A table that an older program did not know. */
static void
test_new_table(void **state)
{
	static const char *const more[] = { "one", "two", "three", NULL };
	struct db *d = open_db(true, false);
	uint64_t n = 9;

	(void)state;
	put(d, 0, "a", "1");
	db_close(d);
	assert_int_equal(db_open(place_path(&place, "env"), more, false, true,
	    &d), RC_OK);
	expect(d, 2, "a", NULL);
	assert_int_equal(db_count(d, 2, &n), RC_OK);
	assert_int_equal(n, 0);
	db_close(d);
	assert_int_equal(db_open(place_path(&place, "env"), more, false,
	    false, &d), RC_OK);
	put(d, 2, "a", "3");
	expect(d, 0, "a", "1");
	expect(d, 2, "a", "3");
	db_close(d);
}

static void
test_abort(void **state)
{
	struct db *d = open_db(true, false);

	(void)state;
	put(d, 0, "a", "1");
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, 0, b("a"), b("2"));
	db_abort(d);
	db_abort(d);
	expect(d, 0, "a", "1");
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, 0, b("a"), b("3"));
	db_close(d);
	d = open_db(false, false);
	expect(d, 0, "a", "1");
	db_close(d);
}

static void
test_next(void **state)
{
	struct db *d = open_db(true, false);
	struct buf key, value;
	char seen[16] = "";

	(void)state;
	buf_init(&key, DB_KEY_MAX);
	buf_init(&value, DB_VALUE_MAX);
	assert_int_equal(db_next(d, 0, &key, &value), RC_END);
	put(d, 0, "c", "3");
	put(d, 0, "a", "1");
	put(d, 0, "bb", "2");
	put(d, 0, "d", "4");
	/* Deleting the row it stands on, and the one behind, upsets nothing. */
	assert_int_equal(db_begin(d), RC_OK);
	while (db_next(d, 0, &key, &value) == RC_OK) {
		strcat(seen, key.data);
		db_del(d, 0, (struct bytes){ key.data, key.len });
		if (strcmp(key.data, "bb") == 0)
			db_del(d, 0, b("c"));
	}
	assert_int_equal(db_commit(d), RC_OK);
	assert_string_equal(seen, "abbd");
	buf_clear(&key);
	assert_int_equal(db_next(d, 0, &key, &value), RC_END);
	buf_free(&key);
	buf_free(&value);
	db_close(d);
}

static void
test_absent(void **state)
{
	struct db *d = NULL;
	struct stat st;
	const char *data = place_path(&place, "env/data.mdb");

	(void)state;
	assert_int_equal(db_open(place_path(&place, "nowhere"), tables, true,
	    false, &d), RC_END);
	assert_int_equal(db_open(place_path(&place, "env"), tables, false,
	    false, &d), RC_END);
	assert_int_equal(db_open(place_path(&place, "env"), tables, false,
	    true, &d), RC_END);
	assert_null(d);
	assert_int_not_equal(stat(data, &st), 0);
	/* What a crash leaves of one in the making. */
	assert_int_equal(file_write(data, "", 0, 0600), RC_OK);
	assert_int_equal(db_open(place_path(&place, "env"), tables, false,
	    true, &d), RC_END);
	db_close(open_db(true, false));
	assert_int_equal(stat(data, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Address space, not disk. */
	assert_in_range(st.st_size, 1, 1 << 20);
	assert_int_equal(stat(place_path(&place, "env/lock.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* All of it is there: LMDB writes it through a map. */
	assert_true(st.st_blocks * 512 >= st.st_size);
}

static void
test_broken(void **state)
{
	static char noise[8192];
	struct db *d = NULL;

	(void)state;
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(file_write(place_path(&place, "env/data.mdb"), noise,
	    sizeof(noise), 0600), RC_OK);
	assert_int_equal(db_open(place_path(&place, "env"), tables, true,
	    false, &d), RC_FATAL);
	assert_null(d);
	assert_true(place_said(&place, "S502"));
}

/* An empty key is refused by LMDB: the whole transaction is. */
static void
test_sticky(void **state)
{
	struct db *d = open_db(true, false);

	(void)state;
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, 0, b("good"), b("1"));
	db_put(d, 0, b(""), b("2"));
	db_put(d, 0, b("good too"), b("3"));
	assert_int_equal(db_commit(d), RC_FATAL);
	assert_true(place_said(&place, "S502"));
	expect(d, 0, "good", NULL);
	expect(d, 0, "good too", NULL);
	put(d, 0, "next", "4");
	expect(d, 0, "next", "4");
	db_close(d);
}

static int
child(void (*act)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
die_writing(void)
{
	struct db *d = NULL;

	if (db_open(place_path(&place, "env"), tables, false, false, &d) !=
	    RC_OK || db_begin(d) != RC_OK)
		_exit(1);
	db_put(d, 0, b("a"), b("half"));
	kill(getpid(), SIGKILL);
}

static void
test_killed(void **state)
{
	struct db *d = open_db(true, false);
	int status;

	(void)state;
	put(d, 0, "a", "1");
	db_close(d);
	status = child(die_writing);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	d = open_db(false, false);
	expect(d, 0, "a", "1");
	put(d, 0, "a", "2");
	expect(d, 0, "a", "2");
	/* And while we have it open. */
	status = child(die_writing);
	assert_true(WIFSIGNALED(status));
	expect(d, 0, "a", "2");
	put(d, 0, "a", "3");
	expect(d, 0, "a", "3");
	db_close(d);
}

static void
read_and_die(void)
{
	struct bytes v;
	struct db *d = NULL;

	if (db_open(place_path(&place, "env"), tables, false, true, &d) !=
	    RC_OK || db_get(d, 0, b("a"), &v) != RC_OK)
		_exit(1);
	kill(getpid(), SIGKILL);
}

/* A reader that was killed in the middle of a look-up keeps nothing alive,
 * even where another process has kept the lock table alive. */
static void
test_killed_reader(void **state)
{
	static char value[64 << 10];
	struct db *d = open_db(true, false);
	int fds[2], status;
	struct stat st;
	char c = 0;
	pid_t pid;

	(void)state;
	put(d, 0, "a", "1");
	db_close(d);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		if (db_open(place_path(&place, "env"), tables, false, true,
		    &d) != RC_OK || write(fds[1], &c, 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_true(WIFSIGNALED(child(read_and_die)));
	d = open_db(false, false);
	for (int i = 0; i < 60; i++) {
		assert_int_equal(db_begin(d), RC_OK);
		db_put(d, 0, b("a"), (struct bytes){ value, sizeof(value) });
		assert_int_equal(db_commit(d), RC_OK);
	}
	db_close(d);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(stat(place_path(&place, "env/data.mdb"), &st), 0);
	assert_in_range(st.st_size, 1, 1 << 20);
	close(fds[0]);
	close(fds[1]);
}

static void
no_rights(void)
{
	struct db *d = NULL;

	if (setgid(65534) != 0 || setuid(65534) != 0)
		_exit(2);
	/* Read-only needs its lock file all the same. */
	_exit(db_open(place_path(&place, "env"), tables, false, true, &d) ==
	    RC_FATAL ? 0 : 1);
}

static void
no_read(void)
{
	struct db *d = NULL;

	if (setgid(65534) != 0 || setuid(65534) != 0)
		_exit(2);
	_exit(db_open(place_path(&place, "env"), tables, false, true, &d) ==
	    RC_CONFIG ? 0 : 1);
}

static void
test_rights(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	db_close(open_db(true, false));
	assert_int_equal(chmod(place.dir, 0755), 0);
	assert_int_equal(chmod(place_path(&place, "env"), 0755), 0);
	assert_int_equal(child(no_read), 0);
	assert_int_equal(chmod(place_path(&place, "env/data.mdb"), 0644), 0);
	assert_int_equal(child(no_rights), 0);
	assert_int_equal(chmod(place.dir, 0700), 0);
}

static void
test_relax(void **state)
{
	static char value[64 << 10];
	struct db *d = open_db(true, false);
	struct buf key, got;

	(void)state;
	assert_int_equal(db_begin(d), RC_OK);
	for (char k[2] = "A"; k[0] < 'z'; k[0]++)
		db_append(d, 0, b(k), (struct bytes){ value, sizeof(value) });
	assert_int_equal(db_commit(d), RC_OK);
	buf_init(&key, DB_KEY_MAX);
	buf_init(&got, DB_VALUE_MAX);
	while (db_next(d, 0, &key, &got) == RC_OK)
		assert_int_equal(got.len, sizeof(value));
	assert_string_equal(key.data, "y");
	db_relax(d);
	expect(d, 0, "nothing", NULL);
	put(d, 0, "z", "after");
	expect(d, 0, "z", "after");
	buf_free(&key);
	buf_free(&got);
	db_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_abort),
		TEST(test_new_table),
		TEST(test_next),
		TEST(test_absent),
		TEST(test_broken),
		TEST(test_sticky),
		TEST(test_killed),
		TEST(test_killed_reader),
		TEST(test_rights),
		TEST(test_relax),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
