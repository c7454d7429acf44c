/*
 * reading.c - pull in a process of its own, for whoever compares.
 */
#include "reading.h"

#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "pull.h"
#include "run.h"
#include "stop.h"

static _Noreturn void
be_pull(const struct compare_job *job, int fd)
{
	struct pull_job p = { .cfg = job->cfg, .master = job->master,
	    .tenant = job->tenant, .source = job->source,
	    .since_at = job->since_at, .until_at = job->until_at, .fd = fd,
	    .stop = stop_flag() };

	log_exit_reset();
	_exit(run_exit(pull_run(&p)));
}

enum rc
reading_start(const struct compare_job *job, struct reading *r)
{
	int fds[2];

	if (pipe(fds) != 0 || (r->pid = fork()) < 0) {
		SAY(M_INTERNAL, F_WORD("text", "no process for the shop"));
		return RC_FATAL;
	}
	if (r->pid == 0) {
		(void)close(fds[0]);
		be_pull(job, fds[1]);
	}
	(void)close(fds[1]);
	r->f = fdopen(fds[0], "r");
	return r->f != NULL ? RC_OK : RC_FATAL;
}

void
reading_end(struct reading *r)
{
	int status = 0;

	(void)fclose(r->f);
	if (waitpid(r->pid, &status, 0) == r->pid && WIFEXITED(status))
		log_exit_add(WEXITSTATUS(status));
}
