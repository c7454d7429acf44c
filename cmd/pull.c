/*
 * pull.c - salesync pull: sales of one tenant after the other to standard
 * output.
 */
#include <unistd.h>

#include "cmd.h"
#include "log.h"
#include "options.h"
#include "pull.h"
#include "run.h"
#include "stop.h"

static int
run_pull(struct cmd *c)
{
	struct pull_job job = { .cfg = c->cfg, .master = c->master,
	    .fd = STDOUT_FILENO, .stop = stop_flag() };
	enum rc worst = RC_OK, rc;
	int code = options_pull(c, &job);

	for (size_t i = 0; code == 0 && i < c->tenants_n &&
	    *job.stop == 0; i++) {
		job.tenant = c->tenants[i];
		if (!options_in_contract(c, job.tenant))
			continue;
		rc = pull_run(&job);
		worst = rc_worse(worst, rc);
	}
	log_about(NULL, NULL);
	return code != 0 ? code : run_exit(worst);
}

const struct command pull_command = {
	.name = "pull",
	.summary = "Read new sales and write them as JSON lines.",
	.words = "[TENANT...]",
	.takes = TAKES_TENANTS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "source", "SOURCE", "this source alone" },
		{ "order", "ID", "this one sale and its refunds" },
		{ "since", "DAY", "sales placed on this day or later" },
		{ "until", "DAY", "sales placed on this day or earlier" },
		{ "retry", NULL, "refused sales again" },
	},
	.run = run_pull,
};
