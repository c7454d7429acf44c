/*
 * renew_test.c - what is asked when, and what the store says of it.
 *
 * http_send here takes the place of http.c's: the vendor answers by a script.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <cmocka.h>

#include "clock.h"
#include "lock.h"
#include "renew.h"
#include "shelf.h"
#include "str.h"
#include "url.h"

static const struct secret_key keys[] = {
	{ .name = "token", .required = true },
	{ .name = "client_id", .required = true, .group = 1 },
	{ .name = "client_secret", .required = true, .group = 1 },
	{ .name = "refresh_token", .required = true, .group = 1 },
	{ .name = NULL }
};
static const struct secret_key own_keys[] = {
	{ .name = "client_id", .required = true },
	{ .name = "client_secret", .required = true },
	{ .name = "token" },
	{ .name = NULL }
};
static const struct oauth once = { .token = "/oauth/token", .single = true };
static const struct oauth often = { .token = "/oauth/token" };
static const struct books_ops ops = { .open = NULL };
static const struct connector single = { .name = "single", .secrets = keys,
    .oauth = &once, .url = "https://books.example", .books = &ops };
static const struct connector many = { .name = "many", .secrets = keys,
    .oauth = &often, .url = "https://books.example", .books = &ops };
static const struct connector client = { .name = "client",
    .secrets = own_keys, .oauth = &often, .url = "https://books.example",
    .books = &ops };
static char books[] = "books";
static struct config cfg;
static struct config_connection conf = { .name = books };
static struct vault_set set;
static struct connection c;

static bool full;

int
statvfs(const char *path, struct statvfs *out)
{
	(void)path;
	*out = (struct statvfs){ .f_frsize = 4096,
	    .f_bavail = full ? 1023 : 1024 };
	return 0;
}

enum answer { LOST, BUSY, GONE, GIVEN };
static struct { enum answer answer; int asked; bool by_client; } vendor;

enum rc
http_send(struct http *h, const struct http_request *q, struct http_answer *a)
{
	static char text[128];

	(void)h;
	vendor.asked++;
	vendor.by_client = strstr(q->body, "client_credentials") != NULL;
	*a = (struct http_answer){ .body = "" };
	if (vendor.answer == LOST)
		return RC_UNSURE;
	if (vendor.answer == BUSY) {
		a->status = 429;
		return RC_LATER;
	}
	a->status = vendor.answer == GONE ? 400 : 200;
	(void)str_fmt(text, sizeof(text), vendor.answer == GONE ?
	    "{\"error\":\"invalid_grant\"}" : "{\"access_token\":\"A%d\","
	    "\"refresh_token\":\"R%d\",\"expires_in\":3600}", vendor.asked,
	    vendor.asked);
	a->body = text;
	a->body_len = strlen(text);
	return RC_OK;
}

static const char *
secret(const struct connection *k, const char *name)
{
	return vault_text(k->secrets, name);
}

static void
give(const char *name, const char *value)
{
	struct secret *s = vault_slot(&set, conf.connector, name);

	assert_int_equal(secret_set(s, value, strlen(value)), RC_OK);
}

/* A store with a set whose access token ends in so many seconds. */
static struct store *
begin(const struct connector *k, int64_t left_s)
{
	struct store *s = open_store(STORE_MAKE);

	conf.connector = k;
	give("client_id", "app");
	give("client_secret", "canary-s");
	if (k != &client)
		give("refresh_token", "canary-r");
	give("token", "canary-a");
	set.until[vault_slot(&set, k, "token") - set.value] =
	    clock_now() + left_s;
	assert_int_equal(store_begin(s), RC_OK);
	vault_store(s, SAFE_CURRENT, &conf, &set, clock_now());
	assert_int_equal(store_commit(s), RC_OK);
	c = (struct connection){ .connector = k, .settings = &conf,
	    .secret = secret, .secrets = &set, .json = json_doc_new() };
	strcpy(c.tenant, "acme");
	strcpy(c.name, "books");
	vendor.asked = 0;
	return s;
}

static void
end(struct store *s)
{
	store_close(s);
	vault_wipe(&set);
	json_doc_free(c.json);
	assert_false(place_holds(place_path(&place, DATA), "canary", 6));
}

static enum rc
renew(struct store *s, enum answer answer, bool refused)
{
	struct renew_place p = { .cfg = &cfg, .store = s, .master = master };

	vendor.answer = answer;
	(void)place_said(&place, "x");
	return renew_token(&p, &c, &set, refused);
}

/* What stands in the store, whatever the process thinks. */
static void
stored(struct store *s, const char *token, int tries, bool consent)
{
	struct vault_set v = { .n = 0 };

	assert_int_equal(vault_peek(s, SAFE_CURRENT, &conf, &v), RC_OK);
	assert_string_equal(vault_text(&v, "token"), token);
	assert_int_equal(v.grant.tries, tries);
	assert_true((v.grant.consent_at != 0) == consent);
	vault_wipe(&v);
}

static void
test_due(void **state)
{
	struct store *s = begin(&single, 60);

	(void)state;
	assert_true(renew_can(&single, &set));
	assert_in_range(renew_due_at(&single, &set), clock_now() - 2,
	    clock_now());
	assert_int_equal(renew(s, GIVEN, false), RC_OK);
	assert_int_equal(vendor.asked, 1);
	assert_string_equal(vault_text(&set, "token"), "A1");
	assert_string_equal(vault_text(&set, "refresh_token"), "R1");
	assert_in_range(c.renew_at, clock_now() + 3530, clock_now() + 3540);
	stored(s, "A1", 0, false);
	set.until[0] = 0;		/* the vendor does not say when */
	assert_int_equal(renew_due_at(&single, &set), INT64_MAX);
	secret_wipe(vault_slot(&set, &single, "client_id"));
	assert_false(renew_can(&single, &set));
	end(s);
}

/* The old token serves to its end; then a last try, then a person. */
static void
test_lost(void **state)
{
	struct store *s = begin(&single, 30);

	(void)state;
	assert_int_equal(renew(s, LOST, false), RC_OK);
	assert_int_equal(vendor.asked, 2);
	stored(s, "canary-a", 2, false);
	assert_int_equal(renew(s, LOST, false), RC_OK);
	assert_int_equal(vendor.asked, 2);
	assert_int_equal(renew(s, LOST, true), RC_AUTH);
	assert_int_equal(vendor.asked, 3);
	assert_true(place_said(&place, "S750"));
	stored(s, "canary-a", 3, true);
	assert_int_equal(renew(s, GIVEN, true), RC_AUTH);
	assert_int_equal(vendor.asked, 3);
	assert_true(place_said(&place, "S750"));
	end(s);
}

static void
test_lost_at_the_end(void **state)
{
	struct store *s = begin(&single, -1);

	(void)state;
	assert_int_equal(renew(s, LOST, false), RC_AUTH);
	assert_int_equal(vendor.asked, 2);
	end(s);
}

static void
test_refused(void **state)
{
	struct store *s = begin(&single, 30);

	(void)state;
	/* Said at once, but what still works is used. */
	assert_int_equal(renew(s, GONE, false), RC_OK);
	assert_int_equal(vendor.asked, 1);
	assert_true(place_said(&place, "S750"));
	stored(s, "canary-a", 1, true);
	end(s);
}

static void
test_busy(void **state)
{
	struct store *s = begin(&single, -1);

	(void)state;
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(renew(s, BUSY, false), RC_LATER);
		assert_int_equal(vendor.asked, i);
		stored(s, "canary-a", 0, false);
	}
	assert_false(place_said(&place, "S750"));
	assert_int_equal(renew(s, GIVEN, false), RC_OK);
	end(s);
}

/* What could not be stored is not asked for. */
static void
test_full(void **state)
{
	struct store *s = begin(&single, 30);

	(void)state;
	full = true;
	assert_int_equal(renew(s, GIVEN, false), RC_FATAL);
	assert_true(place_said(&place, "S503"));
	full = false;
	assert_int_equal(vendor.asked, 0);
	assert_int_equal(renew(s, GIVEN, false), RC_OK);
	end(s);
}

/* A token that works more than once can be asked with again and again. */
static void
test_not_single(void **state)
{
	struct store *s = begin(&many, -1);

	(void)state;
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(renew(s, LOST, true), RC_LATER);
		assert_int_equal(vendor.asked, 2 * i);
		assert_int_equal(c.why, M_DOWN);
	}
	stored(s, "canary-a", 0, false);
	assert_int_equal(renew(s, GIVEN, true), RC_OK);
	assert_int_equal(c.why, M_NONE);
	end(s);
}

static void
test_client(void **state)
{
	struct store *s = begin(&client, -1);

	(void)state;
	assert_int_equal(renew(s, GIVEN, false), RC_OK);
	assert_true(vendor.by_client);
	stored(s, "A1", 0, false);
	end(s);
}

/* Another process was first: what it stored is taken, and nothing asked. */
static void
test_alone(void **state)
{
	struct store *s = begin(&single, -1);
	int lock = -1;

	(void)state;
	store_close(s);
	assert_int_equal(renew(NULL, GIVEN, false), RC_OK);
	assert_int_equal(vendor.asked, 1);
	vault_wipe(&set);
	give("client_id", "app");
	give("client_secret", "canary-s");
	give("refresh_token", "canary-r");
	give("token", "canary-a");
	assert_int_equal(renew(NULL, GIVEN, true), RC_OK);
	assert_int_equal(vendor.asked, 1);
	assert_string_equal(vault_text(&set, "refresh_token"), "R1");
	/* And who can't have the lock asks nothing. */
	assert_int_equal(lock_take(&cfg, "acme", &lock), RC_OK);
	assert_int_equal(renew(NULL, GIVEN, true), RC_LATER);
	assert_int_equal(vendor.asked, 1);
	/* But one whose parent holds it does. */
	assert_int_equal(renew_token(&(struct renew_place){ .cfg = &cfg,
	    .master = master, .locked = true }, &c, &set, true), RC_OK);
	assert_int_equal(vendor.asked, 2);
	close(lock);
	assert_int_equal(renew(NULL, GIVEN, true), RC_OK);
	assert_int_equal(vendor.asked, 3);
	/* A set without the first of its secrets has no name for it. */
	assert_int_equal(lock_take(&cfg, "acme", &lock), RC_OK);
	vault_wipe(&set);
	give("refresh_token", "canary-r");
	assert_int_equal(renew(NULL, GIVEN, true), RC_LATER);
	close(lock);
	end(NULL);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_due),
		TEST(test_lost),
		TEST(test_lost_at_the_end),
		TEST(test_refused),
		TEST(test_busy),
		TEST(test_full),
		TEST(test_not_single),
		TEST(test_client),
		TEST(test_alone),
	};

	(void)str_copy(cfg.store, sizeof(cfg.store), at.dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_all(run);
}
