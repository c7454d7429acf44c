/*
 * buf.c - a growing byte buffer with a ceiling, and memory that never fails.
 *
 * A buffer may hold what a debtor bought, so bytes are wiped wherever the
 * buffer lets go of them: never realloc, which leaves a copy behind.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUF_FIRST 256		/* capacity of the first allocation */
#define EXIT_MEMORY 70		/* EX_SOFTWARE, as message S108 has it */

void
mem_die(void)
{
	static const char text[] = "salesync: out of memory (S108)\n";
	ssize_t n;

	/* Neither stdio nor exit handlers: both may want memory.  Output
	 * that was not flushed is lost, and so is its end line. */
	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)n;
	_exit(EXIT_MEMORY);
}

void *
mem_alloc(size_t n)
{
	void *p = calloc(1, n == 0 ? 1 : n);

	if (p == NULL)
		mem_die();
	return p;
}

void *
mem_grow(void *p, size_t n)
{
	p = realloc(p, n == 0 ? 1 : n);
	if (p == NULL)
		mem_die();
	return p;
}

char *
mem_dup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_alloc(n), s, n);
}

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

/* What lies behind len was wiped when it was dropped, or never used: a large
 * buffer that held little costs little. */
void
buf_free(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	free(b->data);
	*b = (struct buf){ .max = b->max };
}

void
buf_clear(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	b->len = 0;
	b->over = false;
}

/* Give the buffer at least `need` bytes, at most one more than its ceiling. */
static void
reserve(struct buf *b, size_t need)
{
	size_t cap = b->cap == 0 ? BUF_FIRST : b->cap;
	char *data;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
	if (cap - 1 > b->max)
		cap = b->max + 1;
	data = mem_alloc(cap);
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		explicit_bzero(b->data, b->len);
	}
	free(b->data);
	b->data = data;
	b->cap = cap;
}

char *
buf_room(struct buf *b, size_t n)
{
	if (b->over || b->len > b->max || n > b->max - b->len) {
		b->over = true;
		reserve(b, 1);
		return NULL;
	}
	if (n >= SIZE_MAX - b->len)
		mem_die();
	reserve(b, b->len + n + 1);
	return b->data + b->len;
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
	char *to = buf_room(b, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, bytes, n);
	to[n] = '\0';
	b->len += n;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to = NULL;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		to = buf_room(b, (size_t)n);
	else
		b->over = true;
	if (to == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += n < 0 ? 0 : (size_t)n;
}

void
buf_shift(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	explicit_bzero(b->data + b->len - n, n);
	b->len -= n;
}

void *
mem_move(void *old, size_t from, size_t to)
{
	void *room = mem_alloc(to);

	if (old != NULL) {
		memcpy(room, old, from);
		explicit_bzero(old, from);
	}
	free(old);
	return room;
}
