/*
 * run.h - many tenants at a time, each as a pair of processes.
 *
 * pull | push, made by the program itself: the process that talks to the shop
 * never holds the books' credentials, and whatever happens in one pair, even
 * a crash, touches no other.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "rc.h"
#include "ring.h"
#include "session.h"

struct run_tenant {		/* lies in memory shared with the pair */
	const struct tenant *tenant;
	enum { RUN_WAITS, RUN_RUNS, RUN_ENDED } state;
	struct push_counts counts;
	uint64_t pulled;
	bool idle;		/* pull: nothing is new, nothing waits */
	int exit;		/* once ended */
	int64_t started_ms, ended_ms;
};

struct run_job {
	const struct config *cfg;
	const struct master *master;
	const struct tenant **tenants;
	size_t tenants_n;
	/* pull's options, see pull.h */
	const char *source, *order;
	int64_t since_at, until_at;
	bool retry, dry_run;
	void (*show)(void *arg, const struct tenant *t,
	    const struct document *d);
	void *show_arg;
	/* called a few times a second and at the end; may be NULL */
	void (*progress)(void *arg, const struct run_tenant *t, size_t n);
	void *progress_arg;
};

/* Run them all; the worst exit code.  *out: one per tenant, unmapped with
 * run_free. */
int run_tenants(const struct run_job *job, struct run_tenant **out);
void run_free(struct run_tenant *t, size_t n);

/* The exit code for a process that ended with rc: the worst that was said,
 * or what the rc itself stands for. */
int run_exit(enum rc rc);

#endif
