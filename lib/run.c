/*
 * run.c - starts, watches and ends the pairs of pull and push processes.
 *
 * A push process is started when its pull has written something: most runs
 * find nothing new, and then it would only cost time.  The parent opens no
 * store and no connection, so that there is nothing for a fork to share
 * wrongly.  It must never wait for one tenant alone.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "lock.h"
#include "log.h"
#include "pull.h"
#include "push.h"
#include "stop.h"

#define GRACE_MS 5000		/* between SIGTERM and SIGKILL */
#define TICK_MS 200

struct pair {
	struct run_tenant *t;
	pid_t pull, push;	/* 0: ended, or not yet started */
	int pull_status, push_status;
	int fd, lock;		/* what push will read, and will hold; -1: it
				 * has them, or they are closed */
	bool late;		/* over the time limit: SIGTERM was sent */
};

struct run {
	const struct run_job *job;
	struct run_tenant *tenants;
	struct pair *pairs;	/* at most parallel, packed */
	struct pollfd *polls;
	size_t pairs_n, most;
	size_t next;		/* tenant to start */
	int worst;
	bool stopped;
};

int
run_exit(enum rc rc)
{
	static const int codes[] = {
		[RC_OK] = 0, [RC_END] = 0, [RC_REJECT] = 1, [RC_UNSURE] = 75,
		[RC_LATER] = 75, [RC_AUTH] = 77, [RC_CONFIG] = 78,
		[RC_FATAL] = 70,
	};
	int said = log_exit();

	/* What was said is the better account of why. */
	return said > 1 ? said : catalog_worse(said, codes[rc]);
}

static void
child_begin(const char *tenant)
{
	sigset_t all;

	/* Without its parent nobody would watch the time. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
	log_exit_reset();
	log_about(tenant, NULL);
}

static _Noreturn void
be_pull(struct run *r, struct run_tenant *t, int fd)
{
	const struct run_job *j = r->job;
	struct pull_job job = { .cfg = j->cfg, .master = j->master,
	    .tenant = t->tenant, .source = j->source, .order = j->order,
	    .since_at = j->since_at, .until_at = j->until_at,
	    .retry = j->retry, .fd = fd, .paired = true,
	    .locked = !j->dry_run, .seen = &t->pulled, .idle = &t->idle,
	    .stop = stop_flag() };
	enum rc rc = pull_run(&job);

	_exit(run_exit(rc));
}

static _Noreturn void
be_push(struct run *r, struct run_tenant *t, int fd)
{
	const struct run_job *j = r->job;
	struct push_job job = { .cfg = j->cfg, .master = j->master,
	    .only = t->tenant, .fd = fd, .locked = true, .retry = j->retry,
	    .dry_run = j->dry_run, .paired = true, .show = j->show,
	    .show_arg = j->show_arg, .counts = &t->counts,
	    .stop = stop_flag() };
	enum rc rc = push_run(&job);

	if (fflush(stdout) != 0)
		SAY(M_OUTPUT, F_WORD("text", strerror(errno)));
	_exit(run_exit(rc));
}

static enum rc
no_process(void)
{
	SAY(M_INTERNAL, F_WORD("text", strerror(errno)));
	return RC_FATAL;
}

static void
close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* In a child: what belongs to others must not live as long as this one. */
static void
keep_own(struct run *r, const struct pair *own)
{
	for (size_t i = 0; i < r->pairs_n; i++)
		if (&r->pairs[i] != own) {
			close_end(&r->pairs[i].fd);
			close_end(&r->pairs[i].lock);
		}
}

/* out: the end that pull writes to. */
static enum rc
start_pull(struct run *r, struct pair *p, int out)
{
	p->pull = fork();
	if (p->pull != 0)
		return p->pull > 0 ? RC_OK : no_process();
	child_begin(p->t->tenant->name);
	keep_own(r, p);
	/* The lock it keeps: it may have to store a new token. */
	close_end(&p->fd);
	be_pull(r, p->t, out);
}

static void
start_push(struct run *r, struct pair *p)
{
	p->push = fork();
	if (p->push == 0) {
		child_begin(p->t->tenant->name);
		keep_own(r, p);
		be_push(r, p->t, p->fd);
	}
	close_end(&p->fd);
	close_end(&p->lock);
	if (p->push > 0)
		return;
	p->push = 0;
	p->push_status = W_EXITCODE(run_exit(no_process()), 0);
}

static void
ended(struct run *r, struct run_tenant *t, int code)
{
	t->state = RUN_ENDED;
	t->exit = code;
	t->ended_ms = clock_mono_ms();
	r->worst = catalog_worse(r->worst, code);
}

/* Under way, or ended at once (locked, no processes to be had). */
static void
start(struct run *r, struct run_tenant *t)
{
	struct pair *p = &r->pairs[r->pairs_n];
	int fds[2] = { -1, -1 };
	enum rc rc = RC_OK;

	*p = (struct pair){ .t = t, .fd = -1, .lock = -1 };
	log_about(t->tenant->name, NULL);
	log_exit_reset();
	t->started_ms = clock_mono_ms();
	if (!r->job->dry_run)
		rc = lock_take(r->job->cfg, t->tenant->name, &p->lock);
	if (rc == RC_OK && pipe2(fds, O_CLOEXEC) != 0)
		rc = no_process();
	p->fd = fds[0];
	if (rc == RC_OK)
		rc = start_pull(r, p, fds[1]);
	close_end(&fds[1]);
	if (rc == RC_OK) {
		t->state = RUN_RUNS;
		r->pairs_n++;
	} else {
		close_end(&p->fd);
		close_end(&p->lock);
		ended(r, t, run_exit(rc));
	}
	log_about(NULL, NULL);
}

/* Pull found that all is as it was: push would have done nothing else. */
static void
was_idle(struct run *r, struct run_tenant *t)
{
	char path[FILE_PATH];

	t->counts.whole = true;
	if (!r->job->dry_run &&
	    lock_path(r->job->cfg, t->tenant->name, path) == RC_OK)
		file_touch(path);
}

static int
part_code(const struct pair *p, const char *part, int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (p->late)
		return 75;
	SAY(M_CRASHED, F_WORD("tenant", p->t->tenant->name),
	    F_WORD("part", part), F_INT("signal", WTERMSIG(status)));
	return 70;
}

static void
finish(struct run *r, struct pair *p)
{
	struct run_tenant *t = p->t;
	int pull, push;

	log_about(t->tenant->name, NULL);
	pull = part_code(p, "pull", p->pull_status);
	push = part_code(p, "push", p->push_status);
	if (pull == 0 && t->idle)
		was_idle(r, t);
	close_end(&p->lock);
	if (pull <= 1 && push <= 1 && !t->counts.whole) {
		SAY(M_NO_END, F_WORD("tenant", t->tenant->name));
		push = 70;
	}
	if (pull == 0 && push <= 1 && !p->late)
		SAY(M_RUN_DONE, F_INT("booked", t->counts.booked),
		    F_INT("skipped", t->counts.skipped),
		    F_INT("refused", t->counts.refused),
		    F_INT("held", t->counts.held),
		    F_INT("left", t->counts.left_out));
	log_about(NULL, NULL);
	ended(r, t, catalog_worse(pull, push));
	*p = r->pairs[--r->pairs_n];
}

static void
reap(struct run *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < r->pairs_n; i++) {
			struct pair *p = &r->pairs[i];

			if (pid == p->pull) {
				p->pull = 0;
				p->pull_status = status;
			} else if (pid == p->push) {
				p->push = 0;
				p->push_status = status;
			}
		}
}

/* What is to be waited for: the pulls that nobody reads from yet. */
static nfds_t
polls_fill(struct run *r)
{
	for (size_t i = 0; i < r->pairs_n; i++)
		r->polls[i] = (struct pollfd){ .fd = r->pairs[i].fd,
		    .events = POLLIN };
	return (nfds_t)r->pairs_n;
}

/* After reap, so that all that an ended pull wrote is seen. */
static void
start_pushes(struct run *r)
{
	if (poll(r->polls, polls_fill(r), 0) <= 0)
		return;
	for (size_t i = 0; i < r->pairs_n; i++) {
		struct pair *p = &r->pairs[i];
		short found = r->polls[i].revents;

		if ((found & POLLIN) != 0 && !p->late && !r->stopped)
			start_push(r, p);
		else if (found != 0)
			close_end(&p->fd);
	}
}

static void
finish_ended(struct run *r)
{
	for (size_t i = r->pairs_n; i-- > 0;)
		if (r->pairs[i].pull == 0 && r->pairs[i].push == 0)
			finish(r, &r->pairs[i]);
}

static void
signal_pair(const struct pair *p, int number)
{
	if (p->pull > 0)
		(void)kill(p->pull, number);
	if (p->push > 0)
		(void)kill(p->push, number);
}

static void
watch_time(struct run *r)
{
	int64_t limit = r->job->cfg->time_limit_s * 1000;

	for (size_t i = 0; i < r->pairs_n; i++) {
		struct pair *p = &r->pairs[i];
		int64_t ran = clock_mono_ms() - p->t->started_ms;

		if (ran > limit && !p->late) {
			p->late = true;
			SAY(M_TIME_LIMIT, F_WORD("tenant", p->t->tenant->name),
			    F_INT("seconds", r->job->cfg->time_limit_s));
			signal_pair(p, SIGTERM);
		}
		if (ran > limit + GRACE_MS)
			signal_pair(p, SIGKILL);
	}
}

/* Sleep until a child ends or writes, a signal asks us to stop, or a tick
 * passes. */
static void
wait_tick(struct run *r)
{
	struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	sigset_t set;

	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	(void)sigdelset(&set, SIGCHLD);
	(void)ppoll(r->polls, polls_fill(r), &tick, &set);
	if (*stop_flag() == 0 || r->stopped)
		return;
	r->stopped = true;
	SAY(M_ENDED, F_INT("signal", *stop_flag()));
	/* They may have had the same one as we, and the second of a kind ends
	 * a process at once. */
	for (size_t i = 0; i < r->pairs_n; i++)
		signal_pair(&r->pairs[i],
		    *stop_flag() == SIGTERM ? SIGINT : SIGTERM);
}

static void
loop(struct run *r)
{
	const struct run_job *j = r->job;

	while (r->pairs_n > 0 || (r->next < j->tenants_n && !r->stopped)) {
		while (r->pairs_n < r->most && r->next < j->tenants_n &&
		    !r->stopped)
			start(r, &r->tenants[r->next++]);
		if (r->pairs_n > 0)
			wait_tick(r);
		reap(r);
		start_pushes(r);
		finish_ended(r);
		watch_time(r);
		if (j->progress != NULL)
			j->progress(j->progress_arg, r->tenants,
			    j->tenants_n);
	}
}

/* Only to be woken by it. */
static void
child_ended(int number)
{
	(void)number;
}

/* SIGCHLD is let in while we wait, and then alone. */
static void
watch_children(void)
{
	struct sigaction sa = { .sa_handler = child_ended };
	sigset_t set;

	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGCHLD, &sa, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

int
run_tenants(const struct run_job *job, struct run_tenant **out)
{
	struct run r = { .job = job, .worst = log_exit() };
	size_t bytes = (job->tenants_n + 1) * sizeof(*r.tenants);

	r.tenants = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.tenants == MAP_FAILED) {
		SAY0(M_MEMORY);
		return 70;
	}
	for (size_t i = 0; i < job->tenants_n; i++)
		r.tenants[i].tenant = job->tenants[i];
	r.most = job->dry_run ? 1 : (size_t)job->cfg->parallel;
	r.pairs = mem_alloc(r.most * sizeof(*r.pairs));
	r.polls = mem_alloc(r.most * sizeof(*r.polls));
	(void)fflush(NULL);
	watch_children();
	loop(&r);
	free(r.pairs);
	free(r.polls);
	if (r.stopped)
		r.worst = catalog_worse(r.worst, 75);
	*out = r.tenants;
	return r.worst;
}

void
run_free(struct run_tenant *t, size_t n)
{
	if (t != NULL)
		(void)munmap(t, (n + 1) * sizeof(*t));
}
