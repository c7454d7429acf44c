/*
 * salejson.c - one sale from and to a JSON object.
 *
 * What comes in is foreign: every member is bounded and checked, and a fault
 * is told by the member's name, never by its value, which may be a debtor's.
 */
#include "salejson.h"

#include <stddef.h>

#include "clock.h"
#include "money.h"
#include "str.h"

#define ONE INT64_C(1000000)

struct reading {
	struct sale *out;
	enum msg *why;
	char *text;
	size_t size;
	const char *within;	/* "lines", "debtor"; NULL: the sale itself */
	size_t index;		/* in a list, SIZE_MAX elsewhere */
};

static enum rc
refuse(const struct reading *r, enum msg why, const char *member)
{
	*r->why = why;
	if (r->within == NULL)
		(void)str_copy(r->text, r->size, member);
	else if (r->index == SIZE_MAX)
		(void)str_fmt(r->text, r->size, "%s.%s", r->within, member);
	else
		(void)str_fmt(r->text, r->size, "%s.%zu.%s", r->within,
		    r->index, member);
	return RC_REJECT;
}

/* A text, "" when null; RC_REJECT when it is something else or too long. */
static enum rc
text_read(const struct reading *r, const struct json *v, const char *name,
    char *dst, size_t size)
{
	const struct json *m = json_get(v, name);

	if (!json_is_null(m) && json_text(m) == NULL)
		return refuse(r, M_VALUE, name);
	if (!str_copy(dst, size, json_text(m)))
		return refuse(r, M_TOO_LARGE, name);
	return RC_OK;
}

/* The preset, when there is one, stands in for an absent amount. */
static enum rc
amount_read(const struct reading *r, const struct json *v, const char *name,
    const struct money *preset, struct money *out)
{
	const struct json *m = json_get(v, name);

	if (json_is_null(m) && preset != NULL) {
		*out = *preset;
		return RC_OK;
	}
	if (money_parse_long(json_text(m), out) != RC_OK)
		return refuse(r, M_AMOUNT, name);
	return RC_OK;
}

/* Two letters, raised; or nothing. */
static enum rc
country_read(const struct reading *r, const struct json *v, const char *name,
    char out[3])
{
	char text[4] = "";

	if (text_read(r, v, name, text, sizeof(text)) != RC_OK ||
	    !sale_country(out, text))
		return refuse(r, M_VALUE, name);
	return RC_OK;
}

static const struct {
	const char *name;
	size_t at, size;
} debtor_texts[] = {
#define TEXT(m) { #m, offsetof(struct debtor, m), \
    sizeof(((struct debtor *)0)->m) }
	TEXT(id), TEXT(email), TEXT(company), TEXT(name), TEXT(address),
	TEXT(postcode), TEXT(city), TEXT(country), TEXT(vat_number)
#undef TEXT
};

static enum rc
debtor_read(struct reading *r, const struct json *v)
{
	const struct json *debtor = json_get(v, "debtor");
	char *to = (char *)&r->out->debtor;
	enum rc rc = RC_OK;

	if (json_is_null(debtor))
		return RC_OK;
	if (!json_is_object(debtor))
		return refuse(r, M_VALUE, "debtor");
	r->within = "debtor";
	r->index = SIZE_MAX;
	for (size_t i = 0; i < COUNT(debtor_texts) && rc == RC_OK; i++)
		if (!str_eq(debtor_texts[i].name, "country"))
			rc = text_read(r, debtor, debtor_texts[i].name,
			    to + debtor_texts[i].at, debtor_texts[i].size);
	if (rc == RC_OK)
		rc = country_read(r, debtor, "country",
		    r->out->debtor.country);
	r->within = NULL;
	return rc;
}

static enum rc
quantity_read(const struct reading *r, const struct json *v,
    struct money *out)
{
	const struct money one = { ONE };
	enum rc rc = amount_read(r, v, "quantity", &one, out);

	if (rc != RC_OK)
		return rc;
	if (out->e6 < 0 && r->out->kind != SALE_REFUND)
		return refuse(r, M_QUANTITY, "quantity");
	*out = money_is_zero(*out) ? one : money_abs(*out);
	return RC_OK;
}

/* VAT and its rate: no VAT may go without a rate, nor a rate without VAT. */
static enum rc
vat_read(const struct reading *r, const struct json *v, struct sale_line *l)
{
	const struct json *rate = json_get(v, "vat_rate");
	const struct money none = { 0 };
	enum rc rc;

	if (!json_is_null(rate) &&
	    money_parse_rate(json_text(rate), &l->vat_rate_e4) != RC_OK)
		return refuse(r, M_VALUE, "vat_rate");
	rc = amount_read(r, v, "vat", l->vat_rate_e4 == 0 ? &none : NULL,
	    &l->vat);
	if (rc == RC_OK && json_is_null(rate) && !money_is_zero(l->vat))
		return refuse(r, M_VALUE, "vat_rate");
	return rc;
}

static enum rc
line_read(const struct reading *r, const struct json *v)
{
	struct sale_line *l = sale_line_add(r->out);
	const struct json *kind = json_get(v, "kind");
	const struct json *description = json_get(v, "description");
	enum rc rc;

	if (l == NULL)
		return refuse(r, M_TOO_LARGE, "kind");
	if (!json_is_null(kind) &&
	    line_kind_parse(json_text(kind), &l->kind) != RC_OK)
		return refuse(r, M_VALUE, "kind");
	if (!json_is_null(description) && json_text(description) == NULL)
		return refuse(r, M_VALUE, "description");
	/* The one text that may be cut. */
	(void)str_copy(l->description, sizeof(l->description),
	    json_text(description));
	rc = text_read(r, v, "article", l->article, sizeof(l->article));
	if (rc == RC_OK)
		rc = text_read(r, v, "ean", l->ean, sizeof(l->ean));
	if (rc == RC_OK)
		rc = quantity_read(r, v, &l->quantity);
	if (rc == RC_OK)
		rc = amount_read(r, v, "excl", NULL, &l->excl);
	if (rc == RC_OK)
		rc = vat_read(r, v, l);
	if (rc == RC_OK)
		rc = country_read(r, v, "vat_country", l->vat_country);
	return rc;
}

static enum rc
payment_read(const struct reading *r, const struct json *v)
{
	struct sale_payment *p = sale_payment_add(r->out);
	enum rc rc;

	if (p == NULL)
		return refuse(r, M_TOO_LARGE, "method");
	rc = text_read(r, v, "method", p->method, sizeof(p->method));
	return rc == RC_OK ? amount_read(r, v, "amount", NULL, &p->amount) :
	    rc;
}

/* The moments that may be missing. */
static enum rc
moment_read(const struct reading *r, const struct json *v, const char *name,
    int64_t *out)
{
	const struct json *m = json_get(v, name);

	if (json_is_null(m))
		return RC_OK;
	return clock_parse(json_text(m), out) == RC_OK ? RC_OK :
	    refuse(r, M_VALUE, name);
}

static enum rc
tags_read(const struct reading *r, const struct json *v)
{
	const struct json *list = json_get(v, "tags");
	struct sale *s = r->out;

	if (json_is_null(list))
		return RC_OK;
	if (!json_is_array(list))
		return refuse(r, M_VALUE, "tags");
	for (const struct json *c = json_first(list); c != NULL;
	    c = json_next(c))
		if (s->tags_n == SALE_TAGS || json_text(c) == NULL ||
		    !str_copy(s->tags[s->tags_n++], SALE_NAME, json_text(c)))
			return refuse(r, M_TOO_LARGE, "tags");
	return RC_OK;
}

/* What the tenant's rules may ask of a sale. */
static enum rc
state_read(const struct reading *r, const struct json *v)
{
	const struct money none = { 0 };
	struct sale *s = r->out;
	enum rc rc = moment_read(r, v, "paid", &s->paid_at);

	if (rc == RC_OK)
		rc = moment_read(r, v, "shipped", &s->shipped_at);
	if (rc == RC_OK)
		rc = text_read(r, v, "status", s->status, sizeof(s->status));
	if (rc == RC_OK)
		rc = text_read(r, v, "channel", s->channel,
		    sizeof(s->channel));
	if (rc == RC_OK)
		rc = tags_read(r, v);
	if (rc == RC_OK)
		rc = amount_read(r, v, "rate", &none, &s->rate);
	if (rc == RC_OK)
		rc = text_read(r, v, "rate_source", s->rate_source,
		    sizeof(s->rate_source));
	if (rc == RC_OK && (s->rate.e6 < 0 ||
	    money_is_zero(s->rate) != (s->rate_source[0] == '\0')))
		rc = refuse(r, M_VALUE, "rate or rate_source");
	return rc;
}

static enum rc
list_read(struct reading *r, const struct json *v, const char *name,
    size_t most, enum rc (*read)(const struct reading *, const struct json *))
{
	const struct json *list = json_get(v, name);
	enum rc rc = RC_OK;

	if (json_is_null(list))
		return RC_OK;
	if (!json_is_array(list))
		return refuse(r, M_VALUE, name);
	if (json_count(list) > most)
		return refuse(r, M_TOO_LARGE, name);
	r->within = name;
	r->index = 0;
	for (const struct json *c = json_first(list); c != NULL && rc == RC_OK;
	    c = json_next(c), r->index++)
		rc = json_is_object(c) ? read(r, c) :
		    refuse(r, M_VALUE, "object");
	r->within = NULL;
	return rc;
}

/* What it is called by, as far as it fits. */
static enum rc
identity_read(const struct reading *r, const struct json *v)
{
	struct sale *s = r->out;
	const char *number = json_str(v, "number");
	bool fits;

	if (str_empty(json_str(v, "id")) ||
	    sale_kind_parse(json_str(v, "kind"), &s->kind) != RC_OK) {
		(void)refuse(r, M_VALUE, "id or kind");
		return RC_FATAL;
	}
	fits = str_copy(s->id, sizeof(s->id), json_str(v, "id"));
	if (*number == '\0')
		number = s->id;
	if (!str_copy(s->number, sizeof(s->number), number) && fits)
		return refuse(r, M_TOO_LARGE, "number");
	return fits ? RC_OK : refuse(r, M_TOO_LARGE, "id");
}

static enum rc
head_read(const struct reading *r, const struct json *v)
{
	struct sale *s = r->out;
	const char *currency = json_str(v, "currency");
	enum rc rc = text_read(r, v, "refund_of", s->refund_of,
	    sizeof(s->refund_of));

	if (rc != RC_OK)
		return rc;
	if (clock_parse(json_str(v, "placed"), &s->placed_at) != RC_OK)
		return refuse(r, M_VALUE, "placed");
	if (!money_currency_ok(currency))
		return refuse(r, M_CURRENCY, "currency");
	(void)str_copy(s->currency, sizeof(s->currency), currency);
	rc = amount_read(r, v, "excl", NULL, &s->excl);
	return rc == RC_OK ? amount_read(r, v, "incl", NULL, &s->incl) : rc;
}

enum rc
salejson_read(const struct json *v, struct sale *out, enum msg *why,
    char *text, size_t size)
{
	struct reading r = { .out = out, .why = why, .text = text,
	    .size = size };
	enum rc rc;

	sale_init(out);
	rc = identity_read(&r, v);
	if (rc == RC_OK)
		rc = head_read(&r, v);
	if (rc == RC_OK)
		rc = state_read(&r, v);
	if (rc == RC_OK)
		rc = debtor_read(&r, v);
	if (rc == RC_OK)
		rc = list_read(&r, v, "lines", SALE_LINES, line_read);
	if (rc == RC_OK)
		rc = list_read(&r, v, "payments", SALE_PAYMENTS,
		    payment_read);
	if (rc == RC_OK && !sale_turn_refund(r.out))
		return refuse(&r, M_VALUE, "incl");
	return rc;
}

static void
put_text(struct json_out *o, const char *name, const char *text)
{
	json_put_member(o, name, *text != '\0' ? text : NULL);
}

static void
put_money(struct json_out *o, const char *name, struct money m, int digits)
{
	char text[MONEY_TEXT];

	money_print(text, m, digits);
	json_put_member(o, name, text);
}

static void
put_line(struct json_out *o, const struct sale_line *l, int digits)
{
	char rate[MONEY_TEXT];

	money_print_rate(rate, l->vat_rate_e4);
	json_open_object(o);
	json_put_member(o, "kind", line_kind_name(l->kind));
	put_text(o, "article", l->article);
	if (l->ean[0] != '\0')
		json_put_member(o, "ean", l->ean);
	json_put_member(o, "description", l->description);
	put_money(o, "quantity", l->quantity, 0);
	put_money(o, "excl", l->excl, digits);
	put_money(o, "vat", l->vat, digits);
	json_put_member(o, "vat_rate", rate);
	put_text(o, "vat_country", l->vat_country);
	json_close_object(o);
}

static void
put_debtor(struct json_out *o, const struct debtor *d)
{
	const char *from = (const char *)d;

	json_put_key(o, "debtor");
	json_open_object(o);
	for (size_t i = 0; i < COUNT(debtor_texts); i++)
		put_text(o, debtor_texts[i].name, from + debtor_texts[i].at);
	json_close_object(o);
}

static void
put_moment(struct json_out *o, const char *name, int64_t at)
{
	char text[CLOCK_ISO];

	if (at == 0)
		return;
	clock_iso(text, at);
	json_put_member(o, name, text);
}

/* Those that few sources tell are left out where they are not there. */
static void
put_state(struct json_out *o, const struct sale *s)
{
	put_moment(o, "paid", s->paid_at);
	put_moment(o, "shipped", s->shipped_at);
	if (s->status[0] != '\0')
		json_put_member(o, "status", s->status);
	if (s->channel[0] != '\0')
		json_put_member(o, "channel", s->channel);
	if (s->tags_n > 0) {
		json_put_key(o, "tags");
		json_open_array(o);
		for (size_t i = 0; i < s->tags_n; i++)
			json_put_str(o, s->tags[i]);
		json_close_array(o);
	}
	if (!money_is_zero(s->rate)) {
		put_money(o, "rate", s->rate, 0);
		json_put_member(o, "rate_source", s->rate_source);
	}
}

void
salejson_write(struct json_out *o, const struct sale *s)
{
	int digits = money_digits(s->currency);
	char placed[CLOCK_ISO];

	clock_iso(placed, s->placed_at);
	json_put_member(o, "id", s->id);
	json_put_member(o, "number", s->number);
	json_put_member(o, "kind", sale_kind_name(s->kind));
	put_text(o, "refund_of", s->refund_of);
	json_put_member(o, "placed", placed);
	json_put_member(o, "currency", s->currency);
	put_state(o, s);
	put_debtor(o, &s->debtor);
	json_put_key(o, "lines");
	json_open_array(o);
	for (size_t i = 0; i < s->lines_n; i++)
		put_line(o, &s->lines[i], digits);
	json_close_array(o);
	json_put_key(o, "payments");
	json_open_array(o);
	for (size_t i = 0; i < s->payments_n; i++) {
		json_open_object(o);
		json_put_member(o, "method", s->payments[i].method);
		put_money(o, "amount", s->payments[i].amount, digits);
		json_close_object(o);
	}
	json_close_array(o);
	put_money(o, "excl", s->excl, digits);
	put_money(o, "incl", s->incl, digits);
}
