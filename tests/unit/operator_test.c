/*
 * operator_test.c - own customers, invoices, logins and visits come back as
 * they went in, are sealed, and are nobody else's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ownbox.h"
#include "store.h"

static struct invoice_row
invoice(const char *tenant, const char *number)
{
	struct invoice_row r = { .date = { 2026, 2, 28 }, .currency = "EUR",
	    .excl = { 100000000 }, .vat = { 21000000 }, .incl = { 121000000 },
	    .term = INVOICE_PROPERTY, .description = "canary-subscription",
	    .hold = "audit" };

	assert_true(str_copy(r.tenant, sizeof(r.tenant), tenant));
	assert_true(str_copy(r.number, sizeof(r.number), number));
	return r;
}

static void
test_absent(void **state)
{
	struct operator_store *o = NULL;

	(void)state;
	assert_int_equal(operator_open(&at, STORE_READ, &o), RC_END);
	assert_int_equal(operator_open(&at, STORE_WRITE, &o), RC_END);
	assert_null(o);
	assert_int_not_equal(access(place_path(&place, "store/operator"),
	    F_OK), 0);
	operator_close(NULL);
	operator_close(open_own(STORE_MAKE));
	operator_close(open_own(STORE_READ));
	assert_int_equal(access(place_path(&place,
	    "store/keys/@operator.ring"), F_OK), 0);
	assert_int_equal(access(place_path(&place,
	    "store/keys/@operator.generation"), F_OK), 0);
}

static void
test_customer(void **state)
{
	struct customer_row r = { .tenant = "acme", .seen_at = 7,
	    .start = { 2024, 2, 29 }, .shredded_at = 9, .name = "canary B.V.",
	    .address = "Dorpsstraat 1", .postcode = "1234 AB",
	    .city = "Utrecht", .country = "NL", .email = "a@canary.example",
	    .iban = "NL91ABNA0417164300", .vat_number = "NL001234567B01",
	    .services = "sync\t2024-01-01\nmore\t\n", .hold = "audit" };
	struct customer_row back;
	struct operator_store *o = open_own(STORE_MAKE);

	(void)state;
	assert_int_equal(operator_customer_get(o, "acme", &back), RC_END);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_customer_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	o = open_own(STORE_READ);
	assert_int_equal(operator_customer_get(o, "acme", &back), RC_OK);
	assert_memory_equal(&back, &r, sizeof(r));
	assert_int_equal(operator_customer_get(o, "acm", &back), RC_END);
	operator_close(o);
	assert_false(place_holds(place_path(&place, DATA), "canary", 6));
	o = open_own(STORE_WRITE);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_customer_del(o, "acme");
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_customer_get(o, "acme", &back), RC_END);
	operator_close(o);
}

struct seen_rows { size_t n; char first[OPERATOR_NUMBER]; int stop_at; };

static enum rc
take_invoice(void *arg, const void *row)
{
	const struct invoice_row *r = row;
	struct seen_rows *s = arg;

	if (s->n++ == 0)
		(void)str_copy(s->first, sizeof(s->first), r->number);
	return (int)s->n == s->stop_at ? RC_AUTH : RC_OK;
}

static void
test_invoices(void **state)
{
	static const char *const numbers[] = { "2026-2", "2026-10", "2026-1" };
	struct operator_store *o = open_own(STORE_MAKE);
	struct invoice_row r, back;
	struct seen_rows s = { 0 };
	uint64_t n = 0;

	(void)state;
	assert_int_equal(operator_begin(o), RC_OK);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		r = invoice("acme", numbers[i]);
		operator_invoice_put(o, &r);
	}
	r = invoice("acm", "e2026-1");
	operator_invoice_put(o, &r);
	/* Within the transaction it is there, and an abort takes it back. */
	assert_int_equal(operator_invoice_get(o, "acme", "2026-10", &back),
	    RC_OK);
	operator_abort(o);
	assert_int_equal(operator_invoice_get(o, "acme", "2026-10", &back),
	    RC_END);
	assert_int_equal(operator_begin(o), RC_OK);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		r = invoice("acme", numbers[i]);
		operator_invoice_put(o, &r);
	}
	assert_int_equal(operator_commit(o), RC_OK);
	r = invoice("acme", "2026-10");
	assert_int_equal(operator_invoice_get(o, "acme", "2026-10", &back),
	    RC_OK);
	assert_memory_equal(&back, &r, sizeof(r));
	assert_int_equal(operator_invoice_get(o, "acm", "2026-10", &back),
	    RC_END);
	assert_int_equal(operator_count(o, OPERATOR_INVOICES, &n), RC_OK);
	assert_int_equal(n, 3);
	assert_int_equal(operator_each(o, OPERATOR_INVOICES, take_invoice, &s),
	    RC_OK);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.first, "2026-1");
	s = (struct seen_rows){ .stop_at = 2 };
	assert_int_equal(operator_each(o, OPERATOR_INVOICES, take_invoice, &s),
	    RC_AUTH);
	assert_int_equal(s.n, 2);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_invoice_del(o, "acme", "2026-10");
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_count(o, OPERATOR_INVOICES, &n), RC_OK);
	assert_int_equal(n, 2);
	operator_close(o);
}

static void
test_login(void **state)
{
	struct login_row r = { .email = "Canary@Example.org", .tenant = "acme",
	    .made_at = 5, .salt = "00ff", .password = "aa", .key = "bb",
	    .scrypt_n = 1 << 17, .scrypt_r = 8, .scrypt_p = 1 };
	struct operator_store *o = open_own(STORE_MAKE);
	struct login_row back;

	(void)state;
	assert_int_equal(operator_begin(o), RC_OK);
	operator_login_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_login_get(o, " canary@example.ORG", &back),
	    RC_OK);
	assert_memory_equal(&back, &r, sizeof(r));
	assert_int_equal(operator_login_get(o, "canary@example.or", &back),
	    RC_END);
	assert_false(place_holds(place_path(&place, DATA), "anary", 5));
	assert_int_equal(operator_begin(o), RC_OK);
	operator_login_del(o, "CANARY@example.org");
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_login_get(o, r.email, &back), RC_END);
	operator_close(o);
}

static enum rc
take_visit(void *arg, const void *row)
{
	const struct visit_row *r = row;
	int64_t *sum = arg;

	assert_int_equal(r->day.day, 2);
	assert_string_equal(r->page, "/status");
	assert_string_equal(r->net, "192");
	*sum += r->count;
	return RC_OK;
}

static void
test_visits(void **state)
{
	static const struct day first = { 2026, 11, 1 }, second = { 2026, 11, 2 };
	struct operator_store *o = open_own(STORE_MAKE);
	int64_t sum = 0;
	uint64_t n = 0;
	size_t gone = 9;

	(void)state;
	assert_int_equal(operator_begin(o), RC_OK);
	assert_int_equal(operator_visit_add(o, first, "/", "192"), RC_OK);
	assert_int_equal(operator_visit_add(o, first, "/", "10"), RC_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(operator_visit_add(o, second, "/status",
		    "192"), RC_OK);
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_count(o, OPERATOR_VISITS, &n), RC_OK);
	assert_int_equal(n, 3);
	assert_int_equal(operator_begin(o), RC_OK);
	assert_int_equal(operator_visit_fade(o, first, &gone), RC_OK);
	assert_int_equal(gone, 0);
	assert_int_equal(operator_visit_fade(o, second, &gone), RC_OK);
	assert_int_equal(gone, 2);
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_each(o, OPERATOR_VISITS, take_visit, &sum),
	    RC_OK);
	assert_int_equal(sum, 3);
	operator_close(o);
}

static void
test_purge(void **state)
{
	struct purge_row r = { .at = 1800000000, .wrong_at = 1900000000 }, back;
	struct operator_store *o = open_own(STORE_MAKE);

	(void)state;
	assert_int_equal(operator_purge_get(o, &back), RC_END);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_purge_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	o = open_own(STORE_READ);
	assert_int_equal(operator_purge_get(o, &back), RC_OK);
	assert_memory_equal(&back, &r, sizeof(r));
	operator_close(o);
}

static enum rc
take_over(void)
{
	struct store_place own = at;

	own.tenant = ENV_OPERATOR;
	return store_take_over(&own);
}

/* What was dropped is gone from the disk, and a restored one is told, once. */
static void
test_restored(void **state)
{
	static char bytes[1 << 20];
	struct operator_store *o = open_own(STORE_MAKE);
	struct invoice_row r = invoice("acme", "1");
	size_t n;

	(void)state;
	operator_close(o);
	n = place_slurp(place_path(&place, DATA), bytes, sizeof(bytes));
	o = open_own(STORE_WRITE);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_invoice_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	assert_int_equal(operator_reload(o), RC_OK);
	assert_int_equal(operator_invoice_get(o, "acme", "1", &r), RC_OK);
	operator_close(o);
	(void)place_said(&place, "x");
	assert_int_equal(file_write(place_path(&place, DATA), bytes, n, 0600),
	    RC_OK);
	o = open_own(STORE_WRITE);
	assert_true(place_said(&place, "S704"));
	assert_int_equal(operator_invoice_get(o, "acme", "1", &r), RC_END);
	assert_int_equal(operator_begin(o), RC_OK);
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	operator_close(open_own(STORE_WRITE));
	assert_false(place_said(&place, "S704"));
	assert_int_equal(take_over(), RC_OK);
}

/* A host row that is not ours: sealed with the keys, as the other host has
 * them. */
static void
test_other_host(void **state)
{
	static const char *const tables[] = { "meta", "customers", "invoices",
	    "logins", "visits", NULL };
	uint8_t other[32] = "another host", sealed[32 + CRYPT_OVERHEAD];
	struct operator_store *o = open_own(STORE_MAKE);
	struct ring ring = { 0 };
	struct db *d = NULL;

	(void)state;
	operator_close(o);
	o = NULL;
	assert_int_equal(ring_open(place_path(&place, "store/keys"),
	    ENV_OPERATOR, master, 0, &ring), RC_OK);
	assert_int_equal(crypt_seal(ring.data, 1, (struct part){
	    "@operator\0meta\0host", 20 }, other, 32, sealed), RC_OK);
	ring_close(&ring);
	assert_int_equal(db_open(place_path(&place, "store/operator"), tables,
	    false, false, &d), RC_OK);
	assert_int_equal(db_begin(d), RC_OK);
	db_put(d, OPERATOR_META, (struct bytes){ "host", 4 },
	    (struct bytes){ sealed, sizeof(sealed) });
	assert_int_equal(db_commit(d), RC_OK);
	db_close(d);
	assert_int_equal(operator_open(&at, STORE_READ, &o), RC_CONFIG);
	assert_true(place_said(&place, "S711"));
	assert_int_equal(take_over(), RC_OK);
	operator_close(open_own(STORE_WRITE));
}

/* A tenant by the name of operator lies elsewhere, and none can bear a name
 * such as the operator's store does. */
static void
test_apart(void **state)
{
	struct operator_store *o = open_own(STORE_MAKE);
	struct store_place tenant = at;
	struct env env;

	(void)state;
	operator_close(o);
	tenant.tenant = "operator";
	assert_int_equal(env_open(&env, &tenant, STORE_READ, false), RC_END);
	tenant.tenant = "@other";
	assert_int_equal(env_open(&env, &tenant, STORE_MAKE, false),
	    RC_CONFIG);
	assert_true(place_said(&place, "S604"));
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_absent),
		TEST(test_customer),
		TEST(test_invoices),
		TEST(test_login),
		TEST(test_visits),
		TEST(test_purge),
		TEST(test_restored),
		TEST(test_other_host),
		TEST(test_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
