/*
 * db_test.c - rows, transactions, a full map, a full disk, killed writers,
 * other processes, and the exchange of the file.
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
#include <signal.h>
#include <sys/file.h>
#include <cmocka.h>

#include "place.h"

#include "clock.h"
#include "db.h"
#include "envdir.h"
#include "fresh.h"

#define MAP_FULL (-30792)

static const char *const tables[] = { "one", "two", NULL };
static struct place place;
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

static struct bytes
b(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static struct db *
open_db(bool make, bool read_only)
{
	struct db *d = NULL;

	assert_int_equal(db_open(place_path(&place, "env"), tables, make,
	    read_only, &d), RC_OK);
	assert_non_null(d);
	return d;
}

static void
put(struct db *d, int table, const char *key, const char *value)
{
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, table, b(key), b(value));
	assert_int_equal(db_commit(d), RC_OK);
}

static void
expect(struct db *d, int table, const char *key, const char *value)
{
	struct bytes v;
	enum rc rc = db_get(d, table, b(key), &v);

	if (value == NULL) {
		assert_int_equal(rc, RC_END);
		return;
	}
	assert_int_equal(rc, RC_OK);
	assert_int_equal(v.len, strlen(value));
	assert_memory_equal(v.data, value, v.len);
}

static int
setup(void **state)
{
	(void)state;
	puts_left = -1;
	full_times = commit_error = 0;
	(void)place_said(&place, "x");
	if (file_remove(place_path(&place, "env")) != RC_OK)
		return 1;
	return mkdir(place_path(&place, "env"), 0700);
}

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
	db_close(open_db(true, false));
	assert_int_equal(stat(data, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Address space, not disk. */
	assert_in_range(st.st_size, 1, 1 << 20);
	assert_int_equal(stat(place_path(&place, "env/lock.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
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
	expect(d, 0, "a", "1");
	assert_int_equal(mapped(), 4 * gib);
	put(d, 0, "b", "2");
	expect(d, 0, "b", "2");
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
	assert_int_equal(mapped(), 1 << 30);
	expect(d, 0, "nothing", NULL);
	put(d, 0, "z", "after");
	expect(d, 0, "z", "after");
	buf_free(&key);
	buf_free(&got);
	db_close(d);
}

/* --- fresh.c --- */

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
		db_close(d);
		_exit(0);
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(envdir_open(&e, place_path(&place, "env")), RC_OK);
	assert_int_not_equal(flock(e.fd, LOCK_EX | LOCK_NB), 0);
	envdir_close(&e);
	assert_int_equal(fresh_copy(place_path(&place, "env"), tables), RC_OK);
	assert_int_equal(waitpid(pid, &status, WNOHANG), pid);
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
		cmocka_unit_test_setup(test_rows, setup),
		cmocka_unit_test_setup(test_abort, setup),
		cmocka_unit_test_setup(test_next, setup),
		cmocka_unit_test_setup(test_absent, setup),
		cmocka_unit_test_setup(test_broken, setup),
		cmocka_unit_test_setup(test_sticky, setup),
		cmocka_unit_test_setup(test_map_full_put, setup),
		cmocka_unit_test_setup(test_map_full_commit, setup),
		cmocka_unit_test_setup(test_map_full_twice, setup),
		cmocka_unit_test_setup(test_map_grows, setup),
		cmocka_unit_test_setup(test_map_resized, setup),
		cmocka_unit_test_setup(test_disk_full, setup),
		cmocka_unit_test_setup(test_killed, setup),
		cmocka_unit_test_setup(test_rights, setup),
		cmocka_unit_test_setup(test_relax, setup),
		cmocka_unit_test_setup(test_make, setup),
		cmocka_unit_test_setup(test_tidy, setup),
		cmocka_unit_test_setup(test_copy, setup),
		cmocka_unit_test_setup(test_copy_waits, setup),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_end(&place);
	return failed;
}
