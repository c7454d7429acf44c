/*
 * server.c - a shop and books that answer at once, for the benchmarks.
 *
 *	server PORT CERT KEY SHAPES	prints its port, serves until ended
 *
 * TLS over 127.0.0.1, HTTP/1.1 with keep-alive, a thread a connection.  The
 * shop at /N/wp-json/wc/v3/ has N orders, one a second, made from one order in
 * full shape (3.3 kB); it ignores _fields, so that large pages really come.
 * The books at /api/v2/ are Moneybird's, with totals worked out from the lines.
 * GET /count tells how many requests came, and how many of them change
 * something; GET /reset forgets that.  Everything else is 404.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <openssl/ssl.h>

#include "shape.h"

#define HEAD_MAX 16384
#define INVOICES (1u << 20)
#define FIRST_ID UINT64_C(400000000000000000)
#define ORDER_START 1767225600	/* 2026-01-01 */

struct peer {
	SSL *tls;
	char in[2 * HEAD_MAX];
	size_t in_len;
	char *out;			/* the answer's body */
	size_t len, cap;
	int status;
	long total;			/* X-WP-Total, -1: none */
	char method[8], path[4096];
	char *body;
	size_t body_len;
};

struct invoice {
	int64_t excl, incl;		/* cents */
	char reference[100];
};

static SSL_CTX *tls;
static struct shape *order, *invoice, *contact, *payment;
static struct invoice *invoices;
static atomic_uint invoices_n;
static atomic_ulong requests, changes, connections;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
room(struct peer *p, size_t n)
{
	if (p->len + n < p->cap)
		return;
	p->cap = (p->len + n) * 2;
	p->out = realloc(p->out, p->cap);
	if (p->out == NULL)
		die("realloc");
}

static void
put(struct peer *p, const char *bytes, size_t n)
{
	room(p, n + 1);
	memcpy(p->out + p->len, bytes, n);
	p->len += n;
	p->out[p->len] = '\0';
}

static void
say(struct peer *p, int status, const char *text)
{
	p->status = status;
	put(p, text, strlen(text));
}

static void
put_shape(struct peer *p, const struct shape *s,
    const char *const values[SHAPE_VALUES])
{
	room(p, shape_max(s));
	p->len += shape_write(s, values, p->out + p->len);
}

/* --- the shop --- */

static long
query(const char *path, const char *name, long preset)
{
	char key[64];
	const char *at;

	(void)snprintf(key, sizeof(key), "%s=", name);
	for (at = strpbrk(path, "?&"); at != NULL; at = strpbrk(at, "?&"))
		if (strncmp(++at, key, strlen(key)) == 0)
			return strtol(at + strlen(key), NULL, 10);
	return preset;
}

/* Orders before this one were last changed at or before modified_after. */
static long
first_after(const char *path)
{
	const char *at = strstr(path, "modified_after=");
	struct tm t = { .tm_isdst = 0 };
	long long s;

	if (at == NULL)
		return 0;
	/* colons may be escaped or not */
	at += strlen("modified_after=");
	t.tm_year = (int)strtol(at, NULL, 10) - 1900;
	t.tm_mon = (int)strtol(at + 5, NULL, 10) - 1;
	t.tm_mday = (int)strtol(at + 8, NULL, 10);
	at = strpbrk(at, "T&");
	if (at != NULL && *at == 'T') {
		t.tm_hour = (int)strtol(at + 1, NULL, 10);
		at += at[3] == '%' ? 6 : 4;
		t.tm_min = (int)strtol(at, NULL, 10);
		at += at[2] == '%' ? 5 : 3;
		t.tm_sec = (int)strtol(at, NULL, 10);
	}
	s = (long long)timegm(&t) - ORDER_START + 1;
	return s < 0 ? 0 : (long)s;
}

static void
put_order(struct peer *p, long i)
{
	const char *values[SHAPE_VALUES] = { NULL };
	char id[24], at[32];
	time_t s = ORDER_START + i;
	struct tm t;

	(void)snprintf(id, sizeof(id), "%ld", 1000 + i);
	(void)strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%S",
	    gmtime_r(&s, &t));
	values[SHAPE_ID] = id;
	values[SHAPE_TIME] = at;
	put_shape(p, order, values);
}

static void
shop(struct peer *p)
{
	const char *rest = strstr(p->path, "/wp-json/wc/v3/orders");
	long all = strtol(p->path + 1, NULL, 10), from = first_after(p->path);
	long size = query(p->path, "per_page", 10);
	long row = from + (query(p->path, "page", 1) - 1) * size;

	if (rest == NULL || rest[strlen("/wp-json/wc/v3/orders")] != '?') {
		say(p, 200, "[]");	/* refunds */
		return;
	}
	p->status = 200;
	p->total = all > from ? all - from : 0;
	put(p, "[", 1);
	for (long i = 0; i < size && row + i < all; i++) {
		if (i > 0)
			put(p, ",", 1);
		put_order(p, row + i);
	}
	put(p, "]", 1);
}

/* --- the books --- */

static int64_t
cents(const char *text)
{
	bool negative = *text == '-';
	int64_t n = strtoll(text + negative, NULL, 10) * 100;
	const char *dot = strchr(text, '.');

	if (dot != NULL && dot[1] != '\0')
		n += (dot[1] - '0') * 10 + (dot[2] != '\0' ? dot[2] - '0' : 0);
	return negative ? -n : n;
}

static const char *
member(const cJSON *v, const char *name)
{
	const char *s = cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(v, name));

	return s != NULL ? s : "";
}

/* The id of a VAT rate ends in its percentage: 1021 is 21 %.  VAT is worked
 * out over the sum of each rate. */
static void
invoice_sum(struct invoice *v, const cJSON *given)
{
	const cJSON *l, *lines = cJSON_GetObjectItemCaseSensitive(given,
	    "details_attributes");
	bool incl = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(given,
	    "prices_are_incl_tax"));
	int64_t sums[100] = { 0 };

	cJSON_ArrayForEach(l, lines)
		sums[strtol(member(l, "tax_rate_id"), NULL, 10) % 100] +=
		    cents(member(l, "price"));
	v->excl = v->incl = 0;
	for (int i = 0; i < 100; i++) {
		int64_t net = incl ? (sums[i] * 200 + 100 + i) /
		    (2 * (100 + i)) : sums[i];

		v->excl += net;
		v->incl += incl ? sums[i] : net + (net * i * 2 + 100) / 200;
	}
}

static void
put_invoice(struct peer *p, unsigned n, const char *state)
{
	const struct invoice *v = &invoices[n];
	const char *values[SHAPE_VALUES] = { NULL };
	char id[24], excl[32], incl[32];

	(void)snprintf(id, sizeof(id), "%llu",
	    (unsigned long long)(FIRST_ID + n));
	(void)snprintf(excl, sizeof(excl), "%lld.%02lld",
	    (long long)v->excl / 100, (long long)v->excl % 100);
	(void)snprintf(incl, sizeof(incl), "%lld.%02lld",
	    (long long)v->incl / 100, (long long)v->incl % 100);
	values[SHAPE_ID] = id;
	values[SHAPE_STATE] = state;
	values[SHAPE_REFERENCE] = v->reference;
	values[SHAPE_EXCL] = excl;
	values[SHAPE_INCL] = incl;
	put_shape(p, invoice, values);
}

/* A contact or a payment, under a new id. */
static void
put_new(struct peer *p, const struct shape *s)
{
	static atomic_ulong next;
	const char *values[SHAPE_VALUES] = { NULL };
	char id[24];

	(void)snprintf(id, sizeof(id), "%llu",
	    (unsigned long long)(FIRST_ID + atomic_fetch_add(&next, 1)));
	values[SHAPE_ID] = id;
	put_shape(p, s, values);
}

static void
invoice_add(struct peer *p)
{
	cJSON *root = cJSON_ParseWithLength(p->body, p->body_len);
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(root,
	    "sales_invoice");
	unsigned n = atomic_fetch_add(&invoices_n, 1) % INVOICES;

	(void)snprintf(invoices[n].reference, sizeof(invoices[n].reference),
	    "%s", member(given, "reference"));
	invoice_sum(&invoices[n], given);
	cJSON_Delete(root);
	put_invoice(p, n, "draft");
}

/* What follows /api/v2/ADMINISTRATION/ */
static void
books(struct peer *p, const char *what)
{
	bool get = strcmp(p->method, "GET") == 0;
	unsigned n = 0;

	p->status = get || strcmp(p->method, "PATCH") == 0 ? 200 : 201;
	if (strncmp(what, "sales_invoices/", 15) == 0)
		n = (unsigned)(strtoull(what + 15, NULL, 10) - FIRST_ID) %
		    INVOICES;
	if (strstr(what, "find_by_reference") != NULL)
		say(p, 404, "{\"error\":\"record not found\"}");
	else if (get)
		say(p, 200, "[]");
	else if (strncmp(what, "contacts.json", 13) == 0)
		put_new(p, contact);
	else if (strncmp(what, "sales_invoices.json", 19) == 0)
		invoice_add(p);
	else if (strstr(what, "/send_invoice.json") != NULL)
		put_invoice(p, n, "open");
	else if (strstr(what, "/payments.json") != NULL)
		put_new(p, payment);
	else
		say(p, 404, "{\"error\":\"record not found\"}");
}

/* --- one connection --- */

static void
answer(struct peer *p)
{
	char *slash;

	p->len = 0;
	p->total = -1;
	if (strcmp(p->path, "/count") == 0) {
		room(p, 256);
		p->status = 200;
		p->len = (size_t)snprintf(p->out, 256, "{\"requests\":%lu,"
		    "\"changes\":%lu,\"connections\":%lu}", requests, changes,
		    connections);
		return;
	}
	if (strcmp(p->path, "/reset") == 0) {
		requests = changes = connections = 0;
		say(p, 200, "{}");
		return;
	}
	requests++;
	changes += strcmp(p->method, "GET") != 0;
	if (strncmp(p->path, "/api/v2/", 8) == 0 &&
	    (slash = strchr(p->path + 8, '/')) != NULL)
		books(p, slash + 1);
	else
		shop(p);
}

static bool
send_all(struct peer *p)
{
	char head[512], total[64] = "";
	int n;

	if (p->total >= 0)
		(void)snprintf(total, sizeof(total), "X-WP-Total: %ld\r\n",
		    p->total);
	n = snprintf(head, sizeof(head), "HTTP/1.1 %d OK\r\n"
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Date: Sun, 01 Nov 2026 12:00:00 GMT\r\n%s"
	    "Content-Length: %zu\r\n\r\n", p->status, total, p->len);
	/* a small answer in one record */
	if (p->len < HEAD_MAX) {
		room(p, (size_t)n);
		memmove(p->out + n, p->out, p->len);
		memcpy(p->out, head, (size_t)n);
		return SSL_write(p->tls, p->out, n + (int)p->len) > 0;
	}
	return SSL_write(p->tls, head, n) > 0 &&
	    SSL_write(p->tls, p->out, (int)p->len) > 0;
}

static bool
request_line(struct peer *p)
{
	size_t n = strcspn(p->in, " \r"), m;

	if (p->in[n] != ' ' || n >= sizeof(p->method))
		return false;
	memcpy(p->method, p->in, n);
	p->method[n++] = '\0';
	m = strcspn(p->in + n, " \r");
	if (p->in[n + m] != ' ' || m >= sizeof(p->path))
		return false;
	memcpy(p->path, p->in + n, m);
	p->path[m] = '\0';
	return true;
}

/* One whole request, NUL-ended, at p->in; false at the end. */
static bool
receive(struct peer *p, size_t *used)
{
	for (;;) {
		char *end, *length;
		int n;

		p->in[p->in_len] = '\0';
		end = strstr(p->in, "\r\n\r\n");
		if (end != NULL) {
			length = strcasestr(p->in, "\r\ncontent-length:");
			p->body = end + 4;
			p->body_len = length != NULL && length < end ?
			    strtoul(length + 17, NULL, 10) : 0;
			*used = (size_t)(p->body - p->in) + p->body_len;
			if (p->in_len >= *used)
				return request_line(p);
		}
		if (p->in_len + 1 >= sizeof(p->in))
			return false;
		n = SSL_read(p->tls, p->in + p->in_len,
		    (int)(sizeof(p->in) - 1 - p->in_len));
		if (n <= 0)
			return false;
		p->in_len += (size_t)n;
	}
}

static void *
serve(void *arg)
{
	struct peer *p = calloc(1, sizeof(*p));
	int fd = (int)(intptr_t)arg, one = 1;
	size_t used = 0;

	if (p == NULL || (p->tls = SSL_new(tls)) == NULL)
		die("no memory");
	connections++;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (SSL_set_fd(p->tls, fd) == 1 && SSL_accept(p->tls) == 1)
		while (receive(p, &used)) {
			answer(p);
			if (!send_all(p))
				break;
			p->in_len -= used;
			memmove(p->in, p->in + used, p->in_len);
		}
	SSL_free(p->tls);
	(void)close(fd);
	free(p->out);
	free(p);
	return NULL;
}

static int
listen_on(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((uint16_t)strtol(port, NULL, 10)) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 ||
	    listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		die("listen");
	(void)printf("%d\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	return fd;
}

int
main(int argc, char **argv)
{
	pthread_attr_t attr;
	int fd;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: server PORT CERT KEY SHAPES\n");
		return 64;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	tls = SSL_CTX_new(TLS_server_method());
	if (tls == NULL ||
	    SSL_CTX_use_certificate_chain_file(tls, argv[2]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, argv[3], SSL_FILETYPE_PEM) != 1)
		die("certificate");
	invoices = calloc(INVOICES, sizeof(*invoices));
	if (invoices == NULL)
		die("no memory");
	order = shape_read(argv[4], "order");
	invoice = shape_read(argv[4], "invoice");
	contact = shape_read(argv[4], "contact");
	payment = shape_read(argv[4], "payment");
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	fd = listen_on(argv[1]);
	for (;;) {
		pthread_t t;
		int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (c >= 0 && pthread_create(&t, &attr, serve,
		    (void *)(intptr_t)c) != 0)
			(void)close(c);
	}
}
