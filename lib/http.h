/*
 * http.h - one HTTPS request at a time.  The only file behind it that knows
 * libcurl is http.c.
 *
 * What is asked once is on the wire once: libcurl 7.88 sends a request again
 * by itself when a reused connection dies before the first answer byte; for
 * requests that change something that second sending is vetoed, and the
 * outcome is then RC_UNSURE.  Redirects are not followed, http: is refused,
 * certificates are always verified, HTTP/1.1 only, no cookies, no proxy
 * unless configured.  A body counts only whole: cut ones are faults.  Only
 * one without a length, that ends with the connection, can't be judged here:
 * callers parse strictly, to the end.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "rc.h"

#define HTTP_BODY_MAX (8u << 20)	/* longest body taken */
#define HTTP_URL_MAX 2048
#define HTTP_HEADERS 12			/* of our own per request */

struct http;				/* a connection's handle */

struct http_options {
	const char *ca_file;		/* NULL: the system's */
	const char *proxy;		/* NULL: none */
	int64_t timeout_s;		/* of one request, whole */
	int rate;			/* most requests per minute; 0: any */
};

struct http_request {
	const char *method;		/* "GET", "POST", "PATCH", ... */
	const char *url;		/* https only */
	const char *user, *password;	/* HTTP Basic when user is not NULL */
	const char *bearer;		/* Authorization: Bearer, or NULL */
	const char *headers[HTTP_HEADERS]; /* "Name: value", NULL-ended */
	const void *body;		/* NULL: none */
	size_t body_len;
	const char *content_type;	/* NULL: application/json */
	bool changes;			/* true: it changes something there */
	bool once;			/* not again whatever comes: not even
					 * after a 429 that asks for it */
};

/* Borrowed from the handle until the next request. */
struct http_answer {
	long status;			/* 200, 404, ... */
	const char *body;		/* NUL-terminated */
	size_t body_len;
	int64_t date_at;		/* the server's Date, 0 when absent */
	int64_t retry_at;		/* Retry-After as a moment, 0: absent;
					 * seconds, HTTP date or epoch */
	int64_t total;			/* X-WP-Total and the like, -1 absent */
	const char *link_next;		/* Link: <...>; rel="next", or NULL */
};

/* Once per process, before any fork.  SIGPIPE is ignored from here on. */
void http_setup(void);

MUST enum rc http_open(const struct http_options *o, struct http **out);
void http_close(struct http *h);

/*
 * Send once.  Says (log.h) every outcome but RC_OK, without body, query or
 * header values.
 *   RC_OK      an answer with any status came in whole, 429 and 5xx aside
 *   RC_UNSURE  changes is set and it may have been carried out: reset, time
 *              out, cut or oversized answer, 408, any 5xx
 *   RC_LATER   nothing was carried out: name, refusal, TLS, 429; and for
 *              requests that change nothing also all that is UNSURE above
 *   RC_CONFIG  not https, bad URL, a line break in a header
 * 429 sets answer->retry_at.  Requests that change nothing are tried three
 * times, a second apart, before RC_LATER.
 */
MUST enum rc http_send(struct http *h, const struct http_request *q,
    struct http_answer *a);

/* Requests put on the wire so far: all, and those that change something. */
void http_counts(const struct http *h, uint64_t *all, uint64_t *changing);

#endif
