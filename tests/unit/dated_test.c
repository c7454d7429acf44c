/*
 * dated_test.c - files with a day in their name, and no others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dated.h"
#include "str.h"

static const char *const theirs[] = { "purge-2026-02-28T031700Z.json",
    "purge-2028-02-29T235959Z.json" };
static const char *const others[] = { "purge-2026-02-29T031700Z.json",
    "purge-2026-02-28T031700Z.json.bak", "purge-2026-02-28T03170Z.json",
    "purge-2026-02-28T03170xZ.json", "purge-2026-02-28", "purge-",
    "purge", "Purge-2026-02-28T031700Z.json",
    "xpurge-2026-02-28T031700Z.json", "purge-2026-2-28T0317000Z.json" };

struct seen { size_t n; struct day day[4]; enum rc answer; };

static enum rc
take(void *arg, const char *path, struct day day)
{
	struct seen *s = arg;

	assert_int_equal(access(path, F_OK), 0);
	assert_true(s->n < COUNT(s->day));
	s->day[s->n++] = day;
	return s->answer;
}

static void
make(const char *dir, const char *name)
{
	char path[FILE_PATH];

	assert_int_equal(file_path(path, dir, name), RC_OK);
	assert_int_equal(file_write(path, "x", 1, 0600), RC_OK);
}

static void
test_names(void **state)
{
	char dir[] = "/tmp/dated_testXXXXXX", path[FILE_PATH];
	struct dated d = { dir, "purge-", "T######Z.json" };
	struct seen s = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < COUNT(theirs); i++)
		make(dir, theirs[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		make(dir, others[i]);
	assert_int_equal(file_path(path, dir,
	    "purge-2026-01-01T000000Z.json"), RC_OK);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(dated_each(&d, take, &s), RC_OK);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.day[0].day, 28);
	assert_int_equal(s.day[1].year, 2028);
	s = (struct seen){ .answer = RC_FATAL };
	assert_int_equal(dated_each(&d, take, &s), RC_FATAL);
	assert_int_equal(s.n, 1);
	assert_int_equal(file_remove(dir), RC_OK);
	assert_int_equal(dated_each(&d, take, &s), RC_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
