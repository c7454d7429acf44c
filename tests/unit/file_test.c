/*
 * file_test.c - files, folders and lines: what is there afterwards, what is
 * refused, and what a disk at fault leaves behind.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "str.h"

#define T "work"		/* a folder in the test's own folder */

static char home[64] = "/tmp/file_test.XXXXXX";

/* Stands before libc's: the holder of a lock removes it and lets go at the
 * worst moment, between our open and our flock. */
static const char *removed_by_holder;

int
flock(int fd, int operation)
{
	if (removed_by_holder != NULL)
		(void)unlink(removed_by_holder);
	removed_by_holder = NULL;
	return (int)syscall(SYS_flock, fd, operation);
}

/* Stands before libc's too: the disk fails at the n-th fsync from now. */
static int fsync_fails_at;

int
fsync(int fd)
{
	if (fsync_fails_at > 0 && --fsync_fails_at == 0) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* The log goes to a file, cmocka's own words to where they went. */
static int
set_up(void **state)
{
	FILE *words = fdopen(dup(STDERR_FILENO), "w");
	int said;

	(void)state;
	if (words == NULL || mkdtemp(home) == NULL || chdir(home) != 0)
		return -1;
	(void)setvbuf(words, NULL, _IONBF, 0);
	stderr = words;
	said = open("said", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	return said >= 0 && dup2(said, STDERR_FILENO) >= 0 &&
	    close(said) == 0 ? 0 : -1;
}

/* What was said since the last time has this word; NULL: nothing was. */
static void
assert_said(const char *word)
{
	static char text[10000];
	FILE *f = fopen("said", "rb");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	assert_int_equal(fclose(f), 0);
	assert_int_equal(truncate("said", 0), 0);
	if (word == NULL)
		assert_string_equal(text, "");
	else if (strstr(text, word) == NULL)
		fail_msg("no \"%s\" in: %s", word, text);
}

static int
tear_down(void **state)
{
	(void)state;
	return file_remove(home) == RC_OK ? 0 : -1;
}

static int
fresh(void **state)
{
	(void)state;
	if (file_remove(T) != RC_OK || file_mkdir(T) != RC_OK)
		return -1;
	return truncate("said", 0);
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static void
assert_holds(const char *path, const char *text)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b), RC_OK);
	assert_string_equal(b.data, text);
	assert_int_equal(b.len, strlen(text));
	buf_free(&b);
}

/* How many entries a folder has, whatever they are. */
static int
entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	assert_int_equal(closedir(d), 0);
	return n - 2;	/* itself and its parent */
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_path(void **state)
{
	char out[FILE_PATH] = "x", dir[FILE_PATH + 1];

	(void)state;
	assert_int_equal(file_path(out, "/a", "b"), RC_OK);
	assert_string_equal(out, "/a/b");
	assert_int_equal(file_path(out, out, "c"), RC_OK);
	assert_string_equal(out, "/a/b/c");
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

static void
test_mkdir(void **state)
{
	char deep[FILE_PATH + 10];

	(void)state;
	assert_int_equal(file_mkdir(T "/a//b/c/"), RC_OK);
	assert_int_equal(mode_of(T "/a"), 0700);
	assert_int_equal(mode_of(T "/a/b/c"), 0700);
	assert_int_equal(file_mkdir(T "/a/b/c"), RC_OK);
	assert_int_equal(file_mkdir("/tmp"), RC_OK);
	assert_int_equal(file_mkdir("/"), RC_OK);
	put(T "/f", "");
	assert_int_equal(file_mkdir(T "/f"), RC_CONFIG);
	assert_int_equal(file_mkdir(T "/f/g"), RC_CONFIG);
	assert_int_equal(file_mkdir(""), RC_CONFIG);
	memset(deep, 'd', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(file_mkdir(deep), RC_CONFIG);
	assert_int_equal(symlink("a", T "/link"), 0);
	assert_int_equal(file_mkdir(T "/link/z"), RC_OK);
	assert_int_equal(mode_of(T "/a/z"), 0700);
}

static void
test_remove(void **state)
{
	char deep[200] = T "/deep";
	int i;

	(void)state;
	assert_int_equal(file_remove(T "/none"), RC_OK);
	assert_int_equal(file_remove(T "/none/none"), RC_OK);
	put(T "/f", "x");
	assert_int_equal(file_remove(T "/f"), RC_OK);
	assert_int_equal(access(T "/f", F_OK), -1);
	assert_int_equal(file_mkdir(T "/out"), RC_OK);
	put(T "/out/keep", "keep");
	assert_int_equal(file_mkdir(T "/d/e/g"), RC_OK);
	put(T "/d/e/f", "x");
	put(T "/d/.hidden", "x");
	assert_int_equal(symlink("../out", T "/d/link"), 0);
	assert_int_equal(file_remove(T "/d"), RC_OK);
	assert_int_equal(entries(T), 1);
	assert_holds(T "/out/keep", "keep");
	/* A link goes, what it names stays. */
	assert_int_equal(symlink("out", T "/link"), 0);
	assert_int_equal(file_remove(T "/link"), RC_OK);
	assert_holds(T "/out/keep", "keep");
	assert_int_equal(file_remove(T "/out/"), RC_CONFIG);
	assert_int_equal(file_remove(T "/out/keep/x"), RC_CONFIG);
	for (i = 0; i < 20; i++)
		assert_true(str_add(deep, sizeof(deep), "/d"));
	assert_int_equal(file_mkdir(deep), RC_OK);
	assert_int_equal(file_remove(T "/deep"), RC_CONFIG);
	assert_int_equal(file_remove(T "/deep/d/d/d/d/d/d"), RC_OK);
	assert_int_equal(file_remove(T "/deep"), RC_OK);
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

static void
test_list(void **state)
{
	static const char *const suffixes[] = { ".csv", ".json", NULL };
	static const char *const none[] = { NULL };
	struct file_info *list = NULL;
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	int64_t now = (int64_t)time(NULL);
	size_t n = 9;

	(void)state;
	assert_int_equal(file_list(T "/none", NULL, &list, &n), RC_CONFIG);
	assert_int_equal(n, 9);
	assert_int_equal(file_list(T, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 0);
	assert_null(list);
	put(T "/b.csv", "12345");
	put(T "/a.json", "1");
	put(T "/c.txt", "");
	put(T "/.hidden.csv", "");
	put(T "/d\n.csv", "");
	put(T "/d\x7f.csv", "");
	put(T "/B.csv", "");
	assert_int_equal(file_mkdir(T "/dir.csv"), RC_OK);
	assert_int_equal(symlink("b.csv", T "/link.csv"), 0);
	/* An old mtime does not make it an old file here. */
	assert_int_equal(utimensat(AT_FDCWD, T "/b.csv", old, 0), 0);
	assert_int_equal(file_list(T, suffixes, &list, &n), RC_OK);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].name, "B.csv");
	assert_string_equal(list[1].name, "a.json");
	assert_string_equal(list[2].name, "b.csv");
	assert_int_equal(list[2].size, 5);
	assert_in_range(list[2].changed_ns / 1000000000, now - 1, now + 60);
	free(list);
	assert_int_equal(file_list(T, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 4);
	free(list);
	assert_int_equal(file_list(T, none, &list, &n), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(file_list(T "/b.csv", NULL, &list, &n), RC_CONFIG);
}

static void
test_list_many(void **state)
{
	struct file_info *list = NULL;
	char path[64];
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < 300; i++) {
		assert_true(str_fmt(path, sizeof(path), T "/%03zu",
		    (i * 7) % 300));
		put(path, "");
	}
	assert_int_equal(file_list(T, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 300);
	for (i = 0; i < n; i++) {
		assert_true(str_fmt(path, sizeof(path), "%03zu", i));
		assert_string_equal(list[i].name, path);
	}
	free(list);
}

static void
test_private(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0610, 0601, 0620, 0602 };
	size_t i;

	(void)state;
	assert_int_equal(file_private_check(T "/f"), RC_END);
	put(T "/f", "x");
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(chmod(T "/f", bad[i]), 0);
		assert_int_equal(file_private_check(T "/f"), RC_CONFIG);
	}
	assert_said("chmod 600 " T "/f");
	assert_int_equal(chmod(T "/f", 0600), 0);
	assert_int_equal(file_private_check(T "/f"), RC_OK);
	assert_int_equal(chmod(T "/f", 0400), 0);
	assert_int_equal(file_private_check(T "/f"), RC_OK);
	assert_int_equal(symlink("f", T "/link"), 0);
	assert_int_equal(file_private_check(T "/link"), RC_CONFIG);
	assert_int_equal(file_private_check(T), RC_CONFIG);
	assert_int_equal(file_private_check(T "/f/x"), RC_CONFIG);
	if (geteuid() == 0) {
		assert_int_equal(chown(T "/f", 12345, 12345), 0);
		assert_int_equal(file_private_check(T "/f"), RC_CONFIG);
		assert_said("belongs to another user");
	}
}

static void
test_remote(void **state)
{
	(void)state;
	assert_false(file_is_remote(T));
	assert_false(file_is_remote(T "/none/none"));
	assert_false(file_is_remote("none"));
	assert_false(file_is_remote("/none"));
	assert_false(file_is_remote("/proc"));
	assert_false(file_is_remote(""));
}

static void
assert_line(struct file_lines *f, size_t max, const char *want)
{
	char *line = NULL;
	size_t len = 0;

	assert_int_equal(file_lines_next(f, max, &line, &len), RC_OK);
	assert_string_equal(line, want);
	assert_int_equal(len, strlen(want));
}

static void
test_lines(void **state)
{
	struct file_lines *f = NULL;
	char *line = NULL;
	size_t len = 7;

	(void)state;
	assert_int_equal(file_lines_open(T "/none", &f), RC_END);
	assert_int_equal(file_lines_open(T, &f), RC_CONFIG);
	assert_null(f);
	put(T "/f", "one\ntwo\r\n\n\r\n12345\r\n12345\n123456\n"
	    "a\rb\nbad\xff\nlast");
	assert_int_equal(file_lines_open(T "/f", &f), RC_OK);
	assert_line(f, 5, "one");
	assert_line(f, 5, "two");
	assert_line(f, 5, "");
	assert_line(f, 5, "");
	assert_line(f, 5, "12345");
	assert_line(f, 5, "12345");
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_REJECT);
	assert_int_equal(len, 7);
	assert_line(f, 5, "a\rb");
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_REJECT);
	assert_line(f, SIZE_MAX, "last");
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_END);
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_END);
	file_lines_close(f);
	file_lines_close(NULL);
	put(T "/f", "");
	assert_int_equal(file_lines_open(T "/f", &f), RC_OK);
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_END);
	file_lines_close(f);
}

/* Lines of every length around the reader's chunk. */
static void
test_lines_long(void **state)
{
	static char text[400000];
	struct file_lines *f = NULL;
	char *line = NULL;
	size_t n = 0, len = 0, i;

	(void)state;
	for (i = 65530; i < 65535; i++) {
		memset(text + n, (int)('a' + i % 26), i);
		n += i;
		text[n++] = '\n';
	}
	text[n] = '\0';
	put(T "/f", text);
	assert_int_equal(file_lines_open(T "/f", &f), RC_OK);
	for (i = 65530; i < 65535; i++) {
		size_t max = i == 65532 ? 60000 : 65534;

		assert_int_equal(file_lines_next(f, max, &line, &len),
		    i == 65532 ? RC_REJECT : RC_OK);
		if (i == 65532)
			continue;
		assert_int_equal(len, i);
		assert_int_equal(line[0], (int)('a' + i % 26));
		assert_int_equal(line[len - 1], (int)('a' + i % 26));
		assert_int_equal(line[len], '\0');
	}
	assert_int_equal(file_lines_next(f, 9, &line, &len), RC_END);
	file_lines_close(f);
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
		cmocka_unit_test_setup(test_mkdir, fresh),
		cmocka_unit_test_setup(test_remove, fresh),
		cmocka_unit_test_setup(test_lock, fresh),
		cmocka_unit_test_setup(test_append_cut, fresh),
		cmocka_unit_test_setup(test_no_space, fresh),
		cmocka_unit_test_setup(test_rename, fresh),
		cmocka_unit_test_setup(test_fsync, fresh),
		cmocka_unit_test_setup(test_touch, fresh),
		cmocka_unit_test_setup(test_list, fresh),
		cmocka_unit_test_setup(test_list_many, fresh),
		cmocka_unit_test_setup(test_private, fresh),
		cmocka_unit_test_setup(test_remote, fresh),
		cmocka_unit_test_setup(test_lines, fresh),
		cmocka_unit_test_setup(test_lines_long, fresh),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
