/*
 * woocommerce_test.c - the WooCommerce source against a shop over TLS.
 */
#include "woo_fake.h"

#include <stdbool.h>

#define ORDERS 300
#define MOST 2000

static struct {
	size_t n, orders, refunds, rejects;
	uint64_t ids[MOST];		/* orders, in the order they came */
	struct money incl;		/* of all that came once */
	enum rc end;
} seen;

static uint64_t
number_of(const char *text)
{
	uint64_t n = 0;

	assert_int_equal(str_u64(text, INT64_MAX, &n), RC_OK);
	return n;
}

static bool
was_seen(uint64_t id)
{
	for (size_t i = 0; i < seen.orders; i++)
		if (seen.ids[i] == id)
			return true;
	return false;
}

/* A sale must add up to a cent a line, and a refund follow its order. */
static void
check_sale(const struct sale *s)
{
	struct money sum = { 0 };

	assert_string_equal(s->tenant, "acme");
	assert_string_equal(s->source, "shop");
	for (size_t i = 0; i < s->lines_n; i++)
		sum = money_add(sum, money_add(s->lines[i].excl,
		    s->lines[i].vat));
	sum = money_abs(money_sub(sum, s->incl));
	assert_true(sum.e6 <= 10000 * (int64_t)s->lines_n);
	if (s->kind == SALE_REFUND) {
		assert_true(was_seen(number_of(s->refund_of)));
		assert_true(s->incl.e6 < 0);
	}
}

/* Read to the end and count. */
static void
read_all(void)
{
	enum rc rc;

	memset(&seen, 0, sizeof(seen));
	while ((rc = fake_next()) == RC_OK || rc == RC_REJECT) {
		seen.n++;
		assert_true(seen.n < MOST);
		if (rc == RC_REJECT) {
			seen.rejects++;
			continue;
		}
		check_sale(&fake.s);
		if (fake.s.kind == SALE_REFUND)
			seen.refunds++;
		else if (!was_seen(number_of(fake.s.id)))
			seen.ids[seen.orders++] = number_of(fake.s.id);
		else
			continue;
		seen.incl = money_add(seen.incl, fake.s.incl);
	}
	seen.end = rc;
}

/* What the shop itself has, by its dump: orders that are to be booked. */
struct truth { size_t orders, refunds; struct money incl; };

static struct truth
truth(void)
{
	const struct json *o = json_first(json_get(fake_ask("GET", "/__dump",
	    NULL), "orders")), *r;
	struct truth t = { 0 };
	struct money m;

	for (; o != NULL; o = json_next(o)) {
		const char *status = json_str(o, "status");

		if (!str_eq(status, "processing") &&
		    !str_eq(status, "completed") &&
		    !str_eq(status, "refunded"))
			continue;
		t.orders++;
		assert_int_equal(money_parse(json_str(o, "total"), &m), RC_OK);
		t.incl = money_add(t.incl, m);
		for (r = json_first(json_get(o, "_refunds")); r != NULL;
		    r = json_next(r)) {
			t.refunds++;
			assert_int_equal(money_parse(json_str(r, "amount"),
			    &m), RC_OK);
			t.incl = money_sub(t.incl, m);
		}
	}
	return t;
}

/* Every order that is to be booked came. */
static void
check_complete(void)
{
	struct truth t = truth();

	assert_int_equal(seen.end, RC_END);
	assert_int_equal(seen.orders, t.orders);
	assert_int_equal(seen.refunds, t.refunds);
	assert_true(money_eq(seen.incl, t.incl));
}

static int
group_setup(void **state)
{
	(void)state;
	fake_open("0");
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	fake_close();
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	fake_control("{\"make\":300}");
	fake.source.values_n = 2;
	fake.source.has_since = false;
	fake.source.overlap_s = 600;
	return 0;
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
test_nothing_new(void **state)
{
	char cursor[CURSOR_MAX];

	(void)state;
	fake_run("");
	read_all();
	(void)str_copy(cursor, sizeof(cursor), fake.c->cursor_next);
	fake_control("{\"make\":0}");
	fake_run(cursor);
	assert_int_equal(fake_next(), RC_END);
	assert_int_equal(fake_requests(), 1);
	assert_string_equal(fake.c->cursor_next, cursor);
	/* an empty shop, read for the first time */
	fake_run("");
	assert_int_equal(fake_next(), RC_END);
	assert_string_equal(fake.c->cursor_next, "");
}

/* The greatest date_modified_gmt of the shop, as a cursor. */
static void
newest(char out[CLOCK_ISO])
{
	const struct json *o = json_first(json_get(fake_ask("GET", "/__dump",
	    NULL), "orders"));

	out[0] = '\0';
	for (; o != NULL; o = json_next(o))
		if (strcmp(json_str(o, "date_modified_gmt"), out) > 0)
			(void)str_copy(out, CLOCK_ISO,
			    json_str(o, "date_modified_gmt"));
	(void)str_add(out, CLOCK_ISO, "Z");
}

static void
test_cursor(void **state)
{
	char at[CLOCK_ISO];

	(void)state;
	newest(at);
	fake_run("");
	read_all();
	assert_string_equal(fake.c->cursor_next, at);
	/* never later than the shop's clock when the first page was read */
	fake_control("{\"clock\":\"2026-11-01T10:00:00\"}");
	fake_run("");
	assert_int_equal(fake_next(), RC_OK);
	fake_control("{\"clock\":\"2026-11-30T10:00:00\"}");
	read_all();
	assert_string_equal(fake.c->cursor_next, "2026-11-01T10:00:00Z");
}

/* An order that changes in the second of the cursor comes again. */
static void
test_same_second(void **state)
{
	(void)state;
	fake_control("{\"touch\":1001,\"at\":\"2026-11-20T10:00:00\"}");
	fake_control("{\"touch\":1002,\"at\":\"2026-11-20T10:00:00\"}");
	fake_control("{\"touch\":1003,\"at\":\"2026-11-20T09:59:59\"}");
	fake.source.overlap_s = 0;
	fake_run("2026-11-20T10:00:00Z");
	read_all();
	assert_int_equal(seen.orders, 2);
	fake.source.overlap_s = 1;
	fake_run("2026-11-20T10:00:00Z");
	read_all();
	assert_int_equal(seen.orders, 3);
	assert_string_equal(fake.c->cursor_next, "2026-11-20T10:00:00Z");
	(void)str_copy(fake.c->cursor, sizeof(fake.c->cursor), "yesterday");
	conn_close(fake.c);
	fake.c = NULL;
	assert_int_equal(conn_make(&fake.cfg, &fake.tenant, &fake.source,
	    &fake.secrets, &fake.c), RC_OK);
	(void)str_copy(fake.c->cursor, sizeof(fake.c->cursor), "yesterday");
	assert_int_equal(conn_start(fake.c, NOW), RC_FATAL);
}

/* An order goes to the trash between two pages; with "swap" another comes in
 * at the same time, so that the shop's count stays what it was. */
static void
test_drift(void **state)
{
	static const char *const faults[] = { "drift", "swap" };
	char body[128];

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++)
		for (int page = 2; page <= 4; page++) {
			fake_control("{\"make\":300}");
			(void)str_fmt(body, sizeof(body), "{\"fault\":\"%s\","
			    "\"path\":\"/v3/orders\",\"after\":%d}",
			    faults[i], page);
			fake_control(body);
			fake_run("");
			read_all();
			/* the trashed one had come already */
			assert_int_equal(seen.end, RC_END);
			assert_int_equal(seen.orders, truth().orders + 1);
		}
}

static void
test_drift_for_ever(void **state)
{
	(void)state;
	fake_control("{\"fault\":\"drift\",\"after\":1,\"times\":0,"
	    "\"path\":\"/v3/orders\"}");
	fake_run("");
	read_all();
	assert_int_equal(seen.end, RC_LATER);
	assert_int_equal(fake.c->why, M_SHOP_DRIFT);
	assert_string_equal(fake.c->cursor_next, "");
	/* a shop that does not know pages is no endless list */
	fake_control("{\"make\":300}");
	fake_control("{\"page\":false}");
	fake_run("");
	read_all();
	assert_int_equal(seen.end, RC_LATER);
	assert_int_equal(fake.c->why, M_SHOP_DRIFT);
	/* nor is one that does not sort */
	fake_control("{\"make\":300}");
	fake_control("{\"sort\":false}");
	fake_run("");
	read_all();
	assert_int_equal(seen.end, RC_LATER);
	assert_int_equal(seen.n, 0);
	assert_int_equal(fake.c->why, M_SHOP_DRIFT);
}

/* Shops that give less than they are asked for, or do not count. */
static void
test_odd_pages(void **state)
{
	static const char *const odd[] = { "{\"cap\":50}", "{\"total\":false}",
	    "{\"cap\":7}", "{\"cap\":1}", "{\"fixed\":9}",
	    "{\"cap\":9,\"total\":false}" };

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		fake_control("{\"make\":60}");
		fake_control(odd[i]);
		fake_run("");
		read_all();
		check_complete();
	}
	/* a full last page, without a count */
	fake_control("{\"make\":100}");
	fake_control("{\"total\":false}");
	fake_run("");
	read_all();
	check_complete();
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

static enum rc
fetch(const char *id)
{
	return fake_run("")->connector->source->fetch(fake.c, id);
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

/* A page that is more than we take is asked for in smaller ones. */
static void
test_large_page(void **state)
{
	static char body[600000], ids[4][24];
	const struct json *v;
	size_t n, k = 0, orders;

	(void)state;
	fake_control("{\"make\":60}");
	orders = truth().orders;
	v = json_first(json_get(fake_ask("GET", "/__dump", NULL), "orders"));
	for (n = 0; v != NULL; v = json_next(v), n++)
		if (n % 15 == 0)
			(void)str_copy(ids[k++], sizeof(ids[0]),
			    json_str(v, "id"));
	for (k = 0; k < COUNT(ids); k++) {
		n = (size_t)snprintf(body, sizeof(body), "{\"change\":%s,"
		    "\"members\":{\"meta_data\":[0", ids[k]);
		for (int i = 0; i < 55000; i++)
			n += (size_t)snprintf(body + n, sizeof(body) - n,
			    ",%d", 100000 + i);
		(void)snprintf(body + n, sizeof(body) - n, "]}}");
		fake_control(body);
	}
	fake_run("");
	read_all();
	assert_int_equal(seen.end, RC_END);
	assert_int_equal(seen.orders, orders);
}

#define CASE(t) cmocka_unit_test_setup(t, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_all),
		CASE(test_nothing_new),
		CASE(test_cursor),
		CASE(test_same_second),
		CASE(test_drift),
		CASE(test_drift_for_ever),
		CASE(test_odd_pages),
		CASE(test_dates),
		CASE(test_statuses),
		CASE(test_bad_order),
		CASE(test_faults),
		CASE(test_open),
		CASE(test_fetch),
		CASE(test_rates),
		CASE(test_many_refunds),
		CASE(test_late_refund),
		CASE(test_large_page),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
