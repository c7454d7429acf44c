/*
 * conn_test.c - connections, made and taken apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conn.h"
#include "log.h"
#include "str.h"

static struct { int opened, closed; enum rc rc; int64_t started_at; } stub;

static enum rc
stub_open(struct connection *c)
{
	stub.opened++;
	stub.started_at = c->started_at;
	c->state = mem_alloc(16);
	if (stub.rc != RC_OK)
		return connector_fail(c, stub.rc, M_CREDENTIALS, "");
	return RC_OK;
}

static void
stub_close(struct connection *c)
{
	stub.closed++;
	free(c->state);
	c->state = NULL;
}

static const struct setting settings[] = {
	{ .name = "statuses", .type = SET_LIST, .preset = "one, two,three" },
	{ .name = "fields", .type = SET_LIST, .preset = "x" },
	{ .name = "plain", .type = SET_LIST },
	{ .name = NULL }
};
static const struct source_ops ops = { .open = stub_open,
    .close = stub_close };
static const struct connector local = { .name = "local", .local = true,
    .settings = settings, .source = &ops };
static const struct connector remote = { .name = "remote",
    .settings = settings, .source = &ops };

static char zone[] = "Europe/Amsterdam", acme[] = "acme", shop[] = "shop";
static char statuses[] = "statuses", url[] = "url", a[] = "a", b[] = "b";
static char http_url[] = "http://shop.example", path[] = "nowhere.pem";
static char https_url[] = "https://shop.example/x", ca_file[] = "ca_file";
static struct config cfg = { .zone = zone, .dir = "/tmp" };
static struct tenant tenant = { .name = acme,
    .customer = { .country = "BE" } };

static void
test_settings(void **state)
{
	char *items[] = { a, b };
	struct config_value value = { .name = statuses, .items = items,
	    .items_n = 2 };
	struct config_connection conf = { .name = shop, .connector = &local,
	    .overlap_s = 600, .has_since = true, .since = { 2026, 7, 1 } };
	struct vault_set secrets = { .n = 1, .name = { "token" } };
	struct connection *c = NULL;

	(void)state;
	assert_int_equal(secret_set(&secrets.value[0], "t0p", 3), RC_OK);
	assert_int_equal(conn_make(&cfg, &tenant, &conf, &secrets, &c),
	    RC_OK);
	assert_string_equal(c->tenant, "acme");
	assert_string_equal(c->name, "shop");
	assert_string_equal(c->country, "BE");
	assert_string_equal(c->zone, zone);
	assert_int_equal(c->overlap_s, 600);
	assert_int_equal(c->since_at, 1782856800);
	assert_int_equal(c->started_at, 0);
	assert_null(c->http);
	assert_string_equal(connector_item(c, "statuses", 0), "one");
	assert_string_equal(connector_item(c, "statuses", 1), "two");
	assert_string_equal(connector_item(c, "statuses", 2), "three");
	assert_null(connector_item(c, "statuses", 3));
	assert_string_equal(connector_item(c, "fields", 0), "x");
	assert_null(connector_item(c, "fields", 1));
	assert_null(connector_item(c, "plain", 0));
	assert_string_equal(connector_secret(c, "token"), "t0p");
	assert_string_equal(connector_secret(c, "other"), "");
	/* what the YAML says stands in the place of the presets */
	conf.values = &value;
	conf.values_n = 1;
	assert_string_equal(connector_item(c, "statuses", 0), "a");
	assert_string_equal(connector_item(c, "statuses", 1), "b");
	assert_null(connector_item(c, "statuses", 2));
	conn_close(c);
	conn_close(NULL);
	secret_wipe(&secrets.value[0]);
}

static void
test_open(void **state)
{
	struct config_connection conf = { .name = shop, .connector = &local };
	struct connection *c = NULL;

	(void)state;
	memset(&stub, 0, sizeof(stub));
	assert_int_equal(conn_make(&cfg, &tenant, &conf, NULL, &c), RC_OK);
	assert_int_equal(stub.opened, 0);
	conn_close(c);
	assert_int_equal(stub.closed, 0);	/* it was never opened */
	assert_int_equal(conn_make(&cfg, &tenant, &conf, NULL, &c), RC_OK);
	assert_int_equal(conn_start(c, 77), RC_OK);
	assert_int_equal(stub.started_at, 77);
	conn_close(c);
	assert_int_equal(stub.closed, 1);
	assert_int_equal(conn_open(&cfg, &tenant, &conf, NULL, &c), RC_OK);
	assert_int_equal(stub.started_at, 0);
	conn_close(c);
	stub.rc = RC_AUTH;
	assert_int_equal(conn_open(&cfg, &tenant, &conf, NULL, &c), RC_AUTH);
	assert_null(c);
	assert_int_equal(stub.closed, 3);
}

static void
test_refused(void **state)
{
	char *items[2] = { http_url, path };
	struct config_value values[2] = {
		{ .name = url, .items = &items[0], .items_n = 1 },
		{ .name = ca_file, .items = &items[1], .items_n = 1 },
	};
	struct config_connection conf = { .name = shop, .connector = &remote,
	    .values = values, .values_n = 1, .timeout_s = 5 };
	struct connection *c = NULL;

	(void)state;
	assert_int_equal(conn_make(&cfg, &tenant, &conf, NULL, &c),
	    RC_CONFIG);
	assert_null(c);
	conf.values_n = 0;			/* and no url at all */
	assert_int_equal(conn_make(&cfg, &tenant, &conf, NULL, &c),
	    RC_CONFIG);
	items[0] = https_url;
	conf.values_n = 1;
	assert_int_equal(conn_make(&cfg, &tenant, &conf, NULL, &c), RC_OK);
	assert_non_null(c->http);
	conn_close(c);
}

/* What conn_say puts on standard error. */
static void
said(struct connection *c, enum rc rc, char *out, size_t size)
{
	FILE *f = tmpfile();
	int keep = dup(2);
	size_t n;

	assert_non_null(f);
	dup2(fileno(f), 2);
	conn_say(c, rc);
	dup2(keep, 2);
	close(keep);
	rewind(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
}

static void
test_say(void **state)
{
	char *items[1] = { https_url }, out[500];
	struct config_value value = { .name = url, .items = items,
	    .items_n = 1 };
	struct config_connection conf = { .name = shop, .connector = &remote,
	    .values = &value, .values_n = 1, .timeout_s = 5 };
	struct connection *c = NULL;

	(void)state;
	assert_int_equal(conn_make(&cfg, &tenant, &conf, NULL, &c), RC_OK);
	said(c, RC_LATER, out, sizeof(out));
	assert_string_equal(out, "");		/* http.c said it */
	(void)connector_fail(c, RC_LATER, M_SHOP_STATUS, "the list");
	c->status = 418;
	(void)str_copy(c->why_debtor, sizeof(c->why_debtor), "Anna");
	said(c, RC_LATER, out, sizeof(out));
	assert_non_null(strstr(out, "answered 418 to the list"));
	assert_null(strstr(out, "Anna"));
	said(c, RC_END, out, sizeof(out));
	assert_string_equal(out, "");
	(void)connector_fail(c, RC_AUTH, M_CREDENTIALS, "");
	said(c, RC_AUTH, out, sizeof(out));
	assert_non_null(strstr(out, "shop of acme"));
	(void)connector_fail(c, RC_LATER, M_GARBAGE, "cut");
	said(c, RC_LATER, out, sizeof(out));
	assert_non_null(strstr(out, "shop.example can"));
	conn_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_say),
	};

	http_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
