/*
 * url.c - checks addresses and encodes what goes into them.
 *
 * Stricter than the standard, so that no two readers of an address can see
 * different hosts in it.
 */
#include "url.h"

#include <string.h>

#include "str.h"

#define SCHEME "https://"
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* n bytes: a name, an IPv4 or a bracketed IPv6 address, and maybe a port. */
static bool
authority_ok(const char *s, size_t n)
{
	size_t host;

	if (n == 0 || n >= URL_HOST)
		return false;
	if (s[0] == '[') {
		host = 1 + strspn(s + 1, DIGITS "abcdefABCDEF:.");
		if (host < 3 || s[host] != ']')
			return false;
		host++;
	} else {
		host = strspn(s, DIGITS LETTERS ".-_");
		if (host == 0 || s[0] == '.' || s[0] == '-')
			return false;
	}
	if (host == n)
		return true;
	return s[host] == ':' && n - host > 1 && n - host <= 6 &&
	    strspn(s + host + 1, DIGITS) == n - host - 1;
}

bool
url_check(const char *url, char host[URL_HOST])
{
	char scheme[sizeof(SCHEME)];
	size_t n;

	str_copy(scheme, sizeof(scheme), url);
	if (!str_eq_nocase(scheme, SCHEME) || strlen(url) >= URL_MAX)
		return false;
	for (const char *p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == '\\' || *p == '#')
			return false;
	url += strlen(SCHEME);
	n = strcspn(url, "/?");
	if (!authority_ok(url, n))
		return false;
	if (host != NULL)
		str_copy_n(host, URL_HOST, url, n);
	return true;
}

bool
url_base_ok(const char *url)
{
	return strchr(url, '?') == NULL && url_check(url, NULL);
}

void
url_escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr(DIGITS LETTERS "-._~", *text) != NULL)
			buf_putc(out, *text);
		else
			buf_fmt(out, "%%%02X", (unsigned char)*text);
}
