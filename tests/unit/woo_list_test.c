/*
 * woo_list_test.c - WooCommerce's list of orders, while it changes.
 */
#include "woo_reader.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_nothing_new),
		CASE(test_cursor),
		CASE(test_same_second),
		CASE(test_drift),
		CASE(test_drift_for_ever),
		CASE(test_odd_pages),
		CASE(test_large_page),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
