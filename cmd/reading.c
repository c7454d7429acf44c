/*
 * reading.c - pull in a process of its own, for whoever compares.  Each sale
 * is wiped once it was taken.
 */
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "log.h"
#include "pull.h"
#include "run.h"
#include "secret.h"
#include "stop.h"
#include "stream.h"

struct reading {
	void (*take)(void *arg, const struct sale *s);
	void *arg;
	bool whole;		/* the end line came */
};

static enum rc
read_stream(struct reading *r, FILE *f)
{
	struct json_doc *json = json_doc_new();
	struct item *it = mem_alloc(sizeof(*it));
	const char *fault = NULL;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	enum rc rc = RC_OK;

	while (rc <= RC_REJECT && (n = getline(&line, &cap, f)) > 1) {
		rc = stream_parse(json, line, (size_t)n - 1, it, &fault);
		if (rc == RC_OK && it->type == ITEM_SALE)
			r->take(r->arg, &it->sale);
		if (rc == RC_OK && it->type == ITEM_END)
			r->whole = true;
		sale_wipe(&it->sale);
	}
	if (line != NULL)
		secret_zero(line, cap);
	free(line);
	free(it);
	json_doc_free(json);
	return rc > RC_REJECT ? RC_FATAL : RC_OK;
}

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
reading_shop(const struct compare_job *job,
    void (*take)(void *arg, const struct sale *s), void *arg)
{
	struct reading r = { .take = take, .arg = arg };
	int fds[2], status = 0;
	FILE *f = NULL;
	pid_t pid;
	enum rc rc;

	if (pipe(fds) != 0 || (pid = fork()) < 0) {
		SAY(M_INTERNAL, F_WORD("text", "no process for the shop"));
		return RC_FATAL;
	}
	if (pid == 0) {
		(void)close(fds[0]);
		be_pull(job, fds[1]);
	}
	(void)close(fds[1]);
	if ((f = fdopen(fds[0], "r")) == NULL)
		return RC_FATAL;
	rc = read_stream(&r, f);
	(void)fclose(f);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		log_exit_add(WEXITSTATUS(status));
	return rc == RC_OK && !r.whole ? RC_LATER : rc;
}
