/*
 * dated.h - files of a folder that bear a day in their name.
 */
#ifndef DATED_H
#define DATED_H

#include "clock.h"
#include "file.h"
#include "rc.h"

struct dated {
	const char *dir;
	const char *head;	/* "salesync-" */
	const char *tail;	/* ".log"; a # stands for any digit */
};

/* Each of them, by name.  No other file is touched, no symbolic link
 * followed.  RC_CONFIG: no such folder; else the first that take returns. */
MUST enum rc dated_each(const struct dated *d, enum rc (*take)(void *arg,
    const char *path, struct day day), void *arg);

#endif
