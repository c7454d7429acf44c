/*
 * woocommerce_test.c - the WooCommerce source against a shop over TLS.
 */
#include "woo_reader.h"

static enum rc
fetch(const char *id)
{
	return fake_run("")->connector->source->fetch(fake.c, id);
}

static void
test_all(void **state)
{
	int64_t requests;

	(void)state;
	fake_run("");
	assert_int_equal(fake_requests(), 0);
	read_all();
	check_complete();
	assert_true(seen.refunds > 20);
	assert_int_equal(seen.rejects, 0);
	/* four pages of a hundred or less, and one for each order that has
	 * refunds; no more than one in five has them */
	requests = fake_requests();
	assert_true(requests > 24 && requests < 4 + ORDERS / 5);
	assert_int_equal(fake_next(), RC_END);
	assert_int_equal(fake_requests(), requests);
}

static void
test_dates(void **state)
{
	struct connection *c;

	(void)state;
	fake.source.has_since = true;
	fake.source.since = (struct day){ 2026, 11, 2 };
	c = fake_run("");
	assert_int_equal(c->since_at, 1793574000);	/* local midnight */
	c->until_at = c->since_at + 3600;
	/* placed before, changed since */
	fake_control("{\"touch\":1001,\"at\":\"2026-11-20T10:00:00\"}");
	seen.orders = 0;
	while (fake_next() == RC_OK)
		if (fake.s.kind == SALE_ORDER) {
			assert_true(fake.s.placed_at >= c->since_at);
			assert_true(fake.s.placed_at < c->until_at);
			seen.orders++;
		}
	assert_true(seen.orders > 0);
}

static void
test_statuses(void **state)
{
	static char status[] = "on-hold";
	size_t before;

	(void)state;
	fake_run("");
	read_all();
	before = seen.orders;
	fake_control("{\"change\":1001,\"members\":{\"status\":\"on-hold\"}}");
	fake_control("{\"change\":1002,\"members\":{\"status\":\"trash\"}}");
	/* refunded, but no refund is there: nothing came in */
	fake_control("{\"change\":1003,\"members\":{\"status\":\"refunded\"}}");
	fake_run("");
	read_all();
	assert_int_equal(seen.orders, before - 3);
	fake.statuses[0] = status;
	fake.values[2] = (struct config_value){ .name = status,
	    .items = fake.statuses, .items_n = 1 };
	fake.values[2].name = mem_dup("statuses");
	fake.source.values_n = 3;
	fake_run("");
	assert_int_equal(fake_next(), RC_OK);
	assert_string_equal(fake.s.id, "1001");
	read_all();
	free(fake.values[2].name);
	fake.source.values_n = 2;
	/* beside it only what was paid and refunded */
	assert_true(seen.orders > 0 && seen.orders <= seen.refunds);
}

/* One bad order does not stop the others. */
static void
test_bad_order(void **state)
{
	size_t before;

	(void)state;
	fake_run("");
	read_all();
	before = seen.n;
	fake_control("{\"change\":1001,\"members\":{\"total\":\"NaN\"}}");
	fake_run("");
	assert_int_equal(fake_next(), RC_REJECT);
	assert_int_equal(fake.c->why, M_AMOUNT);
	assert_string_equal(fake.s.id, "1001");
	read_all();
	assert_int_equal(seen.end, RC_END);
	assert_int_equal(seen.n, before - 1);
}

/* What makes a page no page: nothing of it is used. */
static void
test_faults(void **state)
{
	static const struct { const char *fault; enum rc rc; enum msg why; }
	    t[] = {
		{ "\"garbage\"", RC_LATER, M_SHOP_GARBAGE },
		{ "\"object\"", RC_LATER, M_SHOP_GARBAGE },
		{ "\"empty_id\"", RC_LATER, M_SHOP_GARBAGE },
		{ "\"nan\"", RC_LATER, M_SHOP_GARBAGE },
		{ "\"dup\"", RC_LATER, M_SHOP_GARBAGE },
		{ "\"redirect\"", RC_LATER, M_SHOP_STATUS },
		{ "\"status\",\"status\":400,\"code\":\"rest_invalid_param\"",
		    RC_LATER, M_SHOP_STATUS },
		{ "\"status\",\"status\":404", RC_LATER, M_SHOP_STATUS },
		{ "\"status\",\"status\":401", RC_AUTH, M_CREDENTIALS },
		{ "\"status\",\"status\":403", RC_AUTH, M_CREDENTIALS },
	};
	char body[160];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		fake_control("{\"fault\":null}");
		(void)str_fmt(body, sizeof(body), "{\"fault\":%s}",
		    t[i].fault);
		fake_control(body);
		fake_run("");
		assert_int_equal(fake_next(), t[i].rc);
		assert_int_equal(fake.c->why, t[i].why);
		assert_string_equal(fake.c->cursor_next, "");
	}
	/* the vendor's words stay apart from ours */
	fake_control("{\"fault\":null}");
	fake_control("{\"fault\":\"status\",\"status\":400,\"code\":"
	    "\"rest_x\",\"message\":\"Anna is not a date\"}");
	fake_run("");
	assert_int_equal(fake_next(), RC_LATER);
	assert_string_equal(fake.c->why_text, "the list of orders (rest_x)");
	assert_non_null(strstr(fake.c->why_debtor, "Anna"));
	assert_int_equal(fake.c->status, 400);
}

static void
test_open(void **state)
{
	struct connection *c = NULL;

	(void)state;
	assert_int_equal(conn_open(&fake.cfg, &fake.tenant, &fake.source,
	    &fake.secrets, &c), RC_OK);
	assert_int_equal(fake_requests(), 1);
	conn_close(c);
	secret_wipe(&fake.secrets.value[1]);
	assert_int_equal(secret_set(&fake.secrets.value[1], "cs_old", 6),
	    RC_OK);
	assert_int_equal(conn_open(&fake.cfg, &fake.tenant, &fake.source,
	    &fake.secrets, &c), RC_AUTH);
	assert_null(c);
	secret_wipe(&fake.secrets.value[1]);
	assert_int_equal(secret_set(&fake.secrets.value[1], "cs_test", 7),
	    RC_OK);
}

static void
test_fetch(void **state)
{
	size_t whole = 0;

	(void)state;
	assert_int_equal(fetch("1001"), RC_OK);
	assert_int_equal(fake_next(), RC_OK);
	assert_string_equal(fake.s.id, "1001");
	assert_int_equal(fake_next(), RC_END);
	assert_int_equal(fake_requests(), 1);
	assert_string_equal(fake.c->cursor_next, "");
	assert_int_equal(fetch("999999"), RC_END);
	assert_int_equal(fetch("1001/refunds"), RC_END);
	assert_int_equal(fetch(""), RC_END);
	fake_control("{\"trash\":1001}");
	assert_int_equal(fetch("1001"), RC_END);
	/* with all its refunds, and nothing else */
	for (int id = 1002; id < 1040; id++) {
		char text[16];

		(void)str_fmt(text, sizeof(text), "%d", id);
		if (fetch(text) != RC_OK)
			continue;
		read_all();
		assert_int_equal(seen.end, RC_END);
		assert_int_equal(seen.orders, 1);
		whole += seen.refunds > 0 && money_is_zero(seen.incl);
	}
	assert_true(whole >= 3);
}

/* Rates that the orders do not tell are asked for once each. */
static void
test_rates(void **state)
{
	int64_t before, with;

	(void)state;
	fake_run("");
	read_all();
	before = fake_requests();
	for (int id = 1001; id <= 1006; id++) {
		char body[256];

		(void)str_fmt(body, sizeof(body), "{\"change\":%d,\"members\":"
		    "{\"tax_lines\":[{\"rate_id\":1,\"rate_code\":\"NL-X-1\"},"
		    "{\"rate_id\":2,\"rate_code\":\"NL-Y-1\"}]}}", id);
		fake_control(body);
	}
	fake_run("");
	read_all();
	check_complete();
	with = fake_requests();
	assert_int_equal(with - before, before + 2);
	/* a key that may not read the rates: those orders are refused */
	fake_control("{\"fault\":\"status\",\"status\":403,\"times\":0,"
	    "\"path\":\"/taxes/\"}");
	fake_run("");
	read_all();
	assert_int_equal(seen.end, RC_END);
	assert_int_equal(seen.rejects, 6);
}

/* More refunds than fit a page, the oldest first. */
static void
test_many_refunds(void **state)
{
	static char body[60000];
	size_t n;
	uint64_t last = 0;

	(void)state;
	n = (size_t)snprintf(body, sizeof(body), "{\"change\":1001,"
	    "\"members\":{\"refunds\":[{\"id\":5000}],\"_refunds\":[");
	for (int i = 0; i < 130; i++)
		n += (size_t)snprintf(body + n, sizeof(body) - n, "%s{\"id\":"
		    "%d,\"date_created_gmt\":\"2026-11-02T10:00:00\","
		    "\"amount\":\"0.10\",\"line_items\":[]}", i ? "," : "",
		    5000 + i);
	(void)snprintf(body + n, sizeof(body) - n, "]}}");
	fake_control(body);
	assert_int_equal(fetch("1001"), RC_OK);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(fake_next(), RC_OK);
	while (fake_next() == RC_OK) {
		assert_true(number_of(fake.s.id) > last);
		last = number_of(fake.s.id);
		seen.refunds++;
	}
	assert_int_equal(seen.refunds, 130);
	assert_int_equal(fake_requests(), 3);
}

/* A late refund of an early order has a greater id than those of later
 * orders. */
static void
test_late_refund(void **state)
{
	(void)state;
	fake_control("{\"change\":1001,\"members\":{\"refunds\":[{\"id\":"
	    "900000}],\"_refunds\":[{\"id\":900000,\"date_created_gmt\":"
	    "\"2026-11-02T10:00:00\",\"amount\":\"1.00\",\"line_items\":"
	    "[]}]}}");
	fake_run("");
	read_all();
	check_complete();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_all),
		CASE(test_dates),
		CASE(test_statuses),
		CASE(test_bad_order),
		CASE(test_faults),
		CASE(test_open),
		CASE(test_fetch),
		CASE(test_rates),
		CASE(test_many_refunds),
		CASE(test_late_refund),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
