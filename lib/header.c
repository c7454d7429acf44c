/*
 * header.c - reads the headers of an HTTP answer, line by line.
 *
 * It decides what can't be misread later: a page list that seems to end
 * because its link was cut would lose sales, and a body that is compressed
 * unasked would pass every limit on its size.
 */
#include "header.h"

#include <string.h>

#include "clock.h"
#include "str.h"

static void
forget(struct header *h)
{
	h->ended = false;
	h->date_at = 0;
	h->retry_at = 0;
	h->total = -1;
	h->link_next[0] = '\0';
}

void
header_init(struct header *h)
{
	h->lines = 0;
	h->bytes = 0;
	forget(h);
}

/* Seconds from now, an HTTP date, or seconds since 1970; 0: none of these. */
static int64_t
moment(const char *value)
{
	int64_t at;

	return clock_parse_http(value, &at) == RC_OK ? at : 0;
}

/* True when the parameters of a link, up to the next link, say next. */
static bool
is_next(const char *params)
{
	size_t n = strcspn(params, "<");
	char words[256], *rel;

	str_copy_n(words, sizeof(words), params, n);
	str_lower(words);
	for (rel = strstr(words, "rel="); rel != NULL;
	    rel = strstr(rel, "rel=")) {
		rel += 4 + (rel[4] == '"');
		n = strcspn(rel, "\"; ,");
		if (n == 4 && strncmp(rel, "next", 4) == 0)
			return true;
	}
	return false;
}

/* Link: <URL>; rel="prev", <URL>; rel="next" */
static const char *
take_link(struct header *h, const char *value)
{
	const char *text = value, *end;

	for (; (text = strchr(text, '<')) != NULL; text = end) {
		end = strchr(++text, '>');
		if (end == NULL)
			return "a broken link";
		if (!is_next(end))
			continue;
		if (!str_copy_n(h->link_next, sizeof(h->link_next), text,
		    (size_t)(end - text)))
			return "a link too long";
		return NULL;
	}
	return NULL;
}

static const char *const known[] = { "content-encoding", "date", "link",
	"retry-after", "transfer-encoding", "x-total-count", "x-wp-total" };

/* One of the known. */
static const char *
take(struct header *h, const char *name, const char *value)
{
	uint64_t n;

	if (str_eq(name, "link"))
		return take_link(h, value);
	if (str_eq(name, "content-encoding"))
		return str_empty(value) || str_eq_nocase(value, "identity") ?
		    NULL : "it is compressed, unasked";
	if (str_eq(name, "transfer-encoding"))
		return str_eq_nocase(value, "chunked") ? NULL :
		    "an unknown transfer encoding";
	if (str_eq(name, "date"))
		h->date_at = moment(value);
	else if (str_eq(name, "retry-after"))
		h->retry_at = moment(value);
	else
		h->total = str_u64(value, UINT32_MAX, &n) == RC_OK ?
		    (int64_t)n : -1;
	return NULL;
}

const char *
header_take(struct header *h, const char *line, size_t n)
{
	char copy[2 * HEADER_LINK], *value;
	bool whole = str_copy_n(copy, sizeof(copy), line, n);

	h->lines++;
	h->bytes += n;
	if (h->lines > HEADER_LINES || h->bytes > HEADER_BYTES)
		return "too many headers";
	if (str_starts(copy, "HTTP/")) {
		forget(h);		/* a 1xx came before it */
		return NULL;
	}
	value = strchr(copy, ':');
	if (h->ended || value == NULL) {	/* a trailer is ignored */
		h->ended |= copy[strspn(copy, "\r\n")] == '\0';
		return NULL;
	}
	*value++ = '\0';
	str_lower(copy);
	str_trim(copy);
	str_trim(value);
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(copy, known[i]))
			return whole ? take(h, copy, value) :
			    "a header too long";
	return NULL;
}

bool
header_word_ok(const char *word)
{
	const char *p = word;

	while (*p > ' ' && *p <= '~')
		p++;
	return p > word && *p == '\0';
}

bool
header_value_ok(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

bool
header_ok(const char *line)
{
	size_t name = strcspn(line, ": ");

	/* libcurl drops a header without a value. */
	return name > 0 && line[name] == ':' && line[name + 1] == ' ' &&
	    line[name + 2] != '\0' && header_value_ok(line);
}
