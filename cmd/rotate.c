/*
 * rotate.c - salesync rotate-credentials: which keys or secrets are set or
 * replaced; or the master key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authorize.h"
#include "cmd.h"
#include "due.h"
#include "file.h"
#include "log.h"
#include "rotation.h"
#include "run.h"
#include "str.h"

/*
 * A new master key in a file of its own first, so that a crash leaves both;
 * then every ring is wrapped anew; then the new file takes the old one's
 * name.  A rerun goes on where a crashed one stopped.
 */
static enum rc
new_master(struct cmd *c, const char *path, const char *path_new)
{
	struct master *next = NULL;
	char keys[FILE_PATH], spec[FILE_PATH + 8], text[66];
	size_t n = 0;
	enum rc rc = file_path(keys, c->cfg->store, "keys");

	if (rc != RC_OK)
		return rc;
	if (access(path_new, F_OK) != 0) {
		master_make(text);
		rc = file_create(path_new, text, strlen(text), 0400);
		secret_zero(text, sizeof(text));
	}
	(void)str_fmt(spec, sizeof(spec), "file:%s", path_new);
	if (rc == RC_OK)
		rc = master_load(spec, c->cfg->dir, &next);
	if (rc == RC_OK)
		rc = ring_rewrap(keys, c->master, next, &n);
	if (rc == RC_OK)
		rc = file_rename(path_new, path);
	if (rc == RC_OK)
		SAY(M_REWRAPPED, F_INT("count", n));
	master_free(next);
	return rc;
}

static int
master_key(struct cmd *c)
{
	char path[FILE_PATH], path_new[FILE_PATH];
	const char *spec = c->cfg->master_key;

	if (c->words_n > 0)
		return cmd_usage(c, "--master-key takes no words");
	if (!str_starts(spec, "file:"))
		return cmd_usage(c, "--master-key replaces a key in a file; "
		    "this one comes from elsewhere");
	spec += strlen("file:");
	if (!str_fmt(path, sizeof(path), "%s%s%s", spec[0] == '/' ? "" :
	    c->cfg->dir, spec[0] == '/' ? "" : "/", spec) ||
	    !str_fmt(path_new, sizeof(path_new), "%s" MASTER_NEXT, path))
		return 78;
	if (cmd_option(c, "dry-run") != NULL)
		return 0;
	return run_exit(new_master(c, path, path_new));
}

static int
run_rotate(struct cmd *c)
{
	if (cmd_option(c, "master-key") != NULL)
		return master_key(c);
	if (cmd_option(c, "refresh") != NULL ||
	    cmd_option(c, "older-than") != NULL)
		return due_run(c);
	if (cmd_option(c, "authorize") != NULL)
		return authorize_run(c);
	return rotation_run(c);
}

const struct command rotate_command = {
	.name = "rotate-credentials",
	.summary = "Set or replace a connection's secrets, proven first.",
	.words = "[TENANT [CONNECTION]]",
	.takes = TAKES_WORDS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "unproven", NULL, "store without asking the remote" },
		{ "back", NULL, "put the previous secrets in place again" },
		{ "authorize", NULL, "get OAuth consent, at a terminal" },
		{ "port", "NUMBER", "listen for the consent there" },
		{ "refresh", NULL, "renew OAuth tokens now" },
		{ "older-than", "AGE", "list the secrets that are older" },
		{ "json", NULL, "the list as JSON" },
		{ "master-key", NULL, "make a new master key and wrap all "
		    "keys anew" },
		{ "dry-run", NULL, "prove, store nothing" },
	},
	.run = run_rotate,
};
