/*
 * tree_test.c - folders, lists of files, and lines.
 */
#include "file_ground.h"


static void
test_mkdir(void **state)
{
	char deep[FILE_PATH + 10];

	(void)state;
	assert_int_equal(file_mkdir(T "/a//b/c/"), RC_OK);
	assert_int_equal(mode_of(T "/a"), 0700);
	assert_int_equal(mode_of(T "/a/b/c"), 0700);
	assert_int_equal(file_mkdir(T "/a/b/c"), RC_OK);
	assert_int_equal(file_mkdir("/tmp"), RC_OK);
	assert_int_equal(file_mkdir("/"), RC_OK);
	put(T "/f", "");
	assert_int_equal(file_mkdir(T "/f"), RC_CONFIG);
	assert_int_equal(file_mkdir(T "/f/g"), RC_CONFIG);
	assert_int_equal(file_mkdir(""), RC_CONFIG);
	memset(deep, 'd', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(file_mkdir(deep), RC_CONFIG);
	assert_int_equal(symlink("a", T "/link"), 0);
	assert_int_equal(file_mkdir(T "/link/z"), RC_OK);
	assert_int_equal(mode_of(T "/a/z"), 0700);
}

static void
test_remove(void **state)
{
	char deep[200] = T "/deep";
	int i;

	(void)state;
	assert_int_equal(file_remove(T "/none"), RC_OK);
	assert_int_equal(file_remove(T "/none/none"), RC_OK);
	put(T "/f", "x");
	assert_int_equal(file_remove(T "/f"), RC_OK);
	assert_int_equal(access(T "/f", F_OK), -1);
	assert_int_equal(file_mkdir(T "/out"), RC_OK);
	put(T "/out/keep", "keep");
	assert_int_equal(file_mkdir(T "/d/e/g"), RC_OK);
	put(T "/d/e/f", "x");
	put(T "/d/.hidden", "x");
	assert_int_equal(symlink("../out", T "/d/link"), 0);
	assert_int_equal(file_remove(T "/d"), RC_OK);
	assert_int_equal(entries(T), 1);
	assert_holds(T "/out/keep", "keep");
	/* A link goes, what it names stays. */
	assert_int_equal(symlink("out", T "/link"), 0);
	assert_int_equal(file_remove(T "/link"), RC_OK);
	assert_holds(T "/out/keep", "keep");
	assert_int_equal(file_remove(T "/out/"), RC_CONFIG);
	assert_int_equal(file_remove(T "/out/keep/x"), RC_CONFIG);
	for (i = 0; i < 20; i++)
		assert_true(str_add(deep, sizeof(deep), "/d"));
	assert_int_equal(file_mkdir(deep), RC_OK);
	assert_int_equal(file_remove(T "/deep"), RC_CONFIG);
	assert_int_equal(file_remove(T "/deep/d/d/d/d/d/d"), RC_OK);
	assert_int_equal(file_remove(T "/deep"), RC_OK);
}

static void
test_list(void **state)
{
	static const char *const suffixes[] = { ".csv", ".json", NULL };
	static const char *const none[] = { NULL };
	struct file_info *list = NULL;
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	int64_t now = (int64_t)time(NULL);
	size_t n = 9;

	(void)state;
	assert_int_equal(file_list(T "/none", NULL, &list, &n), RC_CONFIG);
	assert_int_equal(n, 9);
	assert_int_equal(file_list(T, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 0);
	assert_null(list);
	put(T "/b.csv", "12345");
	put(T "/a.json", "1");
	put(T "/c.txt", "");
	put(T "/.hidden.csv", "");
	put(T "/d\n.csv", "");
	put(T "/d\x7f.csv", "");
	put(T "/B.csv", "");
	assert_int_equal(file_mkdir(T "/dir.csv"), RC_OK);
	assert_int_equal(symlink("b.csv", T "/link.csv"), 0);
	/* An old mtime does not make it an old file here. */
	assert_int_equal(utimensat(AT_FDCWD, T "/b.csv", old, 0), 0);
	assert_int_equal(file_list(T, suffixes, &list, &n), RC_OK);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].name, "B.csv");
	assert_string_equal(list[1].name, "a.json");
	assert_string_equal(list[2].name, "b.csv");
	assert_int_equal(list[2].size, 5);
	assert_in_range(list[2].changed_ns / 1000000000, now - 1, now + 60);
	free(list);
	assert_int_equal(file_list(T, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 4);
	free(list);
	assert_int_equal(file_list(T, none, &list, &n), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(file_list(T "/b.csv", NULL, &list, &n), RC_CONFIG);
}

static void
test_list_many(void **state)
{
	struct file_info *list = NULL;
	char path[64];
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < 300; i++) {
		assert_true(str_fmt(path, sizeof(path), T "/%03zu",
		    (i * 7) % 300));
		put(path, "");
	}
	assert_int_equal(file_list(T, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 300);
	for (i = 0; i < n; i++) {
		assert_true(str_fmt(path, sizeof(path), "%03zu", i));
		assert_string_equal(list[i].name, path);
	}
	free(list);
}

static void
test_private(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0610, 0601, 0620, 0602 };
	size_t i;

	(void)state;
	assert_int_equal(file_private_check(T "/f"), RC_END);
	put(T "/f", "x");
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(chmod(T "/f", bad[i]), 0);
		assert_int_equal(file_private_check(T "/f"), RC_CONFIG);
	}
	assert_said("chmod 600 " T "/f");
	assert_int_equal(chmod(T "/f", 0600), 0);
	assert_int_equal(file_private_check(T "/f"), RC_OK);
	assert_int_equal(chmod(T "/f", 0400), 0);
	assert_int_equal(file_private_check(T "/f"), RC_OK);
	assert_int_equal(symlink("f", T "/link"), 0);
	assert_int_equal(file_private_check(T "/link"), RC_CONFIG);
	assert_int_equal(file_private_check(T), RC_CONFIG);
	assert_int_equal(file_private_check(T "/f/x"), RC_CONFIG);
	if (geteuid() == 0) {
		assert_int_equal(chown(T "/f", 12345, 12345), 0);
		assert_int_equal(file_private_check(T "/f"), RC_CONFIG);
		assert_said("belongs to another user");
	}
}

static void
test_remote(void **state)
{
	(void)state;
	assert_false(file_is_remote(T));
	assert_false(file_is_remote(T "/none/none"));
	assert_false(file_is_remote("none"));
	assert_false(file_is_remote("/none"));
	assert_false(file_is_remote("/proc"));
	assert_false(file_is_remote(""));
}

static void
assert_line(struct file_lines *f, size_t max, const char *want)
{
	char *line = NULL;
	size_t len = 0;

	assert_int_equal(file_lines_next(f, max, &line, &len), RC_OK);
	assert_string_equal(line, want);
	assert_int_equal(len, strlen(want));
}

static void
test_lines(void **state)
{
	struct file_lines *f = NULL;
	char *line = NULL;
	size_t len = 7;

	(void)state;
	assert_int_equal(file_lines_open(T "/none", &f), RC_END);
	assert_int_equal(file_lines_open(T, &f), RC_CONFIG);
	assert_null(f);
	put(T "/f", "one\ntwo\r\n\n\r\n12345\r\n12345\n123456\n"
	    "a\rb\nbad\xff\nlast");
	assert_int_equal(file_lines_open(T "/f", &f), RC_OK);
	assert_line(f, 5, "one");
	assert_line(f, 5, "two");
	assert_line(f, 5, "");
	assert_line(f, 5, "");
	assert_line(f, 5, "12345");
	assert_line(f, 5, "12345");
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_REJECT);
	assert_int_equal(len, 7);
	assert_line(f, 5, "a\rb");
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_REJECT);
	assert_line(f, SIZE_MAX, "last");
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_END);
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_END);
	file_lines_close(f);
	file_lines_close(NULL);
	put(T "/f", "");
	assert_int_equal(file_lines_open(T "/f", &f), RC_OK);
	assert_int_equal(file_lines_next(f, 5, &line, &len), RC_END);
	file_lines_close(f);
}

/* Lines of every length around the reader's chunk. */
static void
test_lines_long(void **state)
{
	static char text[400000];
	struct file_lines *f = NULL;
	char *line = NULL;
	size_t n = 0, len = 0, i;

	(void)state;
	for (i = 65530; i < 65535; i++) {
		memset(text + n, (int)('a' + i % 26), i);
		n += i;
		text[n++] = '\n';
	}
	text[n] = '\0';
	put(T "/f", text);
	assert_int_equal(file_lines_open(T "/f", &f), RC_OK);
	for (i = 65530; i < 65535; i++) {
		size_t max = i == 65532 ? 60000 : 65534;

		assert_int_equal(file_lines_next(f, max, &line, &len),
		    i == 65532 ? RC_REJECT : RC_OK);
		if (i == 65532)
			continue;
		assert_int_equal(len, i);
		assert_int_equal(line[0], (int)('a' + i % 26));
		assert_int_equal(line[len - 1], (int)('a' + i % 26));
		assert_int_equal(line[len], '\0');
	}
	assert_int_equal(file_lines_next(f, 9, &line, &len), RC_END);
	file_lines_close(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mkdir, fresh),
		cmocka_unit_test_setup(test_remove, fresh),
		cmocka_unit_test_setup(test_list, fresh),
		cmocka_unit_test_setup(test_list_many, fresh),
		cmocka_unit_test_setup(test_private, fresh),
		cmocka_unit_test_setup(test_remote, fresh),
		cmocka_unit_test_setup(test_lines, fresh),
		cmocka_unit_test_setup(test_lines_long, fresh),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
