/*
 * reference.c - reads references back.
 */
#include "reference.h"

#include <string.h>

#include "str.h"

/* Take the -C1 or -V2 off its end. */
static unsigned
revision_cut(char *text)
{
	char *dash = strrchr(text, '-');
	uint64_t n = 0;
	bool credit;

	if (dash == NULL || !sale_revised(text) ||
	    str_u64(dash + 2, UINT16_MAX, &n) != RC_OK || n == 0)
		return 0;
	credit = dash[1] == 'C';
	*dash = '\0';
	return (unsigned)(2 * n - (credit ? 1 : 2));
}

/* The last place where it stands; NULL: none. */
static char *
last(char *text, const char *mark)
{
	char *found = NULL;

	for (char *p = strstr(text, mark); p != NULL; p = strstr(p + 1, mark))
		found = p;
	return found;
}

/* NUMBER, a mark and ID; or, without an ID, a number that is the id. */
static bool
parts(char *text, char *mark, size_t len, enum sale_kind kind,
    struct reference *out)
{
	const char *id = mark + len;

	*mark = '\0';
	out->kind = kind;
	return str_copy(out->number, sizeof(out->number), text) &&
	    str_copy(out->id, sizeof(out->id), *id != '\0' ? id : text);
}

bool
reference_read(const char *text, const char *source, size_t n,
    struct reference *out)
{
	static const struct { const char *text; enum sale_kind kind; }
	    marks[] = { { "-R", SALE_REFUND }, { "-T", SALE_RECEIPT },
	    { "-S", SALE_SUMMARY }, { ".", SALE_ORDER } };
	char rest[SALE_NAME + SALE_ID], prefix[SALE_ID + SALE_NAME];
	size_t len;

	memset(out, 0, sizeof(*out));
	sale_reference(source, SALE_ORDER, "1", "1", sizeof(prefix) - 1,
	    prefix);
	len = strlen(prefix) - 1;
	if (strncmp(text, prefix, len) != 0 ||
	    !str_copy(rest, sizeof(rest), text + len))
		return false;
	out->revision = revision_cut(rest);
	if (n == 0) {
		out->kind = SALE_ORDER;
		return str_copy(out->id, sizeof(out->id), rest) &&
		    str_copy(out->number, sizeof(out->number), rest);
	}
	/* The id is whole, so its mark is the last one of its kind. */
	for (size_t i = 0; i < COUNT(marks); i++) {
		char *mark = last(rest, marks[i].text);

		if (mark != NULL && mark != rest && --n == 0)
			return parts(rest, mark, strlen(marks[i].text),
			    marks[i].kind, out);
	}
	return false;
}
