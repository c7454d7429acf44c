/*
 * disk.h - what file.c, tree.c and lines.c share.
 */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>
#include <sys/types.h>

#include "rc.h"

/* Say what is wrong with a file that a setting may have named: RC_CONFIG. */
MUST enum rc disk_wrong(const char *path, const char *text);
/* Say an errno: RC_CONFIG where another path or mode would help, RC_FATAL
 * where the disk is at fault. */
MUST enum rc disk_fault(const char *path, int err);

/* Open the folder that holds path; *name borrows the last component.
 * -1 and errno. */
int disk_parent(const char *path, const char **name);
/* fsync the folder that holds path. */
MUST enum rc disk_sync(const char *path);

/* Open a regular file for reading.  RC_END, unsaid: not there. */
MUST enum rc disk_open(const char *path, int *fd);
/* read(2), but for signals. */
ssize_t disk_read(int fd, void *bytes, size_t n);

/* The name that writers give to a file until it is whole; false: too long. */
bool disk_temp(char *out, size_t size, const char *name);
/* Unlink what writers of `name` in this folder left behind; those that still
 * run may keep theirs unless `all` must go. */
void disk_sweep(int dir, const char *name, bool all);

#endif
