/*
 * woo_fake.h - for tests: the WooCommerce stand-in, started and steered, and
 * connections to it.
 */
#ifndef WOO_FAKE_H
#define WOO_FAKE_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "conn.h"
#include "log.h"
#include "str.h"

extern const struct connector woocommerce_connector;

#define NOW 1795429240		/* 2026-11-23T10:20:40Z */

static struct fake {
	pid_t pid;
	char dir[64], base[128], ca[160];
	struct http *http;		/* for control and dump */
	struct json_doc *json;
	struct config cfg;
	struct tenant tenant;
	struct config_connection source;
	struct config_value values[4];
	char *statuses[3];
	char *items[3];
	struct vault_set secrets;
	struct connection *c;
	struct sale s;
} fake;

/* Forks and waits for the line with the port. */
static inline void
fake_spawn(void)
{
	char line[64] = "", *rest = NULL;
	int fd[2];
	FILE *f;

	(void)str_copy(fake.dir, sizeof(fake.dir), "/tmp/woo-XXXXXX");
	assert_non_null(mkdtemp(fake.dir));
	assert_int_equal(pipe(fd), 0);
	fake.pid = fork();
	assert_true(fake.pid >= 0);
	if (fake.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(fd[1], 1);
		execl("/usr/bin/python3", "python3", "-B",
		    "tests/flow/fake_woo.py", "--make-cert", fake.dir,
		    "--base", "/winkel", (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	f = fdopen(fd[0], "r");
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	(void)str_fmt(fake.base, sizeof(fake.base), "https://127.0.0.1:%ld",
	    strtol(line, &rest, 10));
	(void)str_fmt(fake.ca, sizeof(fake.ca), "%s/ca.pem", fake.dir);
}

static inline const struct json *
fake_ask(const char *method, const char *path, const char *body)
{
	char url[256];
	struct http_request q = { .method = method, .url = url, .body = body,
	    .body_len = body != NULL ? strlen(body) : 0 };
	struct http_answer a;
	const struct json *v;

	(void)str_fmt(url, sizeof(url), "%s%s", fake.base, path);
	assert_int_equal(http_send(fake.http, &q, &a), RC_OK);
	assert_int_equal(a.status, 200);
	assert_int_equal(json_parse(fake.json, a.body, a.body_len, &v), RC_OK);
	return v;
}

static inline void
fake_control(const char *body)
{
	(void)fake_ask("POST", "/__control", body);
}

static inline int64_t
fake_requests(void)
{
	int64_t n = -1;

	assert_int_equal(json_i64(fake_ask("GET", "/__dump", NULL),
	    "requests", &n), RC_OK);
	return n;
}

/* A shop of n orders and a tenant with a source, not connected yet. */
static inline void
fake_open(const char *orders)
{
	struct http_options o = { .ca_file = fake.ca, .timeout_s = 20 };
	static char country[] = "NL";
	char body[64];

	http_setup();
	log_quiet(true);
	fake_spawn();
	assert_int_equal(http_open(&o, &fake.http), RC_OK);
	fake.json = json_doc_new();
	(void)str_fmt(body, sizeof(body), "{\"make\":%s}", orders);
	fake_control(body);
	fake.cfg.zone = mem_dup("Europe/Amsterdam");
	fake.tenant.name = mem_dup("acme");
	memcpy(fake.tenant.customer.country, country, sizeof(country));
	fake.source = (struct config_connection){ .name = mem_dup("shop"),
	    .connector = &woocommerce_connector, .values = fake.values,
	    .values_n = 2, .timeout_s = 20, .overlap_s = 600 };
	fake.items[0] = mem_alloc(256);
	(void)str_fmt(fake.items[0], 256, "%s/winkel/", fake.base);
	fake.items[1] = fake.ca;
	fake.values[0] = (struct config_value){ .name = mem_dup("url"),
	    .items = &fake.items[0], .items_n = 1 };
	fake.values[1] = (struct config_value){ .name = mem_dup("ca_file"),
	    .items = &fake.items[1], .items_n = 1 };
	fake.secrets.n = 2;
	fake.secrets.name[0] = "consumer_key";
	fake.secrets.name[1] = "consumer_secret";
	assert_int_equal(secret_set(&fake.secrets.value[0], "ck_test", 7),
	    RC_OK);
	assert_int_equal(secret_set(&fake.secrets.value[1], "cs_test", 7),
	    RC_OK);
}

static inline void
fake_close(void)
{
	char command[128];

	conn_close(fake.c);
	http_close(fake.http);
	json_doc_free(fake.json);
	free(fake.cfg.zone);
	free(fake.tenant.name);
	free(fake.source.name);
	free(fake.values[0].name);
	free(fake.values[1].name);
	free(fake.items[0]);
	secret_wipe(&fake.secrets.value[0]);
	secret_wipe(&fake.secrets.value[1]);
	kill(fake.pid, SIGTERM);
	waitpid(fake.pid, NULL, 0);
	(void)str_fmt(command, sizeof(command), "rm -r %s", fake.dir);
	assert_int_equal(system(command), 0);
}

/* A new run from a cursor; conn_make and a start that asks nothing. */
static inline struct connection *
fake_run(const char *cursor)
{
	conn_close(fake.c);
	fake.c = NULL;
	assert_int_equal(conn_make(&fake.cfg, &fake.tenant, &fake.source,
	    &fake.secrets, &fake.c), RC_OK);
	(void)str_copy(fake.c->cursor, sizeof(fake.c->cursor), cursor);
	assert_int_equal(conn_start(fake.c, NOW), RC_OK);
	return fake.c;
}

static inline enum rc
fake_next(void)
{
	return fake.c->connector->source->next(fake.c, &fake.s);
}

#endif
