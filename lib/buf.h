/*
 * buf.h - a growing byte buffer with a ceiling from birth.
 *
 * The caller owns struct buf; what hangs in it is freed by buf_free.  Once an
 * append would pass the ceiling the buffer is `over`: it takes nothing more,
 * and every later append is ignored, so that ten appends need one check.
 * data is NUL-terminated (the NUL does not count in len) and is never NULL
 * after the first append.  Out of memory ends the process.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;	/* ceiling on len */
	bool over;	/* an append was refused */
};

void buf_init(struct buf *b, size_t max);
/* Wipe all that was ever in it and free. */
void buf_free(struct buf *b);
/* Keep the memory, forget the content and `over`; the content is wiped. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Drop the first n bytes (n <= len); the tail moves down. */
void buf_shift(struct buf *b, size_t n);

/* Make room for n more bytes and return where to put them; NULL when that
 * would pass the ceiling.  After writing, add to len and terminate: what was
 * written and not added is never wiped. */
char *buf_room(struct buf *b, size_t n);

/* Memory that is allowed to fail nowhere: dies instead of returning NULL. */
void *mem_alloc(size_t n);			/* zeroed */
void *mem_grow(void *p, size_t n);		/* realloc */
char *mem_dup(const char *s);
/* Room for `to` bytes holding the first `from` of old, which is wiped and
 * freed: for arrays of debtors' data.  old may be NULL. */
void *mem_move(void *old, size_t from, size_t to);
/* What they do then: say "out of memory" and end the process at once, for
 * those whose memory comes from a foreign library. */
void mem_die(void) __attribute__((noreturn));

#endif
