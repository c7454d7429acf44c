/*
 * push.c - salesync push: JSON lines from standard input into the books.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "log.h"
#include "options.h"
#include "push.h"
#include "run.h"
#include "stop.h"
#include "unruled.h"

/* A pull that died at once sends nothing at all, not even half a stream. */
static void
no_stream(const struct cmd *c)
{
	for (size_t i = 0; i < c->tenants_n; i++) {
		if (!options_in_contract(c, c->tenants[i]))
			continue;
		SAY(M_NO_END, F_WORD("tenant", c->tenants[i]->name));
		return;
	}
}

static int
run_push(struct cmd *c)
{
	struct push_counts counts = { .whole = false };
	struct unruled shown = { .n = 0 };
	struct push_job job = { .cfg = c->cfg, .master = c->master,
	    .fd = STDIN_FILENO, .retry = cmd_option(c, "retry") != NULL,
	    .dry_run = cmd_option(c, "dry-run") != NULL,
	    .show = unruled_show, .show_arg = &shown, .counts = &counts,
	    .stop = stop_flag() };
	int code = job.dry_run ? 0 : options_take_over(c);
	enum rc rc;

	if (c->words_n > 1)
		return cmd_usage(c, "push takes one tenant, or none for all");
	if (code != 0)
		return code;
	if (c->words_n == 1)
		job.only = c->tenants[0];
	rc = push_run(&job);
	log_about(NULL, NULL);
	if (rc == RC_OK && !counts.whole)
		no_stream(c);
	return run_exit(rc);
}

const struct command push_command = {
	.name = "push",
	.summary = "Read JSON lines and book each sale once.",
	.words = "[TENANT]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "retry", NULL, "take refused sales up again" },
		{ "dry-run", NULL, "show the bookings, book nothing" },
		{ "take-over", NULL, "this host now owns the store" },
	},
	.run = run_push,
};
