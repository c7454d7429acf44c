/*
 * shared_test.c - tenants with the same books: who may make a contact when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clock.h"
#include "place.h"
#include "shared.h"
#include "str.h"

#define LAG 2

static enum rc
add(struct connection *c, const struct debtor *d, char contact[CODE_MAX])
{
	(void)c, (void)d, (void)contact;
	return RC_FATAL;
}

static const struct books_ops ops = { .debtor_add = add }, files = { 0 };
static const struct connector bird = { .books = &ops, .search_lag_s = LAG };
static const struct connector journal = { .books = &files };

static struct place place;

/* Two tenants of the same books, and what each makes of it. */
static char name_a[] = "a", name_b[] = "b";
static struct tenant tenants[2];
static struct config cfg;
static struct shared a, b;
static volatile int stop;
static const struct debtor nobody = { .id = "" };

static int
setup(void **state)
{
	(void)state;
	place_make(&place);
	stop = 0;
	memset(&cfg, 0, sizeof(cfg));
	(void)str_copy(cfg.store, sizeof(cfg.store), place.dir);
	cfg.tenants = tenants;
	cfg.tenants_n = 2;
	for (int i = 0; i < 2; i++) {
		tenants[i] = (struct tenant){ .name = i ? name_b : name_a,
		    .books = { .connector = &bird, .books_id = 0x117 },
		    .rules.settle_s = i ? 60 : 10 };
	}
	return shared_init(&a, &cfg, &tenants[0], &stop) != RC_OK ||
	    shared_init(&b, &cfg, &tenants[1], &stop) != RC_OK;
}

static int
teardown(void **state)
{
	(void)state;
	shared_leave(&a, RC_END);
	shared_leave(&b, RC_END);
	place_end(&place);
	return 0;
}

static int64_t
moment(void)
{
	int64_t at = 0;
	int fd = open(a.path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(file_moment_get(fd, &at), RC_OK);
	close(fd);
	return at;
}

static void
set(int64_t at)
{
	int fd = open(a.path, O_RDWR | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_moment_put(fd, a.path, at), RC_OK);
	close(fd);
	assert_int_equal(moment(), at);
}

/* About now + seconds, and one more: never less. */
static void
assert_ahead(int64_t seconds)
{
	int64_t ahead = moment() - clock_now();

	assert_true(ahead <= seconds + 1 && ahead > seconds - 5);
}

static void
test_who(void **state)
{
	struct shared s;

	(void)state;
	assert_true(a.on && b.on);
	assert_string_equal(a.path, b.path);
	assert_int_equal(a.settle_s, 60);
	tenants[1].books.books_id++;
	assert_int_equal(shared_init(&s, &cfg, &tenants[0], NULL), RC_OK);
	assert_false(s.on);
	assert_int_equal(shared_take(&s, &nobody, 0), RC_OK);
	shared_leave(&s, RC_OK);
	/* Files know no contacts. */
	tenants[0].books = tenants[1].books = (struct config_connection){
	    .connector = &journal };
	assert_int_equal(shared_init(&s, &cfg, &tenants[0], NULL), RC_OK);
	assert_false(s.on);
}

static void
test_made(void **state)
{
	(void)state;
	set(1);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
	assert_ahead(60 + LAG);		/* were we to die now */
	shared_leave(&a, RC_OK);
	assert_ahead(LAG);
	/* Its own is in nobody's way but the other's, who waits. */
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
	shared_leave(&a, RC_OK);
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_END);
	assert_true(clock_now() >= moment());
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_OK);
	shared_leave(&b, RC_OK);
}

/* While one makes a contact the other may not. */
static void
test_held(void **state)
{
	(void)state;
	set(1);
	b.busy = true;			/* no long wait in a test */
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
	assert_int_equal(shared_take(&b, &nobody, clock_now() + 1000), RC_UNSURE);
	shared_leave(&a, RC_REJECT);
	assert_int_equal(moment(), 1);	/* nothing was made */
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_OK);
}

static void
test_lost(void **state)
{
	(void)state;
	set(1);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
	shared_leave(&a, RC_UNSURE);
	assert_ahead(60 + LAG);
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_UNSURE);
	/* What we make meanwhile does not make it shorter. */
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
	shared_leave(&a, RC_OK);
	assert_ahead(60 + LAG);
	assert_int_equal(shared_take(&b, &nobody, moment()), RC_OK);
}

/* One who waits lets others go on once, and then no more. */
static void
test_turns(void **state)
{
	(void)state;
	set(clock_now() + 1);
	assert_int_equal(shared_take(&a, &nobody, 0), RC_END);
	assert_int_equal(a.fd, -1);
	set(clock_now() + 1);
	assert_int_equal(shared_take(&a, &nobody, 0), RC_END);
	assert_true(a.fd >= 0);
	b.busy = true;
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_UNSURE);
	/* It is found: that leaves the moment as it is. */
	shared_leave(&a, RC_END);
	assert_true(moment() <= clock_now());
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_OK);
}

static void
test_clock_was_ahead(void **state)
{
	(void)state;
	set(clock_now() + 1000000);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_UNSURE);
	assert_ahead(60 + LAG);
}

/* Half a moment is none; nothing at all is the first. */
static void
test_cut(void **state)
{
	(void)state;
	set(1);
	assert_int_equal(truncate(a.path, 5), 0);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_UNSURE);
	assert_ahead(60 + LAG);
	assert_int_equal(truncate(a.path, 0), 0);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
}

static void
test_stopped(void **state)
{
	(void)state;
	stop = 1;
	set(clock_now() + LAG);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_LATER);
	assert_int_equal(a.fd, -1);
	set(1);
	assert_int_equal(shared_take(&a, &nobody, clock_now()), RC_OK);
	assert_int_equal(shared_take(&b, &nobody, clock_now()), RC_LATER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who, setup, teardown),
		cmocka_unit_test_setup_teardown(test_made, setup, teardown),
		cmocka_unit_test_setup_teardown(test_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock_was_ahead, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
