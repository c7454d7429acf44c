/*
 * http_peer.c - the server of the HTTP tests and how to talk to it; included
 * by them.
 *
 * nanosleep and clock_gettime here take the place of the C library's, for
 * libcurl too: waits are noted, not slept, and the clock can jump.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "http.h"
#include "log.h"
#include "str.h"

#define SERVER "tests/unit/http_server.py"

enum port { GOOD, MORTAL, DROPS, MUTE, PORTS };

static char dir[64], ca[96], other[96];
static unsigned ports[PORTS];
static pid_t server;
static int server_in = -1;
static int64_t slept_ms, jump_s;
static char said[4096];
static struct http_answer answer;

int
nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	slept_ms += (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
	return 0;
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (id == CLOCK_MONOTONIC)
		t->tv_sec += (time_t)jump_s;
	return r;
}

static inline int
peer_start(void **state)
{
	int in[2], out[2];
	FILE *f;

	(void)state;
	str_copy(dir, sizeof(dir), "/tmp/salesync-http-XXXXXX");
	if (mkdtemp(dir) == NULL || pipe(in) != 0 || pipe(out) != 0)
		return -1;
	str_fmt(ca, sizeof(ca), "%s/ca.pem", dir);
	str_fmt(other, sizeof(other), "%s/other.pem", dir);
	server = fork();
	if (server == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl("/usr/bin/python3", "/usr/bin/python3", SERVER, dir, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server_in = in[1];
	f = fdopen(out[0], "r");
	for (int i = 0; i < PORTS; i++) {
		char word[16] = "";
		int c, n = 0;

		while ((c = fgetc(f)) != EOF && c != ' ' && c != '\n')
			if (n < 15)
				word[n++] = (char)c;
		ports[i] = (unsigned)strtoul(word, NULL, 10);
	}
	fclose(f);
	http_setup();
	return ports[MUTE] == 0;
}

static inline int
peer_stop(void **state)
{
	struct dirent *e;
	DIR *d;

	(void)state;
	close(server_in);
	waitpid(server, NULL, 0);
	d = opendir(dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[400];

		str_fmt(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	return rmdir(dir);
}

/* How often "METHOD PATH" was read whole by the server. */
static inline int
on_the_wire(const char *what)
{
	char path[96], line[300], end[200];
	int n = 0;
	FILE *f;

	str_fmt(path, sizeof(path), "%s/wire", dir);
	str_fmt(end, sizeof(end), " %s\n", what);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n += str_ends(line, end);
	fclose(f);
	return n;
}

static inline struct http *
open_as(const char *ca_file, int timeout_s, int rate)
{
	struct http_options o = { .ca_file = ca_file, .timeout_s = timeout_s,
	    .rate = rate };
	struct http *h = NULL;

	assert_int_equal(http_open(&o, &h), RC_OK);
	return h;
}

/* Send, with standard error in `said`. */
static inline enum rc
sends(struct http *h, const struct http_request *q)
{
	char path[96];
	int fd, saved = dup(2);
	enum rc rc;
	ssize_t n;

	str_fmt(path, sizeof(path), "%s/stderr", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	assert_true(fd >= 0);
	log_verbose(true);
	slept_ms = 0;
	dup2(fd, 2);
	rc = http_send(h, q, &answer);
	dup2(saved, 2);
	close(saved);
	n = pread(fd, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(fd);
	/* whatever happens: no query, no credential, no body */
	assert_null(strstr(said, "canary"));
	assert_int_equal(rc == RC_OK, said[0] == '\0');
	return rc;
}

static inline const char *
url_of(enum port p, const char *path)
{
	static char url[300];

	str_fmt(url, sizeof(url), "https://127.0.0.1:%u%s", ports[p], path);
	return url;
}

static inline enum rc
get(struct http *h, const char *path)
{
	struct http_request q = { .method = "GET",
	    .url = url_of(GOOD, path) };

	return sends(h, &q);
}

static inline enum rc
post_to(struct http *h, enum port p, const char *path)
{
	struct http_request q = { .method = "POST", .url = url_of(p, path),
	    .body = "canary", .body_len = 6, .changes = true };

	return sends(h, &q);
}

static inline enum rc
post(struct http *h, const char *path)
{
	return post_to(h, GOOD, path);
}

static inline void
check_counts(const struct http *h, uint64_t all, uint64_t changing)
{
	uint64_t a, c;

	http_counts(h, &a, &c);
	assert_int_equal(a, all);
	assert_int_equal(c, changing);
}
