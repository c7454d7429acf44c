/*
 * landing.c - a listener for one answer of a browser on this machine.
 *
 * It speaks as little HTTP as will do, and must never answer with anything
 * that came in.
 */
#include "landing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "secret.h"
#include "str.h"

#define PATIENCE_S 5		/* with one browser, or a piece of its head */

static const char found[] = "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/plain\r\nConnection: close\r\n\r\n"
    "salesync has the answer; this window can be closed.\n";
static const char absent[] = "HTTP/1.1 404 Not Found\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n";

enum rc
landing_open(int port, int *fd, int *got)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	const int yes = 1;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd >= 0)
		(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes,
		    sizeof(yes));
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(*fd, 8) != 0 ||
	    getsockname(*fd, (struct sockaddr *)&a, &len) != 0) {
		SAY(M_CONFIG_FILE, F_WORD("file", "--port"),
		    F_WORD("text", strerror(errno)));
		return RC_CONFIG;
	}
	*got = ntohs(a.sin_port);
	return RC_OK;
}

/* The request's head, as far as it fits. */
static void
read_head(int fd, char head[LANDING_LINE])
{
	int64_t end = clock_mono_ms() + PATIENCE_S * 1000;
	size_t n = 0;
	ssize_t got = 1;

	head[0] = '\0';
	while (got > 0 && n < LANDING_LINE - 1 && clock_mono_ms() < end &&
	    strstr(head, "\r\n\r\n") == NULL) {
		got = read(fd, head + n, LANDING_LINE - 1 - n);
		n += got > 0 ? (size_t)got : 0;
		head[n] = '\0';
	}
}

bool
landing_take(int fd, char query[LANDING_LINE])
{
	static const char start[] = "GET " LANDING_PATH "?";
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	char head[LANDING_LINE];
	int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	bool here;

	if (one < 0)
		return false;
	(void)setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	read_head(one, head);
	/* Half a query would pass for one with another code. */
	here = str_starts(head, start) && strchr(head, '\n') != NULL;
	if (here)
		(void)str_copy_n(query, LANDING_LINE, head + strlen(start),
		    strcspn(head + strlen(start), " \r\n"));
	/* A browser that is gone misses a page, no more. */
	(void)!send(one, here ? found : absent, here ? sizeof(found) - 1 :
	    sizeof(absent) - 1, MSG_NOSIGNAL);
	(void)close(one);
	secret_zero(head, sizeof(head));
	return here;
}

/* n bytes, percent-encoded. */
static void
decode(const char *text, size_t n, char out[LANDING_VALUE])
{
	size_t len = 0;
	char hex[3] = "";

	for (size_t i = 0; i < n && len < LANDING_VALUE - 1; i++) {
		out[len] = text[i] == '+' ? ' ' : text[i];
		if (text[i] == '%' && i + 2 < n) {
			(void)str_copy_n(hex, sizeof(hex), text + i + 1, 2);
			if (str_unhex(&out[len], 1, hex) == RC_OK)
				i += 2;
		}
		len++;
	}
	out[len] = '\0';
}

void
landing_value(const char *query, const char *name, char out[LANDING_VALUE])
{
	size_t len = strlen(name), n;

	out[0] = '\0';
	for (; *query != '\0'; query += n + (query[n] == '&')) {
		n = strcspn(query, "&#");
		if (n > len && query[len] == '=' &&
		    strncmp(query, name, len) == 0 &&
		    n - len - 1 < LANDING_VALUE)
			decode(query + len + 1, n - len - 1, out);
		if (query[n] == '#')
			return;
	}
}
