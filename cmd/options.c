/*
 * options.c - what pull, push and sync share of the command line.
 */
#include "options.h"

#include <unistd.h>

#include "clock.h"
#include "lock.h"
#include "log.h"
#include "run.h"
#include "store.h"

int
options_pull(const struct cmd *c, struct pull_job *job)
{
	const struct tenant *t;

	job->source = cmd_option(c, "source");
	job->order = cmd_option(c, "order");
	job->retry = cmd_option(c, "retry") != NULL;
	if (cmd_day(c, "since", false, &job->since_at) != RC_OK ||
	    cmd_day(c, "until", true, &job->until_at) != RC_OK)
		return 64;
	if (job->until_at != 0 && job->until_at <= job->since_at)
		return cmd_usage(c, "--until lies before --since");
	if (job->order != NULL && c->tenants_n != 1)
		return cmd_usage(c, "--order needs one tenant");
	for (size_t i = 0; job->source != NULL && i < c->tenants_n; i++) {
		t = c->tenants[i];
		if (config_connection(t, job->source) == NULL ||
		    config_connection(t, job->source) == &t->books) {
			SAY(M_SOURCE, F_WORD("tenant", t->name),
			    F_ORDER("text", job->source));
			return 78;
		}
	}
	return 0;
}

/* tenant: NULL, the operator's own. */
static enum rc
take_over(const struct cmd *c, const char *tenant)
{
	struct store_place place = store_place_of(c->cfg, c->master,
	    tenant != NULL ? tenant : ENV_OPERATOR);
	int lock = -1;
	enum rc rc = tenant != NULL ? lock_any(c->cfg, tenant, &lock) :
	    lock_operator(c->cfg, &lock);

	if (rc == RC_OK)
		rc = store_take_over(&place);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}

int
options_take_over(const struct cmd *c)
{
	enum rc rc = RC_OK;

	if (cmd_option(c, "take-over") == NULL)
		return 0;
	for (size_t i = 0; rc <= RC_END && i < c->tenants_n; i++)
		rc = take_over(c, c->tenants[i]->name);
	if (rc <= RC_END && c->words_n == 0)
		rc = take_over(c, NULL);
	return rc <= RC_END ? 0 : run_exit(rc);
}

bool
options_in_contract(const struct cmd *c, const struct tenant *t)
{
	if (tenant_covers(t, clock_day_of(clock_now(), c->cfg->zone)))
		return true;
	SAY(M_CONTRACT, F_WORD("tenant", t->name));
	return false;
}
