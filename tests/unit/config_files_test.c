/*
 * config_files_test.c - many tenant files: two of one name, some at fault, and
 * what a load makes of them that takes what is whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "buf.h"
#include "config.h"
#include "config_table.h"
#include "file.h"
#include "str.h"

static const char tenant_text[] = "tenant: %s\ncontract: {start: 2024-01-01}\n"
    "customer: {name: A, address: B, postcode: 1234 AB, city: C}\n"
    "sources: {shop: {connector: woocommerce, url: https://s.example,\n"
    "  since: 2026-01-01, statuses: [processing, completed]}}\n"
    "books: {connector: moneybird, administration: '%s'}\n"
    "rules: {vat: {NL 21: a, NL 9: b, NL 0: c}, accounts: {sales: d}}\n";

static void
tenant_make(const char *dir, const char *file, const char *name)
{
	char path[FILE_PATH], text[1000];

	assert_true(str_fmt(path, sizeof(path), "%s/%s.tenant.yaml", dir,
	    file));
	assert_true(snprintf(text, sizeof(text), tenant_text, name,
	    file) > 0);
	write_text(path, text);
}

/* The one that is whole is there, and the others are counted. */
static void
lenient(const char *path, size_t faulty, const char *whole)
{
	struct config *c = NULL;
	struct buf said;
	enum rc rc;

	catch_begin();
	rc = config_load(path, table, true, &c);
	catch_end(&said);
	assert_int_equal(rc, RC_OK);
	assert_non_null(strstr(said.data, "[S601]"));
	assert_int_equal(c->faulty_n, faulty);
	assert_int_equal(c->tenants_n, 1);
	assert_string_equal(c->tenants[0].name, whole);
	buf_free(&said);
	config_free(c);
}

static void
test_twice(void **state)
{
	char dir[FILE_PATH], path[FILE_PATH], text[3 * FILE_PATH];
	struct config *c = NULL;
	struct buf said;
	enum rc rc;

	(void)state;
	folder_make(dir);
	tenant_make(dir, "1", "beta");
	tenant_make(dir, "2", "acme");
	tenant_make(dir, "3", "acme");
	assert_true(str_fmt(path, sizeof(path), "%s/sync.yaml", dir));
	catch_begin();
	rc = config_load(path, table, false, &c);
	catch_end(&said);
	assert_int_equal(rc, RC_CONFIG);
	assert_true(str_fmt(text, sizeof(text),
	    "salesync: %s/3.tenant.yaml:1:9: tenant: this name is taken by "
	    "%s/2.tenant.yaml [S601]\n", dir, dir));
	assert_string_equal(said.data, text);
	buf_free(&said);
	lenient(path, 2, "beta");
	assert_int_equal(file_remove(dir), RC_OK);
}

/* A broken tenant file stops the load, but the others are still read. */
static void
test_one_bad(void **state)
{
	char dir[FILE_PATH], path[FILE_PATH];
	struct config *c = NULL;
	struct buf said;
	enum rc rc;

	(void)state;
	folder_make(dir);
	tenant_make(dir, "1", "-x");
	tenant_make(dir, "2", "beta");
	tenant_make(dir, "3", "'a/b'");
	assert_true(str_fmt(path, sizeof(path), "%s/sync.yaml", dir));
	catch_begin();
	rc = config_load(path, table, false, &c);
	catch_end(&said);
	assert_int_equal(rc, RC_CONFIG);
	assert_non_null(strstr(said.data, "/1.tenant.yaml:1:9: tenant: "));
	assert_non_null(strstr(said.data, "/3.tenant.yaml:1:9: tenant: "));
	assert_null(strstr(said.data, "/2.tenant.yaml"));
	buf_free(&said);
	lenient(path, 2, "beta");
	assert_int_equal(file_remove(dir), RC_OK);
}

static void
pair_make(const char *dir, const char *name, const char *books,
    const char *contract, const char *source)
{
	char path[FILE_PATH], text[1000];

	assert_true(str_fmt(path, sizeof(path), "%s/%s.tenant.yaml", dir,
	    name));
	assert_true(str_fmt(text, sizeof(text), "tenant: %s\n"
	    "contract: {%s}\nbooks: {%s}\nsources: {till: {connector: folder,"
	    " path: a}, %s: {connector: folder, path: b}}\nrules: {}\n", name,
	    contract, books, source));
	write_text(path, text);
}

/* Two tenants with the same books and a source of one name. */
static void
test_same_books(void **state)
{
	static const struct {
		const char *books[2], *contract[2];
		bool same;
	} t[] = {
		{ { "connector: moneybird, administration: 1",
		    "connector: moneybird, administration: '1', rate: 5, "
		    "url: https://Moneybird.example/api/" },
		    { "start: 2024-01-01", "start: 2025-01-01" }, true },
		{ { "connector: moneybird, administration: 1",
		    "connector: moneybird, administration: 2" },
		    { "start: 2024-01-01", "start: 2024-01-01" }, false },
		{ { "connector: moneybird, administration: 1",
		    "connector: moneybird, administration: 1, "
		    "url: https://other.example/api" },
		    { "start: 2024-01-01", "start: 2024-01-01" }, false },
		{ { "connector: journal, file: a", "connector: journal, "
		    "file: ./a" },
		    { "start: 2024-01-01", "start: 2024-01-01" }, false },
		{ { "connector: journal, file: a", "connector: journal, "
		    "file: a" },
		    { "start: 2024-01-01", "start: 2024-01-01" }, true },
		/* One after the other is one shop under two contracts. */
		{ { "connector: journal, file: a", "connector: journal, "
		    "file: a" }, { "start: 2024-01-01, end: 2024-12-31",
		    "start: 2025-01-01" }, false },
		{ { "connector: journal, file: a", "connector: journal, "
		    "file: a" }, { "start: 2024-12-31",
		    "start: 2024-01-01, end: 2024-12-31" }, true },
	};
	char dir[FILE_PATH], path[FILE_PATH];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		struct config *c = NULL;
		struct buf said;
		bool alike;
		enum rc rc;

		folder_make(dir);
		pair_make(dir, "a", t[i].books[0], t[i].contract[0], "one");
		pair_make(dir, "b", t[i].books[1], t[i].contract[1], "two");
		assert_true(str_fmt(path, sizeof(path), "%s/sync.yaml", dir));
		catch_begin();
		rc = config_load(path, table, false, &c);
		alike = rc == RC_OK && config_alike(c, &c->tenants[1]);
		catch_end(&said);
		assert_int_equal(rc, RC_OK);
		assert_int_equal(alike, t[i].same);
		assert_int_equal(strstr(said.data, "tenant a has the same "
		    "books and a source till too") != NULL, t[i].same);
		assert_null(strstr(said.data, "source two"));
		buf_free(&said);
		config_free(c);
		assert_int_equal(file_remove(dir), RC_OK);
	}
}

static void
test_many(void **state)
{
	char dir[FILE_PATH], path[FILE_PATH], name[32];
	struct timespec a, b;
	struct config *c;
	double s;

	(void)state;
	folder_make(dir);
	for (int i = 0; i < 1000; i++) {
		assert_true(str_fmt(name, sizeof(name), "t%d", i));
		tenant_make(dir, name, name);
	}
	assert_true(str_fmt(path, sizeof(path), "%s/sync.yaml", dir));
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a), 0);
	c = load(path);
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b), 0);
	s = (double)(b.tv_sec - a.tv_sec) +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	print_message("1000 tenant files: %.3f s\n", s);
	assert_true(s < 5);	/* sanitizers and valgrind included */
	assert_int_equal(c->tenants_n, 1000);
	for (size_t i = 0; i < 1000; i++) {
		assert_true(str_fmt(name, sizeof(name), "t%zu", i));
		assert_string_equal(config_tenant(c, name)->name, name);
	}
	config_free(c);
	assert_int_equal(file_remove(dir), RC_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_one_bad),
		cmocka_unit_test(test_same_books),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
