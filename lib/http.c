/*
 * http.c - HTTPS requests through libcurl, and what became of them.
 *
 * One easy handle per struct http, kept for its connection.  The rule that
 * decides what became of a request: libcurl calls on_wire each time it is
 * about to send.  Never called: nothing was sent, whatever the error.  Called
 * again within one request: libcurl would send it a second time, which a
 * request that changes something must not do.  Never followed: redirects.
 * Never said: a URL's query, a header's value, a body.
 */
#include "http.h"

#include <curl/curl.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "header.h"
#include "log.h"
#include "pace.h"
#include "secret.h"
#include "str.h"
#include "url.h"

#define AGENT "salesync/0.1"
#define TRIES 3
#define WAIT_429_S 5		/* longest Retry-After waited out here */
#define CONNECT_S 10
#define IDLE_S 3		/* older connections carry no changes */
#define CERTS "/etc/ssl/certs"

struct http {
	CURL *easy;
	struct curl_slist *headers;
	char host[URL_HOST];	/* of the request, with its port */
	struct pace pace;
	uint64_t all, changing;

	/* the request under way */
	bool changes, once;
	int sends;		/* times it was about to go on the wire */

	/* its answer */
	struct buf body;
	struct header head;
	const char *fault;	/* why we refused it, NULL: we did not */
};

/* What became of a request. */
struct verdict {
	enum rc rc;
	enum msg why;
	const char *text;	/* constant */
	long status;		/* 0: no whole answer */
	bool again;		/* another try may help */
};

void
http_setup(void)
{
	/* NOSIGNAL leaves a write to a closed socket to us. */
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, secret_free,
	    secret_grow, strdup, calloc) != 0)
		SAY(M_INTERNAL, F_WORD("text", "libcurl does not start"));
}

/* --- the answer, as it comes in --- */

static size_t
on_header(char *data, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	h->fault = header_take(&h->head, data, one * n);
	return h->fault == NULL ? one * n : 0;
}

static size_t
on_body(char *data, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	buf_add(&h->body, data, one * n);
	if (!h->body.over)
		return one * n;
	h->fault = "it is longer than 8 MiB";
	return 0;
}

static int
on_wire(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct http *h = arg;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	h->sends++;
	if (h->changes && h->sends > 1)
		return CURL_PREREQFUNC_ABORT;
	h->all++;
	h->changing += h->changes;
	return CURL_PREREQFUNC_OK;
}

/* --- the handle --- */

/* With hashed links OpenSSL reads the one certificate that it needs; the
 * bundle costs 15 ms of parsing in every process. */
static bool
certs_hashed(void)
{
	struct dirent *e;
	bool found = false;
	DIR *d = opendir(CERTS);

	if (d == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL)
		found = strlen(e->d_name) == 10 &&
		    strspn(e->d_name, "0123456789abcdef") == 8 &&
		    str_ends(e->d_name, ".0");
	closedir(d);
	return found;
}

/* What no setting has a say in. */
static const struct { CURLoption option; long value; } fixed[] = {
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_LOW_SPEED_LIMIT, 1 },
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_HTTP_CONTENT_DECODING, 0 },
	{ CURLOPT_HTTPAUTH, CURLAUTH_BASIC },
};

static bool
set_options(CURL *c, const struct http_options *o)
{
	long timeout = o->timeout_s > 0 ? (long)o->timeout_s : 30;
	unsigned bad = 0;

	for (size_t i = 0; i < COUNT(fixed); i++)
		bad |= curl_easy_setopt(c, fixed[i].option, fixed[i].value);
	bad |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	bad |= curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, NULL);
	bad |= curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout * 1000);
	bad |= curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
	    timeout < CONNECT_S ? timeout : CONNECT_S);
	bad |= curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, timeout);
	bad |= curl_easy_setopt(c, CURLOPT_PROXY,
	    o->proxy != NULL ? o->proxy : "");
	if (o->ca_file != NULL) {
		bad |= curl_easy_setopt(c, CURLOPT_CAINFO, o->ca_file);
		bad |= curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	} else if (certs_hashed()) {
		bad |= curl_easy_setopt(c, CURLOPT_CAPATH, CERTS);
		bad |= curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
	}
	return bad == 0;
}

static bool
set_callbacks(CURL *c, struct http *h)
{
	unsigned bad = 0;

	bad |= curl_easy_setopt(c, CURLOPT_USERAGENT, AGENT);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	bad |= curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	bad |= curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	bad |= curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_wire);
	bad |= curl_easy_setopt(c, CURLOPT_PREREQDATA, h);
	return bad == 0;
}

enum rc
http_open(const struct http_options *o, struct http **out)
{
	struct http *h = NULL;

	if (o->ca_file != NULL && access(o->ca_file, R_OK) != 0) {
		SAY(M_CONFIG_FILE, F_WORD("file", o->ca_file),
		    F_WORD("text", "ca_file can't be read"));
		return RC_CONFIG;
	}
	h = mem_alloc(sizeof(*h));
	buf_init(&h->body, HTTP_BODY_MAX);
	pace_init(&h->pace, o->rate);
	h->easy = curl_easy_init();
	if (h->easy == NULL || !set_options(h->easy, o) ||
	    !set_callbacks(h->easy, h)) {
		http_close(h);
		SAY(M_INTERNAL, F_WORD("text", "libcurl lacks an option"));
		return RC_FATAL;
	}
	*out = h;
	return RC_OK;
}

/* Header lists hold credentials: wiped before libcurl frees them. */
static void
headers_free(struct http *h)
{
	for (struct curl_slist *p = h->headers; p != NULL; p = p->next)
		secret_zero(p->data, strlen(p->data));
	curl_slist_free_all(h->headers);
	h->headers = NULL;
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->easy);
	headers_free(h);
	buf_free(&h->body);
	secret_zero(h, sizeof(*h));
	free(h);
}

/* --- one request --- */

/* Out of memory ends the process, here as in mem_alloc. */
static void
header_add(struct http *h, const char *name, const char *value)
{
	struct buf line;
	struct curl_slist *more;

	buf_init(&line, HTTP_BODY_MAX);
	buf_puts(&line, name);
	buf_puts(&line, value);
	more = curl_slist_append(h->headers, line.data);
	buf_free(&line);
	if (more == NULL)
		mem_die();
	h->headers = more;
}

static void
headers_make(struct http *h, const struct http_request *q)
{
	if (q->bearer != NULL)
		header_add(h, "Authorization: Bearer ", q->bearer);
	if (q->body != NULL)
		header_add(h, "Content-Type: ", q->content_type != NULL ?
		    q->content_type : "application/json");
	header_add(h, "Expect:", "");
	for (size_t i = 0; i < HTTP_HEADERS && q->headers[i] != NULL; i++)
		header_add(h, q->headers[i], "");
}

/* RC_CONFIG, said, for what must not leave; sets the host. */
static enum rc
request_check(struct http *h, const struct http_request *q)
{
	bool ok = header_word_ok(q->method);

	if (!url_check(q->url, h->host)) {
		SAY(M_HTTP_ONLY, F_WORD("text", "the address of a request"));
		return RC_CONFIG;
	}
	if (q->bearer != NULL)
		ok = ok && header_word_ok(q->bearer);
	if (q->content_type != NULL)
		ok = ok && header_value_ok(q->content_type);
	for (size_t i = 0; i < HTTP_HEADERS && q->headers[i] != NULL; i++)
		ok = ok && header_ok(q->headers[i]);
	if (ok)
		return RC_OK;
	SAY(M_INTERNAL, F_WORD("text", "a header that must not be sent"));
	return RC_CONFIG;
}

/* All that differs from one request to the next. */
static bool
set_request(struct http *h, const struct http_request *q)
{
	CURL *c = h->easy;
	unsigned bad = 0;

	bad |= curl_easy_setopt(c, CURLOPT_URL, q->url);
	if (q->body == NULL && !str_eq(q->method, "POST")) {
		bad |= curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	} else {
		bad |= curl_easy_setopt(c, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(c, CURLOPT_POSTFIELDS,
		    q->body != NULL ? q->body : "");
		bad |= curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)(q->body != NULL ? q->body_len : 0));
	}
	bad |= curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
	bad |= curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers);
	bad |= curl_easy_setopt(c, CURLOPT_USERNAME, q->user);
	bad |= curl_easy_setopt(c, CURLOPT_PASSWORD, q->password);
	bad |= curl_easy_setopt(c, CURLOPT_MAXAGE_CONN,
	    q->changes ? (long)IDLE_S : 60L);
	h->changes = q->changes;
	h->once = q->once;
	return bad == 0;
}

/* Nothing of the caller's stays behind in libcurl. */
static void
unset_request(struct http *h)
{
	CURL *c = h->easy;
	unsigned bad = 0;

	bad |= curl_easy_setopt(c, CURLOPT_POSTFIELDS, NULL);
	bad |= curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
	bad |= curl_easy_setopt(c, CURLOPT_USERNAME, NULL);
	bad |= curl_easy_setopt(c, CURLOPT_PASSWORD, NULL);
	(void)bad;
	headers_free(h);
}

static struct verdict
judge_answer(const struct http *h)
{
	struct verdict o = { .rc = RC_OK };

	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &o.status);
	if (o.status == 429) {
		o.rc = RC_LATER;
		o.why = M_RATE;
	} else if (o.status == 408 || o.status >= 500) {
		o.rc = h->changes ? RC_UNSURE : RC_LATER;
		o.why = M_STATUS;
		o.text = o.status == 408 ? "status 408" : "a status of 5xx";
		o.again = true;
	}
	return o;
}

static struct verdict
judge(const struct http *h, CURLcode code)
{
	struct verdict o = { .rc = RC_LATER, .why = M_DOWN, .again = true,
	    .text = curl_easy_strerror(code) };

	if (code == CURLE_OK && h->head.ended)
		return judge_answer(h);
	if (h->sends == 0) {
		/* a certificate does not mend in a second */
		o.again = code != CURLE_PEER_FAILED_VERIFICATION;
		if (!o.again)
			o.text = "its certificate is not trusted; is a "
			    "ca_file needed?";
		return o;
	}
	if (h->changes)
		o.rc = RC_UNSURE;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		o.text = "the connection broke before an answer came";
	if (h->fault != NULL || code == CURLE_OUT_OF_MEMORY) {
		o.text = h->fault != NULL ? h->fault :
		    "a header is too long";	/* libcurl's limit */
		o.why = M_GARBAGE;
		o.again = false;
	} else if (code == CURLE_UNSUPPORTED_PROTOCOL) {
		o.text = "it is not HTTP";
		o.why = M_GARBAGE;
	} else if (code == CURLE_PARTIAL_FILE || code == CURLE_OK) {
		/* a head that is cut libcurl takes for an answer */
		o.text = "it was cut";
		o.why = M_GARBAGE;
	}
	return o;
}

static struct verdict
attempt(struct http *h)
{
	buf_clear(&h->body);
	header_init(&h->head);
	h->fault = NULL;
	h->sends = 0;
	clock_sleep_ms(pace_take(&h->pace, clock_mono_ms()));
	return judge(h, curl_easy_perform(h->easy));
}

/* Milliseconds until another try, or -1: let it be. */
static int64_t
again_ms(const struct http *h, const struct verdict *o, int tries)
{
	int64_t wait_s;

	if (o->rc == RC_OK || tries >= (h->once ? 1 : TRIES))
		return -1;
	if (o->why == M_RATE) {		/* carried out: nothing, so any may */
		wait_s = h->head.retry_at - clock_now();
		if (h->head.retry_at == 0 || wait_s > WAIT_429_S)
			return -1;
		return wait_s > 0 ? wait_s * 1000 : 1000;
	}
	return h->changes || !o->again ? -1 : tries * 1000;
}

static void
say(const struct http *h, const struct verdict *o)
{
	char at[CLOCK_ISO] = "an unknown time";

	if (o->rc == RC_UNSURE) {
		SAY(M_LOST, F_WORD("host", h->host), F_WORD("text", o->text));
		return;
	}
	if (h->head.retry_at != 0)
		clock_iso(at, h->head.retry_at);
	if (o->rc != RC_OK)
		SAY(o->why, F_WORD("host", h->host), F_WORD("text", o->text),
		    F_INT("status", o->status), F_WORD("at", at));
}

static void
fill_in(const struct http *h, const struct verdict *o, struct http_answer *a)
{
	*a = (struct http_answer){ .body = "", .total = -1 };
	if (o->status == 0)
		return;
	a->status = o->status;
	a->date_at = h->head.date_at;
	a->retry_at = h->head.retry_at;
	a->total = h->head.total;
	if (h->head.link_next[0] != '\0')
		a->link_next = h->head.link_next;
	if (h->body.len > 0) {
		a->body = h->body.data;
		a->body_len = h->body.len;
	}
}

enum rc
http_send(struct http *h, const struct http_request *q, struct http_answer *a)
{
	struct verdict o = { .rc = RC_CONFIG };
	int64_t wait_ms;

	fill_in(h, &o, a);
	if (request_check(h, q) != RC_OK)
		return RC_CONFIG;
	headers_make(h, q);
	if (!set_request(h, q)) {
		unset_request(h);
		SAY0(M_MEMORY);
		return RC_FATAL;
	}
	for (int tries = 1;; tries++) {
		o = attempt(h);
		wait_ms = again_ms(h, &o, tries);
		if (wait_ms < 0)
			break;
		clock_sleep_ms(wait_ms);
	}
	unset_request(h);
	say(h, &o);
	fill_in(h, &o, a);
	return o.rc;
}

void
http_counts(const struct http *h, uint64_t *all, uint64_t *changing)
{
	*all = h->all;
	*changing = h->changing;
}
