/*
 * place.h - a folder of its own for a test, and what was logged meanwhile.
 */
#ifndef PLACE_H
#define PLACE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

struct place { char dir[64], logs[80]; };

static inline void
place_make(struct place *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/salesync-test-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		abort();
	snprintf(p->logs, sizeof(p->logs), "%s/logs", p->dir);
	if (mkdir(p->logs, 0700) != 0)
		abort();
	log_quiet(true);
	log_to(p->logs, "UTC");
}

static inline void
place_end(struct place *p)
{
	if (file_remove(p->dir) != RC_OK)
		abort();
}

/* Standard error to nowhere, and back: as setup and teardown of tests that
 * provoke messages.  What cmocka has to say comes after the teardown. */
static int place_stderr = -1;

static inline int
place_hush(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	place_stderr = fcntl(2, F_DUPFD_CLOEXEC, 10);
	if (null < 0 || place_stderr < 0 || dup2(null, 2) != 2)
		return 1;
	return close(null);
}

static inline int
place_speak(void **state)
{
	(void)state;
	if (dup2(place_stderr, 2) != 2)
		return 1;
	return close(place_stderr);
}

/* dir/name, good until the next call but seven. */
static inline const char *
place_path(const struct place *p, const char *name)
{
	static char paths[8][256];
	static int turn;
	char *out = paths[turn++ % 8];

	snprintf(out, sizeof(paths[0]), "%s/%s", p->dir, name);
	return out;
}

static inline size_t
place_slurp(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Whether a message with this code was said since the last call. */
static inline bool
place_said(const struct place *p, const char *code)
{
	static char text[65536];
	DIR *d = opendir(p->logs);
	struct dirent *e;
	bool found = false;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[400];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", p->logs, e->d_name);
		place_slurp(path, text, sizeof(text));
		found = found || strstr(text, code) != NULL;
		if (truncate(path, 0) != 0)
			abort();
	}
	if (d != NULL)
		closedir(d);
	return found;
}

/* Whether a file holds these bytes. */
static inline bool
place_holds(const char *path, const void *bytes, size_t n)
{
	struct stat st;
	char *all;
	bool found;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) != 0)
		abort();
	all = malloc((size_t)st.st_size + 1);
	if (all == NULL || read(fd, all, (size_t)st.st_size) != st.st_size)
		abort();
	found = memmem(all, (size_t)st.st_size, bytes, n) != NULL;
	free(all);
	close(fd);
	return found;
}

#endif
