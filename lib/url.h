/*
 * url.h - what counts as an address here: https, a host, plain ASCII.
 */
#ifndef URL_H
#define URL_H

#include <stdbool.h>

#include "buf.h"

#define URL_MAX 2048
#define URL_HOST 264		/* host and port */

/*
 * True for an https URL shorter than URL_MAX with a host, without user,
 * fragment, space or byte outside ASCII; host (may be NULL) then is its host,
 * with the port where one is given.
 */
bool url_check(const char *url, char host[URL_HOST]);

/* The same for an address that requests can start from: without query. */
bool url_base_ok(const char *url);

/* Append text percent-encoded for a path segment or a query value. */
void url_escape(struct buf *out, const char *text);

#endif
