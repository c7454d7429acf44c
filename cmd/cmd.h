/*
 * cmd.h - a subcommand: a row of a table and a function.
 *
 * The row says what the command takes and needs; main.c parses, opens what is
 * needed, calls, and checks standard output behind it.  Usage is printed from
 * the same rows.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"
#include "ring.h"

#define CMD_OPTIONS 16

enum cmd_needs {
	NEEDS_NOTHING = 0,
	NEEDS_CONFIG = 1,	/* sync.yaml, loaded and checked; the log open */
	NEEDS_MASTER = 2,	/* and the master key */
	NEEDS_WHAT_IS_WHOLE = 4	/* tenant files at fault are left out */
};

enum cmd_takes { TAKES_NOTHING, TAKES_TENANTS, TAKES_WORDS };

struct cmd_option {
	const char *name;	/* without the two dashes */
	const char *value;	/* what stands behind it; NULL: nothing does */
	const char *help;
};

struct cmd;

struct command {
	const char *name;
	const char *summary;
	const char *words;	/* for usage: "[TENANT...]" */
	enum cmd_takes takes;
	unsigned needs;
	const char *bare;	/* an option with which nothing is needed */
	struct cmd_option options[CMD_OPTIONS];	/* NULL-name ended */
	int (*run)(struct cmd *c);	/* the exit code */
};

struct cmd {			/* one call of a command */
	const struct command *command;
	const char *config_file;
	bool config_given;	/* with -c */
	struct config *cfg;	/* NULL unless needed */
	struct master *master;	/* likewise */
	const char *values[CMD_OPTIONS];	/* "" for a set flag */
	char **words;		/* what is left of the line */
	size_t words_n;
	const struct tenant **tenants;	/* TAKES_TENANTS: named, or all */
	size_t tenants_n;
};

/* main.c: the table, for help. */
extern const struct command *const commands[];

/* The option's value, "" for a flag that is set, NULL when absent. */
const char *cmd_option(const struct cmd *c, const char *name);
/* The tenant of that name, and the connection of that name in it, or NULL,
 * said.  What was typed may be anything: it reaches no log file. */
const struct tenant *cmd_tenant(const struct cmd *c, const char *name);
const struct config_connection *cmd_connection(const struct tenant *t,
    const char *name);
/* A day option as the moment it starts (or, end: the day after does) in the
 * operator's zone; 0 when absent.  RC_CONFIG: said, usage. */
MUST enum rc cmd_day(const struct cmd *c, const char *name, bool end,
    int64_t *at);
/* Say what is wrong with the command line; returns 64. */
int cmd_usage(const struct cmd *c, const char *text);
/* The usage of a command on standard output or error. */
void cmd_print_usage(const struct command *c, bool to_stderr);

#endif
