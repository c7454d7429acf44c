/*
 * lines.c - a file's lines, one at a time.
 *
 * Memory is bounded by the longest line asked for.  Lines may hold a debtor's
 * data, so what was read is wiped at the end.
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "secret.h"
#include "str.h"

#define CHUNK 65536

struct file_lines {
	char path[FILE_PATH];		/* for what goes wrong */
	int fd;				/* -1: of memory */
	const char *bytes;		/* what is left of that */
	size_t bytes_n;
	struct buf line;
	size_t at, n;			/* what is left of chunk */
	char chunk[CHUNK];
};

enum rc
file_lines_open(const char *path, struct file_lines **out)
{
	struct file_lines *f;
	enum rc rc;
	int fd = -1;

	rc = disk_open(path, &fd);
	if (rc != RC_OK)
		return rc;
	f = mem_alloc(sizeof(*f));
	(void)str_copy(f->path, sizeof(f->path), path);
	f->fd = fd;
	buf_init(&f->line, 0);
	*out = f;
	return RC_OK;
}

struct file_lines *
file_lines_of(const char *bytes, size_t n)
{
	struct file_lines *f = mem_alloc(sizeof(*f));

	f->fd = -1;
	f->bytes = bytes;
	f->bytes_n = n;
	buf_init(&f->line, 0);
	return f;
}

static enum rc
fill_of_memory(struct file_lines *f)
{
	f->n = f->bytes_n < CHUNK ? f->bytes_n : CHUNK;
	if (f->n == 0)
		return RC_END;
	memcpy(f->chunk, f->bytes, f->n);
	f->bytes += f->n;
	f->bytes_n -= f->n;
	return RC_OK;
}

/* Make sure that there are bytes in the chunk; RC_END at the file's end. */
static enum rc
fill(struct file_lines *f)
{
	ssize_t got;

	if (f->at < f->n)
		return RC_OK;
	f->at = f->n = 0;
	if (f->fd < 0)
		return fill_of_memory(f);
	got = disk_read(f->fd, f->chunk, sizeof(f->chunk));
	if (got < 0)
		return disk_fault(f->path, errno);
	f->n = (size_t)got;
	return got == 0 ? RC_END : RC_OK;
}

/* Gather a line with its end.  RC_END: there is none, not even a part. */
static enum rc
gather(struct file_lines *f)
{
	bool some = false;
	enum rc rc;

	while ((rc = fill(f)) == RC_OK) {
		const char *from = f->chunk + f->at;
		const char *end = memchr(from, '\n', f->n - f->at);
		size_t n = end == NULL ? f->n - f->at : (size_t)(end - from);

		some = true;
		buf_add(&f->line, from, n);
		f->at += n + (end != NULL);
		if (end == NULL)
			continue;
		if (f->line.len > 0 && f->line.data[f->line.len - 1] == '\r')
			f->line.data[--f->line.len] = '\0';
		return RC_OK;
	}
	return rc == RC_END && some ? RC_OK : rc;
}

enum rc
file_lines_next(struct file_lines *f, size_t max, char **line, size_t *len)
{
	enum rc rc;

	buf_clear(&f->line);
	f->line.max = max < SIZE_MAX ? max + 1 : max;	/* the CR */
	rc = gather(f);
	if (rc != RC_OK)
		return rc;
	if (f->line.over || f->line.len > max ||
	    !str_utf8(f->line.data, f->line.len))
		return RC_REJECT;
	*line = f->line.data;
	*len = f->line.len;
	return RC_OK;
}

void
file_lines_close(struct file_lines *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
	buf_free(&f->line);
	secret_zero(f->chunk, sizeof(f->chunk));
	free(f);
}
