/*
 * retain_end_test.c - a tenant's end: two months after its contract all of it
 * goes, whatever state it is in, and nothing goes that can't be named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "file.h"
#include "lock.h"
#include "master.h"
#include "retain.h"
#include "retain_place.h"
#include "store.h"
#include "str.h"

static bool
there(const struct place *p, const char *name)
{
	char path[FILE_PATH];

	assert_int_equal(file_path(path, p->dir, name), RC_OK);
	return access(path, F_OK) == 0;
}

static const char *const acmes[] = { "store/keys/acme.ring",
    "store/keys/acme.generation", "store/tenants/acme",
    "store/tenants/acme.lock", "logs/acme.generation" };

static void
test_end(void **state)
{
	struct place *p = *state;
	struct tenant *acme = &p->tenants[0];
	struct store_counts n;
	struct rows r;

	fill(p, "acme");
	fill(p, "beta");
	acme->has_end = true;
	acme->end = first_kept(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_CREDENTIALS, "acme")->gone, 0);
	assert_int_equal(row(&r, RULE_CREDENTIALS, "acme")->kept, 2);
	assert_string_equal(row(&r, RULE_KEYS, "acme")->why, "term runs");
	assert_true(row(&r, RULE_CREDENTIALS, "acme")->next_at ==
	    clock_day_start(clock_day_add(last_day(acme->end, 2), 1), ZONE));
	assert_true(row(&r, RULE_CREDENTIALS, "beta")->next_at == 0);
	assert_string_equal(row(&r, RULE_KEYS, "beta")->why, "contract runs");
	acme->end = due_end(p);
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RULE_CREDENTIALS, "acme")->gone, 2);
	assert_int_equal(row(&r, RULE_CREDENTIALS, "acme")->overdue, 2);
	assert_int_equal(row(&r, RULE_SALES, "acme")->gone, 4);
	assert_int_equal(row(&r, RULE_KEYS, "acme")->gone, 1);
	counts(p, "acme", &n);
	assert_int_equal(n.secrets, 2);		/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_CREDENTIALS, "acme")->gone, 2);
	for (size_t i = 0; i < COUNT(acmes); i++)
		if (there(p, acmes[i]))
			fail_msg("%s is still there", acmes[i]);
	counts(p, "beta", &n);
	assert_int_equal(n.secrets, 2);		/* no end: they stay */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_null(row(&r, RULE_KEYS, "acme"));
}

/* What a rotation that died left of a ring: a copy of the keys. */
#define LEFTOVER "store/keys/.acme.ring.2147483646.tmp"

/* Cut short anywhere, the end of a tenant is finished by the next run. */
static void
test_end_cut(void **state)
{
	struct place *p = *state;
	char path[FILE_PATH];
	struct rows r;

	for (size_t cut = 1; cut < COUNT(acmes); cut++) {
		p->tenants[0].has_end = false;
		fill(p, "acme");
		assert_int_equal(apply(p, false, &r), RC_OK);
		p->tenants[0].has_end = true;
		p->tenants[0].end = due_end(p);
		for (size_t i = 0; i < cut; i++) {
			assert_int_equal(file_path(path, p->dir, acmes[i]),
			    RC_OK);
			assert_int_equal(file_remove(path), RC_OK);
		}
		assert_int_equal(file_path(path, p->dir, LEFTOVER), RC_OK);
		assert_int_equal(file_write(path, "key", 3, 0600), RC_OK);
		assert_int_equal(apply(p, false, &r), RC_OK);
		assert_false(there(p, LEFTOVER));
		assert_non_null(row(&r, RULE_KEYS, "acme"));
		assert_int_equal(row(&r, RULE_KEYS, "acme")->gone, 1);
		for (size_t i = 0; i < COUNT(acmes); i++)
			if (there(p, acmes[i]))
				fail_msg("%s is still there", acmes[i]);
	}
}

/* Without a ring that can be read, not even a database: it must end too. */
static void
test_end_broken(void **state)
{
	struct place *p = *state;
	char path[FILE_PATH];
	struct rows r;

	fill(p, "acme");
	assert_true(str_fmt(path, sizeof(path), "%s/tenants/acme/data.mdb",
	    p->cfg.store));
	assert_int_equal(file_write(path, "rubbish", 7, 0600), RC_OK);
	assert_int_equal(file_path(path, p->dir, acmes[0]), RC_OK);
	assert_int_equal(file_write(path, "rubbish", 7, 0600), RC_OK);
	p->tenants[0].has_end = true;
	p->tenants[0].end = due_end(p);
	assert_int_equal(apply(p, false, &r), RC_FATAL);	/* said */
	assert_false(there(p, "store/keys/acme.ring"));
	assert_false(there(p, "store/tenants/acme"));
	assert_int_equal(apply(p, false, &r), RC_OK);
}

/* The keys go first: where no more than that can be done, the rest is noise. */
static void
test_end_keys_first(void **state)
{
	struct place *p = *state;
	char path[FILE_PATH];
	struct rows r;

	fill(p, "acme");
	p->tenants[0].has_end = true;
	p->tenants[0].end = due_end(p);
	/* Deeper than is removed. */
	assert_true(str_fmt(path, sizeof(path), "%s/tenants/acme"
	    "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", p->cfg.store));
	assert_int_equal(file_mkdir(path), RC_OK);
	assert_true(apply(p, false, &r) >= RC_CONFIG);
	assert_int_equal(row(&r, RULE_KEYS, "acme")->gone, 0);
	assert_true(there(p, "store/tenants/acme"));
	assert_false(there(p, "store/keys/acme.ring"));
	assert_true(str_fmt(path, sizeof(path), "%s/tenants/acme/a/b/c",
	    p->cfg.store));
	assert_int_equal(file_remove(path), RC_OK);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_false(there(p, "store/tenants/acme"));
}

/* Its file gone, a tenant ends by what the operator's store knows. */
static void
test_no_file(void **state)
{
	struct place *p = *state;
	struct rows r;

	fill(p, "acme");
	fill(p, "beta");
	p->cfg.tenants_n = 1;
	assert_int_equal(apply(p, true, &r), RC_CONFIG);	/* S722 */
	assert_string_equal(row(&r, RULE_KEYS, "beta")->why,
	    "no end of the contract is known");
	p->cfg.tenants_n = 2;
	p->tenants[1].has_end = true;
	p->tenants[1].end = first_kept(p);
	assert_int_equal(apply(p, false, &r), RC_OK);	/* now it is known */
	p->cfg.tenants_n = 1;
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_true(there(p, "store/keys/beta.ring"));
	assert_int_equal(row(&r, RULE_DETAILS, "beta")->kept, 2);
	p->cfg.tenants_n = 2;
	p->tenants[1].end = due_end(p);
	p->cfg.faulty_n = 1;
	p->cfg.tenants_n = 0;
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_KEYS, "beta")->gone, 0);
	assert_true(there(p, "store/keys/beta.ring"));
	p->cfg.faulty_n = 0;
	p->cfg.tenants_n = 2;
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RULE_KEYS, "beta")->gone, 1);
}

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(test_end), PLACE(test_end_cut), PLACE(test_end_broken),
		PLACE(test_end_keys_first), PLACE(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
