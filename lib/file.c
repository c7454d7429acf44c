/*
 * file.c - files, read and written durably.
 *
 * What is written is on disk, folder entry included, before a function says
 * that it is.  A temporary file left by a crash holds a copy of something
 * that may have to be erased, so writing a file takes its leftovers along.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog.h"
#include "disk.h"
#include "log.h"
#include "str.h"

#define TEMP_NAME 300
#define LOCK_TRIES 10
#define MOMENT 12		/* digits */

enum rc
file_path(char out[FILE_PATH], const char *dir, const char *name)
{
	char path[FILE_PATH];

	if (!str_fmt(path, sizeof(path), "%s/%s", dir, name))
		return disk_fault(dir, ENAMETOOLONG);
	(void)str_copy(out, FILE_PATH, path);
	return RC_OK;
}

enum rc
file_under(char out[FILE_PATH], const char *dir, const char *name)
{
	return name[0] == '/' ? file_path(out, "", name + 1) :
	    file_path(out, dir, name);
}

enum rc
file_read(const char *path, struct buf *out)
{
	char chunk[4096];
	enum rc rc;
	ssize_t got;
	int fd = -1;

	rc = disk_open(path, &fd);
	if (rc != RC_OK)
		return rc;
	buf_add(out, "", 0);
	while ((got = disk_read(fd, chunk, sizeof(chunk))) > 0 && !out->over)
		buf_add(out, chunk, (size_t)got);
	if (got < 0)
		rc = disk_fault(path, errno);
	else if (out->over)
		rc = disk_wrong(path, "it is larger than salesync takes");
	if (rc != RC_OK)
		buf_clear(out);
	explicit_bzero(chunk, sizeof(chunk));
	(void)close(fd);
	return rc;
}

/* Write all of it; 0 or an errno. */
static int
write_all(int fd, const char *bytes, size_t n)
{
	ssize_t put;

	while (n > 0) {
		put = write(fd, bytes, n);
		if (put < 0 && errno != EINTR)
			return errno;
		if (put > 0) {
			bytes += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

/* Write a new file and see it to disk; 0 or an errno. */
static int
temp_write(int dir, const char *temp, const void *bytes, size_t n, int mode)
{
	int fd, err;

	/* One of ours from an earlier process of the same number. */
	(void)unlinkat(dir, temp, 0);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	err = write_all(fd, bytes, n);
	if (err == 0 && (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0))
		err = errno;
	if (close(fd) != 0 && err == 0)
		err = errno;
	return err;
}

/* Give the file its name; 0 or an errno. */
static int
temp_publish(int dir, const char *temp, const char *name, bool fresh)
{
	if (!fresh)
		return renameat(dir, temp, dir, name) == 0 ? 0 : errno;
	if (renameat2(dir, temp, dir, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	/* A file system without it: link does not replace what is there. */
	if (linkat(dir, temp, dir, name, 0) != 0)
		return errno;
	return unlinkat(dir, temp, 0) == 0 ? 0 : errno;
}

static enum rc
replace(const char *path, const void *bytes, size_t n, int mode, bool fresh)
{
	char temp[TEMP_NAME];
	const char *name;
	int dir = disk_parent(path, &name), err;

	if (dir < 0)
		return disk_fault(path, errno);
	disk_sweep(dir, name, false);
	err = ENAMETOOLONG;
	if (disk_temp(temp, sizeof(temp), name))
		err = temp_write(dir, temp, bytes, n, mode);
	if (err == 0)
		err = temp_publish(dir, temp, name, fresh);
	if (err == 0 && fsync(dir) != 0)
		err = errno;
	if (err != 0)
		(void)unlinkat(dir, temp, 0);
	(void)close(dir);
	if (fresh && err == EEXIST)
		return RC_REJECT;
	return err == 0 ? RC_OK : disk_fault(path, err);
}

enum rc
file_write(const char *path, const void *bytes, size_t n, int mode)
{
	return replace(path, bytes, n, mode, false);
}

enum rc
file_create(const char *path, const void *bytes, size_t n, int mode)
{
	enum rc rc = file_add(path, bytes, n, mode);

	if (rc != RC_REJECT)
		return rc;
	SAY(M_EXISTS, F_WORD("file", path));
	return RC_CONFIG;
}

enum rc
file_add(const char *path, const void *bytes, size_t n, int mode)
{
	return replace(path, bytes, n, mode, true);
}

/* True when the open file is the one that path names. */
static bool
is_at(int fd, const char *path)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && lstat(path, &named) == 0 &&
	    open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

enum rc
file_lock(const char *path, int *fd)
{
	int f, err, tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		f = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
		if (f < 0)
			return disk_fault(path, errno);
		if (flock(f, LOCK_EX | LOCK_NB) != 0) {
			err = errno;
			(void)close(f);
			if (err == EWOULDBLOCK)
				return RC_LATER;
			return disk_fault(path, err);
		}
		/* Its holder may have removed the file before it let go: a
		 * lock on what nobody can open any more guards nothing. */
		if (is_at(f, path)) {
			*fd = f;
			return RC_OK;
		}
		(void)close(f);
	}
	return RC_LATER;
}

/* Open for appending; *made tells that it was not there.  -1 and errno. */
static int
append_open(const char *path, bool *made)
{
	const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK;
	int fd = open(path, flags);

	*made = fd < 0 && errno == ENOENT;
	if (*made)
		fd = open(path, flags | O_CREAT, 0600);
	return fd;
}

/* Cut off the `put` bytes that the last write left, when nothing follows. */
static void
append_undo(int fd, off_t put)
{
	off_t end = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (end < put || fstat(fd, &st) != 0 || st.st_size != end)
		return;
	if (ftruncate(fd, end - put) == 0)
		(void)fsync(fd);
}

enum rc
file_append(const char *path, const void *bytes, size_t n)
{
	bool made = false;
	ssize_t put;
	int fd = append_open(path, &made), err = 0;

	if (fd < 0)
		return disk_fault(path, errno);
	do
		put = write(fd, bytes, n);
	while (put < 0 && errno == EINTR);
	if (put < 0) {
		err = errno;
	} else if ((size_t)put < n) {
		append_undo(fd, put);
		err = ENOSPC;
	} else if (fsync(fd) != 0) {
		err = errno;
	}
	if (close(fd) != 0 && err == 0)
		err = errno;
	if (err != 0)
		return disk_fault(path, err);
	return made ? disk_sync(path) : RC_OK;
}

enum rc
file_cut(const char *path, int64_t n)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int err = 0;

	if (fd < 0)
		return errno == ENOENT ? RC_END : disk_fault(path, errno);
	/* ftruncate would also make a file longer. */
	if (fstat(fd, &st) != 0 || (n < st.st_size && ftruncate(fd, n) != 0) ||
	    fsync(fd) != 0)
		err = errno;
	if (close(fd) != 0 && err == 0)
		err = errno;
	return err == 0 ? RC_OK : disk_fault(path, err);
}

void
file_touch(const char *path)
{
	(void)utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

int64_t
file_touched_at(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec : 0;
}

enum rc
file_moment_put(int fd, const char *path, int64_t at)
{
	char text[MOMENT + 2];

	(void)str_fmt(text, sizeof(text), "%0*lld\n", MOMENT, (long long)at);
	if (pwrite(fd, text, MOMENT + 1, 0) != MOMENT + 1 || fsync(fd) != 0)
		return disk_fault(path, errno);
	return disk_sync(path);
}

enum rc
file_moment_get(int fd, int64_t *at)
{
	char text[MOMENT + 1];
	ssize_t n = pread(fd, text, MOMENT, 0);
	uint64_t u;

	if (n == 0)
		return RC_END;
	text[n > 0 ? n : 0] = '\0';
	if (n != MOMENT || str_u64(text, INT64_MAX, &u) != RC_OK)
		return RC_REJECT;
	*at = (int64_t)u;
	return RC_OK;
}

enum rc
file_rename(const char *from, const char *to)
{
	const char *name;
	int dir;

	if (rename(from, to) != 0)
		return disk_fault(from, errno);
	/* Nobody writes to the old name again, who would sweep behind it. */
	dir = disk_parent(from, &name);
	if (dir >= 0) {
		disk_sweep(dir, name, false);
		(void)close(dir);
	}
	return disk_sync(to);
}

enum rc
file_private_check(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? RC_END : disk_fault(path, errno);
	if (!S_ISREG(st.st_mode))
		return disk_wrong(path, "it is not a regular file");
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		SAY(M_OWNER, F_WORD("file", path));
		return RC_CONFIG;
	}
	if ((st.st_mode & 077) != 0) {
		SAY(M_MODE, F_WORD("file", path));
		return RC_CONFIG;
	}
	return RC_OK;
}
