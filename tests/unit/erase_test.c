/*
 * erase_test.c - a debtor who was erased is gone, stays gone when a backup is
 * put back, and may come back as somebody new.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "shelf.h"
#include "str.h"

#define ERASED "store/keys/acme.erased"
#define MARK "store/tenants/acme/reload"

static const struct day today = { 2026, 11, 25 };

static struct debtor_key
debtor_of(struct store *s, const char *email)
{
	struct debtor d = { .id = "" };
	struct debtor_key k;

	assert_true(str_copy(d.email, sizeof(d.email), email));
	assert_int_equal(store_debtor_key(s, "shop", &d, &k), RC_OK);
	return k;
}

/* A debtor's row, and a refused sale with words about them. */
static void
know(struct store *s, const char *email)
{
	struct debtor_key k = debtor_of(s, email);
	struct debtor_row row = { .contact = "17" };
	struct sale_key sale = key_of(s, email);
	struct error_row e;

	assert_true(str_copy(row.email, sizeof(row.email), email));
	fill_error(&e, 1000);
	e.quoted = true;
	e.debtor = k;
	assert_int_equal(store_begin(s), RC_OK);
	store_debtor_put(s, &k, &row);
	store_error_put(s, &sale, &e);
	assert_int_equal(store_commit(s), RC_OK);
}

/* 2: row and details; 1: one of them; 0: neither.  The error stays. */
static int
known(struct store *s, const char *email)
{
	struct debtor_key k = debtor_of(s, email);
	struct sale_key sale = key_of(s, email);
	struct debtor_row row;
	struct error_row e;
	enum rc rc = store_debtor_get(s, &k, &row);

	assert_in_range(rc, RC_OK, RC_END);
	assert_int_equal(store_error_get(s, &sale, &e), RC_OK);
	assert_true(e.quoted);
	assert_string_equal(e.text, "invalid_country");
	if (e.debtor_text[0] != '\0')
		assert_memory_equal(&e.debtor, &k, sizeof(k));
	return (rc == RC_OK) + (e.debtor_text[0] != '\0');
}

static void
erase(struct store *s, const char *email, size_t want)
{
	struct debtor_key k = debtor_of(s, email);
	size_t n = 99;

	assert_int_equal(store_debtor_erase(s, &k, today, &n), RC_OK);
	assert_int_equal(n, want);
}

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	size_t n = place_slurp(place_path(&place, from), bytes, sizeof(bytes));

	assert_in_range(n, 1, sizeof(bytes) - 2);
	assert_int_equal(file_write(place_path(&place, to), bytes, n, 0600),
	    RC_OK);
}

static bool
there(const char *name)
{
	return access(place_path(&place, name), F_OK) == 0;
}

static void
test_gone(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct sale_key k = key_of(s, "a@x.nl");
	struct debtor_key d = debtor_of(s, "A@X.nl");
	char detail[512], row[512], lines[256];
	size_t detail_n, row_n;

	(void)state;
	know(s, "a@x.nl");
	know(s, "b@x.nl");
	book(s, "1", 100);
	store_close(s);
	detail_n = peek(6, k.b, STORE_KEY, detail);
	row_n = peek(3, d.b, STORE_KEY, row);
	assert_true(place_holds(place_path(&place, DATA), detail, detail_n));
	s = open_store(STORE_WRITE);
	erase(s, "A@x.NL", 2);		/* whatever the capitals */
	assert_int_equal(known(s, "a@x.nl"), 0);
	assert_int_equal(known(s, "b@x.nl"), 2);
	assert_true(booked(s, "1", 100));
	store_close(s);
	assert_false(place_holds(place_path(&place, DATA), detail, detail_n));
	assert_false(place_holds(place_path(&place, DATA), row, row_n));
	assert_false(there(MARK));
	/* Day, hash, generation; no address. */
	assert_int_equal(place_slurp(place_path(&place, ERASED), lines,
	    sizeof(lines)), 10 + 1 + 32 + 1 + 2);
	assert_true(str_starts(lines, "2026-11-25 "));
	assert_null(strchr(lines, '@'));
	s = open_store(STORE_WRITE);
	assert_false(place_said(&place, "S742"));
	assert_false(store_restored(s));
	erase(s, "c@x.nl", 0);
	store_close(s);
}

/* A backup from before is put back: the debtor goes before anything else. */
static void
test_backup(void **state)
{
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	know(s, "a@x.nl");
	know(s, "b@x.nl");
	store_close(s);
	copy_file(DATA, "backup");
	s = open_store(STORE_WRITE);
	erase(s, "a@x.nl", 2);
	store_close(s);
	copy_file("backup", DATA);
	s = open_store(STORE_READ);
	assert_int_equal(known(s, "a@x.nl"), 2);
	store_close(s);
	s = open_store(STORE_WRITE);
	assert_true(place_said(&place, "S742"));
	assert_int_equal(known(s, "a@x.nl"), 0);
	assert_int_equal(known(s, "b@x.nl"), 2);
	assert_true(store_marked(s));
	assert_int_equal(store_reload(s), RC_OK);
	assert_false(store_marked(s));
	store_close(s);
	/* The same where another host takes it over. */
	copy_file("backup", DATA);
	assert_int_equal(store_take_over(&at), RC_OK);
	s = open_store(STORE_READ);
	assert_int_equal(known(s, "a@x.nl"), 0);
	store_close(s);
}

/* Who buys again is somebody new: neither the next run nor a backup from
 * after that takes them away; a backup from before does. */
static void
test_again(void **state)
{
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	know(s, "a@x.nl");
	store_close(s);
	copy_file(DATA, "before");
	s = open_store(STORE_WRITE);
	erase(s, "a@x.nl", 2);
	know(s, "a@x.nl");
	store_close(s);
	copy_file(DATA, "after");
	s = open_store(STORE_WRITE);
	assert_int_equal(known(s, "a@x.nl"), 2);
	know(s, "b@x.nl");
	erase(s, "b@x.nl", 2);		/* one goes, not the other too */
	assert_int_equal(known(s, "a@x.nl"), 2);
	book(s, "1", 100);
	store_close(s);
	copy_file("after", DATA);
	s = open_store(STORE_WRITE);
	assert_true(store_restored(s));
	assert_int_equal(known(s, "a@x.nl"), 2);
	store_close(s);
	copy_file("before", DATA);
	s = open_store(STORE_WRITE);
	assert_int_equal(known(s, "a@x.nl"), 0);
	know(s, "a@x.nl");
	store_close(s);
	s = open_store(STORE_WRITE);
	assert_int_equal(known(s, "a@x.nl"), 2);
	store_close(s);
}

/* A run that died behind the tombstone: the next one does it. */
static void
test_died(void **state)
{
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	know(s, "a@x.nl");
	store_close(s);
	copy_file(DATA, "backup");
	copy_file("store/keys/acme.generation", "counter");
	s = open_store(STORE_WRITE);
	erase(s, "a@x.nl", 2);
	store_close(s);
	copy_file("backup", DATA);
	copy_file("counter", "store/keys/acme.generation");
	s = open_store(STORE_WRITE);
	assert_false(store_restored(s));
	assert_int_equal(known(s, "a@x.nl"), 0);
	assert_true(store_marked(s));
	store_close(s);
}

/* What one of the two places has lost, the other has. */
static void
test_witness(void **state)
{
	static char logs[128];
	struct store_place both = at;
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	snprintf(logs, sizeof(logs), "%s", place_path(&place, "outside"));
	assert_int_equal(file_remove(logs), RC_OK);
	know(s, "a@x.nl");
	store_close(s);
	copy_file(DATA, "backup");
	both.witness = logs;
	assert_int_equal(store_open(&both, STORE_WRITE, &s), RC_OK);
	erase(s, "a@x.nl", 2);
	store_close(s);
	assert_true(there("outside/acme.erased"));
	for (int i = 0; i < 2; i++) {
		copy_file("backup", DATA);
		assert_int_equal(file_remove(place_path(&place, i == 0 ?
		    ERASED : "outside/acme.erased")), RC_OK);
		assert_int_equal(store_open(&both, STORE_WRITE, &s), RC_OK);
		assert_int_equal(known(s, "a@x.nl"), 0);
		erase(s, "a@x.nl", 0);	/* written to both again */
		store_close(s);
		assert_true(there(ERASED) && there("outside/acme.erased"));
	}
}

static void
test_expire(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct debtor_key k = debtor_of(s, "b@x.nl");
	struct day later = clock_day_add(today, 1);
	size_t n, gone = 9, kept = 9;

	(void)state;
	know(s, "a@x.nl");
	erase(s, "a@x.nl", 2);
	assert_int_equal(store_debtor_erase(s, &k, later, &n), RC_OK);
	assert_int_equal(store_erased_expire(s, today, &gone, &kept), RC_OK);
	assert_int_equal(gone, 0);
	assert_int_equal(kept, 2);
	assert_int_equal(store_erased_expire(s, later, &gone, &kept), RC_OK);
	assert_int_equal(gone, 1);
	assert_int_equal(kept, 1);
	assert_true(there(ERASED));
	assert_int_equal(store_erased_expire(s, clock_day_add(later, 1),
	    &gone, &kept), RC_OK);
	assert_int_equal(gone, 1);
	assert_int_equal(kept, 0);
	assert_false(there(ERASED));
	store_close(s);
}

/* A list that can't be read opens nothing for writing. */
static void
test_damaged(void **state)
{
	static const char *const lines[] = { "x\n", "2026-11-25\n",
	    "2026-11-25 00112233445566778899aabbccddeeff\n",
	    "2026-11-25 00112233445566778899aabbccddeef 7\n",
	    "2026-11-25 00112233445566778899aabbccddeegg 7\n",
	    "2026-11-31 00112233445566778899aabbccddeeff 7\n",
	    "2026-11-25 00112233445566778899aabbccddeeff -7\n",
	    "2026-11-25 00112233445566778899aabbccddeeff 7 \n", "\n" };
	static const char good[] =
	    "2026-11-25 00112233445566778899aabbccddeeff 7\n";

	(void)state;
	store_close(open_store(STORE_MAKE));
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_int_equal(file_write(place_path(&place, ERASED),
		    lines[i], strlen(lines[i]), 0600), RC_OK);
		refused(STORE_WRITE, RC_FATAL, "S743");
	}
	store_close(open_store(STORE_READ));
	assert_int_equal(file_write(place_path(&place, ERASED), good,
	    strlen(good), 0600), RC_OK);
	store_close(open_store(STORE_WRITE));
}

static int
tests(void)
{
	const struct CMUnitTest all[] = {
		TEST(test_gone), TEST(test_backup), TEST(test_again),
		TEST(test_died), TEST(test_witness), TEST(test_expire),
		TEST(test_damaged),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}

int
main(void)
{
	return run_all(tests);
}
