/*
 * buf_test.c - the buffer's growth, ceiling and wiping, and what happens when
 * memory runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "buf.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static void
test_append(void **state)
{
	struct buf b;
	char *first;

	(void)state;
	buf_init(&b, 1000);
	assert_null(b.data);
	buf_add(&b, "", 0);
	assert_non_null(b.data);
	assert_string_equal(b.data, "");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_fmt(&b, "-%d-%s", 7, "x");
	assert_string_equal(b.data, "abc-7-x");
	assert_int_equal(b.len, 7);
	buf_add(&b, "\0y", 2);
	assert_int_equal(b.len, 9);
	assert_int_equal(b.data[9], '\0');
	first = b.data;
	buf_clear(&b);
	assert_ptr_equal(b.data, first);
	assert_int_equal(b.len, 0);
	assert_memory_equal(b.data, "\0\0\0\0\0\0\0\0\0", 9);
	buf_free(&b);
	assert_null(b.data);
	buf_free(&b);
}

static void
test_grow(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100000);
	for (i = 0; i < 100000; i++) {
		buf_putc(&b, (char)('a' + i % 26));
		assert_true(b.cap > b.len && b.cap <= 100001);
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_false(b.over);
	for (i = 0; i < 100000; i++)
		if (b.data[i] != (char)('a' + i % 26))
			fail_msg("byte %zu", i);
	buf_free(&b);
}

static void
test_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_puts(&b, "abcde");
	assert_false(b.over);
	buf_puts(&b, "");
	assert_false(b.over);
	buf_putc(&b, 'f');
	assert_true(b.over);
	assert_string_equal(b.data, "abcde");
	buf_clear(&b);
	assert_false(b.over);
	buf_puts(&b, "abc");
	buf_puts(&b, "def");
	assert_true(b.over);
	/* It would fit, but something before it is missing. */
	buf_putc(&b, 'g');
	buf_fmt(&b, "%d", 1);
	assert_null(buf_room(&b, 1));
	assert_string_equal(b.data, "abc");
	assert_int_equal(b.len, 3);
	buf_free(&b);
	buf_init(&b, 0);
	buf_puts(&b, "x");
	assert_true(b.over);
	assert_non_null(b.data);
	assert_string_equal(b.data, "");
	buf_free(&b);
	buf_init(&b, 4);
	buf_fmt(&b, "%s", "12345");
	assert_true(b.over);
	assert_int_equal(b.len, 0);
	buf_free(&b);
	buf_init(&b, SIZE_MAX);
	buf_puts(&b, "abc");
	assert_string_equal(b.data, "abc");
	buf_free(&b);
}

static void
test_room_shift(void **state)
{
	struct buf b;
	char *p;

	(void)state;
	buf_init(&b, 600);
	buf_puts(&b, "head");
	p = buf_room(&b, 500);
	assert_non_null(p);
	assert_ptr_equal(p, b.data + 4);
	memset(p, 'x', 500);
	b.len += 500;
	b.data[b.len] = '\0';
	assert_null(buf_room(&b, 97));
	assert_true(b.over);
	buf_shift(&b, 500);
	assert_string_equal(b.data, "xxxx");
	/* What moved down is not still there behind it. */
	assert_int_equal(b.data[5], 0);
	assert_int_equal(b.data[503], 0);
	buf_shift(&b, 0);
	assert_int_equal(b.len, 4);
	buf_shift(&b, 4);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void
test_memory(void **state)
{
	char *p = mem_alloc(100), *q;
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	memset(p, 'x', 100);
	p = mem_grow(p, 1000);
	assert_int_equal(p[99], 'x');
	p = mem_grow(p, 0);
	assert_non_null(p);
	free(p);
	p = mem_alloc(0);
	assert_non_null(p);
	free(p);
	q = mem_dup("abc");
	assert_string_equal(q, "abc");
	free(q);
}

/* In a child whose memory is limited; its exit code comes back, and what it
 * said in text. */
static int
starve(int which, char *text, size_t size)
{
	const struct rlimit few = { 64 << 20, 64 << 20 };
	int fds[2], status = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct buf b;
		char *p = NULL;

		(void)dup2(fds[1], STDERR_FILENO);
		if (setrlimit(RLIMIT_AS, &few) != 0)
			_exit(1);
		buf_init(&b, SIZE_MAX);
		if (which == 0)
			p = mem_alloc((size_t)1 << 30);
		else if (which == 1)
			p = mem_grow(NULL, (size_t)1 << 30);
		else
			p = buf_room(&b, (size_t)1 << 30);
		_exit(p == NULL ? 2 : 3);
	}
	(void)close(fds[1]);
	n = read(fds[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_out_of_memory(void **state)
{
	char text[100];
	int i;

	(void)state;
	if (SANITIZED)		/* its allocator answers to nobody */
		skip();
	for (i = 0; i < 3; i++) {
		assert_int_equal(starve(i, text, sizeof(text)), 70);
		assert_string_equal(text, "salesync: out of memory (S108)\n");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_room_shift),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
