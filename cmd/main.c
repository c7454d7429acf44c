/*
 * main.c - reads the command line, opens what the command needs, calls it,
 * and looks after what is common to all: exit codes, a full standard output,
 * signals.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "crypt.h"
#include "file.h"
#include "http.h"
#include "log.h"
#include "run.h"
#include "secret.h"
#include "stop.h"
#include "str.h"
#include "table.h"

#define CLOCK_OLDEST 1577836800	/* 2020-01-01: before it the clock is wrong */

extern const struct command audit_command, check_command, connectors_command,
    dedupe_command, errors_command, explain_command, help_command,
    init_command, invoices_command, pull_command, purge_command, push_command,
    rotate_command, status_command, subject_command, sync_command,
    undo_command, version_command;

const struct command *const commands[] = {
	&init_command, &check_command, &rotate_command, &sync_command,
	&pull_command, &push_command, &dedupe_command, &undo_command,
	&purge_command,
	&audit_command, &status_command, &errors_command, &invoices_command,
	&subject_command, &explain_command, &connectors_command,
	&help_command, &version_command, NULL
};

const char *
cmd_option(const struct cmd *c, const char *name)
{
	for (size_t i = 0; c->command->options[i].name != NULL; i++)
		if (str_eq(c->command->options[i].name, name))
			return c->values[i];
	return NULL;
}

const struct tenant *
cmd_tenant(const struct cmd *c, const char *name)
{
	const struct tenant *t = config_tenant(c->cfg, name);

	if (t == NULL)
		SAY(M_TENANT, F_ORDER("text", name));
	return t;
}

const struct config_connection *
cmd_connection(const struct tenant *t, const char *name)
{
	const struct config_connection *k = config_connection(t, name);

	if (k == NULL)
		SAY(M_SOURCE, F_WORD("tenant", t->name),
		    F_ORDER("text", name));
	return k;
}

enum rc
cmd_day(const struct cmd *c, const char *name, bool end, int64_t *at)
{
	const char *text = cmd_option(c, name);
	struct day d;

	*at = 0;
	if (text == NULL)
		return RC_OK;
	if (clock_day_parse(text, &d) != RC_OK) {
		(void)cmd_usage(c, "a day is written 2026-11-01");
		return RC_CONFIG;
	}
	*at = clock_day_start(end ? clock_day_add(d, 1) : d, c->cfg->zone);
	return RC_OK;
}

int
cmd_usage(const struct cmd *c, const char *text)
{
	SAY(M_USAGE, F_WORD("text", text));
	if (c->command != NULL)
		cmd_print_usage(c->command, true);
	return 64;
}

void
cmd_print_usage(const struct command *c, bool to_stderr)
{
	FILE *f = to_stderr ? stderr : stdout;

	(void)fprintf(f, "usage: salesync [-c FILE] %s [OPTION...] %s\n",
	    c->name, c->words);
	if (to_stderr)
		return;
	(void)fprintf(f, "\n%s\n\n", c->summary);
	for (const struct cmd_option *o = c->options; o->name != NULL; o++) {
		char left[64];

		(void)str_fmt(left, sizeof(left), "--%s%s%s", o->name,
		    o->value != NULL ? " " : "",
		    o->value != NULL ? o->value : "");
		(void)fprintf(f, "  %-22s %s\n", left, o->help);
	}
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (str_eq(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int
unknown_command(const char *name)
{
	const char *names[32] = { NULL };
	const char *near;
	char text[200];
	size_t n = 0;

	for (size_t i = 0; commands[i] != NULL; i++)
		names[n++] = commands[i]->name;
	near = str_nearest(name, names, n);
	(void)str_fmt(text, sizeof(text), "there is no command %s; %s%s%s",
	    name, near != NULL ? "did you mean " : "run salesync help",
	    near != NULL ? near : "", near != NULL ? "?" : "");
	SAY(M_USAGE, F_WORD("text", text));
	return 64;
}

/* One --option; *i moves over its value.  64 when it is not known. */
static int
take_option(struct cmd *c, int argc, char **argv, int *i)
{
	const char *arg = argv[*i] + 2, *eq = strchr(arg, '=');
	size_t len = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
	const struct cmd_option *o = c->command->options;
	char text[200];

	while (o->name != NULL && (strlen(o->name) != len ||
	    memcmp(o->name, arg, len) != 0))
		o++;
	if (o->name == NULL) {
		(void)str_fmt(text, sizeof(text), "there is no option --%.*s",
		    (int)(len < 60 ? len : 60), arg);
		return cmd_usage(c, text);
	}
	if (o->value == NULL && eq != NULL)
		return cmd_usage(c, "this option takes no value");
	c->values[o - c->command->options] = "";
	if (o->value == NULL)
		return 0;
	if (eq == NULL && *i + 1 >= argc)
		return cmd_usage(c, "an option lacks its value");
	c->values[o - c->command->options] = eq != NULL ? eq + 1 :
	    argv[++*i];
	return 0;
}

/* The command's own words and options; 0 to go on. */
static int
take_words(struct cmd *c, int argc, char **argv)
{
	bool options = true;

	c->words = mem_alloc(((size_t)argc + 1) * sizeof(*c->words));
	for (int i = 0; i < argc; i++) {
		if (options && str_eq(argv[i], "--")) {
			options = false;
		} else if (options && str_eq(argv[i], "--help")) {
			cmd_print_usage(c->command, false);
			return -1;
		} else if (options && str_starts(argv[i], "--")) {
			if (take_option(c, argc, argv, &i) != 0)
				return 64;
		} else if (options && argv[i][0] == '-' &&
		    argv[i][1] != '\0') {
			return cmd_usage(c, "options of a command begin with "
			    "two dashes; -c stands before the command");
		} else {
			c->words[c->words_n++] = argv[i];
		}
	}
	if (c->words_n > 0 && c->command->takes == TAKES_NOTHING)
		return cmd_usage(c, "this command takes no words");
	return 0;
}

static int
take_tenants(struct cmd *c)
{
	size_t n = c->words_n > 0 ? c->words_n : c->cfg->tenants_n;

	c->tenants = mem_alloc((n + 1) * sizeof(*c->tenants));
	for (size_t i = 0; i < n; i++) {
		const struct tenant *t = c->words_n == 0 ?
		    &c->cfg->tenants[i] :
		    cmd_tenant(c, c->words[i]);

		if (t == NULL)
			return 78;
		for (size_t k = 0; k < c->tenants_n; k++)
			if (c->tenants[k] == t)
				t = NULL;	/* named twice */
		if (t != NULL)
			c->tenants[c->tenants_n++] = t;
	}
	return 0;
}

static int
open_needs(struct cmd *c)
{
	char at[CLOCK_ISO], keys[FILE_PATH];

	if ((c->command->needs & NEEDS_CONFIG) == 0 || (c->command->bare !=
	    NULL && cmd_option(c, c->command->bare) != NULL))
		return 0;
	if (clock_now() < CLOCK_OLDEST) {
		clock_iso(at, clock_now());
		SAY(M_CLOCK, F_WORD("at", at), F_WORD("text",
		    "this program is newer"));
		return 78;
	}
	if (config_load(c->config_file, connectors, (c->command->needs &
	    NEEDS_WHAT_IS_WHOLE) != 0, &c->cfg) != RC_OK)
		return run_exit(RC_CONFIG);
	log_to(c->cfg->logs, c->cfg->zone);
	SAY(M_STARTED, F_WORD("command", c->command->name));
	if (c->command->takes == TAKES_TENANTS && take_tenants(c) != 0)
		return 78;
	if ((c->command->needs & NEEDS_MASTER) == 0)
		return 0;
	if (file_path(keys, c->cfg->store, "keys") != RC_OK ||
	    master_load(c->cfg->master_key, c->cfg->dir, &c->master) !=
	    RC_OK || master_follow(c->master, keys) != RC_OK)
		return run_exit(RC_CONFIG);
	return 0;
}

static int
call(struct cmd *c, int argc, char **argv)
{
	int code = take_words(c, argc, argv);

	if (code == -1)
		code = 0;
	else if (code == 0)
		code = open_needs(c) != 0 ? log_exit() : c->command->run(c);
	/* A full disk or a closed pipe is not success. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		SAY(M_OUTPUT, F_WORD("text", strerror(errno)));
		code = catalog_worse(code, 74);
	}
	master_free(c->master);
	config_free(c->cfg);
	free(c->tenants);
	free(c->words);
	return code;
}

int
main(int argc, char **argv)
{
	struct cmd c = { .config_file = NULL };
	int i = 1;

	secret_harden();
	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (str_eq(argv[i], "-c") && i + 1 < argc) {
			c.config_file = argv[++i];
			c.config_given = true;
		} else if (str_eq(argv[i], "-v"))
			log_verbose(true);
		else if (str_eq(argv[i], "-q"))
			log_quiet(true);
		else if (str_eq(argv[i], "--help"))
			c.command = &help_command;
		else if (str_eq(argv[i], "--version"))
			c.command = &version_command;
		else
			return cmd_usage(&c, "usage: salesync [-c FILE] "
			    "[-qv] COMMAND ...; run salesync help");
	}
	if (c.config_file == NULL)
		c.config_file = access("sync.yaml", F_OK) == 0 ? "sync.yaml" :
		    "/etc/salesync/sync.yaml";
	if (c.command == NULL && i >= argc)
		return cmd_usage(&c, "a command is missing; run salesync "
		    "help");
	if (c.command == NULL && (c.command = find_command(argv[i])) == NULL)
		return unknown_command(argv[i]);
	else if (c.command != NULL && i < argc)
		i++;
	stop_install();
	crypt_setup();
	http_setup();
	return call(&c, argc - i, argv + i);
}
