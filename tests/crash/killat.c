/*
 * killat.c - runs a command and kills one of its processes at a system call.
 *
 *   killat [-r ROLE] [-n N] [-g] -o FILE -- COMMAND [ARGUMENT...]
 *
 * Roles are numbered as the processes appear: 0 the command, 1 its first
 * child, 2 its second.  The process of that role is killed (SIGKILL) as it
 * enters its N-th system call, which is then not carried out; -g kills all of
 * the command's processes at that moment.  N counts from 1; 0 kills nobody.
 * Ends when every process has ended, with the command's exit code.
 *
 * FILE gets a line "ROLE CALLS FIRST" for each process, where FIRST is the
 * first call that reaches for the network or changes the disk, and a line
 * "killed ROLE CALL NUMBER" when it came to that.  The program under test has
 * no part in this: it is traced from outside.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROLES 16
#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | \
    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
    PTRACE_O_TRACEEXEC)

struct process {
	pid_t pid;
	bool begun, ended;	/* its own calls count; it is no more */
	bool attached;		/* its first stop, which is ours, was seen */
	long calls, first;
};

struct trace {
	struct process p[ROLES];
	int n;
	int role;
	long at;
	bool group, done;
	FILE *out;
	int status;		/* of the command */
};

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(125);
}

static void
go_on(pid_t pid, int number)
{
	/* It may have been killed by another meanwhile. */
	if (ptrace(PTRACE_SYSCALL, pid, NULL, (long)number) != 0 &&
	    errno != ESRCH)
		die("PTRACE_SYSCALL");
}

static struct process *
process(struct trace *t, pid_t pid)
{
	for (int i = 0; i < t->n; i++)
		if (t->p[i].pid == pid && !t->p[i].ended)
			return &t->p[i];
	if (t->n == ROLES) {
		(void)fputs("killat: too many processes\n", stderr);
		exit(125);
	}
	t->p[t->n] = (struct process){ .pid = pid, .begun = t->n > 0 };
	return &t->p[t->n++];
}

/* Calls after which the world outside is not what it was. */
static bool
matters(unsigned long long number)
{
	static const long calls[] = { SYS_connect, SYS_pwrite64, SYS_pwritev,
		SYS_fdatasync, SYS_fsync, SYS_renameat, SYS_renameat2,
		SYS_linkat, SYS_unlinkat, SYS_ftruncate, SYS_utimensat,
		SYS_mkdirat, SYS_flock, SYS_clone };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (number == (unsigned long long)calls[i])
			return true;
	return false;
}

static void
kill_now(struct trace *t, const struct process *p, unsigned long long number)
{
	t->done = true;
	(void)fprintf(t->out, "killed %d %ld %llu\n", t->role, p->calls,
	    number);
	for (int i = 0; i < t->n; i++)
		if ((t->group || &t->p[i] == p) && !t->p[i].ended)
			(void)kill(t->p[i].pid, SIGKILL);
}

static void
at_call(struct trace *t, struct process *p)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof(info), &info) < 0)
		return;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !p->begun)
		return;
	p->calls++;
	if (p->first == 0 && matters(info.entry.nr))
		p->first = p->calls;
	if (!t->done && p == &t->p[t->role] && p->calls == t->at)
		kill_now(t, p, info.entry.nr);
}

static void
at_event(struct trace *t, struct process *p, int event)
{
	unsigned long child = 0;

	if (event == PTRACE_EVENT_EXEC)
		p->begun = true;
	else if ((event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE) &&
	    ptrace(PTRACE_GETEVENTMSG, p->pid, NULL, &child) == 0)
		(void)process(t, (pid_t)child);	/* in this order: roles */
}

static void
at_stop(struct trace *t, pid_t pid, int status)
{
	struct process *p = process(t, pid);
	int number = WSTOPSIG(status), event = status >> 16;

	if (number == (SIGTRAP | 0x80)) {
		at_call(t, p);
		number = 0;
	} else if (event != 0) {
		at_event(t, p, event);
		number = 0;
	} else if (!p->attached && number == SIGSTOP) {
		p->attached = true;
		number = 0;
	}
	go_on(pid, number);
}

static void
loop(struct trace *t)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			at_stop(t, pid, status);
			continue;
		}
		process(t, pid)->ended = true;
		if (pid == t->p[0].pid)
			t->status = status;
	}
}

static void
start(struct trace *t, char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			die("PTRACE_TRACEME");
		(void)raise(SIGSTOP);
		(void)execvp(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid");
	process(t, pid)->attached = true;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, (long)OPTIONS) != 0)
		die("PTRACE_SETOPTIONS");
	go_on(pid, 0);
}

int
main(int argc, char **argv)
{
	static struct trace t;
	const char *path = "/dev/null";
	int c;

	while ((c = getopt(argc, argv, "+r:n:o:g")) != -1) {
		if (c == 'r')
			t.role = (int)strtol(optarg, NULL, 10);
		else if (c == 'n')
			t.at = strtol(optarg, NULL, 10);
		else if (c == 'o')
			path = optarg;
		else if (c == 'g')
			t.group = true;
		else
			return 125;
	}
	if (optind >= argc || t.role < 0 || t.role >= ROLES)
		return 125;
	if ((t.out = fopen(path, "we")) == NULL)
		die(path);
	start(&t, argv + optind);
	loop(&t);
	for (int i = 0; i < t.n; i++)
		(void)fprintf(t.out, "%d %ld %ld\n", i, t.p[i].calls,
		    t.p[i].first);
	if (fclose(t.out) != 0)
		die(path);
	return WIFEXITED(t.status) ? WEXITSTATUS(t.status) :
	    128 + WTERMSIG(t.status);
}
