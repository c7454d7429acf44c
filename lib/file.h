/*
 * file.h - everything that touches the file system, done durably.
 *
 * Functions log what went wrong (log.h) and return RC_FATAL for a disk at
 * fault, RC_CONFIG where a person's setting names a wrong file, RC_END for
 * "not there" (unsaid).  Files are made 0600, folders 0700.  A last component
 * that is a symbolic link is refused.  Files are in file.c, folders in tree.c,
 * lines in lines.c.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "rc.h"

#define FILE_PATH 1024

/* dir + "/" + name into out; RC_CONFIG when too long. */
MUST enum rc file_path(char out[FILE_PATH], const char *dir, const char *name);
/* The same, but a name that begins with / stands for itself. */
MUST enum rc file_under(char out[FILE_PATH], const char *dir,
    const char *name);

/* Read a regular file whole into an empty buffer, up to out->max.  RC_END: not
 * there; RC_CONFIG: larger. */
MUST enum rc file_read(const char *path, struct buf *out);

/*
 * Write a file so that either the old or the new content is there after any
 * crash: temporary name in the same folder, fsync, rename, fsync of folder.
 */
MUST enum rc file_write(const char *path, const void *bytes, size_t n,
    int mode);

/* The same, but fails with RC_CONFIG when the file exists. */
MUST enum rc file_create(const char *path, const void *bytes, size_t n,
    int mode);
/* The same again, but unsaid, with RC_REJECT. */
MUST enum rc file_add(const char *path, const void *bytes, size_t n,
    int mode);

/* Make a folder (and its parents); no error when it is there. */
MUST enum rc file_mkdir(const char *path);

/*
 * Remove a file, or a folder with all in it, then fsync the parent.
 * Not being there is RC_OK.
 */
MUST enum rc file_remove(const char *path);

/*
 * Lock a file for this process and its children, until the last of them
 * ends.  RC_LATER, unsaid, when another process holds it.  *fd is
 * close-on-exec.
 */
MUST enum rc file_lock(const char *path, int *fd);

/* Append bytes at the end in one write and make it durable.  RC_FATAL when
 * only part could be written: the part is then cut off again. */
MUST enum rc file_append(const char *path, const void *bytes, size_t n);

/* Cut a file to n bytes, durably; a shorter one stays.  RC_END: not there. */
MUST enum rc file_cut(const char *path, int64_t n);

/* Set a file's time to now, as a sign of life; what can't be done is not.  It
 * outlives the process, not the machine.  And read it: 0 when not there. */
void file_touch(const char *path);
int64_t file_touched_at(const char *path);

/* Write a moment into an open file, durably; and read it: RC_END: the file is
 * empty, RC_REJECT: no moment stands there. */
MUST enum rc file_moment_put(int fd, const char *path, int64_t at);
MUST enum rc file_moment_get(int fd, int64_t *at);

struct file_info {
	char name[256];
	int64_t size;
	int64_t changed_ns;	/* inode change time, ns since 1970: when the
				 * file got here, whatever its mtime says */
};

/*
 * The regular files of a folder whose names end in one of the suffixes
 * (NULL-ended list; NULL takes all), not starting with a dot, without control
 * bytes, sorted by name.  *list is for the caller to free(), NULL when there
 * is none.  RC_CONFIG: no such folder.
 */
MUST enum rc file_list(const char *dir, const char *const *suffixes,
    struct file_info **list, size_t *n);

/* The folders in a folder, likewise. */
MUST enum rc file_folders(const char *dir, struct file_info **list,
    size_t *n);

/* RC_CONFIG (said) when the file can be read by others than its owner, or
 * belongs to someone else than us or root.  RC_END: not there. */
MUST enum rc file_private_check(const char *path);

/* RC_CONFIG (said) when it is no folder that we may write to. */
MUST enum rc file_folder_check(const char *dir);

/* True when the folder lies, or would lie, on a network file system. */
bool file_is_remote(const char *dir);

/* Give a file another's name, durably; leftovers of the old one go. */
MUST enum rc file_rename(const char *from, const char *to);

/* A line reader over a file of any size, memory bounded by the line. */
struct file_lines;
/* RC_END: not there. */
MUST enum rc file_lines_open(const char *path, struct file_lines **out);
/* Over n bytes of memory instead, borrowed until the close. */
struct file_lines *file_lines_of(const char *bytes, size_t n);
/* The next line without its LF or CRLF; borrowed until the next call.
 * RC_END at the end; RC_REJECT when longer than max bytes or not UTF-8 (the
 * line is skipped). */
MUST enum rc file_lines_next(struct file_lines *f, size_t max, char **line,
    size_t *len);
void file_lines_close(struct file_lines *f);

#endif
