/*
 * env_test.c - who may use a store, how a restored one is told, and that what
 * was dropped is gone from the disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <cmocka.h>

#include "safe.h"
#include "shelf.h"
#include "str.h"

#define LEFT "store/tenants/acme/reload.tmp"

static void
test_newer(void **state)
{
	char format[8];

	(void)state;
	store_close(open_store(STORE_MAKE));
	assert_int_equal(peek(0, "format", 6, format), 1);
	assert_int_equal(format[0], '0' + STORE_FORMAT);
	tamper(0, "format", 6, "2", 1);
	refused(STORE_READ, RC_CONFIG, "S504");
	refused(STORE_WRITE, RC_CONFIG, "S504");
	refused(STORE_MAKE, RC_CONFIG, "S504");
	assert_int_equal(store_take_over(&at), RC_CONFIG);
	tamper(0, "format", 6, "x", 1);
	refused(STORE_READ, RC_FATAL, "S502");
	tamper(0, "format", 6, "1", 1);
	store_close(open_store(STORE_WRITE));
}

static void
test_other_host(void **state)
{
	char host[256], mine[256];
	size_t n;
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	book(s, "1", 100);
	store_close(s);
	n = peek(0, "host", 4, mine);
	/* A host row of the right form that is not ours: made with the keys of
	 * the tenant, as the other host has them. */
	assert_int_equal(n, 32 + CRYPT_OVERHEAD);
	{
		struct ring ring = { 0 };
		uint8_t other[32] = "another host";

		assert_int_equal(ring_open(place_path(&place, "store/keys"),
		    "acme", master, 0, &ring), RC_OK);
		assert_int_equal(crypt_seal(ring.data, 1, (struct part){
		    "acme\0meta\0host", 15 }, other, 32, (uint8_t *)host), RC_OK);
		ring_close(&ring);
	}
	tamper(0, "host", 4, host, n);
	refused(STORE_READ, RC_CONFIG, "S505");
	refused(STORE_WRITE, RC_CONFIG, "S505");
	refused(STORE_MAKE, RC_CONFIG, "S505");
	assert_int_equal(store_take_over(&at), RC_OK);
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	assert_true(booked(s, "1", 100));
	assert_int_equal(store_begin(s), RC_OK);
	store_trusted(s);
	assert_int_equal(store_commit(s), RC_OK);
	assert_false(store_restored(s));
	store_close(s);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	store_close(s);
}

static void
test_keys_gone(void **state)
{
	(void)state;
	store_close(open_store(STORE_MAKE));
	assert_int_equal(file_remove(place_path(&place,
	    "store/keys/acme.ring")), RC_OK);
	refused(STORE_READ, RC_CONFIG, "S508");
	refused(STORE_WRITE, RC_CONFIG, "S508");
	/* New keys must not be made over old data. */
	refused(STORE_MAKE, RC_CONFIG, "S508");
	assert_int_not_equal(access(place_path(&place,
	    "store/keys/acme.ring"), F_OK), 0);
}

/* --- restored --- */

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	size_t n = place_slurp(place_path(&place, from), bytes, sizeof(bytes));

	assert_in_range(n, 1, sizeof(bytes) - 2);
	assert_int_equal(file_write(place_path(&place, to), bytes, n, 0600),
	    RC_OK);
}

static uint64_t
counter(void)
{
	uint64_t n = 0;

	assert_int_equal(ring_generation(place_path(&place, "store/keys"),
	    "acme", &n), RC_OK);
	return n;
}

static void
test_restored(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	uint64_t was;

	(void)state;
	book(s, "1", 100);
	store_close(s);
	copy_file(DATA, "backup");
	/* A reload that died half-way left this; a reader lets it be. */
	assert_int_equal(mkdir(place_path(&place, LEFT), 0700), 0);
	store_close(open_store(STORE_READ));
	assert_int_equal(access(place_path(&place, LEFT), F_OK), 0);
	s = open_store(STORE_WRITE);
	assert_int_not_equal(access(place_path(&place, LEFT), F_OK), 0);
	assert_false(store_restored(s));
	book(s, "2", 200);
	store_close(s);
	assert_false(place_said(&place, "S506"));
	copy_file("backup", DATA);
	s = open_store(STORE_READ);
	assert_true(store_restored(s));
	assert_false(place_said(&place, "S506"));
	store_close(s);

	/* It stays so, over runs, until the record is whole. */
	was = counter();
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	assert_true(place_said(&place, "S506"));
	assert_false(booked(s, "2", 200));
	book(s, "2", 200);
	store_close(s);
	assert_true(counter() > was);
	(void)place_said(&place, "x");
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	assert_false(place_said(&place, "S506"));
	assert_int_equal(store_begin(s), RC_OK);
	store_trusted(s);
	assert_false(store_restored(s));
	store_abort(s);
	assert_true(store_restored(s));
	assert_int_equal(store_begin(s), RC_OK);
	store_trusted(s);
	assert_int_equal(store_commit(s), RC_OK);
	store_close(s);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	store_close(s);
}

/* A backup made in the middle of a run, put back after the end of that run. */
static void
test_restored_mid_run(void **state)
{
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	store_close(s);
	s = open_store(STORE_WRITE);
	book(s, "1", 100);
	copy_file(DATA, "backup");
	book(s, "2", 200);
	store_close(s);
	copy_file("backup", DATA);
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	assert_false(booked(s, "2", 200));
	store_close(s);
}

/* The whole store was put back, counter and all: the one outside tells; and
 * so does its absence. */
static void
test_witness(void **state)
{
	static char logs[128];
	struct store *s;

	(void)state;
	snprintf(logs, sizeof(logs), "%s", place_path(&place, "outside"));
	assert_int_equal(file_remove(logs), RC_OK);
	at.witness = logs;
	s = open_store(STORE_MAKE);
	book(s, "1", 100);
	store_close(s);
	copy_file(DATA, "backup");
	copy_file("store/keys/acme.generation", "backup.generation");
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	book(s, "2", 200);
	store_close(s);
	copy_file("backup", DATA);
	copy_file("backup.generation", "store/keys/acme.generation");
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	assert_int_equal(store_begin(s), RC_OK);
	store_trusted(s);
	assert_int_equal(store_commit(s), RC_OK);
	store_close(s);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	store_close(s);
	assert_int_equal(file_remove(logs), RC_OK);
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	store_close(s);
	at.witness = NULL;
}

/* The folder is gone, the ring is not: it must not pass for a new tenant. */
static void
test_emptied(void **state)
{
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	book(s, "1", 100);
	store_close(s);
	assert_int_equal(file_remove(place_path(&place,
	    "store/tenants/acme")), RC_OK);
	refused(STORE_WRITE, RC_END, NULL);
	s = open_store(STORE_MAKE);
	assert_true(store_restored(s));
	assert_true(place_said(&place, "S506"));
	assert_false(booked(s, "1", 100));
	store_close(s);
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	store_close(s);
}

/* Died between the commit and the counter: the environment is ahead. */
static void
test_ahead(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	uint64_t n;

	(void)state;
	book(s, "1", 100);
	store_close(s);
	n = counter();
	assert_true(n > 0);
	assert_int_equal(ring_generation_set(place_path(&place, "store/keys"),
	    "acme", n - 1), RC_OK);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	book(s, "2", 100);
	store_close(s);
	assert_int_equal(counter(), n + 1);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	store_close(s);
}

/* A run without a change leaves everything as it was. */
static void
test_idle(void **state)
{
	static char before[1 << 18], after[1 << 18];
	size_t n;
	uint64_t was;
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	book(s, "1", 100);
	store_close(s);
	was = counter();
	n = place_slurp(place_path(&place, DATA), before, sizeof(before));
	s = open_store(STORE_MAKE);
	assert_int_equal(store_begin(s), RC_OK);
	assert_int_equal(store_commit(s), RC_OK);
	store_close(s);
	assert_int_equal(place_slurp(place_path(&place, DATA), after,
	    sizeof(after)), n);
	assert_memory_equal(before, after, n);
	assert_int_equal(counter(), was);
}

/* Killed at any commit, what was committed is there and is not restored. */
static void
test_killed(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	int status;
	pid_t pid;

	(void)state;
	store_close(s);
	pid = fork();
	if (pid == 0) {
		struct sale_key k;
		struct record r = { { 1 }, { 2 } };

		s = open_store(STORE_WRITE);
		book(s, "1", 100);
		book(s, "2", 200);
		k = key_of(s, "3");
		if (store_begin(s) != RC_OK)
			_exit(1);
		store_sale_put(s, &k, &r);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	assert_true(booked(s, "1", 100));
	assert_true(booked(s, "2", 200));
	assert_false(booked(s, "3", 1));
	book(s, "3", 300);
	assert_true(booked(s, "3", 300));
	store_close(s);
}

/* --- gone is gone --- */

static void
test_reload(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct secret_row secret = { .at = 1 };
	struct sale_key k = key_of(s, "1");
	char error[512], detail[512];
	size_t error_n, detail_n;
	struct error_row r;
	uint64_t was;

	(void)state;
	fill_error(&r, 1000);
	assert_int_equal(secret_set(&secret.value, "canary-token", 12), RC_OK);
	assert_int_equal(store_begin(s), RC_OK);
	store_error_put(s, &k, &r);
	safe_put(store_safe(s), SAFE_CURRENT, "books", "token", &secret);
	assert_int_equal(store_commit(s), RC_OK);
	secret_wipe(&secret.value);
	book(s, "kept", 42);
	store_close(s);
	error_n = peek(5, k.b, STORE_KEY, error);
	detail_n = peek(6, k.b, STORE_KEY, detail);
	assert_true(place_holds(place_path(&place, DATA), error, error_n));
	assert_true(place_holds(place_path(&place, DATA), detail, detail_n));
	was = counter();

	s = open_store(STORE_WRITE);
	assert_int_equal(store_begin(s), RC_OK);
	store_error_del(s, &k);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_reload(s), RC_OK);
	assert_true(booked(s, "kept", 42));
	store_relax(s);
	book(s, "after", 43);
	store_close(s);
	assert_false(place_holds(place_path(&place, DATA), error, error_n));
	assert_false(place_holds(place_path(&place, DATA), detail, detail_n));
	assert_false(place_holds(place_path(&place, DATA), "canary", 6));
	assert_false(place_holds(place_path(&place, DATA), "Jansen", 6));
	assert_true(counter() > was);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	assert_true(booked(s, "kept", 42));
	assert_true(booked(s, "after", 43));
	store_close(s);
	s = open_store(STORE_READ);
	assert_int_equal(store_reload(s), RC_FATAL);
	store_close(s);
}

/* Nothing of a sale or a debtor stands in the clear, in any file. */
static void
test_sealed(void **state)
{
	static const char *const never[] = { "jansen", "canary", "token",
	    "shop", "id-1", "1001" };
	struct store *s = open_store(STORE_MAKE);
	struct debtor_row d = { .contact = "canary", .email = "jansen@b.nl" };
	struct cursor_row c = { .value = "canary" };
	struct debtor who = { .email = "jansen@b.nl" };
	struct secret_row secret = { .at = 1 };
	struct sale_key k = key_of(s, "id-1");
	struct debtor_key dk;
	struct error_row r;

	(void)state;
	fill_error(&r, 1);
	assert_int_equal(store_debtor_key(s, "shop", &who, &dk), RC_OK);
	assert_int_equal(secret_set(&secret.value, "canary-token", 12), RC_OK);
	assert_int_equal(store_begin(s), RC_OK);
	store_error_put(s, &k, &r);
	store_debtor_put(s, &dk, &d);
	safe_put(store_safe(s), SAFE_CURRENT, "books", "secret", &secret);
	store_cursor_put(s, "source", &c);
	assert_int_equal(store_commit(s), RC_OK);
	secret_wipe(&secret.value);
	store_close(s);
	for (size_t i = 0; i < COUNT(never); i++)
		assert_false(place_holds(place_path(&place, DATA), never[i],
		    strlen(never[i])));
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_newer),
		TEST(test_other_host),
		TEST(test_keys_gone),
		TEST(test_restored),
		TEST(test_restored_mid_run),
		TEST(test_witness),
		TEST(test_emptied),
		TEST(test_ahead),
		TEST(test_idle),
		TEST(test_killed),
		TEST(test_reload),
		TEST(test_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
