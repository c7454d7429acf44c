/*
 * store_test.c - every kind of row, sealed and bound to its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "shelf.h"

static void
test_sales(void **state)
{
	struct store *s;

	(void)state;
	refused(STORE_READ, RC_END, NULL);
	refused(STORE_WRITE, RC_END, NULL);
	s = open_store(STORE_MAKE);
	assert_false(store_restored(s));
	assert_false(booked(s, "1", 0));
	book(s, "1", 16530000);
	book(s, "2", -9223372036854775807);
	assert_true(booked(s, "1", 16530000));
	assert_true(booked(s, "2", -9223372036854775807));
	store_close(s);
	s = open_store(STORE_READ);
	assert_true(booked(s, "1", 16530000));
	assert_int_equal(store_begin(s), RC_FATAL);
	store_close(s);
}

/* What makes a sale the same sale, and nothing else. */
static void
test_sale_key(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct crypt_key *digest;
	struct sale_key k[6];

	(void)state;
	store_sale_key(s, "shop", SALE_ORDER, "1", 0, &k[0]);
	store_sale_key(s, "shop", SALE_REFUND, "1", 0, &k[1]);
	store_sale_key(s, "till", SALE_ORDER, "1", 0, &k[2]);
	store_sale_key(s, "shop", SALE_ORDER, "2", 0, &k[3]);
	store_sale_key(s, "shop", SALE_ORDER, "1", 1, &k[4]);
	store_sale_key(s, "shop", SALE_ORDER, "1", 256, &k[5]);
	for (int i = 0; i < 6; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(&k[i], &k[j], STORE_KEY);
	store_close(s);
	s = open_store(STORE_WRITE);
	store_sale_key(s, "shop", SALE_ORDER, "1", 0, &k[1]);
	assert_memory_equal(&k[0], &k[1], STORE_KEY);
	digest = store_digest_key(s);
	store_close(s);
	assert_int_equal(crypt_digest(digest, "a", 1),
	    crypt_digest(digest, "a", 1));
	assert_int_not_equal(crypt_digest(digest, "a", 1),
	    crypt_digest(digest, "b", 1));
	crypt_key_free(digest);
}

static void
fill_intent(struct intent *i)
{
	memset(i, 0, sizeof(*i));
	*i = (struct intent){ .at = 1790000000, .attempt = 3, .looked = -2,
	    .looked_at = -1, .held = true, .kind = SALE_REFUND,
	    .amounts = { { -165300 }, { INT64_MIN } } };
	memset(i->source, 's', sizeof(i->source) - 1);
	memset(i->id, 'i', sizeof(i->id) - 1);
	strcpy(i->number, "N\xc3\xa9" "1");
	memset(i->reference, 'r', sizeof(i->reference) - 1);
}

static enum rc
take_intent(void *arg, const struct sale_key *k, const struct intent *i)
{
	struct store *s = arg;
	struct intent again;

	/* A look-up and a change, in the middle of the walk. */
	assert_int_equal(store_intent_get(s, k, &again), RC_OK);
	assert_memory_equal(&again, i, sizeof(again));
	assert_int_equal(store_begin(s), RC_OK);
	store_intent_del(s, k);
	assert_int_equal(store_commit(s), RC_OK);
	return i->attempt == 99 ? RC_END : RC_OK;
}

static void
test_intents(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct sale_key k = key_of(s, "1");
	struct store_counts n;
	struct intent i, back;

	(void)state;
	fill_intent(&i);
	memset(&back, 'x', sizeof(back));
	assert_int_equal(store_begin(s), RC_OK);
	store_intent_put(s, &k, &i);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_intent_get(s, &k, &back), RC_OK);
	assert_memory_equal(&i, &back, sizeof(i));
	assert_int_equal(store_begin(s), RC_OK);
	for (int j = 0; j < 20; j++) {
		char id[16];

		snprintf(id, sizeof(id), "%d", j);
		k = key_of(s, id);
		store_intent_put(s, &k, &i);
	}
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.intents, 20);
	assert_int_equal(store_intent_each(s, take_intent, s), RC_OK);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.intents, 0);
	assert_int_equal(store_intent_get(s, &k, &back), RC_END);
	store_close(s);
}

static void
test_debtors(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct debtor d = { .id = "17", .email = " A.B@Example.NL " };
	struct debtor_row r = { .contact = "c-1", .email = "a.b@example.nl" };
	struct debtor_row back;
	struct debtor_key k[4];

	(void)state;
	assert_int_equal(store_debtor_key(s, "shop", &d, &k[0]), RC_OK);
	strcpy(d.email, "a.b@example.nl");
	strcpy(d.id, "18");
	assert_int_equal(store_debtor_key(s, "till", &d, &k[1]), RC_OK);
	assert_memory_equal(&k[0], &k[1], STORE_KEY);
	strcpy(d.email, "  ");
	assert_int_equal(store_debtor_key(s, "shop", &d, &k[1]), RC_OK);
	assert_int_equal(store_debtor_key(s, "till", &d, &k[2]), RC_OK);
	strcpy(d.id, "19");
	assert_int_equal(store_debtor_key(s, "shop", &d, &k[3]), RC_OK);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(&k[i], &k[j], STORE_KEY);
	d.id[0] = '\0';
	assert_int_equal(store_debtor_key(s, "shop", &d, &k[3]), RC_END);

	memset(&back, 'x', sizeof(back));
	assert_int_equal(store_debtor_get(s, &k[0], &back), RC_END);
	assert_int_equal(store_begin(s), RC_OK);
	store_debtor_put(s, &k[0], &r);
	assert_int_equal(store_debtor_get(s, &k[0], &back), RC_OK);
	assert_memory_equal(&r, &back, sizeof(r));
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_begin(s), RC_OK);
	store_debtor_del(s, &k[0]);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_debtor_get(s, &k[0], &back), RC_END);
	store_close(s);
}

static void
test_cursors(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct cursor_row r = { .value = "2026-11-01T12:00:00|17", .at = 5,
	    .booked = 1234567890123, .refused = 2 }, back;

	(void)state;
	assert_int_equal(store_cursor_get(s, "shop", &back), RC_END);
	assert_int_equal(store_begin(s), RC_OK);
	store_cursor_put(s, "shop", &r);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_cursor_get(s, "shop", &back), RC_OK);
	assert_memory_equal(&r, &back, sizeof(r));
	assert_int_equal(store_cursor_get(s, "shop2", &back), RC_END);
	store_close(s);
}

static enum rc
count_texts(void *arg, const struct sale_key *k, const struct error_row *r)
{
	(void)k;
	*(int *)arg += r->debtor_text[0] != '\0';
	return RC_OK;
}

static void
test_errors(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct error_row r, back;
	struct store_counts n;
	struct sale_key k[3];
	size_t faded = 0;
	int texts = 0;

	(void)state;
	assert_int_equal(store_begin(s), RC_OK);
	for (int i = 0; i < 3; i++) {
		char id[2] = { (char)('a' + i), '\0' };

		k[i] = key_of(s, id);
		fill_error(&r, 1000 + i);
		store_error_put(s, &k[i], &r);
	}
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_error_get(s, &k[2], &back), RC_OK);
	assert_memory_equal(&r, &back, sizeof(r));
	assert_int_equal(store_error_each(s, count_texts, &texts), RC_OK);
	assert_int_equal(texts, 3);

	/* Last seen before 1002: two of them; the words stay. */
	assert_int_equal(store_begin(s), RC_OK);
	assert_int_equal(store_error_fade(s, 1002, &faded), RC_OK);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(faded, 2);
	assert_int_equal(store_error_get(s, &k[1], &back), RC_OK);
	assert_string_equal(back.debtor_text, "");
	assert_string_equal(back.text, "invalid_country");
	assert_int_equal(back.why, M_BOOKS_REFUSED);
	assert_int_equal(store_error_get(s, &k[2], &back), RC_OK);
	assert_string_equal(back.debtor_text, r.debtor_text);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.errors, 3);
	assert_int_equal(n.details, 1);

	/* Put anew without the debtor's values, they go too. */
	back.debtor_text[0] = '\0';
	assert_int_equal(store_begin(s), RC_OK);
	store_error_put(s, &k[2], &back);
	store_error_del(s, &k[0]);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.errors, 2);
	assert_int_equal(n.details, 0);
	assert_int_equal(store_error_get(s, &k[0], &back), RC_END);
	store_close(s);
}

static void
test_bound(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct sale_key one = key_of(s, "1"), two = key_of(s, "2");
	struct record r;
	char value[256];
	size_t n;

	(void)state;
	book(s, "1", 100);
	store_close(s);
	n = peek(1, one.b, STORE_KEY, value);
	assert_int_equal(n, 16 + CRYPT_OVERHEAD);
	tamper(1, two.b, STORE_KEY, value, n);
	tamper(4, "shop", 4, value, n);
	s = open_store(STORE_READ);
	assert_true(booked(s, "1", 100));
	assert_int_equal(store_sale_get(s, &two, &r), RC_FATAL);
	assert_true(place_said(&place, "S512"));
	store_close(s);
	for (size_t i = 0; i < n; i++) {
		value[i] ^= 1;
		tamper(1, one.b, STORE_KEY, value, n);
		s = open_store(STORE_READ);
		assert_int_equal(store_sale_get(s, &one, &r), RC_FATAL);
		store_close(s);
		value[i] ^= 1;
	}
	/* Moved under another tenant's name, ring and all. */
	assert_int_equal(rename(place_path(&place, "store/tenants/acme"),
	    place_path(&place, "store/tenants/bold")), 0);
	at.tenant = "bold";
	refused(STORE_WRITE, RC_CONFIG, "S508");
	at.tenant = "acme";
}

static void
test_names(void **state)
{
	(void)state;
	at.tenant = "../acme";
	refused(STORE_MAKE, RC_CONFIG, "S604");
	at.tenant = "a-name-that-is-longer-than-32-chars";
	refused(STORE_MAKE, RC_CONFIG, "S604");
	at.tenant = "acme";
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sales),
		TEST(test_sale_key),
		TEST(test_intents),
		TEST(test_debtors),
		TEST(test_cursors),
		TEST(test_errors),
		TEST(test_bound),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
