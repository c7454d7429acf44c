/*
 * csv_test.c - rows of CSV, good and bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "csv.h"
#include "file.h"
#include "str.h"

static char dir[] = "/tmp/csv_test.XXXXXX";
static char file[FILE_PATH];

static struct csv *
open_text(const char *text, char delimiter)
{
	struct csv *c = NULL;

	assert_int_equal(file_write(file, text, strlen(text), 0600), RC_OK);
	assert_int_equal(csv_open(file, delimiter, &c), RC_OK);
	return c;
}

/* The next row must be these fields, joined by a bar. */
static void
expect(struct csv *c, enum rc rc, size_t line, const char *fields)
{
	struct csv_row row;
	char got[4096] = "";

	csv_row_init(&row);
	assert_int_equal(csv_next(c, &row), rc);
	assert_int_equal(row.line, line);
	for (size_t i = 0; i < row.n; i++) {
		(void)str_add(got, sizeof(got), csv_field(&row, i));
		(void)str_add(got, sizeof(got), "|");
	}
	assert_string_equal(got, fields);
	csv_row_free(&row);
}

static void
expect_end(struct csv *c)
{
	struct csv_row row;

	csv_row_init(&row);
	assert_int_equal(csv_next(c, &row), RC_END);
	assert_int_equal(csv_next(c, &row), RC_END);
	csv_row_free(&row);
	csv_close(c);
}

static void
test_plain(void **state)
{
	struct csv *c;

	(void)state;
	c = open_text("\xef\xbb\xbf" "a,b,c\r\n1,,3\r\n\r\n, ,\r\nlast", ',');
	expect(c, RC_OK, 1, "a|b|c|");
	expect(c, RC_OK, 2, "1||3|");
	expect(c, RC_OK, 4, "| ||");
	expect(c, RC_OK, 5, "last|");
	expect_end(c);
	c = open_text("a;b,c\td\n", ';');
	expect(c, RC_OK, 1, "a|b,c\td|");
	expect_end(c);
	c = open_text("a;b,c\td\n", '\t');
	expect(c, RC_OK, 1, "a;b,c|d|");
	expect_end(c);
	c = open_text("", ',');
	expect_end(c);
}

static void
test_quoted(void **state)
{
	struct csv *c;

	(void)state;
	c = open_text("\"a\",\"b,c\",\"say \"\"hi\"\"\",\"\"\n"
	    "1,\"two\r\nlines\n\nand\",3\n\"\"\"\"\nz\n", ',');
	expect(c, RC_OK, 1, "a|b,c|say \"hi\"||");
	expect(c, RC_OK, 2, "1|two\nlines\n\nand|3|");
	expect(c, RC_OK, 6, "\"|");
	expect(c, RC_OK, 7, "z|");
	expect_end(c);
}

static void
test_faults(void **state)
{
	struct csv *c;

	(void)state;
	c = open_text("a,3\" pipe,c\nb,\"x\"y,c\nc,d\n\xff,b\n"
	    "e,\"f\ng,h\n", ',');
	expect(c, RC_REJECT, 1, "a|");
	expect(c, RC_REJECT, 2, "b|");
	expect(c, RC_OK, 3, "c|d|");
	expect(c, RC_REJECT, 4, "");
	expect(c, RC_REJECT, 5, "e|");	/* its quote never closes */
	expect_end(c);
	c = NULL;
	assert_int_equal(file_remove(file), RC_OK);
	assert_int_equal(csv_open(file, ',', &c), RC_END);
	assert_null(c);
}

/* A stray quote takes no more with it than a row may have. */
static void
test_bounds(void **state)
{
	struct csv_row row;
	struct buf b;
	struct csv *c;
	size_t n = 0;

	(void)state;
	buf_init(&b, 1u << 20);
	buf_puts(&b, "1,\"open\n");
	for (int i = 0; i < 30000; i++)
		buf_puts(&b, "22,33\n");
	buf_puts(&b, "last,row\n");
	c = open_text(b.data, ',');
	csv_row_init(&row);
	assert_int_equal(csv_next(c, &row), RC_REJECT);
	assert_int_equal(row.n, 1);
	while (csv_next(c, &row) == RC_OK)
		n++;
	assert_true(n > 18000);
	assert_true(n < 30000);
	csv_close(c);
	/* as many fields as there may be, and one more */
	buf_clear(&b);
	for (int i = 1; i < CSV_FIELDS; i++)
		buf_putc(&b, ',');
	buf_puts(&b, "\n,");
	for (int i = 1; i < CSV_FIELDS; i++)
		buf_putc(&b, ',');
	c = open_text(b.data, ',');
	assert_int_equal(csv_next(c, &row), RC_OK);
	assert_int_equal(row.n, CSV_FIELDS);
	assert_int_equal(csv_next(c, &row), RC_REJECT);
	assert_int_equal(row.n, CSV_FIELDS);
	csv_close(c);
	/* a row as long as it may be, and one byte more */
	for (size_t len = CSV_ROW; len <= CSV_ROW + 1; len++) {
		buf_clear(&b);
		for (size_t i = 0; i < len; i++)
			buf_putc(&b, 'x');
		c = open_text(b.data, ',');
		assert_int_equal(csv_next(c, &row),
		    len == CSV_ROW ? RC_OK : RC_REJECT);
		csv_close(c);
	}
	csv_row_free(&row);
	buf_free(&b);
}

/* The same rows out of memory, over the end of what is read at once. */
static void
test_memory(void **state)
{
	struct csv *c;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_puts(&b, "\xef\xbb\xbf" "a,b\r\n");
	for (int i = 0; i < 30000; i++)
		buf_puts(&b, "xy,\"z\"\n");
	c = csv_of(b.data, b.len, ',');
	expect(c, RC_OK, 1, "a|b|");
	for (size_t i = 0; i < 30000; i++)
		expect(c, RC_OK, i + 2, "xy|z|");
	expect_end(c);
	expect_end(csv_of("", 0, ','));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_memory),
	};
	int failed;

	if (mkdtemp(dir) == NULL || file_path(file, dir, "x.csv") != RC_OK)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return file_remove(dir) == RC_OK ? failed : 1;
}
