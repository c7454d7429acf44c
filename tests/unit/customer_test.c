/*
 * customer_test.c - the own customers follow their files, and stay when a
 * file is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ownbox.h"

#include "customer.h"

#define NOON 1800000000

static char name[] = "acme", other[] = "zulu", company[] = "Acme B.V.",
    iban[] = "NL91ABNA0417164300", hold[] = "audit", webshop[] = "sync",
    since[] = "2024-01-01", blank[] = "", address[] = "Dorpsstraat 1",
    postcode[] = "1234 AB", city[] = "Utrecht", email[] = "a@acme.example",
    vat_number[] = "NL000099998B57";

static void
refresh(struct operator_store *o, struct tenant *tenants, size_t n,
    int64_t now)
{
	struct config cfg = { .tenants = tenants, .tenants_n = n };

	assert_int_equal(operator_begin(o), RC_OK);
	assert_int_equal(customer_refresh(o, &cfg, now), RC_OK);
	assert_int_equal(operator_commit(o), RC_OK);
}

static struct customer_row
row_of(struct operator_store *o, const char *tenant)
{
	struct customer_row r;

	assert_int_equal(operator_customer_get(o, tenant, &r), RC_OK);
	return r;
}

static void
test_refresh(void **state)
{
	struct config_pair services[] = { { webshop, since, 1 },
	    { company, blank, 2 } };
	struct tenant t[] = {
		{ .name = name, .start = { 2024, 1, 1 },
		    .customer = { .name = company, .iban = iban,
		    .address = address, .postcode = postcode, .city = city,
		    .email = email, .vat_number = vat_number,
		    .country = "BE" }, .services = services, .services_n = 2 },
		{ .name = other, .start = { 2025, 1, 1 } },
	};
	struct operator_store *o = open_own(STORE_MAKE);
	struct customer_row r;
	uint64_t n = 0;

	(void)state;
	refresh(o, t, 2, NOON);
	r = row_of(o, "acme");
	assert_string_equal(r.name, "Acme B.V.");
	assert_string_equal(r.iban, iban);
	assert_string_equal(r.country, "BE");
	assert_string_equal(r.address, address);
	assert_string_equal(r.postcode, postcode);
	assert_string_equal(r.city, city);
	assert_string_equal(r.email, email);
	assert_string_equal(r.vat_number, vat_number);
	assert_string_equal(r.services, "sync\t2024-01-01\nAcme B.V.\t\n");
	assert_string_equal(r.hold, "");
	assert_int_equal(r.start.year, 2024);
	assert_int_equal(r.end.year, 0);
	assert_int_equal(r.seen_at, NOON);

	/* Nothing changed: nothing is written until the next day. */
	refresh(o, t, 2, NOON + 86399);
	assert_int_equal(row_of(o, "acme").seen_at, NOON);
	refresh(o, t, 2, NOON + 86400);
	assert_int_equal(row_of(o, "acme").seen_at, NOON + 86400);

	/* What changed is written at once, and the file of the other is gone. */
	t[0].hold = hold;
	t[0].has_end = true;
	t[0].end = (struct day){ 2026, 8, 31 };
	t[0].services_n = 0;
	t[0].customer.iban = NULL;
	refresh(o, t, 1, NOON + 86401);
	r = row_of(o, "acme");
	assert_string_equal(r.hold, "audit");
	assert_int_equal(r.end.month, 8);
	assert_string_equal(r.services, "");
	assert_string_equal(r.iban, "");
	assert_int_equal(r.seen_at, NOON + 86401);
	assert_int_equal(row_of(o, "zulu").seen_at, NOON + 86400);
	assert_int_equal(operator_count(o, OPERATOR_CUSTOMERS, &n), RC_OK);
	assert_int_equal(n, 2);

	/* That its data went is not forgotten. */
	r.shredded_at = NOON + 9;
	assert_int_equal(operator_begin(o), RC_OK);
	operator_customer_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	refresh(o, t, 1, NOON + 9 * 86400);
	assert_int_equal(row_of(o, "acme").shredded_at, NOON + 9);
	operator_close(o);
}

static void
test_many_services(void **state)
{
	static char long_name[201];
	struct config_pair services[20];
	struct tenant t = { .name = name, .services = services,
	    .services_n = COUNT(services) };
	struct operator_store *o = open_own(STORE_MAKE);
	struct customer_row r;

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	for (size_t i = 0; i < COUNT(services); i++)
		services[i] = (struct config_pair){ long_name, since, 1 };
	refresh(o, &t, 1, NOON);
	r = row_of(o, "acme");
	assert_int_equal(strlen(r.services), 9 * (200 + 1 + 10 + 1));
	operator_close(o);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refresh),
		TEST(test_many_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
