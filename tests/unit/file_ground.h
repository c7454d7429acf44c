/*
 * file_ground.h - a folder of the test's own, and functions put in front of
 * libc's so that they fail when told.
 */
#ifndef FILE_GROUND_H
#define FILE_GROUND_H

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

#endif
