/*
 * ubl_xml.c - writes elements of XML, one a line, indented.
 *
 * A text from a shop is written as it is, but for what XML can't hold: control
 * characters become blanks.
 */
#include "ubl_xml.h"

#include <string.h>

#include "str.h"

#define TEXT 1024		/* longest value; what is longer is cut */

static void
indent(struct ubl_xml *x)
{
	for (int i = 0; i < x->depth; i++)
		buf_putc(x->out, '\t');
}

void
ubl_xml_start(struct ubl_xml *x, const char *name)
{
	indent(x);
	buf_fmt(x->out, "<%s>\n", name);
	x->depth++;
}

void
ubl_xml_end(struct ubl_xml *x, const char *name)
{
	x->depth--;
	indent(x);
	buf_fmt(x->out, "</%s>\n", name);
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool
no_character(const char *p)
{
	return strncmp(p, "\xef\xbf\xbe", 3) == 0 ||
	    strncmp(p, "\xef\xbf\xbf", 3) == 0;
}

/* Blanks for what XML can't hold; cut and without blanks around it. */
static void
clean(char out[TEXT], const char *text)
{
	(void)str_copy(out, TEXT, text);
	for (char *p = out; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
		else if (no_character(p))
			memset(p, ' ', 3);
	}
	str_trim(out);
}

static void
escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		default:
			buf_putc(out, *text);
		}
}

/* An element with a text; none where the text is blank.  attribute: with its
 * value, or NULL. */
void
ubl_xml_put_with(struct ubl_xml *x, const char *name, const char *attribute,
    const char *text)
{
	char value[TEXT];

	clean(value, text);
	if (value[0] == '\0')
		return;
	indent(x);
	buf_fmt(x->out, attribute != NULL ? "<%s %s>" : "<%s>", name,
	    attribute);
	escape(x->out, value);
	buf_fmt(x->out, "</%s>\n", name);
}

void
ubl_xml_put(struct ubl_xml *x, const char *name, const char *text)
{
	ubl_xml_put_with(x, name, NULL, text);
}

void
ubl_xml_amount(struct ubl_xml *x, const char *name, struct money m)
{
	int digits = money_digits(x->currency);
	char attribute[32], text[MONEY_TEXT];

	(void)str_fmt(attribute, sizeof(attribute), "currencyID=\"%s\"",
	    x->currency);
	money_print(text, m, digits > 2 ? 2 : digits);
	ubl_xml_put_with(x, name, attribute, text);
}

void
ubl_xml_quantity(struct ubl_xml *x, const char *name, struct money m)
{
	char text[MONEY_TEXT];

	money_print(text, m, 0);
	ubl_xml_put_with(x, name, "unitCode=\"C62\"", text);	/* pieces */
}

/* An element with one in it. */
void
ubl_xml_put_in(struct ubl_xml *x, const char *outer, const char *name,
    const char *text)
{
	ubl_xml_start(x, outer);
	ubl_xml_put(x, name, text);
	ubl_xml_end(x, outer);
}

bool
ubl_xml_blank(const char *text)
{
	char value[TEXT];

	clean(value, text);
	return value[0] == '\0';
}
