/*
 * yaml_test.c - what is read, with its places; what is refused, and where;
 * and that hostile files cost nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "str.h"
#include "yaml.h"

/* The last message, from standard error. */
static char said[1000];

static enum rc
parse_n(const char *text, size_t n, struct yaml **y)
{
	FILE *f = tmpfile();
	int saved = dup(2);
	enum rc rc;
	size_t got;

	assert_non_null(f);
	fflush(stderr);
	assert_true(dup2(fileno(f), 2) == 2);
	rc = yaml_parse("f", text, n, y);
	fflush(stderr);
	assert_true(dup2(saved, 2) == 2);
	close(saved);
	rewind(f);
	got = fread(said, 1, sizeof(said) - 1, f);
	said[got] = '\0';
	fclose(f);
	return rc;
}

static void
refused_n(const char *text, size_t n, const char *where_and_what)
{
	struct yaml *y = NULL;
	char line[1000];

	assert_int_equal(parse_n(text, n, &y), RC_CONFIG);
	assert_null(y);
	assert_true(str_fmt(line, sizeof(line), "salesync: f:%s [S601]\n",
	    where_and_what));
	assert_string_equal(said, line);
}

static void
refused(const char *text, const char *where_and_what)
{
	refused_n(text, strlen(text), where_and_what);
}

static struct yaml *
taken(const char *text)
{
	struct yaml *y = NULL;

	assert_int_equal(parse_n(text, strlen(text), &y), RC_OK);
	assert_string_equal(said, "");
	assert_non_null(y);
	return y;
}

static void
test_shape(void **state)
{
	struct yaml *y = taken("# a comment\n"
	    "a: 1\n"
	    "list: [x, 'y z', {in: \"q\"}]\n"
	    "map:\n"
	    "  deep: >\n"
	    "    one\n"
	    "    two\n");
	const struct yaml *list = yaml_get(y, "list"), *i = list->first;
	const struct yaml *map = yaml_get(y, "map");

	(void)state;
	assert_int_equal(y->kind, YAML_MAP);
	assert_null(y->up);
	assert_null(y->key);
	assert_string_equal(y->first->key, "a");
	assert_string_equal(y->first->text, "1");
	assert_true(y->first->plain);
	assert_int_equal(y->first->line, 2);
	assert_int_equal(y->first->column, 4);
	assert_int_equal(y->first->key_line, 2);
	assert_int_equal(y->first->key_column, 1);
	assert_int_equal(list->kind, YAML_LIST);
	assert_ptr_equal(i->up, list);
	assert_null(i->key);
	assert_string_equal(i->text, "x");
	assert_string_equal(i->next->text, "y z");
	assert_false(i->next->plain);
	assert_string_equal(yaml_get(i->next->next, "in")->text, "q");
	assert_int_equal(yaml_get(i->next->next, "in")->column, 23);
	assert_null(i->next->next->next);
	assert_string_equal(yaml_get(map, "deep")->text, "one two\n");
	assert_ptr_equal(yaml_get(map, "deep")->up, map);
	assert_null(yaml_get(y, "nothing"));
	assert_null(yaml_get(list, "a"));
	assert_null(yaml_get(NULL, "a"));
	yaml_drop(y);
	yaml_drop(NULL);
}

/* No type is guessed: the text is what stands there. */
static void
test_texts(void **state)
{
	static const char *const texts[] = { "no", "0123", "1e3", "null",
	    "~", "2024-01-01", "0x10", "+1", ".5", "12:30:45" };
	char text[100];
	struct yaml *y;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(str_fmt(text, sizeof(text), "a: %s", texts[i]));
		y = taken(text);
		assert_string_equal(yaml_get(y, "a")->text, texts[i]);
		yaml_drop(y);
	}
	y = taken("a:\nb: ''\n");
	assert_string_equal(yaml_get(y, "a")->text, "");
	assert_true(yaml_get(y, "a")->plain);
	assert_false(yaml_get(y, "b")->plain);
	yaml_drop(y);
	y = taken("\xef\xbb\xbf" "a: \xe2\x82\xac 1\r\nb: \"\\u20ac\"\r\n");
	assert_string_equal(yaml_get(y, "a")->text, "\xe2\x82\xac 1");
	assert_string_equal(yaml_get(y, "b")->text, "\xe2\x82\xac");
	yaml_drop(y);
	y = taken("---\na: 1\n...\n");
	assert_string_equal(yaml_get(y, "a")->text, "1");
	yaml_drop(y);
	y = taken("a: 'x <<: y'\n'<<': 1\n");	/* quoted: only a text */
	assert_string_equal(yaml_get(y, "<<")->text, "1");
	yaml_drop(y);
}

static void
test_refused(void **state)
{
	(void)state;
	refused("a: &x 1\n", "1:4: YAML: anchors are not taken");
	refused("a: &x [1]\n", "1:4: YAML: anchors are not taken");
	refused("a: &x {b: 1}\n", "1:4: YAML: anchors are not taken");
	refused("&x a: 1\n", "1:1: YAML: anchors are not taken");
	refused("a: *x\n", "1:4: YAML: aliases are not taken");
	refused("*x : 1\n", "1:1: YAML: aliases are not taken");
	refused("a: !!int 1\n", "1:4: YAML: tags are not taken");
	refused("a: ! 1\n", "1:4: YAML: tags are not taken");
	refused("a: !x [1]\n", "1:4: YAML: tags are not taken");
	refused("a: !x {b: 1}\n", "1:4: YAML: tags are not taken");
	refused("b:\n  <<: {a: 1}\n", "2:3: YAML: merge keys are not taken");
	refused("a: 1\nb: 2\na: 3\n",
	    "3:1: YAML: this key stands twice in its map");
	refused("x: {a: 1, 'a': 3}\n",
	    "1:11: YAML: this key stands twice in its map");
	refused("? [a]\n: 1\n",
	    "1:3: YAML: a key must be text, not a map or list");
	refused("{{a: 1}: 2}\n",
	    "1:2: YAML: a key must be text, not a map or list");
	refused("a: 1\n---\nb: 2\n",
	    "2:1: YAML: a second document in one file");
	refused("%YAML 1.1\n---\na: 1\n",
	    "1:1: YAML: directives are not taken");
	refused("\xef\xbb\xbf \n# x\r%TAG ! t:\n---\na: 1\n",
	    "1:1: YAML: directives are not taken");
	refused("", "1:1: YAML: there is nothing in it");
	refused("# nothing\n\n", "1:1: YAML: there is nothing in it");
	refused("---\n", "1:1: YAML: there is nothing in it");
}

static void
test_bytes(void **state)
{
	(void)state;
	refused_n("a: 1\nb: x\0y\n", 12, "2:1: YAML: not UTF-8 text");
	refused("a: \"x\\0y\"\n", "1:4: YAML: a NUL byte in a text");
	refused("\"a\\0\": x\n", "1:1: YAML: a NUL byte in a text");
	refused("a: 1\n\nb: \xff\n", "3:1: YAML: not UTF-8 text");
	refused("a: \xc3", "1:1: YAML: not UTF-8 text");
	refused_n("\xff\xfe" "a\0:\0 \0b\0", 10, "1:1: YAML: not UTF-8 text");
}

static void
test_syntax(void **state)
{
	struct yaml *y = NULL;

	(void)state;
	refused("a: b\n c: d\n",
	    "2:3: YAML: mapping values are not allowed in this context");
	assert_int_equal(parse_n("a: [1, 2\n", 9, &y), RC_CONFIG);
	assert_non_null(strstr(said, "f:2:1: YAML: "));
	assert_int_equal(parse_n("a:\n\tb: 1\n", 9, &y), RC_CONFIG);
	assert_non_null(strstr(said, "f:2:1: YAML: "));
	assert_null(y);
}

static void
test_depth(void **state)
{
	char text[64];
	struct yaml *y = NULL;

	(void)state;
	memset(text, '[', 32);
	memset(text + 16, ']', 16);
	assert_int_equal(parse_n(text, 32, &y), RC_OK);
	yaml_drop(y);
	memset(text, '[', 17);
	memset(text + 17, ']', 17);
	refused_n(text, 34, "1:17: YAML: nested too deep");
}

/* Fill a file of a mebibyte with pieces. */
static void
bomb(const char *piece, bool fine)
{
	size_t n = YAML_MAX / strlen(piece) * strlen(piece);
	char *text = mem_alloc(n);
	struct timespec a, b;
	struct yaml *y = NULL;
	double s;

	for (size_t i = 0; i < n; i += strlen(piece))
		memcpy(text + i, piece, strlen(piece));
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a), 0);
	if (parse_n(text, n, &y) != (fine ? RC_OK : RC_CONFIG))
		fail_msg("%.10s: %s", piece, said);
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b), 0);
	s = (double)(b.tv_sec - a.tv_sec) +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	if (s > 3)		/* a quadratic one takes minutes */
		fail_msg("%.10s took %.1f s", piece, s);
	yaml_drop(y);
	free(text);
}

static void
test_bombs(void **state)
{
	(void)state;
	bomb("[", false);
	bomb("[\n", false);
	bomb("{", false);
	bomb("{a: ", false);
	bomb("- ", false);
	bomb("? ", false);
	bomb("[a,", false);
	bomb("*a ", false);
	bomb("&a ", false);
	bomb("!a ", false);
	bomb("%TAG !a! t:\n", false);
	bomb("%", false);
	bomb("\"a", false);
	bomb("|\n", false);
	bomb("k: 1\n", false);
	bomb("---\n", false);
	bomb("- a\n", true);
	bomb("- []\n", true);
}

static void
test_many_keys(void **state)
{
	struct buf text;
	struct yaml *y = NULL;

	(void)state;
	buf_init(&text, YAML_MAX);
	for (int i = 0; i < 80000; i++)
		buf_fmt(&text, "k%d: 1\n", i);
	assert_int_equal(parse_n(text.data, text.len, &y), RC_OK);
	yaml_drop(y);
	y = NULL;
	buf_puts(&text, "k500: 2\n");
	assert_int_equal(parse_n(text.data, text.len, &y), RC_CONFIG);
	assert_non_null(strstr(said, "f:80001:1: YAML: this key stands"));
	buf_free(&text);
}

static void
test_load(void **state)
{
	char dir[] = "/tmp/yaml_testXXXXXX", path[FILE_PATH], to[FILE_PATH];
	char *big = mem_alloc(YAML_MAX + 2);
	struct yaml *y = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_true(str_fmt(path, sizeof(path), "%s/a.yaml", dir));
	assert_int_equal(yaml_load(path, &y), RC_CONFIG);
	assert_int_equal(file_write(path, "a: 1\n", 5, 0600), RC_OK);
	assert_int_equal(yaml_load(path, &y), RC_OK);
	assert_string_equal(yaml_get(y, "a")->text, "1");
	yaml_drop(y);
	y = NULL;
	assert_true(str_fmt(to, sizeof(to), "%s/link.yaml", dir));
	assert_int_equal(symlink(path, to), 0);
	assert_int_equal(yaml_load(to, &y), RC_OK);
	yaml_drop(y);
	y = NULL;
	assert_int_equal(file_write(path, "", 0, 0600), RC_OK);
	assert_int_equal(yaml_load(path, &y), RC_CONFIG);
	memset(big, '#', YAML_MAX + 1);
	assert_int_equal(file_write(path, big, YAML_MAX + 1, 0600), RC_OK);
	assert_int_equal(yaml_load(path, &y), RC_CONFIG);
	assert_int_equal(yaml_load(dir, &y), RC_CONFIG);
	assert_int_equal(yaml_parse("f", big, YAML_MAX + 1, &y), RC_CONFIG);
	assert_null(y);
	assert_int_equal(log_exit(), 78);
	free(big);
	assert_int_equal(file_remove(dir), RC_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
