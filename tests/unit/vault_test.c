/*
 * vault_test.c - a connection's secrets by the names of its connector.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "shelf.h"
#include "vault.h"

static const struct secret_key keys[] = {
	{ .name = "client_id", .required = true },
	{ .name = "client_secret", .required = true },
	{ .name = "refresh_token" },
	{ .name = NULL }
};
static const struct secret_key either[] = {
	{ .name = "token", .required = true },
	{ .name = "id", .required = true, .group = 1 },
	{ .name = "secret", .required = true, .group = 1 },
	{ .name = "note", .group = 1 },
	{ .name = NULL }
};
static const struct connector two_ways = { .name = "two",
    .secrets = either };
static const struct connector connector = { .name = "demo",
    .secrets = keys };
static const struct connector plain = { .name = "plain" };
static char books[] = "books", other[] = "shop";
static const struct config_connection conn = { .name = books,
    .connector = &connector };
static const struct config_connection second = { .name = other,
    .connector = &connector };
static const struct config_connection none = { .name = books,
    .connector = &plain };

static void
set(struct vault_set *v, const char *name, const char *value)
{
	v->name[v->n] = name;
	if (value != NULL)
		assert_int_equal(secret_set(&v->value[v->n], value,
		    strlen(value)), RC_OK);
	v->n++;
}

static void
save(struct store *s, const struct config_connection *c, struct vault_set *v)
{
	assert_int_equal(store_begin(s), RC_OK);
	vault_store(s, SAFE_CURRENT, c, v, 5);
	assert_int_equal(store_commit(s), RC_OK);
	vault_wipe(v);
}

static void
test_absent(void **state)
{
	struct vault_set v = { .n = 0 };
	struct store *s = open_store(STORE_MAKE);

	(void)state;
	assert_int_equal(vault_load(NULL, "acme", &conn, &v), RC_AUTH);
	assert_int_equal(v.n, 0);
	assert_true(place_said(&place, "S407"));
	assert_int_equal(vault_load(s, "acme", &conn, &v), RC_AUTH);
	assert_true(place_said(&place, "client_secret"));
	assert_false(place_said(&place, "refresh_token"));
	/* Who only looks is not told. */
	assert_int_equal(vault_peek(s, SAFE_CURRENT, &conn, &v), RC_OK);
	assert_int_equal(v.n, 3);
	assert_null(v.value[0].text);
	assert_false(place_said(&place, "S407"));
	/* A connector without secrets needs no store. */
	assert_int_equal(vault_load(NULL, "acme", &none, &v), RC_OK);
	assert_int_equal(v.n, 0);
	store_close(s);
}

static void
test_load(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct vault_set v = { .n = 0 };

	(void)state;
	set(&v, "client_secret", "canary-s");
	set(&v, "client_id", "id");
	save(s, &conn, &v);
	assert_int_equal(v.n, 0);
	assert_int_equal(vault_load(s, "acme", &conn, &v), RC_OK);
	assert_int_equal(v.n, 3);
	assert_string_equal(v.name[0], "client_id");
	assert_string_equal(v.value[0].text, "id");
	assert_string_equal(v.value[1].text, "canary-s");
	assert_null(v.value[2].text);
	vault_wipe(&v);
	assert_null(v.value[1].text);
	/* The other connection has its own. */
	assert_int_equal(vault_load(s, "acme", &second, &v), RC_AUTH);
	assert_false(place_said(&place, "canary-s"));
	store_close(s);
}

/* All are replaced: one that is not in the new set is gone. */
static void
test_replace(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct store_counts n;
	struct vault_set v = { .n = 0 };

	(void)state;
	set(&v, "client_id", "id");
	set(&v, "client_secret", "s");
	set(&v, "refresh_token", "r");
	save(s, &conn, &v);
	set(&v, "client_id", "id");
	set(&v, "client_secret", "s");
	save(s, &second, &v);
	set(&v, "client_id", "id2");
	set(&v, "client_secret", "s2");
	set(&v, "refresh_token", NULL);
	save(s, &conn, &v);
	assert_int_equal(store_counts(s, &n), RC_OK);
	assert_int_equal(n.secrets, 4);
	assert_int_equal(vault_load(s, "acme", &conn, &v), RC_OK);
	assert_string_equal(v.value[0].text, "id2");
	assert_string_equal(v.value[1].text, "s2");
	assert_null(v.value[2].text);
	vault_wipe(&v);
	assert_int_equal(vault_load(s, "acme", &second, &v), RC_OK);
	assert_string_equal(v.value[0].text, "id");
	vault_wipe(&v);
	store_close(s);
}

/* All of one group are enough; without, what is begun is asked for. */
static void
test_groups(void **state)
{
	struct vault_set v = { .n = 0 };
	char value[] = "x";

	(void)state;
	assert_string_equal(vault_missing(&v, &two_ways, 0), "token");
	assert_null(vault_missing(&v, &two_ways, 1));
	v.value[1] = (struct secret){ value, 1 };
	v.name[1] = "id";
	v.n = 2;
	assert_string_equal(vault_missing(&v, &two_ways, 0), "secret");
	assert_null(vault_missing(&v, &two_ways, 1));
	v.value[2] = v.value[1];
	v.name[2] = "secret";
	v.n = 3;
	assert_null(vault_missing(&v, &two_ways, 0));
	v.n = 0;
	assert_ptr_equal(vault_slot(&v, &two_ways, "token"), &v.value[0]);
	v.value[0] = v.value[1];
	assert_null(vault_missing(&v, &two_ways, 0));
	assert_null(vault_missing(&v, &plain, 0));
	assert_null(vault_slot(&v, &two_ways, "other"));
}

/* The candidate comes into use, what was in use waits out its grace. */
static void
test_swap(void **state)
{
	struct store *s = open_store(STORE_MAKE);
	struct vault_set v = { .n = 0 };
	struct grant_row g = { .tries = 2, .consent_at = 4 };
	size_t n = 0;

	(void)state;
	set(&v, "client_id", "id");
	set(&v, "client_secret", "old");
	v.grant = g;
	save(s, &conn, &v);
	set(&v, "client_id", "id");
	set(&v, "client_secret", "new");
	v.at[0] = 3;
	assert_int_equal(store_begin(s), RC_OK);
	vault_store(s, SAFE_CANDIDATE, &conn, &v, 1000);
	assert_int_equal(vault_swap(s, &conn, 2000), RC_OK);
	assert_int_equal(store_commit(s), RC_OK);
	vault_wipe(&v);
	assert_int_equal(vault_peek(s, SAFE_CANDIDATE, &conn, &v), RC_OK);
	assert_true(vault_empty(&v));
	assert_int_equal(vault_load(s, "acme", &conn, &v), RC_OK);
	assert_string_equal(vault_text(&v, "client_secret"), "new");
	assert_int_equal(v.at[0], 3);
	assert_int_equal(v.at[1], 1000);
	assert_int_equal(v.grant.consent_at, 0);
	vault_wipe(&v);
	assert_int_equal(vault_peek(s, SAFE_PREVIOUS, &conn, &v), RC_OK);
	assert_string_equal(vault_text(&v, "client_secret"), "old");
	assert_int_equal(v.at[1], 5);
	assert_int_equal(v.grant.consent_at, 4);
	vault_wipe(&v);
	/* In use it stays, the rest goes by itself. */
	assert_int_equal(store_begin(s), RC_OK);
	assert_int_equal(safe_fade(store_safe(s), 2000 + VAULT_GRACE_S - 1,
	    &n), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(safe_fade(store_safe(s), 2000 + VAULT_GRACE_S, &n),
	    RC_OK);
	assert_int_equal(store_commit(s), RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(vault_load(s, "acme", &conn, &v), RC_OK);
	vault_wipe(&v);
	store_close(s);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_absent),
		TEST(test_load),
		TEST(test_replace),
		TEST(test_groups),
		TEST(test_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
