/*
 * usage.c - runs a command and writes what it took.
 *
 *	usage FILE COMMAND [ARG...]
 *
 * FILE gets one line: seconds of processor time in the program and in the
 * kernel, the children it waited for included, seconds on the clock, and the
 * kilobytes of memory of the largest.  A program of its own, since what a
 * parent held before the exec counts for the child as well.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct rusage r;
	double start = now();
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: usage FILE COMMAND [ARG...]\n");
		return 64;
	}
	if ((pid = fork()) == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &r) != pid ||
	    (f = fopen(argv[1], "w")) == NULL) {
		perror("usage");
		return 70;
	}
	(void)fprintf(f, "%.6f %.6f %.6f %ld\n", seconds(r.ru_utime),
	    seconds(r.ru_stime), now() - start, r.ru_maxrss);
	if (fclose(f) != 0)
		return 70;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
