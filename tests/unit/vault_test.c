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
	{ "client_id", true, "" },
	{ "client_secret", true, "" },
	{ "refresh_token", false, "" },
	{ NULL, false, NULL }
};
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
	vault_store(s, c, v, 5);
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
	assert_int_equal(vault_peek(s, &conn, &v), RC_OK);
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

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_absent),
		TEST(test_load),
		TEST(test_replace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
