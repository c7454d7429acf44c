/*
 * http_fault_test.c - what becomes of each kind of fault: nothing sent, in
 * doubt, or simply later; and what is never sent at all.
 */
#include "http_peer.c"

static void
test_unsent(void **state)
{
	struct http *h = open_as(ca, 1, 0);
	struct http *stranger = open_as(other, 5, 0);
	struct http *preset = open_as(NULL, 5, 0);
	struct http_request q = { .method = "POST", .body = "canary",
	    .body_len = 6, .changes = true };
	char url[100];

	(void)state;
	assert_int_equal(post_to(h, DROPS, "/x"), RC_LATER);
	assert_non_null(strstr(said, "S401"));
	/* a time out before anything was sent is no doubt either */
	assert_int_equal(post_to(h, MUTE, "/x"), RC_LATER);
	assert_int_equal(post(stranger, "/unsent"), RC_LATER);
	assert_int_equal(post(preset, "/unsent"), RC_LATER);
	/* the certificate is for another name */
	str_fmt(url, sizeof(url), "https://localhost:%u/unsent", ports[GOOD]);
	q.url = url;
	assert_int_equal(sends(h, &q), RC_LATER);
	q.url = "https://nowhere.invalid/unsent";
	assert_int_equal(sends(h, &q), RC_LATER);
	assert_non_null(strstr(said, "nowhere.invalid can't be reached"));
	assert_int_equal(on_the_wire("POST /unsent"), 0);
	check_counts(h, 0, 0);
	check_counts(stranger, 0, 0);
	http_close(h);
	http_close(stranger);
	http_close(preset);
}

static void
test_refused(void **state)
{
	static const char *const urls[] = { "http://127.0.0.1/", "https://",
	    "https://u:canary@127.0.0.1/", "https:/127.0.0.1", "file:///etc",
	    "https://127.0.0.1/a b", "https://127.0.0.1/\r\nX: canary",
	    "https://127.0.0.1/#canary", "" };
	struct http *h = open_as(ca, 5, 0);
	struct http_request good = { .method = "GET",
	    .url = url_of(GOOD, "/refused") }, q = good;

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		q.url = urls[i];
		assert_int_equal(sends(h, &q), RC_CONFIG);
	}
	q = good;
	q.headers[0] = "X-A: b\r\nX-C: canary";
	assert_int_equal(sends(h, &q), RC_CONFIG);
	q.headers[0] = "X-A: b\nX-C: canary";
	assert_int_equal(sends(h, &q), RC_CONFIG);
	q = good;
	q.bearer = "canary\r\nX-C: d";
	assert_int_equal(sends(h, &q), RC_CONFIG);
	q = good;
	q.content_type = "a\r\nX-C: canary";
	assert_int_equal(sends(h, &q), RC_CONFIG);
	q = good;
	q.method = "GET /canary HTTP/1.1\r\nX: y\r\n\r\nGET";
	assert_int_equal(sends(h, &q), RC_CONFIG);
	assert_int_equal(on_the_wire("GET /refused"), 0);
	check_counts(h, 0, 0);
	assert_int_equal(sends(h, &good), RC_OK);
	http_close(h);
}

/* Answers that can't be used: in doubt for a change, later for the rest. */
static void
test_garbage(void **state)
{
	static const struct {
		const char *path, *code;
		bool again;
	} bad[] = {
		{ "/endless", "S402", false },
		{ "/big", "S402", false },
		{ "/gzip", "S402", false },
		{ "/tegzip", "S402", false },
		{ "/headers", "S402", false },
		{ "/head-big", "S402", false },
		{ "/link-long", "S402", false },
		{ "/hints-endless", "S402", false },
		{ "/cut", "S402", true },
		{ "/cut-chunk", "S402", true },
		{ "/cut-head", "S402", true },
		{ "/garbage", "S40", true },
		{ "/kill", "S401", true },
	};
	struct http *h = open_as(ca, 5, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char line[64];

		if (get(h, bad[i].path) != RC_LATER)
			fail_msg("GET %s was not RC_LATER", bad[i].path);
		if (strstr(said, bad[i].code) == NULL)
			fail_msg("GET %s said: %s", bad[i].path, said);
		assert_int_equal(slept_ms, bad[i].again ? 3000 : 0);
		assert_int_equal(answer.status, 0);
		assert_int_equal(answer.body_len, 0);
		if (post(h, bad[i].path) != RC_UNSURE)
			fail_msg("POST %s was not RC_UNSURE", bad[i].path);
		assert_non_null(strstr(said, "S404"));
		assert_int_equal(answer.status, 0);
		str_fmt(line, sizeof(line), "POST %s", bad[i].path);
		assert_int_equal(on_the_wire(line), 1);
	}
	/* the limits themselves are fine */
	assert_int_equal(get(h, "/just"), RC_OK);
	assert_int_equal(answer.body_len, HTTP_BODY_MAX);
	assert_int_equal(get(h, "/http10"), RC_OK);
	assert_string_equal(answer.body, "[1,2]");
	/* a body that ends with the connection may be cut: the caller's parser
	 * has to tell */
	assert_int_equal(get(h, "/http10-cut"), RC_OK);
	assert_string_equal(answer.body, "[1,2");
	http_close(h);
}

static void
test_status(void **state)
{
	struct http *h = open_as(ca, 5, 0);

	(void)state;
	assert_int_equal(get(h, "/status-500"), RC_LATER);
	assert_non_null(strstr(said, "answered 500 [S403]"));
	assert_int_equal(slept_ms, 3000);
	assert_int_equal(answer.status, 500);
	assert_string_equal(answer.body, "{\"error\":\"x\"}");
	assert_int_equal(on_the_wire("GET /status-500"), 3);
	assert_int_equal(post(h, "/status-500"), RC_UNSURE);
	assert_non_null(strstr(said, "S404"));
	assert_int_equal(answer.status, 500);
	assert_int_equal(on_the_wire("POST /status-500"), 1);
	assert_int_equal(post(h, "/status-408"), RC_UNSURE);
	assert_int_equal(post(h, "/status-503"), RC_UNSURE);
	assert_int_equal(post(h, "/status-422"), RC_OK);
	assert_int_equal(answer.status, 422);
	assert_int_equal(post(h, "/status-409"), RC_OK);
	assert_int_equal(get(h, "/flaky"), RC_OK);
	assert_int_equal(on_the_wire("GET /flaky"), 3);
	http_close(h);
}

static void
test_rate_limited(void **state)
{
	struct http *h = open_as(ca, 5, 0);

	(void)state;
	assert_int_equal(post(h, "/429-seconds"), RC_OK);
	assert_in_range(slept_ms, 1000, 2000);
	assert_int_equal(on_the_wire("POST /429-seconds"), 2);
	assert_int_equal(get(h, "/429-epoch"), RC_OK);
	assert_in_range(slept_ms, 1000, 2000);
	assert_int_equal(get(h, "/429-date"), RC_OK);
	assert_in_range(slept_ms, 1000, 2000);
	assert_int_equal(post(h, "/429-long"), RC_LATER);
	assert_int_equal(answer.status, 429);
	assert_in_range(answer.retry_at - clock_now(), 3590, 3600);
	assert_int_equal(slept_ms, 0);
	assert_non_null(strstr(said, "it resumes at 2"));
	assert_non_null(strstr(said, "S405"));
	assert_int_equal(get(h, "/429-none"), RC_LATER);
	assert_int_equal(answer.retry_at, 0);
	assert_non_null(strstr(said, "at an unknown time"));
	assert_int_equal(post(h, "/429-always"), RC_LATER);
	assert_int_equal(on_the_wire("POST /429-always"), 3);
	http_close(h);
}

static void
test_time_out(void **state)
{
	struct http *h = open_as(ca, 1, 0);

	(void)state;
	assert_int_equal(post(h, "/slow"), RC_UNSURE);
	assert_non_null(strstr(said, "imeout"));
	assert_int_equal(on_the_wire("POST /slow"), 1);
	http_close(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unsent),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_rate_limited),
		cmocka_unit_test(test_time_out),
	};

	return cmocka_run_group_tests_name("http faults", tests, peer_start,
	    peer_stop);
}
