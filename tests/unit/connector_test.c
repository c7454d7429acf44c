/*
 * connector_test.c - settings, URLs, and answers sorted into what to do.
 */
#include "woo_fake.h"

static const char *
item(const struct connection *c, const char *name, size_t i)
{
	static const char *const list[] = { "one", "two" };

	(void)c;
	if (str_eq(name, "list"))
		return i < 2 ? list[i] : NULL;
	if (i > 0)
		return NULL;
	if (str_eq(name, "yes"))
		return "Yes";
	if (str_eq(name, "no"))
		return "no";
	if (str_eq(name, "minus"))
		return "-42";
	if (str_eq(name, "word"))
		return "42x";
	if (str_eq(name, "wait"))
		return "10m";
	return NULL;
}

static const char *
secret(const struct connection *c, const char *name)
{
	(void)c;
	return str_eq(name, "token") ? "t0p" : NULL;
}

static const struct setting settings[] = {
	{ .name = "list", .type = SET_LIST },
	{ .name = "yes", .type = SET_BOOL },
	{ .name = "no", .type = SET_BOOL },
	{ .name = "preset", .type = SET_BOOL, .preset = "true" },
	{ .name = "minus", .type = SET_INT },
	{ .name = "word", .type = SET_INT },
	{ .name = "size", .type = SET_INT, .preset = "7" },
	{ .name = "wait", .type = SET_DURATION },
	{ .name = "pause", .type = SET_DURATION, .preset = "2s" },
	{ .name = NULL }
};
static const struct connector stub = { .name = "stub", .settings = settings,
    .url = "https://api.example/v2/" };

static void
test_settings(void **state)
{
	struct connection c = { .connector = &stub, .item = item,
	    .secret = secret };

	(void)state;
	assert_string_equal(connector_setting(&c, "minus"), "-42");
	assert_string_equal(connector_setting(&c, "size"), "7");
	assert_string_equal(connector_setting(&c, "none"), "");
	assert_string_equal(connector_setting(&c, "url"), stub.url);
	assert_string_equal(connector_item(&c, "list", 1), "two");
	assert_null(connector_item(&c, "list", 2));
	assert_true(connector_flag(&c, "yes"));
	assert_true(connector_flag(&c, "preset"));
	assert_false(connector_flag(&c, "no"));
	assert_false(connector_flag(&c, "none"));
	assert_int_equal(connector_number(&c, "minus"), -42);
	assert_int_equal(connector_number(&c, "size"), 7);
	assert_int_equal(connector_number(&c, "word"), 0);
	assert_int_equal(connector_number(&c, "wait"), 600);
	assert_int_equal(connector_number(&c, "pause"), 2);
	assert_string_equal(connector_secret(&c, "token"), "t0p");
	assert_string_equal(connector_secret(&c, "other"), "");
}

static void
test_url(void **state)
{
	struct connection c = { .connector = &stub, .item = item };
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	connector_url(&c, &out, "/orders?x=1");
	assert_string_equal(out.data, "https://api.example/v2/orders?x=1");
	connector_url(&c, &out, "orders");
	assert_string_equal(out.data, "https://api.example/v2/orders");
	buf_free(&out);
}

static void
test_fail(void **state)
{
	struct connection c = { .connector = &stub };

	(void)state;
	assert_int_equal(connector_fail(&c, RC_REJECT, M_VALUE, "total"),
	    RC_REJECT);
	assert_int_equal(c.why, M_VALUE);
	assert_string_equal(c.why_text, "total");
}

static enum rc
call(const char *fault, bool changes)
{
	struct connection *c = fake.c;
	char url[256];
	struct http_request q = { .method = "GET", .url = url,
	    .user = "ck_test", .password = "cs_test", .changes = changes };
	struct http_answer a;
	const struct json *v = NULL;

	(void)str_fmt(url, sizeof(url), "%s/winkel/wp-json/wc/v3/data",
	    fake.base);
	fake_control("{\"fault\":null}");
	fake_control(fault);
	c->why = M_INTERNAL;		/* of an earlier call */
	(void)str_copy(c->why_debtor, sizeof(c->why_debtor), "old");
	return connector_call(c, &q, &a, &v);
}

#define CODE(n, code) "{\"fault\":\"status\",\"status\":" #n \
    ",\"code\":\"" code "\",\"message\":\"Anna Jansen\"}"
#define STATUS(n) CODE(n, "rest_code")

static void
test_call(void **state)
{
	static const struct {
		const char *fault;
		bool changes;
		enum rc rc;
		enum msg why;
		const char *text;
	} t[] = {
		{ "{}", false, RC_OK, M_NONE, "" },
		{ STATUS(200), true, RC_OK, M_NONE, "" },
		{ STATUS(204), true, RC_OK, M_NONE, "" },
		{ STATUS(400), true, RC_REJECT, M_SHOP_STATUS, "rest_code" },
		{ STATUS(422), false, RC_REJECT, M_SHOP_STATUS, "rest_code" },
		{ STATUS(401), true, RC_AUTH, M_CREDENTIALS, "rest_code" },
		{ STATUS(403), false, RC_AUTH, M_CREDENTIALS, "rest_code" },
		{ STATUS(404), false, RC_END, M_NONE, "rest_code" },
		{ "{\"fault\":\"garbage\"}", true, RC_UNSURE, M_SHOP_GARBAGE,
		    NULL },
		{ "{\"fault\":\"garbage\"}", false, RC_LATER, M_SHOP_GARBAGE,
		    NULL },
		{ "{\"fault\":\"redirect\"}", true, RC_LATER, M_SHOP_STATUS,
		    NULL },
		{ CODE(409, "dear Anna"), true, RC_REJECT, M_SHOP_STATUS,
		    "HTTP 409" },
		{ CODE(409, "Anna"), true, RC_REJECT, M_SHOP_STATUS,
		    "HTTP 409" },
		{ CODE(409, "Anna_0612345678"), true, RC_REJECT,
		    M_SHOP_STATUS, "HTTP 409" },
		{ CODE(409, "Anna_1a2"), true, RC_REJECT, M_SHOP_STATUS,
		    "HTTP 409" },
		{ CODE(409, "FACT_101"), true, RC_REJECT, M_SHOP_STATUS,
		    "FACT_101" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(call(t[i].fault, t[i].changes), t[i].rc);
		assert_int_equal(fake.c->why, t[i].why);
		if (t[i].text != NULL)
			assert_string_equal(fake.c->why_text, t[i].text);
		/* what a vendor says never stands in our words */
		assert_null(strstr(fake.c->why_text, "Anna"));
		assert_string_not_equal(fake.c->why_debtor, "old");
	}
	assert_int_equal(call(STATUS(422), false), RC_REJECT);
	assert_string_equal(fake.c->why_debtor, "rest_code; Anna Jansen");
	assert_int_equal(fake.c->status, 422);
}

static int
group_setup(void **state)
{
	(void)state;
	fake_open("1");
	fake_run("");
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	fake_close();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_fail),
		cmocka_unit_test(test_call),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
