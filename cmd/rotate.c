/*
 * rotate.c - salesync rotate-credentials: which keys or secrets are set or
 * replaced.
 */
#include "authorize.h"
#include "cmd.h"
#include "due.h"
#include "rekey.h"
#include "rotation.h"
#include "signin.h"

static int
run_rotate(struct cmd *c)
{
	if (cmd_option(c, "master-key") != NULL)
		return rekey_master(c);
	if (cmd_option(c, "tenant-key") != NULL)
		return rekey_tenants(c);
	if (cmd_option(c, "login") != NULL)
		return signin_run(c);
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
		{ "to", "PLACE", "with --master-key: the new one is there" },
		{ "tenant-key", NULL, "make a new data key and seal all "
		    "values of the tenants anew" },
		{ "login", "EMAIL", "make a key and take a password for the "
		    "dashboard" },
		{ "forget", NULL, "with --login: remove them" },
		{ "dry-run", NULL, "prove, store nothing" },
	},
	.run = run_rotate,
};
