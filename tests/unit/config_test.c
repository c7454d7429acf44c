/*
 * config_test.c - good files load to the value; each bad file of
 * tests/data/config/bad says exactly what its "#=" lines say, in that order.
 * Run from the top of the source tree.
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

#define DATA "tests/data/config"

/* Absolute path of a file in the tree. */
static const char *
here(const char *name)
{
	static char path[1024];
	char *cwd = realpath("tests/data/config/good/full", NULL);

	assert_non_null(cwd);
	assert_true(snprintf(path, sizeof(path), "%s/%s", cwd, name) <
	    (int)sizeof(path));
	free(cwd);
	return path;
}

/* --- good files --- */

static const struct config_value *
value(const struct config_connection *c, const char *name)
{
	for (size_t i = 0; i < c->values_n; i++)
		if (str_eq(c->values[i].name, name))
			return &c->values[i];
	fail_msg("no value %s", name);
	return NULL;
}

#define VALUE(c, name) (value((c), (name))->items[0])

static void
test_design(void **state)
{
	struct config *c = load(DATA "/good/design/sync.yaml");
	const struct tenant *t = config_tenant(c, "acme");
	const struct config_connection *s;

	(void)state;
	assert_string_equal(c->store, "/var/lib/salesync");
	assert_string_equal(c->logs, "/var/log/salesync");
	assert_string_equal(c->master_key, "file:/etc/salesync/master.key");
	assert_string_equal(c->zone, "Europe/Amsterdam");
	assert_int_equal(c->parallel, 32);
	assert_int_equal(c->time_limit_s, 3600);
	assert_int_equal(c->year_end.month * 100 + c->year_end.day, 1231);
	assert_int_equal(c->backups_s, 90 * 86400);
	assert_int_equal(c->tenants_n, 1);
	assert_null(t->hold);
	assert_non_null(t);
	assert_null(config_tenant(c, "acm"));
	assert_int_equal(clock_day_cmp(t->start, (struct day){ 2024, 1, 1 }),
	    0);
	assert_false(t->has_end);
	assert_string_equal(t->customer.name, "Acme B.V.");
	assert_string_equal(t->customer.postcode, "1234 AB");
	assert_string_equal(t->customer.iban, "NL91ABNA0417164300");
	assert_string_equal(t->customer.country, "NL");
	assert_int_equal(t->services_n, 1);
	assert_string_equal(t->services[0].key, "webshop to books");
	assert_string_equal(t->services[0].value, "2024-01-01");
	s = config_connection(t, "shop");
	assert_ptr_equal(s, &t->sources[0]);
	assert_ptr_equal(s->connector, &shop);
	assert_string_equal(s->name, "shop");
	assert_true(s->has_since);
	assert_int_equal(s->since.year, 2026);
	assert_int_equal(s->overlap_s, 600);
	assert_int_equal(s->timeout_s, 30);
	assert_int_equal(s->rate, 0);
	assert_string_equal(VALUE(s, "url"), "https://shop.acme.example");
	assert_int_equal(value(s, "statuses")->items_n, 2);
	assert_string_equal(value(s, "statuses")->items[1], "completed");
	assert_int_equal(value(s, "statuses")->line, 13);
	assert_ptr_equal(config_connection(t, "books"), &t->books);
	assert_null(config_connection(t, "till"));
	assert_string_equal(VALUE(&t->books, "administration"), "123456789");
	config_free(c);
}

static void
test_design_rules(void **state)
{
	struct config *c = load(DATA "/good/design/sync.yaml");
	const struct rules *r = &config_tenant(c, "acme")->rules;

	(void)state;
	assert_int_equal(r->on_change, CHANGE_REPORT);
	assert_int_equal(r->debtors, DEBTOR_EACH);
	assert_int_equal(r->book_on, BOOK_ON_ORDER);
	assert_int_equal(r->closed_until.year, 0);
	assert_int_equal(r->skip.n + r->only.n, 0);
	assert_int_equal(r->settle_s, 120);
	assert_int_equal(r->rounding.e6, 100000);
	assert_int_equal(r->vat_n, 6);
	assert_string_equal(config_pair(r->vat, r->vat_n, "NL 21"),
	    "tax-rate-id");
	assert_null(config_pair(r->vat, r->vat_n, "DE 19"));
	assert_int_equal(r->accounts_n, 6);
	assert_true(r->has_payments);
	assert_int_equal(r->payments_n, 2);
	assert_string_equal(config_pair(r->payments, r->payments_n,
	    "default"), "\xe2\x80\xa6");
	config_free(c);
}

static void
test_full(void **state)
{
	struct config *c = load(DATA "/good/full/sync.yaml");

	(void)state;
	assert_string_equal(c->store, here("store"));
	assert_string_equal(c->logs, here("./logs"));
	assert_string_equal(c->master_key, "command:pass show salesync");
	assert_string_equal(c->zone, "America/New_York");
	assert_int_equal(c->parallel, 1000);
	assert_int_equal(c->time_limit_s, 7200);
	assert_int_equal(c->year_end.month * 100 + c->year_end.day, 229);
	assert_int_equal(c->backups_s, 30 * 86400);
	assert_string_equal(c->tenants[0].hold, "tax audit of 2025");
	assert_int_equal(c->tenants_n, 2);	/* zulu was found thrice */
	assert_string_equal(c->tenants[0].name, "alpha");
	assert_string_equal(c->tenants[1].name, "zulu");
	config_free(c);
}

static void
test_full_tenant(void **state)
{
	struct config *c = load(DATA "/good/full/sync.yaml");
	const struct tenant *t = config_tenant(c, "alpha");
	const struct config_connection *s = config_connection(t, "shop");
	const struct rules *r = &t->rules;

	(void)state;
	assert_true(t->has_end);
	assert_int_equal(t->end.month, 8);
	assert_string_equal(t->customer.name, "Alpha \"A\" N.V.");
	assert_string_equal(t->customer.country, "BE");
	assert_null(t->customer.email);
	assert_string_equal(t->services[1].value, "");
	assert_string_equal(VALUE(s, "url"),
	    "https://shop.alpha.example:8443/path");
	assert_string_equal(VALUE(s, "ca_file"), here("ca.pem"));
	assert_string_equal(VALUE(s, "proxy"),
	    "http://proxy.alpha.example:3128");
	assert_int_equal(s->overlap_s, 86400);
	assert_string_equal(config_zone(c, t, "shop"), "Europe/Lisbon");
	assert_string_equal(config_zone(c, t, "till.2"), "America/New_York");
	assert_string_equal(config_zone(c, t, "gone"), "America/New_York");
	assert_int_equal(s->timeout_s, 10);
	assert_int_equal(s->rate, 600);
	assert_int_equal(value(s, "statuses")->items_n, 1);
	assert_string_equal(VALUE(s, "prices"), "Yes");
	assert_string_equal(VALUE(s, "site"), "https://alpha.example");
	assert_string_equal(VALUE(config_connection(t, "till.2"), "path"),
	    "/srv/till");
	assert_string_equal(VALUE(&t->books, "url"), "https://127.0.0.1:4443");
	assert_int_equal(r->on_change, CHANGE_REPORT);
	assert_int_equal(r->debtors, DEBTOR_COLLECTIVE);
	assert_int_equal(r->book_on, BOOK_ON_PAID);
	assert_int_equal(r->closed, CLOSED_NEXT);
	assert_int_equal(r->closed_until.day, 31);
	assert_int_equal(r->skip.n, 2);
	assert_int_equal(r->skip.c[0].n, 3);
	assert_string_equal(r->skip.c[0].words[1].text, "cancelled");
	assert_int_equal(r->skip.c[0].words[2].key, ON_KIND);
	assert_int_equal(r->only.n, 1);
	assert_int_equal(r->settle_s, 0);
	assert_int_equal(r->rounding.e6, 50000);
	assert_string_equal(config_pair(r->vat, r->vat_n, "NL 21"), "a");
	assert_string_equal(config_pair(r->vat, r->vat_n, "BE 5.5"), "b");
	assert_string_equal(config_pair(r->vat, r->vat_n, "margin_goods"),
	    "c");
	assert_string_equal(config_pair(r->vat, r->vat_n, "exempt"), "f");
	assert_string_equal(config_pair(r->vat, r->vat_n, "none"), "g");
	assert_string_equal(config_pair(r->vat, r->vat_n, "GR 24"), "h");
	assert_true(r->has_payments);
	assert_int_equal(r->payments_n, 0);
	config_free(c);
}

static void
test_full_ledger(void **state)
{
	struct config *c = load(DATA "/good/full/sync.yaml");
	const struct rules *r = &config_tenant(c, "alpha")->rules;

	(void)state;
	assert_true(r->customer_numbers);
	assert_string_equal(r->default_debtor, "0123");
	assert_string_equal(r->currency, "USD");
	assert_int_equal(r->articles_n, 2);
	assert_string_equal(config_pair(r->articles, r->articles_n, "0123"),
	    "x");
	assert_int_equal(r->article_vat_n, 2);
	assert_string_equal(config_pair(r->article_vat, r->article_vat_n,
	    "A-*"), "BE 5.5");
	assert_string_equal(config_pair(r->turnover, r->turnover_n, "NL 21"),
	    "8000");
	assert_string_equal(config_pair(r->exchange, r->exchange_n, "JPY"),
	    "0.0067");
	r = &config_tenant(c, "zulu")->rules;
	assert_false(r->customer_numbers);
	assert_null(r->default_debtor);
	assert_string_equal(r->currency, "EUR");
	assert_int_equal(r->articles_n + r->turnover_n + r->exchange_n, 0);
	config_free(c);
}

static void
test_full_local(void **state)
{
	struct config *c = load(DATA "/good/full/sync.yaml");
	const struct tenant *t = config_tenant(c, "zulu");
	const struct config_connection *s = config_connection(t, "till");

	(void)state;
	assert_int_equal(clock_day_cmp(t->start, t->end), 0);
	assert_string_equal(VALUE(s, "path"), here("sales"));
	assert_string_equal(VALUE(s, "delimiter"), "\t");
	assert_int_equal(s->overlap_s, 0);
	assert_false(s->has_since);
	assert_false(t->rules.has_payments);
	assert_string_equal(VALUE(&t->books, "file"), "/srv/zulu.journal");
	config_free(c);
}

static void
test_no_tenants(void **state)
{
	struct config *c;
	struct buf said;

	(void)state;
	catch_begin();
	c = load(DATA "/good/list/sync.yaml");
	catch_end(&said);
	assert_int_equal(c->tenants_n, 0);
	assert_null(config_tenant(c, "acme"));
	assert_string_equal(c->zone, "Europe/Amsterdam");
	assert_int_equal(c->parallel, 32);
	assert_int_equal(c->time_limit_s, 3600);
	assert_non_null(strstr(said.data,
	    "no tenant file matches nobody.d/*.yaml [S608]"));
	buf_free(&said);
	config_free(c);
}

/* --- bad files --- */

/* What the "#=" lines of a file make of standard error. */
static void
expectation(const char *path, struct buf *out)
{
	struct buf text;
	char *line, *save = NULL;

	buf_init(&text, 1u << 20);
	assert_int_equal(file_read(path, &text), RC_OK);
	buf_init(out, 1u << 20);
	buf_puts(out, "");
	for (line = strtok_r(text.data, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		if (str_starts(line, "#= "))
			buf_fmt(out, "salesync: %s:%s\n", path, line + 3);
	assert_true(out->len > 0);
	buf_free(&text);
}

static void
bad_file(const char *name)
{
	char path[FILE_PATH];
	struct buf said, expected;
	struct config *c = NULL;
	struct tenant t = { .name = NULL };
	enum rc rc;

	assert_true(str_fmt(path, sizeof(path), DATA "/bad/%s", name));
	expectation(path, &expected);
	catch_begin();
	if (str_starts(name, "sync-"))
		rc = config_load(path, table, false, &c);
	else
		rc = tenant_load(path, DATA "/bad", table, &t);
	catch_end(&said);
	assert_int_equal(rc, RC_CONFIG);
	assert_null(c);
	assert_null(t.name);
	assert_string_equal(said.data, expected.data);
	assert_null(strstr(said.data, "canary"));
	buf_free(&said);
	buf_free(&expected);
}

static void
test_bad(void **state)
{
	struct dirent **names = NULL;
	int n = scandir(DATA "/bad", &names, NULL, alphasort), done = 0;

	(void)state;
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		if (str_ends(names[i]->d_name, ".yaml")) {
			bad_file(names[i]->d_name);
			done++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(done >= 14);
}

static void
test_absent(void **state)
{
	struct config *c = NULL;
	struct buf said;
	enum rc rc;

	(void)state;
	catch_begin();
	rc = config_load(DATA "/none.yaml", table, false, &c);
	catch_end(&said);
	assert_int_equal(rc, RC_CONFIG);
	assert_null(c);
	assert_string_equal(said.data,
	    "salesync: " DATA "/none.yaml: no such file [S602]\n");
	buf_free(&said);
}

/* sync.yaml.example: its first part as it is, its second as a tenant. */
static void
test_example(void **state)
{
	char dir[FILE_PATH], path[FILE_PATH], sub[FILE_PATH];
	struct buf text, tenant;
	struct config *c;
	char *at, *line, *save = NULL;

	(void)state;
	folder_make(dir);
	buf_init(&text, 1u << 20);
	buf_init(&tenant, 1u << 20);
	assert_int_equal(file_read("sync.yaml.example", &text), RC_OK);
	assert_true(str_fmt(path, sizeof(path), "%s/sync.yaml", dir));
	write_text(path, text.data);
	assert_true(str_fmt(sub, sizeof(sub), "%s/tenants.d", dir));
	assert_int_equal(mkdir(sub, 0700), 0);
	at = strstr(text.data, "\n#| ");
	assert_non_null(at);
	for (line = strtok_r(at, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		if (str_starts(line, "#|"))
			buf_fmt(&tenant, "%s\n", line + (line[2] == ' ' ? 3 :
			    2));
	assert_true(str_add(sub, sizeof(sub), "/acme.yaml"));
	write_text(sub, tenant.data);
	c = load(path);
	assert_int_equal(c->tenants_n, 1);
	assert_string_equal(c->tenants[0].name, "acme");
	assert_true(c->tenants[0].rules.has_payments);
	config_free(c);
	buf_free(&text);
	buf_free(&tenant);
	assert_int_equal(file_remove(dir), RC_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_design),
		cmocka_unit_test(test_design_rules),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_full_tenant),
		cmocka_unit_test(test_full_ledger),
		cmocka_unit_test(test_full_local),
		cmocka_unit_test(test_no_tenants),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
