/*
 * http_test.c - what is on the wire, against a real TLS server that counts
 * (http_server.py).
 */
#include "http_peer.c"
#include "url.h"

#include <signal.h>

static void
test_ok(void **state)
{
	struct http *h = open_as(ca, 5, 0);
	int64_t at;

	(void)state;
	assert_int_equal(get(h, "/ok?q=canary"), RC_OK);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "{\"ok\":1}");
	assert_int_equal(answer.body_len, 8);
	assert_int_equal(answer.total, 42);
	assert_int_equal(answer.retry_at, 0);
	assert_int_equal(clock_parse("2026-11-23T14:00:00Z", &at), RC_OK);
	assert_int_equal(answer.date_at, at);
	assert_string_equal(answer.link_next, "https://a.example/p?page=3");
	/* the next answer has nothing of this one */
	assert_int_equal(get(h, "/status-404?canary"), RC_OK);
	assert_int_equal(answer.status, 404);
	assert_int_equal(answer.total, -1);
	assert_int_equal(answer.date_at, 0);
	assert_null(answer.link_next);
	assert_int_equal(get(h, "/redirect"), RC_OK);
	assert_int_equal(answer.status, 302);
	assert_int_equal(answer.body_len, 0);
	assert_string_equal(answer.body, "");
	assert_int_equal(on_the_wire("GET /ok"), 0);	/* not followed */
	assert_int_equal(get(h, "/hints"), RC_OK);
	assert_null(answer.link_next);
	assert_int_equal(answer.total, -1);
	check_counts(h, 4, 0);
	http_close(h);
}

static void
test_request(void **state)
{
	struct http *h = open_as(ca, 5, 0);
	struct http_request q = { .method = "PATCH", .user = "ck_canary",
	    .password = "cs", .headers = { "X-One: 1", "X-Two: a b" },
	    .body = "{\"a\":\0}", .body_len = 7, .changes = true };

	(void)state;
	q.url = url_of(GOOD, "/echo");
	assert_int_equal(sends(h, &q), RC_OK);
	assert_non_null(strstr(answer.body, "PATCH /echo\nHost: 127.0.0.1:"));
	assert_non_null(strstr(answer.body,
	    "\nAuthorization: Basic Y2tfY2FuYXJ5OmNz\n"));
	assert_non_null(strstr(answer.body, "\nUser-Agent: salesync/0.1\n"));
	assert_non_null(strstr(answer.body, "\nX-One: 1\nX-Two: a b\n"));
	assert_non_null(strstr(answer.body,
	    "\nContent-Type: application/json\n"));
	assert_non_null(strstr(answer.body, "\nContent-Length: 7\n"));
	assert_null(strstr(answer.body, "Expect"));
	assert_null(strstr(answer.body, "Accept-Encoding"));
	assert_memory_equal(answer.body + answer.body_len - 7, q.body, 7);

	/* nothing of one request is in the next */
	q = (struct http_request){ .method = "GET", .bearer = "canary" };
	q.url = url_of(GOOD, "/echo");
	assert_int_equal(sends(h, &q), RC_OK);
	assert_int_equal(strncmp(answer.body, "GET /echo\n", 10), 0);
	assert_non_null(strstr(answer.body, "\nAuthorization: Bearer canary\n"));
	assert_null(strstr(answer.body, "Basic"));
	assert_null(strstr(answer.body, "Content-"));
	assert_null(strstr(answer.body, "X-One"));
	q.bearer = NULL;
	q.method = "DELETE";
	q.changes = true;
	assert_int_equal(sends(h, &q), RC_OK);
	assert_int_equal(strncmp(answer.body, "DELETE /echo\n", 13), 0);
	assert_null(strstr(answer.body, "Authorization"));
	q.method = "POST";
	q.content_type = "text/x-y";
	assert_int_equal(sends(h, &q), RC_OK);
	assert_int_equal(strncmp(answer.body, "POST /echo\n", 11), 0);
	assert_non_null(strstr(answer.body, "\nContent-Length: 0\n"));
	q.body = "b";
	q.body_len = 1;
	assert_int_equal(sends(h, &q), RC_OK);
	assert_non_null(strstr(answer.body, "\nContent-Type: text/x-y\n"));
	check_counts(h, 5, 4);
	http_close(h);
}

/* What was asked once is on the wire once, whenever the connection dies. */
static void
test_once(void **state)
{
	struct http *h = open_as(ca, 5, 0);

	(void)state;
	assert_int_equal(get(h, "/ok-warm"), RC_OK);
	assert_int_equal(post(h, "/kill?canary"), RC_UNSURE);
	assert_non_null(strstr(said, "S404"));
	assert_int_equal(answer.status, 0);
	assert_int_equal(on_the_wire("POST /kill?canary"), 1);
	check_counts(h, 2, 1);
	/* on a fresh connection */
	assert_int_equal(post(h, "/kill-fresh"), RC_UNSURE);
	assert_int_equal(on_the_wire("POST /kill-fresh"), 1);
	check_counts(h, 3, 2);
	/* the handle lives on; a request that changes nothing is repeated */
	assert_int_equal(get(h, "/ok-warm"), RC_OK);
	assert_int_equal(get(h, "/kill-once"), RC_OK);
	assert_int_equal(on_the_wire("GET /kill-once"), 2);
	assert_int_equal(slept_ms, 0);		/* libcurl did it */
	check_counts(h, 6, 2);
	http_close(h);
}

/* The kept connection dies and the second one is refused: not "unsent". */
static void
test_once_gone(void **state)
{
	struct http *h = open_as(ca, 5, 0);

	(void)state;
	assert_int_equal(post_to(h, MORTAL, "/ok-mortal"), RC_OK);
	assert_int_equal(post_to(h, MORTAL, "/stop"), RC_UNSURE);
	assert_int_equal(on_the_wire("POST /stop"), 1);
	check_counts(h, 2, 2);
	/* now nobody listens: nothing was sent */
	assert_int_equal(post_to(h, MORTAL, "/stop"), RC_LATER);
	assert_non_null(strstr(said, "S401"));
	assert_int_equal(slept_ms, 0);
	check_counts(h, 2, 2);
	http_close(h);
}

/* On how many connections a path was asked for. */
static int
connections(const char *path)
{
	char file[96], line[300], end[64], last[16] = "";
	int n = 0;
	FILE *f;

	str_fmt(file, sizeof(file), "%s/wire", dir);
	str_fmt(end, sizeof(end), " %s\n", path);
	f = fopen(file, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (!str_ends(line, end))
			continue;
		line[strcspn(line, " ")] = '\0';
		n += !str_eq(line, last);
		str_copy(last, sizeof(last), line);
	}
	fclose(f);
	return n;
}

/* Connections are kept, for changes too; but an old one, that the server may
 * be about to close, carries no change. */
static void
test_keep(void **state)
{
	struct http *h = open_as(ca, 5, 0);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(post(h, "/ok-keep"), RC_OK);
	assert_int_equal(connections("/ok-keep"), 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get(h, "/ok-old"), RC_OK);
		jump_s += 10;
	}
	assert_int_equal(connections("/ok-old"), 1);
	assert_int_equal(post(h, "/ok-idle"), RC_OK);
	jump_s += 5;
	assert_int_equal(post(h, "/ok-idle"), RC_OK);
	assert_int_equal(connections("/ok-idle"), 2);
	http_close(h);
}

/* A peer that closes while we still write must not kill us; and a large body
 * is sent without asking first. */
static void
test_large(void **state)
{
	struct sigaction pipe_signal;
	struct http *h = open_as(ca, 5, 0);
	size_t n = 4u << 20;
	char *body = calloc(1, n);
	struct http_request q = { .method = "POST",
	    .url = url_of(GOOD, "/slam"), .body = body, .body_len = n,
	    .changes = true };

	(void)state;
	assert_non_null(body);
	assert_int_equal(sigaction(SIGPIPE, NULL, &pipe_signal), 0);
	assert_true(pipe_signal.sa_handler == SIG_IGN);
	assert_int_equal(sends(h, &q), RC_UNSURE);
	check_counts(h, 1, 1);
	q.url = url_of(GOOD, "/echo");
	assert_int_equal(sends(h, &q), RC_OK);
	assert_true(answer.body_len > n);
	assert_null(strstr(answer.body, "Expect"));
	http_close(h);
	free(body);
}

static void
test_pace(void **state)
{
	struct http *h = open_as(ca, 5, 20);

	(void)state;
	for (int i = 0; i < 2; i++) {		/* a burst of 2 */
		assert_int_equal(get(h, "/ok-pace"), RC_OK);
		assert_int_equal(slept_ms, 0);
	}
	assert_int_equal(get(h, "/ok-pace"), RC_OK);
	assert_in_range(slept_ms, 2000, 3200);
	http_close(h);
}

static void
test_open(void **state)
{
	struct http_options o = { .ca_file = "/nonexistent/ca.pem" };
	struct http *h = NULL;

	(void)state;
	log_verbose(false);
	assert_int_equal(http_open(&o, &h), RC_CONFIG);
	assert_null(h);
	http_close(NULL);
	/* what the environment says about proxies is not asked */
	setenv("https_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	h = open_as(ca, 5, 0);
	assert_int_equal(get(h, "/ok-env"), RC_OK);
	http_close(h);
	unsetenv("https_proxy");
	unsetenv("ALL_PROXY");
	/* what the configuration says is */
	o = (struct http_options){ .ca_file = ca, .timeout_s = 5,
	    .proxy = url_of(DROPS, "") };
	assert_int_equal(http_open(&o, &h), RC_OK);
	assert_int_equal(post(h, "/ok-env"), RC_LATER);
	check_counts(h, 0, 0);
	http_close(h);
}

static void
test_words(void **state)
{
	struct buf b;

	(void)state;
	assert_true(url_base_ok("https://shop.example/x"));
	assert_false(url_base_ok("https://shop.example/x?y=1"));
	assert_false(url_base_ok("http://shop.example/x"));
	buf_init(&b, 100);
	url_escape(&b, "a b/\xc3\xa9");
	assert_string_equal(b.data, "a%20b%2F%C3%A9");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ok),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_once_gone),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("http", tests, peer_start,
	    peer_stop);
}
