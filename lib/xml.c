/*
 * xml.c - XML, read with expat.
 *
 * It must never look at anything but the bytes it was given: nothing is
 * declared in them, and nothing outside is named.
 */
#include "xml.h"

#include <stdbool.h>
#include <string.h>

#include <expat.h>

#include "buf.h"
#include "str.h"

#define DEPTH 64
#define PATH 4096
#define NOT_UTF8 "its encoding is not UTF-8"
#define MARK ' '		/* between name space and name: in neither */

struct reader {
	XML_Parser parser;
	void (*take)(void *arg, const char *path, const char *text);
	void *arg;
	struct buf path, text;
	int depth;
	const char *why;		/* NULL: no fault yet */
};

static void
stop(struct reader *r, const char *why)
{
	if (r->why == NULL)
		r->why = why;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static const char *
local(const char *name)
{
	const char *mark = strrchr(name, MARK);

	return mark != NULL ? mark + 1 : name;
}

/* One more step of the path for as long as take looks at it. */
static void
take_attribute(struct reader *r, const char *name, const char *value)
{
	size_t was = r->path.len;

	buf_putc(&r->path, '@');
	buf_puts(&r->path, name);
	if (!r->path.over)
		r->take(r->arg, r->path.data, value);
	else
		stop(r, "a name is too long");
	r->path.len = was;
	r->path.data[was] = '\0';
}

static void XMLCALL
on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = arg;
	const char *mark = strrchr(name, MARK);
	char space[256];

	if (++r->depth > DEPTH) {
		stop(r, "it is nested too deep");
		return;
	}
	if (r->depth > 1)
		buf_putc(&r->path, '/');
	buf_puts(&r->path, local(name));
	buf_clear(&r->text);
	buf_puts(&r->text, "");
	if (r->path.over) {
		stop(r, "a name is too long");
		return;
	}
	if (r->depth == 1 && mark != NULL && str_copy_n(space, sizeof(space),
	    name, (size_t)(mark - name)))
		take_attribute(r, "xmlns", space);
	for (; r->why == NULL && *attributes != NULL; attributes += 2)
		take_attribute(r, local(attributes[0]), attributes[1]);
}

static void XMLCALL
on_text(void *arg, const XML_Char *text, int n)
{
	struct reader *r = arg;

	buf_add(&r->text, text, (size_t)n);
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct reader *r = arg;
	char *slash;

	(void)name;
	if (r->why != NULL)
		return;		/* one may follow a stop */
	str_trim(r->text.data);
	r->take(r->arg, r->path.data, r->text.data);
	buf_clear(&r->text);
	buf_puts(&r->text, "");
	slash = strrchr(r->path.data, '/');
	r->path.len = slash != NULL ? (size_t)(slash - r->path.data) : 0;
	r->path.data[r->path.len] = '\0';
	r->depth--;
}

static void XMLCALL
on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(arg, "a DOCTYPE is not taken");
}

static void XMLCALL
on_declaration(void *arg, const XML_Char *version, const XML_Char *encoding,
    int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding != NULL && !str_eq_nocase(encoding, "UTF-8"))
		stop(arg, NOT_UTF8);
}

static enum rc
parse(struct reader *r, const char *bytes, size_t n, size_t *line)
{
	XML_Parser p = r->parser;

	XML_SetUserData(p, r);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	XML_SetXmlDeclHandler(p, on_declaration);
	if (XML_Parse(p, bytes, (int)n, XML_TRUE) == XML_STATUS_OK)
		return RC_OK;
	if (XML_GetErrorCode(p) == XML_ERROR_NO_MEMORY)
		mem_die();
	if (r->why == NULL)
		r->why = XML_ErrorString(XML_GetErrorCode(p));
	*line = XML_GetCurrentLineNumber(p);
	return RC_REJECT;
}

enum rc
xml_read(const char *bytes, size_t n,
    void (*take)(void *arg, const char *path, const char *text), void *arg,
    const char **why, size_t *line)
{
	struct reader r = { .take = take, .arg = arg };
	enum rc rc;

	*line = 1;
	if (n > XML_MAX || !str_utf8(bytes, n)) {
		*why = n > XML_MAX ? "it is larger than 1 MiB" : NOT_UTF8;
		return RC_REJECT;
	}
	r.parser = XML_ParserCreateNS("UTF-8", MARK);
	if (r.parser == NULL)
		mem_die();
	buf_init(&r.path, PATH);
	buf_init(&r.text, XML_MAX);
	rc = parse(&r, bytes, n, line);
	*why = r.why;
	XML_ParserFree(r.parser);
	buf_free(&r.path);
	buf_free(&r.text);
	return rc;
}
