/*
 * rotation.h - new secrets for one connection, from their input to their use.
 *
 * Each step is on disk before the next: the new ones are stored as candidate,
 * proven against the remote, and swapped with those in use, which stay as the
 * previous ones for a day.  A run that was cut short goes on with the
 * candidate when it is started again.
 */
#ifndef ROTATION_H
#define ROTATION_H

#include "cmd.h"
#include "conn.h"
#include "store.h"

struct rotation {
	struct cmd *c;
	const struct tenant *t;
	const struct config_connection *conn;
	struct store *store;		/* NULL: there is none, in a dry run */
	int lock;
	struct vault_set old, next;	/* in use; to be */
	size_t given;
};

/* What the command's words name, under the tenant's lock; 0, or the exit code
 * of what was said.  rotation_close it in any case. */
int rotation_open(struct rotation *r, struct cmd *c);
void rotation_close(struct rotation *r);

/* Ask a person for a secret without showing it; an empty answer is none. */
int rotation_prompt(struct rotation *r, const struct secret_key *k);
/* Take "name=value" (without blanks around the name); 0, or usage, said. */
int rotation_line(struct rotation *r, char *line);

/* Store next as candidate, prove it, and put it into use; the exit code. */
int rotation_finish(struct rotation *r);

/* salesync rotate-credentials TENANT CONNECTION. */
int rotation_run(struct cmd *c);

#endif
