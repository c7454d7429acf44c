/*
 * woo_reader.h - for tests: reads the WooCommerce stand-in to its end and
 * compares what came with what it has.
 */
#ifndef WOO_READER_H
#define WOO_READER_H

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

static inline uint64_t
number_of(const char *text)
{
	uint64_t n = 0;

	assert_int_equal(str_u64(text, INT64_MAX, &n), RC_OK);
	return n;
}

static inline bool
was_seen(uint64_t id)
{
	for (size_t i = 0; i < seen.orders; i++)
		if (seen.ids[i] == id)
			return true;
	return false;
}

/* A sale must add up to a cent a line, and a refund follow its order. */
static inline void
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
static inline void
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

static inline struct truth
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
static inline void
check_complete(void)
{
	struct truth t = truth();

	assert_int_equal(seen.end, RC_END);
	assert_int_equal(seen.orders, t.orders);
	assert_int_equal(seen.refunds, t.refunds);
	assert_true(money_eq(seen.incl, t.incl));
}

static inline int
group_setup(void **state)
{
	(void)state;
	fake_open("0");
	return 0;
}

static inline int
group_teardown(void **state)
{
	(void)state;
	fake_close();
	return 0;
}

static inline int
setup(void **state)
{
	(void)state;
	fake_control("{\"make\":300}");
	fake.source.values_n = 2;
	fake.source.has_since = false;
	fake.source.overlap_s = 600;
	return 0;
}

#define CASE(t) cmocka_unit_test_setup(t, setup)

#endif
