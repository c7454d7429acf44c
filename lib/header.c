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

static const char link_long[] = "a link too long";

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

static const char *
take_date(struct header *h, const char *value)
{
	if (clock_parse_http(value, &h->date_at) != RC_OK)
		h->date_at = 0;
	return NULL;
}

/* Seconds from now, an HTTP date, or seconds since 1970. */
static const char *
take_retry(struct header *h, const char *value)
{
	if (clock_parse_http(value, &h->retry_at) != RC_OK)
		h->retry_at = 0;
	return NULL;
}

static const char *
take_total(struct header *h, const char *value)
{
	uint64_t n;

	h->total = str_u64(value, UINT32_MAX, &n) == RC_OK ? (int64_t)n : -1;
	return NULL;
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
			return link_long;
		return NULL;
	}
	return NULL;
}

static const char *
take_content(struct header *h, const char *value)
{
	(void)h;
	return str_empty(value) || str_eq_nocase(value, "identity") ? NULL :
	    "it is compressed, unasked";
}

static const char *
take_transfer(struct header *h, const char *value)
{
	(void)h;
	return str_eq_nocase(value, "chunked") ? NULL :
	    "an unknown transfer encoding";
}

static const struct {
	const char *name;
	const char *(*take)(struct header *h, const char *value);
} known[] = {
	{ .name = "content-encoding", .take = take_content },
	{ .name = "date", .take = take_date },
	{ .name = "link", .take = take_link },
	{ .name = "retry-after", .take = take_retry },
	{ .name = "transfer-encoding", .take = take_transfer },
	{ .name = "x-total-count", .take = take_total },
	{ .name = "x-wp-total", .take = take_total },
};

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
		if (str_eq(copy, known[i].name))
			return whole ? known[i].take(h, value) :
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
