/*
 * reseal_test.c - a store under a new data key: all of it comes back, nothing
 * opens with the old key, and what was broken off goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <cmocka.h>

#include "operator.h"
#include "reseal.h"
#include "safe.h"
#include "shelf.h"
#include "stop.h"
#include "str.h"

#define RING "store/keys/acme.ring"
#define MANY 30000			/* more than one transaction */
#define SOME 20
#define SEALED (16 + CRYPT_OVERHEAD)	/* of a record */

static struct debtor jan = { .id = "17", .email = "jan@example.nl" };

/* A row of each kind. */
static void
fill(struct store *s)
{
	struct intent i = { .at = 7, .attempt = 1, .kind = SALE_ORDER,
	    .source = "shop", .id = "9", .number = "9", .reference = "R9" };
	struct sale_key k = key_of(s, "9");
	struct cursor_row c = { .value = "2026-01-01", .at = 3 };
	struct secret_row secret = { .at = 5 };
	struct debtor_row d = { .contact = "c1" };
	struct debtor_key dk;
	struct error_row e;

	assert_true(str_copy(d.email, sizeof(d.email), jan.email));
	fill_error(&e, 50);
	assert_int_equal(secret_set(&secret.value, "top", 3), RC_OK);
	assert_int_equal(store_debtor_key(s, "shop", &jan, &dk), RC_OK);
	book(s, "1", 100);
	book(s, "2", 200);
	assert_int_equal(store_begin(s), RC_OK);
	store_intent_put(s, &k, &i);
	store_error_put(s, &k, &e);
	store_cursor_put(s, "shop", &c);
	store_debtor_put(s, &dk, &d);
	safe_put(store_safe(s), SAFE_CURRENT, "shop", "key", &secret);
	assert_int_equal(store_commit(s), RC_OK);
	secret_wipe(&secret.value);
}

static void
expect_all(struct store *s)
{
	struct secret_row secret = { .at = 0 };
	struct sale_key k = key_of(s, "9");
	struct cursor_row c;
	struct debtor_row d;
	struct debtor_key dk;
	struct error_row e;
	struct intent i;

	assert_true(booked(s, "1", 100));
	assert_true(booked(s, "2", 200));
	assert_int_equal(store_intent_get(s, &k, &i), RC_OK);
	assert_string_equal(i.reference, "R9");
	assert_int_equal(store_error_get(s, &k, &e), RC_OK);
	assert_string_equal(e.debtor_text, "canary Jansen, Dorpsstraat 1");
	assert_int_equal(store_cursor_get(s, "shop", &c), RC_OK);
	assert_string_equal(c.value, "2026-01-01");
	assert_int_equal(store_debtor_key(s, "shop", &jan, &dk), RC_OK);
	assert_int_equal(store_debtor_get(s, &dk, &d), RC_OK);
	assert_string_equal(d.email, jan.email);
	assert_int_equal(safe_get(store_safe(s), SAFE_CURRENT, "shop", "key",
	    &secret), RC_OK);
	assert_string_equal(secret.value.text, "top");
	secret_wipe(&secret.value);
}

static void
open_ring(struct ring *r)
{
	static char keys[256];

	(void)str_copy(keys, sizeof(keys), place_path(&place, "store/keys"));
	*r = (struct ring){ 0 };
	assert_int_equal(ring_open(keys, "acme", master, 0, r), RC_OK);
}

static void
expect_ring(int version, bool old)
{
	struct ring r;

	open_ring(&r);
	assert_int_equal(r.data_version, version);
	assert_int_equal(r.old != NULL, old);
	ring_close(&r);
}

static void
test_all(void **state)
{
	char before[200], after[200];
	struct store *s = open_store(STORE_MAKE);
	struct sale_key k = key_of(s, "1");
	struct ring was;
	uint64_t n = 0;
	size_t len;
	uint8_t out[200], aad[64];

	(void)state;
	fill(s);
	store_close(s);
	len = peek(1, k.b, sizeof(k.b), before);
	open_ring(&was);
	assert_int_equal(reseal_store(&at, true, &n), RC_OK);
	assert_int_equal(n, 8 + 2);		/* host and generation */
	expect_ring(1, false);
	assert_int_equal(reseal_store(&at, false, &n), RC_OK);
	assert_int_equal(n, 8 + 2);
	expect_ring(2, false);
	assert_int_equal(peek(1, k.b, sizeof(k.b), after), len);
	assert_int_equal(before[0], 1);
	assert_int_equal(after[0], 2);
	/* The old key opens what was there, and no longer what is. */
	memcpy(aad, "acme\0sales\0", 11);
	memcpy(aad + 11, k.b, sizeof(k.b));
	aad[11 + sizeof(k.b)] = '\0';
	assert_int_equal(crypt_open(was.data, (struct part){ aad, 28 },
	    (uint8_t *)before, len, out), RC_OK);
	assert_int_equal(crypt_open(was.data, (struct part){ aad, 28 },
	    (uint8_t *)after, len, out), RC_FATAL);
	ring_close(&was);
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	expect_all(s);
	book(s, "3", 300);
	store_close(s);
	s = open_store(STORE_READ);
	assert_true(booked(s, "3", 300));
	store_close(s);
}

/* One value can't be opened: nothing is lost, and others go on meanwhile. */
static void
test_broken_off(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct sale_key k = key_of(s, "2");
	char good[200];
	uint64_t n = 77;
	size_t len;

	(void)state;
	fill(s);
	store_close(s);
	len = peek(1, k.b, sizeof(k.b), good);
	good[len - 1] ^= 1;
	tamper(1, k.b, sizeof(k.b), good, len);
	assert_int_equal(reseal_store(&at, true, &n), RC_FATAL);
	assert_true(place_said(&place, "S512"));
	expect_ring(1, false);
	assert_int_equal(reseal_store(&at, false, &n), RC_FATAL);
	assert_true(place_said(&place, "S512"));
	assert_int_equal(n, 77);
	expect_ring(2, true);
	s = open_store(STORE_WRITE);
	assert_true(booked(s, "1", 100));
	book(s, "3", 300);
	store_close(s);
	good[len - 1] ^= 1;
	tamper(1, k.b, sizeof(k.b), good, len);
	s = open_store(STORE_READ);
	expect_all(s);
	store_close(s);
	assert_int_equal(reseal_store(&at, false, &n), RC_OK);
	expect_ring(2, false);
	s = open_store(STORE_READ);
	expect_all(s);
	assert_true(booked(s, "3", 300));
	store_close(s);
}

static void
book_many(void)
{
	struct store *s = open_store(STORE_MAKE);
	struct record r = { { 1 }, { 2 } };
	char id[16];

	assert_int_equal(store_begin(s), RC_OK);
	for (int i = 0; i < MANY; i++) {
		struct sale_key k;

		snprintf(id, sizeof(id), "%d", i);
		k = key_of(s, id);
		store_sale_put(s, &k, &r);
	}
	assert_int_equal(store_commit(s), RC_OK);
	store_close(s);
}

/* The sealed values of some of them. */
static void
peek_some(char values[][200])
{
	struct store *s = open_store(STORE_READ);
	struct sale_key k[SOME];
	char id[16];

	for (int i = 0; i < SOME; i++) {
		snprintf(id, sizeof(id), "%d", i * (MANY / SOME));
		k[i] = key_of(s, id);
	}
	store_close(s);
	for (int i = 0; i < SOME; i++)
		assert_int_equal(peek(1, k[i].b, sizeof(k[i].b), values[i]),
		    SEALED);
}

/* LMDB would keep them in its free pages. */
static void
test_no_old_byte(void **state)
{
	static char before[SOME][200], after[SOME][200];
	uint64_t n = 0;

	(void)state;
	book_many();
	peek_some(before);
	assert_int_equal(reseal_store(&at, false, &n), RC_OK);
	assert_int_equal(n, MANY + 2);
	peek_some(after);
	for (int i = 0; i < SOME; i++) {
		assert_false(place_holds(place_path(&place, DATA), before[i],
		    SEALED));
		assert_true(place_holds(place_path(&place, DATA), after[i],
		    SEALED));
	}
}

/* A signal ends it between two transactions; the next call does the rest. */
static void
test_signal(void **state)
{
	uint64_t n = 0;
	int status = 0;
	pid_t pid;

	(void)state;
	book_many();
	pid = fork();
	if (pid == 0) {
		stop_install();
		(void)raise(SIGTERM);
		_exit(reseal_store(&at, false, &n) == RC_LATER ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(place_said(&place, "S111"));
	expect_ring(2, true);
	assert_int_equal(reseal_store(&at, false, &n), RC_OK);
	assert_in_range(n, 1, MANY - 1000);
	expect_ring(2, false);
}

/* Reads from before it to behind it; gone before the file is exchanged. */
static _Noreturn void
reader(int ready)
{
	struct store *s = open_store(STORE_READ);
	struct stat st;
	bool ok = booked(s, "1", 100);
	off_t size;

	if (stat(place_path(&place, RING), &st) != 0)
		_exit(2);
	size = st.st_size;
	if (write(ready, "x", 1) != 1)
		_exit(2);
	while (stat(place_path(&place, RING), &st) == 0 && st.st_size == size)
		ok = ok && booked(s, "1", 100);
	for (int i = 0; i < 1000; i++)
		ok = ok && booked(s, "1", 100) && booked(s, "2", 200);
	store_close(s);
	_exit(ok ? 0 : 1);
}

static void
test_reader(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	int fds[2], status = 0;
	uint64_t n = 0;
	char c;
	pid_t pid;

	(void)state;
	fill(s);
	store_close(s);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		reader(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(reseal_store(&at, false, &n), RC_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	expect_ring(2, false);
	close(fds[0]);
	close(fds[1]);
}

static void
test_operator(void **state)
{
	struct store_place own = at;
	struct login_row r = { .email = "Op@Example.nl", .made_at = 3 }, got;
	struct operator_store *o = NULL;
	uint64_t n = 0;

	(void)state;
	own.tenant = ENV_OPERATOR;
	assert_int_equal(reseal_store(&own, false, &n), RC_END);
	assert_int_equal(operator_open(&own, STORE_MAKE, &o), RC_OK);
	assert_int_equal(operator_begin(o), RC_OK);
	operator_login_put(o, &r);
	assert_int_equal(operator_commit(o), RC_OK);
	operator_close(o);
	assert_int_equal(reseal_store(&own, false, &n), RC_OK);
	assert_int_equal(n, 3);
	assert_int_equal(operator_open(&own, STORE_READ, &o), RC_OK);
	assert_int_equal(operator_login_get(o, "op@example.nl", &got), RC_OK);
	assert_int_equal(got.made_at, 3);
	operator_close(o);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all),
		TEST(test_broken_off),
		TEST(test_no_old_byte),
		TEST(test_signal),
		TEST(test_reader),
		TEST(test_operator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
