/*
 * version.c - salesync version.
 */
#include "version.h"

#include <stdio.h>

#include "cmd.h"

static int
run_version(struct cmd *c)
{
	(void)c;
	(void)puts("salesync " VERSION);
	return 0;
}

const struct command version_command = {
	.name = "version",
	.summary = "Print the version.",
	.words = "",
	.takes = TAKES_NOTHING,
	.run = run_version,
};
