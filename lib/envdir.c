/*
 * envdir.c - the folder of a database environment.
 *
 * The lock is there because LMDB trusts its lock table for the number of the
 * last transaction: were the database exchanged under a reader, the table
 * would survive and lead the next writer to the wrong root.
 *
 * It must never open the database itself, nor the lock table while the
 * environment is open: closing them again would drop its record locks.
 */
#include "envdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "str.h"

#define FRESH "reload.tmp"
#define DATA "data.mdb"
#define LOCK "lock.mdb"
#define LOCK_SIZE 8192		/* of 126 readers, LMDB's preset */
#define ALONE_MS 10000		/* how long the others get to finish */
#define STEP_MS 20

/* The folder's name; for a fresh one inside, the name of the outer. */
static void
tenant_set(struct envdir *e)
{
	const char *from = strrchr(e->path, '/'), *end = NULL;

	if (from != NULL && strcmp(from + 1, FRESH) == 0)
		for (end = from; from > e->path && *--from != '/';)
			;
	from = from == NULL ? e->path : *from == '/' ? from + 1 : from;
	(void)str_copy_n(e->tenant, sizeof(e->tenant), from,
	    end == NULL ? strlen(from) : (size_t)(end - from));
}

/* A full disk comes as ENOSPC, or as EIO after a short write. */
static bool
disk_full(const struct envdir *e, int err)
{
	struct statvfs v;

	if (err == ENOSPC || err == EDQUOT)
		return true;
	return err == EIO && statvfs(e->path, &v) == 0 &&
	    (uint64_t)v.f_bavail * v.f_frsize < 1 << 20;
}

enum rc
envdir_fault(const struct envdir *e, int err, const char *text)
{
	const char *who = e->tenant;

	if (disk_full(e, err))
		SAY(M_STORE_FULL, F_WORD("tenant", who));
	else if (err == EACCES || err == EPERM || err == EROFS)
		SAY(M_STORE_READ_ONLY, F_WORD("tenant", who),
		    F_WORD("text", text));
	else
		SAY(M_STORE, F_WORD("tenant", who), F_WORD("text", text));
	return RC_FATAL;
}

static enum rc
os_fault(const struct envdir *e)
{
	int err = errno;

	return envdir_fault(e, err, strerror(err));
}

enum rc
envdir_open(struct envdir *e, const char *path)
{
	if (!str_copy(e->path, sizeof(e->path), path)) {
		SAY(M_DISK, F_WORD("file", path),
		    F_WORD("text", strerror(ENAMETOOLONG)));
		return RC_CONFIG;
	}
	tenant_set(e);
	e->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (e->fd < 0)
		return errno == ENOENT ? RC_END : os_fault(e);
	if (file_is_remote(path)) {
		SAY(M_STORE_REMOTE, F_WORD("file", path));
		return RC_CONFIG;
	}
	while (flock(e->fd, LOCK_SH) != 0)
		if (errno != EINTR)
			return os_fault(e);
	return RC_OK;
}

void
envdir_close(struct envdir *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

bool
envdir_present(const struct envdir *e)
{
	struct stat st;

	/* What can't be looked at may be there: it must not be replaced. */
	if (fstatat(e->fd, DATA, &st, 0) != 0)
		return errno != ENOENT;
	/* An empty file is what a crash leaves of one in the making. */
	return st.st_size > 0;
}

static enum rc
readable(const struct envdir *e)
{
	if (faccessat(e->fd, DATA, R_OK, AT_EACCESS) == 0)
		return RC_OK;
	SAY(M_STORE, F_WORD("tenant", e->tenant),
	    F_WORD("text", strerror(errno)));
	return RC_CONFIG;
}

/* Room on the disk for the lock table, which LMDB writes through a map: with
 * a full disk that would be a signal instead of an error. */
static enum rc
reserve(const struct envdir *e, bool read_only)
{
	int fd = openat(e->fd, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	enum rc rc = RC_OK;

	/* On a read-only file system LMDB does without. */
	if (fd < 0)
		return read_only && errno == EROFS ? RC_OK : os_fault(e);
	/* Where it can't be done beforehand, it is left to chance. */
	if (fallocate(fd, 0, 0, LOCK_SIZE) != 0 && errno != EOPNOTSUPP)
		rc = os_fault(e);
	(void)close(fd);
	return rc;
}

enum rc
envdir_ready(const struct envdir *e, bool make, bool read_only)
{
	enum rc rc = RC_OK;

	if (envdir_present(e))
		rc = readable(e);
	else if (!make)
		rc = RC_END;
	return rc == RC_OK ? reserve(e, read_only) : rc;
}

enum rc
envdir_tidy(struct envdir *e)
{
	char path[FILE_PATH];
	struct stat st;
	enum rc rc;

	if (fstatat(e->fd, FRESH, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? RC_OK : os_fault(e);
	rc = file_path(path, e->path, FRESH);
	return rc == RC_OK ? file_remove(path) : rc;
}

enum rc
envdir_fresh(struct envdir *e, char out[FILE_PATH])
{
	enum rc rc = envdir_tidy(e);

	if (rc == RC_OK)
		rc = file_path(out, e->path, FRESH);
	if (rc == RC_OK && mkdirat(e->fd, FRESH, 0700) != 0)
		rc = os_fault(e);
	return rc;
}

enum rc
envdir_install(struct envdir *e)
{
	if (renameat(e->fd, FRESH "/" DATA, e->fd, DATA) != 0 ||
	    fsync(e->fd) != 0)
		return os_fault(e);
	return envdir_tidy(e);
}

enum rc
envdir_alone(struct envdir *e)
{
	int64_t until = clock_mono_ms() + ALONE_MS;

	while (flock(e->fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return os_fault(e);
		if (clock_mono_ms() >= until) {
			SAY(M_LOCKED, F_WORD("tenant", e->tenant));
			envdir_shared(e);
			return RC_LATER;
		}
		clock_sleep_ms(STEP_MS);
	}
	return RC_OK;
}

void
envdir_shared(struct envdir *e)
{
	while (flock(e->fd, LOCK_SH) != 0 && errno == EINTR)
		;
}
