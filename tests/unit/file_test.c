/*
 * file_test.c - files, written so that a crash leaves the old or the new.
 */
#include "file_ground.h"

static void
test_path(void **state)
{
	char out[FILE_PATH] = "x", dir[FILE_PATH + 1];

	(void)state;
	assert_int_equal(file_path(out, "/a", "b"), RC_OK);
	assert_string_equal(out, "/a/b");
	assert_int_equal(file_path(out, out, "c"), RC_OK);
	assert_string_equal(out, "/a/b/c");
	assert_int_equal(file_under(out, "/a", "b/c"), RC_OK);
	assert_string_equal(out, "/a/b/c");
	assert_int_equal(file_under(out, "/a", "/b"), RC_OK);
	assert_string_equal(out, "/b");
	memset(dir, 'd', sizeof(dir));
	dir[FILE_PATH - 3] = '\0';
	assert_int_equal(file_path(out, dir, "b"), RC_OK);
	assert_int_equal(strlen(out), FILE_PATH - 1);
	dir[FILE_PATH - 3] = 'd';
	dir[FILE_PATH - 2] = '\0';
	assert_int_equal(file_path(out, dir, "b"), RC_CONFIG);
	assert_int_equal(strlen(out), FILE_PATH - 1);
}

static void
test_read(void **state)
{
	char text[20001];
	struct buf b;

	(void)state;
	buf_init(&b, 20000);
	assert_int_equal(file_read(T "/none", &b), RC_END);
	assert_said(NULL);
	assert_int_equal(file_read(T, &b), RC_CONFIG);
	put(T "/empty", "");
	assert_int_equal(file_read(T "/empty", &b), RC_OK);
	assert_string_equal(b.data, "");
	memset(text, 'x', 20000);
	text[20000] = '\0';
	put(T "/full", text);
	assert_int_equal(file_read(T "/full", &b), RC_OK);
	assert_int_equal(b.len, 20000);
	assert_string_equal(b.data, text);
	buf_free(&b);
	buf_init(&b, 19999);
	assert_int_equal(file_read(T "/full", &b), RC_CONFIG);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	assert_said("larger");
	assert_int_equal(symlink("empty", T "/link"), 0);
	assert_int_equal(file_read(T "/link", &b), RC_CONFIG);
	assert_said("symbolic link");
	assert_int_equal(mkfifo(T "/pipe", 0600), 0);
	assert_int_equal(file_read(T "/pipe", &b), RC_CONFIG);
	assert_said("not a regular file");
	assert_int_equal(file_read(T "/empty/x", &b), RC_CONFIG);
	buf_free(&b);
}

static void
test_write(void **state)
{
	char temp[64];

	(void)state;
	assert_int_equal(file_write(T "/f", "one", 3, 0600), RC_OK);
	assert_holds(T "/f", "one");
	assert_int_equal(mode_of(T "/f"), 0600);
	assert_int_equal(file_write(T "/f", "twice", 5, 0640), RC_OK);
	assert_holds(T "/f", "twice");
	assert_int_equal(mode_of(T "/f"), 0640);
	assert_int_equal(file_write(T "/f", NULL, 0, 0600), RC_OK);
	assert_holds(T "/f", "");
	assert_int_equal(entries(T), 1);
	/* A leftover of the same process number, even a link to elsewhere. */
	put(T "/victim", "victim");
	assert_true(str_fmt(temp, sizeof(temp), T "/.f.%ld.tmp",
	    (long)getpid()));
	assert_int_equal(symlink("victim", temp), 0);
	assert_int_equal(file_write(T "/f", "three", 5, 0600), RC_OK);
	assert_holds(T "/f", "three");
	assert_holds(T "/victim", "victim");
	assert_int_equal(entries(T), 2);
	/* The name itself a link: the link is replaced, not its target. */
	assert_int_equal(symlink("victim", T "/g"), 0);
	assert_int_equal(file_write(T "/g", "four", 4, 0600), RC_OK);
	assert_holds(T "/g", "four");
	assert_holds(T "/victim", "victim");
	assert_int_equal(file_write("plain", "five", 4, 0600), RC_OK);
	assert_holds("plain", "five");
	assert_int_equal(file_remove("plain"), RC_OK);
}

static void
test_write_refused(void **state)
{
	char name[300] = T "/";

	(void)state;
	assert_int_equal(file_write(T "/none/f", "x", 1, 0600), RC_CONFIG);
	assert_int_equal(file_write(T "/", "x", 1, 0600), RC_CONFIG);
	assert_int_equal(file_write(T "/..", "x", 1, 0600), RC_CONFIG);
	assert_int_equal(file_write("", "x", 1, 0600), RC_CONFIG);
	assert_int_equal(file_mkdir(T "/dir"), RC_OK);
	assert_int_equal(file_write(T "/dir", "x", 1, 0600), RC_CONFIG);
	memset(name + strlen(T) + 1, 'n', 260);
	assert_int_equal(file_write(name, "x", 1, 0600), RC_CONFIG);
	assert_int_equal(entries(T), 1);
	assert_int_equal(entries(T "/dir"), 0);
}

/* What crashed writers left goes with the next write or removal; what belongs
 * to a running one, or to another file, stays. */
static void
test_leftovers(void **state)
{
	char running[64];
	pid_t dead = fork();

	(void)state;
	assert_true(dead >= 0);
	if (dead == 0)
		_exit(0);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	assert_true(str_fmt(running, sizeof(running), T "/.f.%ld.tmp",
	    (long)getppid()));
	put(running, "x");
	assert_true(str_fmt(running, sizeof(running), T "/.f.%ld.tmp",
	    (long)dead));
	put(running, "x");
	put(T "/.f.x.99999999.tmp", "x");
	put(T "/.f.tmp", "x");
	put(T "/.f..tmp", "x");
	put(T "/.f.12x.tmp", "x");
	put(T "/.f.999999999999.tmp", "x");
	put(T "/.ff.99999999.tmp", "x");
	assert_int_equal(file_write(T "/f", "x", 1, 0600), RC_OK);
	assert_int_equal(access(running, F_OK), -1);
	assert_int_equal(entries(T), 8);
	assert_int_equal(file_remove(T "/f"), RC_OK);
	assert_int_equal(entries(T), 6);
	/* Also when the file itself never came to be. */
	put(T "/.g.1.tmp", "x");
	assert_int_equal(file_remove(T "/g"), RC_OK);
	assert_int_equal(entries(T), 6);
}

static void
test_create(void **state)
{
	(void)state;
	assert_int_equal(file_create(T "/f", "one", 3, 0400), RC_OK);
	assert_int_equal(mode_of(T "/f"), 0400);
	assert_int_equal(file_create(T "/f", "two", 3, 0600), RC_CONFIG);
	assert_said("is there already");
	assert_holds(T "/f", "one");
	assert_int_equal(symlink("nowhere", T "/link"), 0);
	assert_int_equal(file_create(T "/link", "two", 3, 0600), RC_CONFIG);
	assert_int_equal(access(T "/nowhere", F_OK), -1);
	assert_int_equal(entries(T), 2);
}

/* Another process's word on whether the lock is free. */
static enum rc
lock_elsewhere(const char *path)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = -1;

		_exit((int)file_lock(path, &fd));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum rc)WEXITSTATUS(status);
}

static void
test_lock(void **state)
{
	int fd = -1, other = -1, hold[2];
	char c;
	pid_t child;

	(void)state;
	assert_int_equal(file_lock(T "/lock", &fd), RC_OK);
	assert_int_equal(mode_of(T "/lock"), 0600);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(file_lock(T "/lock", &other), RC_LATER);
	assert_said(NULL);
	assert_int_equal(other, -1);
	assert_int_equal(lock_elsewhere(T "/lock"), RC_LATER);
	/* A child inherits it, and holds it when we are gone. */
	assert_int_equal(pipe(hold), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(hold[1]);
		(void)!read(hold[0], &c, 1);
		_exit(0);
	}
	assert_int_equal(close(fd), 0);
	assert_int_equal(lock_elsewhere(T "/lock"), RC_LATER);
	assert_int_equal(close(hold[0]), 0);
	assert_int_equal(close(hold[1]), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(lock_elsewhere(T "/lock"), RC_OK);
	/* Removed while held: a new file is a new lock. */
	assert_int_equal(file_lock(T "/lock", &fd), RC_OK);
	assert_int_equal(file_remove(T "/lock"), RC_OK);
	assert_int_equal(file_lock(T "/lock", &other), RC_OK);
	assert_int_equal(close(other), 0);
	assert_int_equal(close(fd), 0);
	removed_by_holder = T "/lock";
	assert_int_equal(file_lock(T "/lock", &fd), RC_OK);
	assert_null(removed_by_holder);
	assert_int_equal(lock_elsewhere(T "/lock"), RC_LATER);
	assert_int_equal(close(fd), 0);
	assert_int_equal(file_lock(T "/none/lock", &fd), RC_CONFIG);
	assert_int_equal(file_lock(T, &fd), RC_CONFIG);
	assert_int_equal(symlink("lock", T "/link"), 0);
	assert_int_equal(file_lock(T "/link", &fd), RC_CONFIG);
}

static void
test_append_cut(void **state)
{
	(void)state;
	assert_int_equal(file_append(T "/f", "one\n", 4), RC_OK);
	assert_int_equal(mode_of(T "/f"), 0600);
	assert_int_equal(file_append(T "/f", "two\n", 4), RC_OK);
	assert_holds(T "/f", "one\ntwo\n");
	assert_int_equal(file_append(T "/none/f", "x", 1), RC_CONFIG);
	assert_int_equal(file_append(T, "x", 1), RC_CONFIG);
	assert_int_equal(symlink("f", T "/link"), 0);
	assert_int_equal(file_append(T "/link", "x", 1), RC_CONFIG);
	assert_int_equal(file_cut(T "/f", 100), RC_OK);
	assert_holds(T "/f", "one\ntwo\n");
	assert_int_equal(file_cut(T "/f", 8), RC_OK);
	assert_holds(T "/f", "one\ntwo\n");
	assert_int_equal(file_cut(T "/f", 3), RC_OK);
	assert_holds(T "/f", "one");
	assert_int_equal(file_cut(T "/f", 0), RC_OK);
	assert_holds(T "/f", "");
	assert_int_equal(file_cut(T "/none", 0), RC_END);
	assert_said("S602");	/* of the link before */
	assert_int_equal(file_cut(T "/link", 0), RC_CONFIG);
	assert_int_equal(file_cut(T, 0), RC_CONFIG);
}

/* In a child that can write no file longer than 10 bytes. */
static enum rc
cramped(bool append)
{
	const struct rlimit ten = { 10, 10 };
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &ten) != 0)
			_exit(99);
		if (append)
			_exit((int)file_append(T "/f", "12345678", 8));
		_exit((int)file_write(T "/f", "123456789012", 12, 0600));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum rc)WEXITSTATUS(status);
}

static void
test_no_space(void **state)
{
	(void)state;
	put(T "/f", "one\ntwo\n");
	/* Two bytes fit: they must not stay. */
	assert_int_equal(cramped(true), RC_FATAL);
	assert_said("salesync");
	assert_holds(T "/f", "one\ntwo\n");
	assert_int_equal(cramped(false), RC_FATAL);
	assert_said("salesync");
	assert_holds(T "/f", "one\ntwo\n");
	assert_int_equal(entries(T), 1);
	/* None fits. */
	put(T "/f", "1234567890");
	assert_int_equal(cramped(true), RC_FATAL);
	assert_holds(T "/f", "1234567890");
}

static void
test_rename(void **state)
{
	(void)state;
	put(T "/a", "a");
	put(T "/b", "b");
	assert_int_equal(file_rename(T "/a", T "/b"), RC_OK);
	assert_holds(T "/b", "a");
	assert_int_equal(entries(T), 1);
	assert_int_equal(file_rename(T "/a", T "/b"), RC_CONFIG);
	assert_holds(T "/b", "a");
}

static enum rc
step(int which)
{
	switch (which) {
	case 0:
		return file_write(T "/write", "x", 1, 0600);
	case 1:
		return file_create(T "/create", "x", 1, 0600);
	case 2:
		return file_append(T "/append", "x", 1);
	case 3:
		return file_cut(T "/cut", 1);
	case 4:
		return file_mkdir(T "/mkdir");
	case 5:
		return file_rename(T "/rename", T "/renamed");
	default:
		return file_remove(T "/remove");
	}
}

/* As many fsyncs as each needs; whichever fails, nobody hears "done". */
static void
test_fsync(void **state)
{
	static const int needs[] = { 2, 2, 2, 1, 1, 1, 1 };
	int i, n;

	for (i = 0; i < (int)COUNT(needs); i++)
		for (n = 1; n <= needs[i] + 1; n++) {
			assert_int_equal(fresh(state), 0);
			put(T "/cut", "xx");
			put(T "/rename", "x");
			put(T "/remove", "x");
			fsync_fails_at = n;
			assert_int_equal(step(i), n <= needs[i] ? RC_FATAL :
			    RC_OK);
			assert_int_equal(fsync_fails_at, n > needs[i]);
			fsync_fails_at = 0;
			assert_said(n <= needs[i] ? "S501" : NULL);
		}
	/* The old content stays when the new one did not get to the disk. */
	put(T "/write", "old");
	fsync_fails_at = 1;
	assert_int_equal(step(0), RC_FATAL);
	assert_holds(T "/write", "old");
	assert_int_equal(access(T "/write", F_OK), 0);
	fsync_fails_at = 0;
}

static void
test_touch(void **state)
{
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	int64_t now = (int64_t)time(NULL);

	(void)state;
	assert_int_equal(file_touched_at(T "/f"), 0);
	file_touch(T "/f");
	assert_int_equal(access(T "/f", F_OK), -1);
	put(T "/f", "x");
	assert_int_equal(utimensat(AT_FDCWD, T "/f", old, 0), 0);
	assert_int_equal(file_touched_at(T "/f"), 1000);
	file_touch(T "/f");
	assert_in_range(file_touched_at(T "/f"), now - 1, now + 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test_setup(test_read, fresh),
		cmocka_unit_test_setup(test_write, fresh),
		cmocka_unit_test_setup(test_write_refused, fresh),
		cmocka_unit_test_setup(test_leftovers, fresh),
		cmocka_unit_test_setup(test_create, fresh),
		cmocka_unit_test_setup(test_lock, fresh),
		cmocka_unit_test_setup(test_append_cut, fresh),
		cmocka_unit_test_setup(test_no_space, fresh),
		cmocka_unit_test_setup(test_rename, fresh),
		cmocka_unit_test_setup(test_fsync, fresh),
		cmocka_unit_test_setup(test_touch, fresh),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
