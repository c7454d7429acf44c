/*
 * stream.c - the JSON lines between pull and push.
 *
 * Lines come from another process, or from a file that somebody made: they
 * are read as strictly as a shop's answers.  Beside design's three types
 * there is "refused": a sale that its source could not read, with the message
 * that says why, so that push can record it and the end line can count it.
 */
#include "stream.h"

#include "salejson.h"
#include "str.h"

static void
line_open(struct json_out *o, struct buf *out, const char *type,
    const char *tenant)
{
	json_begin(o, out);
	json_open_object(o);
	json_put_member(o, "type", type);
	json_put_member(o, "tenant", tenant);
}

static void
line_close(struct json_out *o)
{
	json_close_object(o);
	buf_putc(o->buf, '\n');
}

void
stream_put_sale(struct buf *out, const struct sale *s)
{
	struct json_out o;

	line_open(&o, out, "sale", s->tenant);
	json_put_member(&o, "source", s->source);
	salejson_write(&o, s);
	line_close(&o);
}

void
stream_put_refused(struct buf *out, const struct sale *s, enum msg why,
    const char *text)
{
	struct json_out o;

	line_open(&o, out, "refused", s->tenant);
	json_put_member(&o, "source", s->source);
	json_put_member(&o, "id", s->id);
	json_put_member(&o, "number", s->number);
	json_put_member(&o, "kind", sale_kind_name(s->kind));
	if (s->refund_of[0] != '\0')
		json_put_member(&o, "refund_of", s->refund_of);
	json_put_member(&o, "code", catalog_get(why)->code);
	json_put_member(&o, "text", text);
	line_close(&o);
}

void
stream_put_cursor(struct buf *out, const char *tenant, const char *source,
    const char *value)
{
	struct json_out o;

	line_open(&o, out, "cursor", tenant);
	json_put_member(&o, "source", source);
	json_put_member(&o, "value", value);
	line_close(&o);
}

void
stream_put_end(struct buf *out, const char *tenant, uint64_t sales)
{
	struct json_out o;

	line_open(&o, out, "end", tenant);
	json_put_key(&o, "sales");
	json_put_i64(&o, (int64_t)sales);
	line_close(&o);
}

/* A string that must be there and fit. */
static bool
name_read(const struct json *v, const char *name, char *dst, size_t size)
{
	const struct json *m = json_get(v, name);

	return json_is_string(m) && *json_text(m) != '\0' &&
	    str_copy(dst, size, json_text(m));
}

static enum rc
sale_read(const struct json *v, struct item *out, const char **fault)
{
	enum rc rc;

	if (!name_read(v, "source", out->source, sizeof(out->source))) {
		*fault = "a sale without a source";
		return RC_FATAL;
	}
	rc = salejson_read(v, &out->sale, &out->why, out->why_text,
	    sizeof(out->why_text));
	if (rc == RC_FATAL)
		*fault = "a sale without an id or a kind";
	(void)str_copy(out->sale.tenant, SALE_NAME, out->tenant);
	(void)str_copy(out->sale.source, SALE_NAME, out->source);
	return rc;
}

static enum rc
refused_read(const struct json *v, struct item *out, const char **fault)
{
	struct sale *s = &out->sale;
	const char *number = json_str(v, "number");

	if (!name_read(v, "source", out->source, sizeof(out->source)) ||
	    !name_read(v, "id", s->id, sizeof(s->id)) ||
	    sale_kind_parse(json_str(v, "kind"), &s->kind) != RC_OK) {
		*fault = "a refused sale without a source, an id or a kind";
		return RC_FATAL;
	}
	(void)str_copy(s->number, sizeof(s->number),
	    *number != '\0' ? number : s->id);
	(void)str_copy(s->refund_of, sizeof(s->refund_of),
	    json_str(v, "refund_of"));
	(void)str_copy(s->tenant, sizeof(s->tenant), out->tenant);
	(void)str_copy(s->source, sizeof(s->source), out->source);
	out->why = catalog_find(json_str(v, "code"));
	if (out->why == M_NONE)
		out->why = M_SHOP_SALE;
	(void)str_copy(out->why_text, sizeof(out->why_text),
	    json_str(v, "text"));
	return RC_OK;
}

static enum rc
cursor_read(const struct json *v, struct item *out, const char **fault)
{
	if (name_read(v, "source", out->source, sizeof(out->source)) &&
	    name_read(v, "value", out->cursor, sizeof(out->cursor)))
		return RC_OK;
	*fault = "a cursor without a source or a value";
	return RC_FATAL;
}

static enum rc
end_read(const struct json *v, struct item *out, const char **fault)
{
	int64_t n = 0;

	if (json_i64(v, "sales", &n) == RC_OK && n >= 0) {
		out->sales = (uint64_t)n;
		return RC_OK;
	}
	*fault = "an end line without its count of sales";
	return RC_FATAL;
}

static const struct {
	const char *name;
	enum rc (*read)(const struct json *, struct item *, const char **);
} types[] = {
	[ITEM_SALE] = { "sale", sale_read },
	[ITEM_REFUSED] = { "refused", refused_read },
	[ITEM_CURSOR] = { "cursor", cursor_read },
	[ITEM_END] = { "end", end_read }
};

static void
item_init(struct item *it)
{
	it->tenant[0] = it->source[0] = it->cursor[0] = '\0';
	it->why_text[0] = '\0';
	it->why = M_NONE;
	it->sales = 0;
	sale_init(&it->sale);
}

enum rc
stream_parse(struct json_doc *d, const char *line, size_t len,
    struct item *out, const char **fault)
{
	const struct json *v = NULL;
	const char *type;

	item_init(out);
	if (len > STREAM_LINE) {
		*fault = "it is too long";
		return RC_FATAL;
	}
	if (json_parse(d, line, len, &v) != RC_OK) {
		*fault = json_fault(d);
		return RC_FATAL;
	}
	type = json_str(v, "type");
	for (size_t i = 0; i < COUNT(types); i++) {
		if (!str_eq(type, types[i].name))
			continue;
		out->type = (enum item_type)i;
		if (name_read(v, "tenant", out->tenant, SALE_NAME))
			return types[i].read(v, out, fault);
		*fault = "no tenant";
		return RC_FATAL;
	}
	*fault = *type != '\0' ? "unknown type" : "no type";
	return RC_FATAL;
}
