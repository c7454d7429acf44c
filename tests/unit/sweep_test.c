/*
 * sweep_test.c - the operator's own under its rules, and what stops a purge:
 * the clock, and too large a share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "lock.h"
#include "retain_place.h"

#define DAY_S 86400

static struct operator_store *
open_own(const struct place *p, enum store_mode mode)
{
	struct store_place at = { .dir = p->cfg.store, .witness = p->cfg.logs,
	    .master = p->master };
	struct operator_store *o = NULL;

	assert_int_equal(operator_open(&at, mode, &o), RC_OK);
	return o;
}

static uint64_t
count_of(const struct place *p, enum operator_table table)
{
	struct operator_store *o = open_own(p, STORE_READ);
	uint64_t n = 0;

	assert_int_equal(operator_count(o, table, &n), RC_OK);
	operator_close(o);
	return n;
}

static void
invoice(struct operator_store *o, const char *number, struct day date,
    const char *hold)
{
	struct invoice_row r = { .tenant = "acme", .date = date,
	    .currency = "EUR" };

	str_copy(r.number, sizeof(r.number), number);
	str_copy(r.hold, sizeof(r.hold), hold);
	operator_invoice_put(o, &r);
}

static void
login(struct operator_store *o, const char *email, const char *tenant)
{
	struct login_row r = { .made_at = 1600000000 };

	str_copy(r.email, sizeof(r.email), email);
	str_copy(r.tenant, sizeof(r.tenant), tenant);
	operator_login_put(o, &r);
}

/* Invoices of acme of these days, the last under a hold; logins; visits. */
static void
own_fill(const struct place *p, struct day old, struct day new)
{
	struct operator_store *o = open_own(p, STORE_MAKE);
	struct day edge = rule_cut(RULE_VISITS, clock_now(), ZONE);

	assert_int_equal(operator_begin(o), RC_OK);
	invoice(o, "number-1", old, "");
	invoice(o, "number-2", new, "");
	invoice(o, "number-3", old, "audit");
	login(o, "a@acme.example", "acme");
	login(o, "b@beta.example", "beta");
	login(o, "me@operator.example", "");
	assert_int_equal(operator_visit_add(o, edge, "/", "192"), RC_OK);
	assert_int_equal(operator_visit_add(o, clock_day_add(edge, -1), "/",
	    "192"), RC_OK);
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
}

/* Whether the operator's store has these bytes anywhere, free pages too. */
static bool
holds(const struct place *p, const char *text)
{
	char path[FILE_PATH];
	struct buf b;
	bool found;

	assert_int_equal(file_path(path, p->cfg.store, "operator/data.mdb"),
	    RC_OK);
	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b), RC_OK);
	found = memmem(b.data, b.len, text, strlen(text)) != NULL;
	buf_free(&b);
	return found;
}

/* The last day whose invoices may go: of the year before the seven. */
static struct day
old_day(const struct place *p)
{
	return (struct day){ p->today.year - 8, 12, 31 };
}

static void
test_own(void **state)
{
	struct place *p = *state;
	struct day old = old_day(p);
	struct rows r;

	own_fill(p, old, clock_day_add(old, 1));
	assert_true(holds(p, "number-1"));
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RULE_INVOICES, "acme")->gone, 1);
	assert_int_equal(row(&r, RULE_INVOICES, "acme")->kept, 1);
	assert_int_equal(row(&r, RULE_VISITS, NULL)->gone, 1);
	assert_int_equal(row(&r, RULE_VISITS, NULL)->overdue, 1);
	assert_int_equal(row(&r, RULE_VISITS, NULL)->kept, 1);
	assert_int_equal(count_of(p, OPERATOR_INVOICES), 3);	/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_INVOICES, "acme")->gone, 1);
	assert_int_equal(row(&r, RULE_VISITS, NULL)->gone, 1);
	assert_int_equal(count_of(p, OPERATOR_INVOICES), 2);
	assert_int_equal(count_of(p, OPERATOR_VISITS), 1);
	assert_int_equal(count_of(p, OPERATOR_LOGINS), 3);
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 2);
	assert_false(holds(p, "number-1"));
	assert_true(holds(p, "number-2"));
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_INVOICES, "acme")->gone, 0);
}

/* A hold of the tenant keeps all its invoices. */
static void
test_hold(void **state)
{
	static char why[] = "court";
	struct place *p = *state;
	struct rows r;

	own_fill(p, old_day(p), old_day(p));
	p->tenants[0].hold = why;
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(apply(p, false, &r), RC_OK);	/* now it is known */
	assert_int_equal(count_of(p, OPERATOR_INVOICES), 3);
	assert_string_equal(row(&r, RULE_INVOICES, "acme")->why,
	    "hold: court");
	assert_string_equal(row(&r, RULE_CUSTOMERS, "acme")->why,
	    "hold: court");
	p->cfg.tenants_n = 0;		/* the store remembers it */
	p->cfg.faulty_n = 0;
	assert_int_equal(apply(p, false, &r), RC_CONFIG);
	assert_int_equal(count_of(p, OPERATOR_INVOICES), 3);
}

/* With the last invoice, and the file gone, the customer goes; with the
 * tenant's end its login does. */
static void
test_customer(void **state)
{
	struct place *p = *state;
	struct operator_store *o;
	struct customer_row c;
	struct rows r;

	own_fill(p, old_day(p), clock_day_add(old_day(p), 1));
	p->tenants[0].has_end = true;
	p->tenants[0].end = due_end(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_LOGINS, "acme")->gone, 1);
	assert_int_equal(count_of(p, OPERATOR_LOGINS), 2);
	o = open_own(p, STORE_WRITE);
	assert_int_equal(operator_customer_get(o, "acme", &c), RC_OK);
	assert_true(c.shredded_at != 0);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_invoice_del(o, "acme", "number-2");
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_string_equal(row(&r, RULE_CUSTOMERS, "acme")->why,
	    "its file is there");
	p->cfg.tenants = &p->tenants[1];
	p->cfg.tenants_n = 1;
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_string_equal(row(&r, RULE_CUSTOMERS, "acme")->why, "invoices");
	o = open_own(p, STORE_WRITE);	/* the one under a hold */
	assert_int_equal(operator_begin(o), RC_OK);
	operator_invoice_del(o, "acme", "number-3");
	invoice(o, "number-4", clock_day_add(old_day(p), 1), "");
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_string_equal(row(&r, RULE_CUSTOMERS, "acme")->why, "invoices");
	assert_int_equal(operator_begin(o), RC_OK);
	operator_invoice_del(o, "acme", "number-4");
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 2);
	assert_true(holds(p, "acme"));
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_CUSTOMERS, "acme")->gone, 1);
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 1);
	assert_false(holds(p, "acme"));
}

/* While a tenant's file can't be read, it may be that of anybody who seems to
 * have none. */
static void
test_faulty(void **state)
{
	static const enum rule rules[] = { RULE_CUSTOMERS, RULE_INVOICES,
	    RULE_LOGINS };
	struct place *p = *state;
	struct customer_row c = { .tenant = "acme", .end = due_end(p) };
	struct operator_store *o;
	struct rows r;

	own_fill(p, old_day(p), old_day(p));
	o = open_own(p, STORE_WRITE);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_invoice_del(o, "acme", "number-3");
	operator_customer_put(o, &c);
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	p->cfg.tenants_n = 0;
	p->cfg.faulty_n = 1;
	assert_int_equal(apply(p, false, &r), RC_OK);
	for (size_t i = 0; i < COUNT(rules); i++) {
		assert_int_equal(row(&r, rules[i], "acme")->gone, 0);
		assert_string_equal(row(&r, rules[i], "acme")->why,
		    "a tenant file is at fault");
	}
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 1);
	assert_int_equal(count_of(p, OPERATOR_INVOICES), 2);
	assert_int_equal(count_of(p, OPERATOR_LOGINS), 3);
	p->cfg.faulty_n = 0;
	assert_int_equal(apply(p, false, &r), RC_OK);
	for (size_t i = 0; i < COUNT(rules); i++)
		assert_in_range(row(&r, rules[i], "acme")->gone, 1, 2);
	assert_int_equal(row(&r, RULE_LOGINS, "acme")->overdue, 1);
	assert_int_equal(row(&r, RULE_CUSTOMERS, "acme")->overdue,
	    row(&r, RULE_INVOICES, "acme")->overdue / 2);
	assert_string_equal(row(&r, RULE_LOGINS, "beta")->why,
	    "no end of the contract is known");
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 0);
	assert_int_equal(count_of(p, OPERATOR_INVOICES), 0);
	assert_int_equal(count_of(p, OPERATOR_LOGINS), 2);
}

/* A tenant of whom something is left stays known. */
static void
test_still_known(void **state)
{
	struct place *p = *state;
	int go[2], lock = -1;
	struct store_counts n;
	char c;
	struct rows r;
	pid_t pid;

	fill(p, "acme");
	p->tenants[0].has_end = true;
	p->tenants[0].end = first_kept(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	p->tenants[0].end = due_end(p);
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(pipe(go), 0);
	/* The store learns the end, but another run holds the tenant. */
	assert_int_equal(lock_any(&p->cfg, "acme", &lock), RC_OK);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		_exit(read(go[0], &c, 1) != 0);
	}
	close(lock);
	assert_int_equal(apply(p, false, &r), RC_LATER);
	p->cfg.tenants = &p->tenants[1];
	p->cfg.tenants_n = 1;
	assert_int_equal(apply(p, false, &r), RC_LATER);
	assert_int_equal(row(&r, RULE_CUSTOMERS, "acme")->gone, 0);
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 2);
	counts(p, "acme", &n);
	assert_int_equal(n.errors, 4);
	close(go[1]);
	close(go[0]);
	while (apply(p, false, &r) == RC_LATER)
		usleep(1000);
	assert_int_equal(row(&r, RULE_CUSTOMERS, "acme")->gone, 1);
	assert_int_equal(count_of(p, OPERATOR_CUSTOMERS), 1);
}

/* --- what stops it --- */

static void
test_most(void **state)
{
	struct plan_row rows[] = {
		{ .rule = RULE_SALES, .gone = 1, .kept = 99 },
		{ .rule = RULE_SALES, .gone = 1, .kept = 99 },
		{ .rule = RULE_KEYS, .gone = 1, .kept = 2 },
		{ .rule = RULE_LOGS, .kept = 7 },
		{ .rule = RULE_DEBTORS },
	};
	struct plan p = { .row = rows, .rows_n = COUNT(rows) };

	(void)state;
	assert_int_equal(sweep_most_check(&p, 34), RC_OK);
	assert_int_equal(sweep_most_check(&p, 33), RC_REJECT);
	assert_int_equal(sweep_most_check(&p, 100), RC_OK);
	rows[2].gone = 0;
	assert_int_equal(sweep_most_check(&p, 1), RC_OK);
	assert_int_equal(sweep_most_check(&p, 0), RC_REJECT);
	rows[0].gone = rows[1].gone = 0;
	assert_int_equal(sweep_most_check(&p, 0), RC_OK);
}

static enum rc
clock_at(int64_t newest, int64_t purge, int64_t now)
{
	struct plan p = { .newest_at = newest, .purge = { .at = purge },
	    .now = now };

	return sweep_clock_check(&p, false);
}

static void
test_clock(void **state)
{
	const int64_t t = 1800000000;
	struct plan p = { .newest_at = t + 5 * DAY_S, .now = t };

	(void)state;
	assert_int_equal(clock_at(0, 0, t), RC_OK);
	assert_int_equal(clock_at(t, 0, t - DAY_S), RC_OK);
	assert_int_equal(clock_at(t, 0, t - DAY_S - 1), RC_CONFIG);
	assert_int_equal(clock_at(t, 0, t + 93 * DAY_S), RC_OK);
	assert_int_equal(clock_at(t, 0, t + 93 * DAY_S + 1), RC_CONFIG);
	/* Traces of others do not excuse a leap since the last purge. */
	assert_int_equal(clock_at(t, t - 50 * DAY_S, t + 44 * DAY_S),
	    RC_CONFIG);
	assert_int_equal(clock_at(t, t - 50 * DAY_S, t + 43 * DAY_S), RC_OK);
	/* A person knows better, and what spoke against it is forgotten. */
	assert_int_equal(sweep_clock_check(&p, false), RC_CONFIG);
	assert_int_equal(sweep_clock_check(&p, true), RC_OK);
	p.newest_at = 0;
	plan_seen(&p, t + 5 * DAY_S);
	assert_int_equal(p.newest_at, 0);
	plan_seen(&p, t + 5 * DAY_S + 1);
	assert_int_equal(p.newest_at, t + 5 * DAY_S + 1);
}

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(test_own), PLACE(test_hold), PLACE(test_customer),
		PLACE(test_still_known), PLACE(test_faulty),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
