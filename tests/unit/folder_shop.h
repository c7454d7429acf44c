/*
 * folder_shop.h - a folder of files and a connection to it, for the tests of
 * the folder connector.
 */
#ifndef FOLDER_SHOP_H
#define FOLDER_SHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "connector.h"
#include "file.h"
#include "str.h"

extern const struct connector folder_connector;

static char dir[] = "/tmp/folder_test.XXXXXX";
static const char *delimiter, *comma, *path;
static struct sale got;

static inline const char *
item(const struct connection *c, const char *name, size_t i)
{
	(void)c;
	if (i > 0)
		return NULL;
	if (str_eq(name, "path"))
		return path;
	if (str_eq(name, "delimiter"))
		return delimiter;
	return str_eq(name, "decimal_comma") ? comma : NULL;
}

static inline struct connection
make(void)
{
	struct connection c = { .connector = &folder_connector,
		.tenant = "acme", .name = "shop", .item = item,
		.zone = "Europe/Amsterdam", .json = json_doc_new() };

	assert_int_equal(folder_connector.source->open(&c), RC_OK);
	return c;
}

static inline void
done(struct connection *c)
{
	folder_connector.source->close(c);
	json_doc_free(c->json);
}

static inline int
setup(void **state)
{
	(void)state;
	delimiter = comma = NULL;
	path = dir;
	return file_mkdir(dir) == RC_OK ? 0 : 1;
}

static inline int
teardown(void **state)
{
	(void)state;
	return file_remove(dir) == RC_OK ? 0 : 1;
}

static inline void
put(const char *name, const char *text)
{
	char p[FILE_PATH];

	assert_int_equal(file_path(p, dir, name), RC_OK);
	assert_int_equal(file_write(p, text, strlen(text), 0600), RC_OK);
}

/* Read on until the end; what came, as "id " or "id! " where refused. */
static inline const char *
all(struct connection *c)
{
	static char text[4096];
	enum rc rc;

	text[0] = '\0';
	while ((rc = folder_connector.source->next(c, &got)) != RC_END) {
		assert_true(rc == RC_OK || rc == RC_REJECT);
		assert_string_equal(got.tenant, "acme");
		assert_string_equal(got.source, "shop");
		(void)str_add(text, sizeof(text), got.id);
		(void)str_add(text, sizeof(text), rc == RC_OK ? " " : "! ");
	}
	return text;
}

static inline enum rc
next(struct connection *c)
{
	return folder_connector.source->next(c, &got);
}

/* Run the tests in a folder of their own. */
#define FOLDER_RUN(tests) do { \
	int failed; \
\
	if (mkdtemp(dir) == NULL) \
		return 1; \
	failed = cmocka_run_group_tests(tests, NULL, NULL); \
	return file_remove(dir) == RC_OK ? failed : 1; \
} while (0)

#define FOLDER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
