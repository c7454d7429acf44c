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
#include "str.h"

/* What is done by which option, and which others go with it. */
static const struct action {
	const char *option;
	int (*run)(struct cmd *c);
	const char *others[4];
} actions[] = {
	{ "master-key", rekey_master, { "to", "dry-run" } },
	{ "tenant-key", rekey_tenants, { "dry-run" } },
	{ "login", signin_run, { "forget", "dry-run" } },
	{ "older-than", due_run, { "refresh", "json", "dry-run" } },
	{ "refresh", due_run, { "dry-run" } },
	{ "authorize", authorize_run, { "port", "unproven", "dry-run" } },
	{ NULL, rotation_run, { "unproven", "back", "dry-run" } },
};

static bool
goes(const struct action *a, const char *option)
{
	bool found = a->option != NULL && str_eq(a->option, option);

	for (size_t i = 0; a->others[i] != NULL; i++)
		found = found || str_eq(a->others[i], option);
	return found;
}

/* An option that is passed over would hide that another thing is done. */
static int
run_rotate(struct cmd *c)
{
	const struct action *a = actions;
	const struct cmd_option *o = c->command->options;
	char text[100];

	while (a->option != NULL && cmd_option(c, a->option) == NULL)
		a++;
	for (; o->name != NULL; o++)
		if (cmd_option(c, o->name) != NULL && !goes(a, o->name))
			break;
	if (o->name == NULL)
		return a->run(c);
	(void)str_fmt(text, sizeof(text), "--%s does not go with %s%s",
	    o->name, a->option != NULL ? "--" : "",
	    a->option != NULL ? a->option : "new secrets");
	return cmd_usage(c, text);
}

const struct command rotate_command = {
	.name = "rotate-credentials",
	.summary = "Set or replace a connection's secrets, proven first.",
	.words = "[TENANT [CONNECTION] | TENANT...]",
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
