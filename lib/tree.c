/*
 * tree.c - folders: made, listed and removed, durably.
 *
 * Nothing is removed through a symbolic link, and a temporary file that a
 * writer left beside what is removed goes with it: it is a copy.
 */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "disk.h"
#include "str.h"

#define DEPTH 16		/* deepest tree that file_remove takes */

static enum rc
make_one(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return disk_sync(path);
	if (errno != EEXIST)
		return disk_fault(path, errno);
	if (stat(path, &st) != 0)
		return disk_fault(path, errno);
	return S_ISDIR(st.st_mode) ? RC_OK : disk_fault(path, ENOTDIR);
}

enum rc
file_mkdir(const char *path)
{
	char part[FILE_PATH];
	enum rc rc = RC_OK;
	size_t i, n = strlen(path);

	if (n == 0)
		return disk_fault(path, ENOENT);
	if (!str_copy(part, sizeof(part), path))
		return disk_fault(path, ENAMETOOLONG);
	for (i = 1; i <= n && rc == RC_OK; i++) {
		if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		part[i] = '\0';
		rc = make_one(part);
		part[i] = path[i];
	}
	return rc;
}

/* Remove name in dir with all in it; 0 or an errno. */
static int
tree_remove(int dir, const char *name, int depth)
{
	struct dirent *e;
	DIR *d;
	int fd, err = 0;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return errno;
	if (depth == 0)
		return ELOOP;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0)
		return errno;
	d = fdopendir(fd);
	if (d == NULL) {
		err = errno;
		(void)close(fd);
		return err;
	}
	while (err == 0 && (e = readdir(d)) != NULL)
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			err = tree_remove(fd, e->d_name, depth - 1);
	(void)closedir(d);
	if (err == 0 && unlinkat(dir, name, AT_REMOVEDIR) != 0)
		err = errno;
	return err;
}

enum rc
file_remove(const char *path)
{
	const char *name;
	int dir = disk_parent(path, &name), err;

	if (dir < 0)
		return errno == ENOENT ? RC_OK : disk_fault(path, errno);
	err = tree_remove(dir, name, DEPTH);
	disk_sweep(dir, name, true);
	/* Also when it was gone: an earlier run may have died before this. */
	if (err == 0 && fsync(dir) != 0)
		err = errno;
	(void)close(dir);
	return err == 0 ? RC_OK : disk_fault(path, err);
}

/* True when the folder's entry is for file_list. */
static bool
is_wanted(const char *name, const char *const *suffixes)
{
	size_t i;

	if (name[0] == '.')
		return false;
	for (i = 0; name[i] != '\0'; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return false;
	if (suffixes == NULL)
		return true;
	for (i = 0; suffixes[i] != NULL; i++)
		if (str_ends(name, suffixes[i]))
			return true;
	return false;
}

static int
by_name(const void *a, const void *b)
{
	const struct file_info *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Append what the folder has of that name, when it is of that kind. */
static enum rc
list_add(int dir, const char *name, mode_t kind, struct file_info **list,
    size_t *n)
{
	struct file_info *f;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? RC_OK : disk_fault(name, errno);
	if ((st.st_mode & S_IFMT) != kind)
		return RC_OK;
	/* Room for a power of two: grow when that is full. */
	if ((*n & (*n - 1)) == 0)
		*list = mem_grow(*list, (*n == 0 ? 1 : *n * 2) *
		    sizeof(**list));
	f = *list + (*n)++;
	*f = (struct file_info){ .size = st.st_size,
	    .changed_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 +
	    st.st_ctim.tv_nsec };
	(void)str_copy(f->name, sizeof(f->name), name);
	return RC_OK;
}

static enum rc
list_kind(const char *dir, const char *const *suffixes, mode_t kind,
    struct file_info **list, size_t *n)
{
	struct file_info *found = NULL;
	struct dirent *e;
	enum rc rc = RC_OK;
	size_t found_n = 0;
	DIR *d = opendir(dir);

	if (d == NULL)
		return disk_fault(dir, errno);
	while (rc == RC_OK && (errno = 0, e = readdir(d)) != NULL)
		if (is_wanted(e->d_name, suffixes))
			rc = list_add(dirfd(d), e->d_name, kind, &found,
			    &found_n);
	if (rc == RC_OK && errno != 0)
		rc = disk_fault(dir, errno);
	(void)closedir(d);
	if (rc != RC_OK) {
		free(found);
		return rc;
	}
	if (found_n > 0)
		qsort(found, found_n, sizeof(*found), by_name);
	*list = found;
	*n = found_n;
	return RC_OK;
}

enum rc
file_list(const char *dir, const char *const *suffixes,
    struct file_info **list, size_t *n)
{
	return list_kind(dir, suffixes, S_IFREG, list, n);
}

enum rc
file_folders(const char *dir, struct file_info **list, size_t *n)
{
	return list_kind(dir, NULL, S_IFDIR, list, n);
}

enum rc
file_folder_check(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) != 0)
		return disk_fault(dir, errno);
	if (!S_ISDIR(st.st_mode))
		return disk_fault(dir, ENOTDIR);
	return access(dir, R_OK | W_OK | X_OK) == 0 ? RC_OK :
	    disk_fault(dir, errno);
}

bool
file_is_remote(const char *dir)
{
	static const uint32_t remote[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC,
		SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC,
		AFS_SUPER_MAGIC, AFS_FS_MAGIC, CEPH_SUPER_MAGIC,
		OCFS2_SUPER_MAGIC, CODA_SUPER_MAGIC, NCP_SUPER_MAGIC,
		0x01161970,	/* GFS2 */
		0x0bd00bd0,	/* Lustre */
	};
	char path[PATH_MAX];
	struct statfs fs;
	size_t i;

	if (!str_copy(path, sizeof(path), dir))
		return false;
	/* Not there yet: it will lie where its parent lies. */
	while (statfs(path, &fs) != 0) {
		char *slash = strrchr(path, '/');

		if (errno != ENOENT || str_eq(path, "/") || str_eq(path, "."))
			return false;
		if (slash == NULL)
			(void)str_copy(path, sizeof(path), ".");
		else
			slash[slash == path] = '\0';
	}
	for (i = 0; i < COUNT(remote); i++)
		if ((uint32_t)fs.f_type == remote[i])
			return true;
	return false;
}
