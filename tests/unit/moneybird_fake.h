/*
 * moneybird_fake.h - for tests: the Moneybird stand-in, started and steered,
 * and a connection to it made by hand.
 *
 * MONEYBIRD_URL and MONEYBIRD_CA name one that runs already (prism.sh).
 */
#ifndef MONEYBIRD_FAKE_H
#define MONEYBIRD_FAKE_H

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

#include "connector.h"
#include "document.h"
#include "log.h"
#include "str.h"

#define VAT_21 "496000000000000021"
#define VAT_9 "496000000000000009"
#define SALES "496000000000008000"
#define SHIPPING "496000000000008001"
#define MOLLIE "496000000000001100"
#define CASH "496000000000001102"

extern const struct connector moneybird_connector;

static struct fake {
	pid_t pid;
	char dir[64], base[128], url[160], ca[160];
	char administration[32], token[32], finalize[8], style[32];
	struct http *http;		/* for control and dump */
	struct json_doc *json;
	struct connection c;
} fake;

static inline const char *
fake_item(const struct connection *c, const char *name, size_t i)
{
	(void)c;
	if (i > 0)
		return NULL;
	if (str_eq(name, "url"))
		return fake.url;
	if (str_eq(name, "administration"))
		return fake.administration;
	if (str_eq(name, "finalize") && fake.finalize[0] != '\0')
		return fake.finalize;
	if (str_eq(name, "document_style") && fake.style[0] != '\0')
		return fake.style;
	return NULL;
}

static inline const char *
fake_secret(const struct connection *c, const char *name)
{
	(void)c;
	return str_eq(name, "token") ? fake.token : NULL;
}

/* Forks and waits for the line with the ports. */
static inline void
fake_spawn(void)
{
	char line[64] = "", *rest = NULL;
	int fd[2];
	FILE *f;

	(void)str_copy(fake.dir, sizeof(fake.dir), "/tmp/moneybird-XXXXXX");
	assert_non_null(mkdtemp(fake.dir));
	assert_int_equal(pipe(fd), 0);
	fake.pid = fork();
	assert_true(fake.pid >= 0);
	if (fake.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(fd[1], 1);
		execl("/usr/bin/python3", "python3", "-E",
		    "tests/flow/fake_moneybird.py", "--make-cert", fake.dir,
		    (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	f = fdopen(fd[0], "r");
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	(void)str_fmt(fake.base, sizeof(fake.base), "https://127.0.0.1:%ld",
	    strtol(line, &rest, 10));
	(void)str_fmt(fake.ca, sizeof(fake.ca), "%s/cert.pem", fake.dir);
}

static inline struct http *
fake_http(int64_t timeout_s)
{
	struct http_options o = { .ca_file = fake.ca,
	    .timeout_s = timeout_s };
	struct http *h = NULL;

	assert_int_equal(http_open(&o, &h), RC_OK);
	return h;
}

static inline int
fake_start(void **state)
{
	const char *url = getenv("MONEYBIRD_URL");

	(void)state;
	log_quiet(true);
	http_setup();
	if (url != NULL) {
		(void)str_copy(fake.base, sizeof(fake.base), url);
		(void)str_copy(fake.ca, sizeof(fake.ca),
		    getenv("MONEYBIRD_CA"));
	} else {
		fake_spawn();
	}
	(void)str_fmt(fake.url, sizeof(fake.url), "%s/api/v2", fake.base);
	fake.http = fake_http(20);
	fake.json = json_doc_new();
	fake.c.connector = &moneybird_connector;
	fake.c.json = json_doc_new();
	fake.c.http = fake_http(20);
	fake.c.item = fake_item;
	fake.c.secret = fake_secret;
	return 0;
}

static inline void
fake_unlink(const char *name)
{
	char path[sizeof(fake.dir) + 16];

	(void)str_fmt(path, sizeof(path), "%s/%s", fake.dir, name);
	assert_int_equal(unlink(path), 0);
}

static inline int
fake_stop(void **state)
{
	(void)state;
	http_close(fake.http);
	http_close(fake.c.http);
	json_doc_free(fake.json);
	json_doc_free(fake.c.json);
	if (fake.pid > 0) {
		kill(fake.pid, SIGTERM);
		waitpid(fake.pid, NULL, 0);
		fake_unlink("cert.pem");
		fake_unlink("key.pem");
		assert_int_equal(rmdir(fake.dir), 0);
	}
	return 0;
}

/* What the stand-in answers to POST /__control or GET /__dump. */
static inline const struct json *
fake_ask(const char *method, const char *path, const char *body)
{
	struct http_request q = { .method = method, .body = body,
	    .body_len = body != NULL ? strlen(body) : 0 };
	const struct json *v = NULL;
	struct http_answer a;
	char url[200];

	(void)str_fmt(url, sizeof(url), "%s%s", fake.base, path);
	q.url = url;
	assert_int_equal(http_send(fake.http, &q, &a), RC_OK);
	if (a.status != 200)
		fail_msg("%s: %s", path, a.body);
	assert_int_equal(json_parse(fake.json, a.body, a.body_len, &v),
	    RC_OK);
	return v;
}

static inline const struct json *
fake_control(const char *body)
{
	return fake_ask("POST", "/__control", body);
}

static inline const struct json *
fake_dump(void)
{
	return fake_ask("GET", "/__dump", NULL);
}

/* Before each test. */
static inline int
fake_reset(void **state)
{
	(void)state;
	fake_control("{\"reset\": true}");
	(void)str_copy(fake.administration, sizeof(fake.administration),
	    "123456789");
	(void)str_copy(fake.token, sizeof(fake.token), "token");
	fake.finalize[0] = fake.style[0] = '\0';
	fake.c.started_at = 1;
	fake.c.why = M_NONE;
	fake.c.why_text[0] = fake.c.why_debtor[0] = '\0';
	return 0;
}

static inline size_t
fake_count(const char *path)
{
	return json_count(json_path(fake_dump(), path));
}

static inline int64_t
fake_changes(void)
{
	int64_t n = -1;

	assert_int_equal(json_i64(fake_dump(), "changing", &n), RC_OK);
	return n;
}

/* The id of a contact to book for. */
static inline void
fake_contact(char out[CODE_MAX])
{
	const struct json *v = fake_control("{\"contacts\": "
	    "[{\"lastname\": \"Jansen\", "
	    "\"send_invoices_to_email\": \"a@b.example\"}]}");

	(void)str_copy(out, CODE_MAX, json_str(v, "contacts.0"));
	assert_string_not_equal(out, "");
}

static inline struct money
euro(const char *text)
{
	struct money m = { 0 };

	assert_int_equal(money_parse(text, &m), RC_OK);
	return m;
}

static inline void
fake_line(struct document *d, const char *excl, const char *vat,
    const char *code)
{
	struct document_line *l = &d->lines[d->lines_n++];

	memset(l, 0, sizeof(*l));
	l->quantity = euro("1");
	l->excl = euro(excl);
	l->vat = euro(vat);
	(void)str_copy(l->vat_code, sizeof(l->vat_code), code);
	(void)str_copy(l->account, sizeof(l->account), SALES);
	(void)str_fmt(l->description, sizeof(l->description), "Mug %zu",
	    d->lines_n);
	d->excl = money_add(d->excl, l->excl);
	d->vat = money_add(d->vat, l->vat);
	d->incl = money_add(d->excl, d->vat);
}

static inline void
fake_payment(struct document *d, const char *account, const char *amount)
{
	struct document_payment *y = &d->payments[d->payments_n++];

	memset(y, 0, sizeof(*y));
	(void)str_copy(y->account, sizeof(y->account), account);
	y->amount = euro(amount);
}

/* A document of today's year without lines, for a contact that is there. */
static inline struct document *
fake_document(const char *reference)
{
	static struct document d;

	memset(&d, 0, sizeof(d));
	(void)str_copy(d.reference, sizeof(d.reference), reference);
	(void)str_copy(d.date, sizeof(d.date), "2024-02-29");
	(void)str_copy(d.currency, sizeof(d.currency), "EUR");
	(void)str_copy(d.own, sizeof(d.own), "EUR");
	fake_contact(d.debtor);
	return &d;
}

#endif
