/*
 * disk.c - how files are opened, faults told and leftovers swept.
 *
 * A last component that is a symbolic link is never followed: a link that
 * somebody planted must not choose what we read or replace.
 */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "str.h"

enum rc
disk_wrong(const char *path, const char *text)
{
	SAY(M_CONFIG_FILE, F_WORD("file", path), F_WORD("text", text));
	return RC_CONFIG;
}

enum rc
disk_fault(const char *path, int err)
{
	switch (err) {
	case ELOOP:
		return disk_wrong(path, "it is a symbolic link");
	case EACCES:
	case EPERM:
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case ENAMETOOLONG:
		return disk_wrong(path, strerror(err));
	default:
		SAY(M_DISK, F_WORD("file", path),
		    F_WORD("text", strerror(err)));
		return RC_FATAL;
	}
}

int
disk_parent(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";

	*name = slash == NULL ? path : slash + 1;
	if (str_empty(*name) || str_eq(*name, ".") || str_eq(*name, "..")) {
		errno = EISDIR;
		return -1;
	}
	if (slash != NULL && !str_copy_n(dir, sizeof(dir), path,
	    slash == path ? 1 : (size_t)(slash - path))) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum rc
disk_sync(const char *path)
{
	const char *name;
	int dir = disk_parent(path, &name), err = 0;

	if (dir < 0)
		return disk_fault(path, errno);
	if (fsync(dir) != 0)
		err = errno;
	(void)close(dir);
	return err == 0 ? RC_OK : disk_fault(path, err);
}

enum rc
disk_open(const char *path, int *fd)
{
	struct stat st;
	int f, err;

	/* A named pipe must not hold us until somebody writes to it. */
	f = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (f < 0)
		return errno == ENOENT ? RC_END : disk_fault(path, errno);
	if (fstat(f, &st) != 0) {
		err = errno;
		(void)close(f);
		return disk_fault(path, err);
	}
	if (!S_ISREG(st.st_mode)) {
		(void)close(f);
		return disk_wrong(path, "it is not a regular file");
	}
	*fd = f;
	return RC_OK;
}

ssize_t
disk_read(int fd, void *bytes, size_t n)
{
	ssize_t got;

	do
		got = read(fd, bytes, n);
	while (got < 0 && errno == EINTR);
	return got;
}

bool
disk_temp(char *out, size_t size, const char *name)
{
	return str_fmt(out, size, ".%s.%ld.tmp", name, (long)getpid());
}

/* The process whose temporary file for `name` this is; 0: it is none. */
static pid_t
owner_of(const char *temp, const char *name)
{
	char digits[12];
	uint64_t pid;
	size_t n = strlen(name);

	if (temp[0] != '.' || strncmp(temp + 1, name, n) != 0 ||
	    temp[n + 1] != '.' || !str_ends(temp + n + 2, ".tmp"))
		return 0;
	temp += n + 2;
	if (!str_copy_n(digits, sizeof(digits), temp, strlen(temp) - 4) ||
	    str_u64(digits, INT32_MAX, &pid) != RC_OK)
		return 0;
	return (pid_t)pid;
}

void
disk_sweep(int dir, const char *name, bool all)
{
	struct dirent *e;
	DIR *d;
	pid_t pid;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	d = fdopendir(fd);
	if (d == NULL) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		pid = owner_of(e->d_name, name);
		if (pid == 0)
			continue;
		if (all || (kill(pid, 0) != 0 && errno == ESRCH))
			(void)unlinkat(dir, e->d_name, 0);
	}
	(void)closedir(d);
}
