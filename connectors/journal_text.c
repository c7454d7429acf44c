/*
 * journal_text.c - reads the lines of a journal, one at a time.
 *
 * People edit the file as well: what does not look like a line of ours is
 * somebody else's and means nothing here, whatever it holds.
 */
#include "journal_text.h"

#include <string.h>

#include "str.h"

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL "abcdefghijklmnopqrstuvwxyz"

bool
journal_text_account_ok(const char *name)
{
	static const char *const roots[] = { "Assets:", "Liabilities:",
		"Equity:", "Income:", "Expenses:" };
	bool known = false;

	for (size_t i = 0; i < COUNT(roots); i++)
		known = known || str_starts(name, roots[i]);
	if (!known || strlen(name) >= CODE_MAX)
		return false;
	while (*name != '\0') {
		if (strspn(name, CAPITALS DIGITS) == 0)
			return false;
		name += strspn(name, CAPITALS SMALL DIGITS "-");
		if (name[0] == ':' && name[1] != '\0')
			name++;
		else if (*name != '\0')
			return false;
	}
	return true;
}

/* Copy the word at p; what stands behind it. */
static const char *
word(char *out, size_t size, const char *p)
{
	size_t len = strcspn(p, " \t");

	(void)str_copy_n(out, size, p, len);
	p += len;
	return p + strspn(p, " \t");
}

/* "2026-11-01 ..." or "2026/11/01 ..."; what stands behind, or NULL. */
static const char *
date(char out[11], const char *p)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; form[i] != '\0'; i++) {
		bool digit = p[i] >= '0' && p[i] <= '9';

		if (form[i] == 'd' ? !digit : p[i] != '-' && p[i] != '/')
			return NULL;
		out[i] = form[i] == 'd' ? p[i] : '-';
	}
	out[10] = '\0';
	return p[10] == ' ' ? p + 11 : NULL;
}

/*
 * ... "REF" ^REF: the same word as the narration and as the link right behind
 * it.  A link alone is how people tie a payment to an invoice.
 */
static bool
reference(char out[REF_MAX], const char *text)
{
	const char *quote = strstr(text, "\" ^");
	size_t len;

	if (quote == NULL)
		return false;
	len = strcspn(quote + 3, " \t");
	if (len == 0 || len >= REF_MAX || (size_t)(quote - text) < len + 1)
		return false;
	if (quote[-(ptrdiff_t)len - 1] != '"' ||
	    memcmp(quote - len, quote + 3, len) != 0)
		return false;
	return str_copy_n(out, REF_MAX, quote + 3, len);
}

static void
posting(const char *p, struct journal_words *out)
{
	const char *comment = strchr(p, ';');
	char number[MONEY_TEXT], currency[8], rate[MONEY_TEXT];

	p = word(out->account, sizeof(out->account), p);
	p = word(number, sizeof(number), p);
	p = word(currency, sizeof(currency), p);
	if (str_starts(p, "@ ")) {
		(void)word(rate, sizeof(rate), p + 2);
		if (money_parse(rate, &out->rate) != RC_OK)
			out->rate.e6 = 0;
	}
	out->whole = money_parse(number, &out->amount) == RC_OK &&
	    money_currency_ok(currency);
	if (!out->whole)
		out->amount.e6 = 0;
	else
		(void)str_copy(out->currency, sizeof(out->currency), currency);
	out->role = ROLE_NONE;
	if (comment != NULL && str_starts(comment, "; base:"))
		out->role = ROLE_BASE;
	else if (comment != NULL && str_starts(comment, "; vat:"))
		out->role = ROLE_VAT;
	if (out->role != ROLE_NONE)	/* may be cut: then it is none of ours */
		(void)str_copy(out->key, sizeof(out->key),
		    comment + strcspn(comment, ":") + 1 +
		    strspn(comment + strcspn(comment, ":") + 1, " "));
}

enum journal_line
journal_text_read(const char *line, struct journal_words *out)
{
	const char *p;

	memset(out, 0, sizeof(*out));
	if (str_starts(line, "; begin ")) {
		(void)word(out->reference, sizeof(out->reference), line + 8);
		return JOURNAL_BEGIN;
	}
	if (str_starts(line, "; end ")) {
		(void)word(out->reference, sizeof(out->reference), line + 6);
		return JOURNAL_END;
	}
	if (line[0] == ' ' || line[0] == '\t') {
		p = line + strspn(line, " \t");
		if (*p == '\0' || *p == ';')
			return *p == ';' ? JOURNAL_NOTE : JOURNAL_OTHER;
		posting(p, out);
		return JOURNAL_POSTING;
	}
	p = date(out->date, line);
	if (p == NULL)
		return JOURNAL_OTHER;
	if (str_starts(p, "open ")) {
		(void)word(out->account, sizeof(out->account), p + 5);
		return JOURNAL_OPEN;
	}
	return reference(out->reference, p) ? JOURNAL_HEADER : JOURNAL_OTHER;
}
