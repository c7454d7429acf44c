/*
 * envdir.h - the folder of a database environment: who may use it, and how
 * its file is exchanged.
 *
 * Everybody who has the environment open shares a lock on the folder; who
 * exchanges the file holds it alone.  The folder's own name is the tenant's.
 */
#ifndef ENVDIR_H
#define ENVDIR_H

#include <stdbool.h>

#include "file.h"
#include "rc.h"

struct envdir {
	char path[FILE_PATH];
	char tenant[64];		/* for messages */
	int fd;
};

/* Take the shared lock; waits while the file is being exchanged.  RC_END:
 * no such folder.  RC_CONFIG: on a network file system.  All else is said. */
MUST enum rc envdir_open(struct envdir *e, const char *path);
void envdir_close(struct envdir *e);

/* True when there is a database. */
bool envdir_present(const struct envdir *e);
/* Before LMDB opens it.  RC_END: there is no database, and none is to be
 * made.  RC_CONFIG (said): we may not read it. */
MUST enum rc envdir_ready(const struct envdir *e, bool make, bool read_only);

/* An empty folder inside, for a new environment; its path into out. */
MUST enum rc envdir_fresh(struct envdir *e, char out[FILE_PATH]);
/* Its database takes the place of ours: all or nothing, durably. */
MUST enum rc envdir_install(struct envdir *e);
/* Remove it, after an install or what a crash left. */
MUST enum rc envdir_tidy(struct envdir *e);

/* Wait until nobody else has it open.  RC_LATER (said): somebody stayed. */
MUST enum rc envdir_alone(struct envdir *e);
void envdir_shared(struct envdir *e);

/* Say what went wrong: err is an errno, or another code that text explains.
 * Returns RC_FATAL. */
enum rc envdir_fault(const struct envdir *e, int err, const char *text);

#endif
