/*
 * help.c - salesync help: the commands, from their own table.
 */
#include <stdio.h>

#include "cmd.h"
#include "str.h"

static int
run_help(struct cmd *c)
{
	for (size_t i = 0; commands[i] != NULL && c->words_n > 0; i++)
		if (str_eq(commands[i]->name, c->words[0])) {
			cmd_print_usage(commands[i], false);
			return 0;
		}
	if (c->words_n > 0)
		return cmd_usage(c, "there is no such command");
	(void)puts("usage: salesync [-c FILE] [-qv] COMMAND [OPTION...] "
	    "[TENANT...]\n\n"
	    "Forwards sales from webshops and tills to bookkeeping systems,\n"
	    "each once and only once.\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)printf("  %-20s %s\n", commands[i]->name,
		    commands[i]->summary);
	(void)puts("\n"
	    "  -c FILE  the configuration; ./sync.yaml, else\n"
	    "           /etc/salesync/sync.yaml\n"
	    "  -v       say more        -q  say errors alone\n\n"
	    "salesync help COMMAND prints a command's options; salesync(1) "
	    "has it all.");
	return 0;
}

const struct command help_command = {
	.name = "help",
	.summary = "Print this, or a command's options.",
	.words = "[COMMAND]",
	.takes = TAKES_WORDS,
	.run = run_help,
};
