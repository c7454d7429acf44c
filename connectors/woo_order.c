/*
 * woo_order.c - reads WooCommerce's orders and refunds into sales.
 *
 * Amounts are taken as the shop wrote them; cents are made to agree in map.c.
 * A refund of an amount alone gets the order's own VAT, in proportion.  What
 * can't be read is refused by the name of its member, never guessed, and a
 * value never stands in the reason.
 */
#include "woo_order.h"

#include <string.h>

#include "clock.h"
#include "refund.h"
#include "str.h"
#include "woo_line.h"

#define CENT 10000		/* millionths */

/* Two texts with a space between them; what does not fit is cut. */
static void
text_join(char *dst, size_t size, const struct json *v, const char *one,
    const char *two)
{
	char more[160];

	(void)woo_line_text(dst, size, v, one);
	(void)woo_line_text(more, sizeof(more), v, two);
	(void)str_add(dst, size, " ");
	(void)str_add(dst, size, more);
	str_trim(dst);
}

/* The VAT number: letters and digits alone, from the first field that has
 * one. */
static enum rc
vat_number_read(const struct woo_reading *r, struct debtor *d)
{
	const struct json *m;
	const char *field, *text = "";
	size_t n = 0;

	for (size_t i = 0; text[0] == '\0' && (field = connector_item(r->c,
	    "vat_number_fields", i)) != NULL; i++)
		for (m = json_first(json_get(r->json, "meta_data"));
		    m != NULL && text[0] == '\0'; m = json_next(m))
			if (str_eq(json_str(m, "key"), field))
				text = json_str(m, "value");
	for (; *text != '\0'; text++) {
		if (strchr(" .-\t", *text) != NULL)
			continue;
		if (n + 1 == sizeof(d->vat_number))
			return woo_line_fail(r, M_TOO_LARGE, "the VAT number");
		d->vat_number[n++] = *text >= 'a' && *text <= 'z' ?
		    (char)(*text - 'a' + 'A') : *text;
	}
	d->vat_number[n] = '\0';
	return RC_OK;
}

static enum rc
debtor_read(const struct woo_reading *r)
{
	const struct json *b = json_get(r->json, "billing");
	struct debtor *d = &r->out->debtor;

	if (!woo_line_zero(json_str(r->json, "customer_id")) &&
	    !woo_line_text(d->id, sizeof(d->id), r->json, "customer_id"))
		return woo_line_fail(r, M_TOO_LARGE, "customer_id");
	if (!woo_line_text(d->email, sizeof(d->email), b, "email"))
		return woo_line_fail(r, M_TOO_LARGE, "billing.email");
	if (!woo_line_text(d->postcode, sizeof(d->postcode), b, "postcode"))
		return woo_line_fail(r, M_TOO_LARGE, "billing.postcode");
	(void)woo_line_text(d->company, sizeof(d->company), b, "company");
	(void)woo_line_text(d->city, sizeof(d->city), b, "city");
	text_join(d->name, sizeof(d->name), b, "first_name", "last_name");
	text_join(d->address, sizeof(d->address), b, "address_1",
	    "address_2");
	woo_line_country(d->country, json_str(b, "country"));
	return vat_number_read(r, d);
}

/* The shop says when it was paid: cash on delivery is in processing, unpaid,
 * until then.  Where it does not say at all, the status has to do. */
static bool
is_paid(const struct json *order)
{
	static const char *const paid[] = { "processing", "completed",
	    "refunded" };

	if (json_get(order, "date_paid_gmt") != NULL)
		return json_str(order, "date_paid_gmt")[0] != '\0';
	for (size_t i = 0; i < COUNT(paid); i++)
		if (str_eq(json_str(order, "status"), paid[i]))
			return true;
	return false;
}

/* One payment, once the shop has the money. */
static void
payment_read(const struct woo_reading *r)
{
	struct sale_payment *p;
	char method[48];

	(void)woo_line_text(method, sizeof(method), r->json, "payment_method");
	if (!is_paid(r->json) || method[0] == '\0' || money_is_zero(r->out->incl))
		return;
	p = sale_payment_add(r->out);
	if (p == NULL)
		return;
	(void)str_copy(p->method, sizeof(p->method), method);
	p->amount = r->out->incl;
}

/* Who it is, before anything can go wrong with it. */
static void
identify(const struct woo_reading *r, enum sale_kind kind)
{
	struct sale *s = r->out;

	sale_init(s);
	s->kind = kind;
	(void)str_copy(s->tenant, sizeof(s->tenant), r->c->tenant);
	(void)str_copy(s->source, sizeof(s->source), r->c->name);
	(void)woo_line_text(s->id, sizeof(s->id), r->json, "id");
	(void)woo_line_text(s->number, sizeof(s->number), r->order,
	    "number");
	if (s->number[0] == '\0')
		(void)woo_line_text(s->number, sizeof(s->number), r->order,
		    "id");
}

/* What the tenant's rules may ask; a channel that a plugin made longer than
 * we take is known by its beginning. */
static void
order_state(const struct woo_reading *r)
{
	struct sale *s = r->out;

	(void)woo_line_text(s->status, sizeof(s->status), r->json, "status");
	(void)woo_line_text(s->channel, sizeof(s->channel), r->json,
	    "created_via");
	if (clock_parse(json_str(r->json, "date_paid_gmt"), &s->paid_at) !=
	    RC_OK)
		s->paid_at = 0;
	if (clock_parse(json_str(r->json, "date_completed_gmt"),
	    &s->shipped_at) != RC_OK)
		s->shipped_at = 0;
}

static enum rc
order_head(const struct woo_reading *r)
{
	struct sale *s = r->out;
	struct money tax;
	enum rc rc;

	if (clock_parse(json_str(r->json, "date_created_gmt"),
	    &s->placed_at) != RC_OK)
		return woo_line_fail(r, M_SHOP_SALE, "date_created_gmt");
	if (!money_currency_ok(json_str(r->json, "currency")))
		return woo_line_fail(r, M_CURRENCY, "currency");
	(void)str_copy(s->currency, sizeof(s->currency),
	    json_str(r->json, "currency"));
	if ((rc = woo_line_amount(r, r->json, "total", &s->incl)) != RC_OK ||
	    (rc = woo_line_amount(r, r->json, "total_tax", &tax)) != RC_OK)
		return rc;
	if (s->incl.e6 < 0)
		return woo_line_fail(r, M_VALUE, "total");
	s->excl = money_sub(s->incl, tax);
	return RC_OK;
}

enum rc
woo_order_sale(struct connection *c, struct woo_order *w,
    const struct json *order, struct sale *out)
{
	struct woo_reading r = { .c = c, .rates = &w->rates, .order = order,
	    .json = order, .out = out };
	enum rc rc;

	woo_order_wipe(w);
	sale_init(&w->taken);
	w->json = order;
	w->readable = false;
	identify(&r, SALE_ORDER);
	order_state(&r);
	if ((rc = order_head(&r)) != RC_OK ||
	    (rc = woo_line_read(&r)) != RC_OK ||
	    (rc = debtor_read(&r)) != RC_OK)
		return rc;
	payment_read(&r);
	memcpy(&w->sale, out, sale_size(out));
	w->readable = true;
	return RC_OK;
}

/* --- refunds --- */

/* Remember what a refund took from the order. */
static enum rc
take(const struct woo_reading *r, const struct sale *s)
{
	struct sale *to = &r->w->taken;
	enum rc rc = RC_OK;

	to->excl = money_add(to->excl, s->excl);
	to->incl = money_add(to->incl, s->incl);
	for (size_t i = 0; i < s->lines_n && rc == RC_OK; i++)
		rc = woo_line_merge(r, to, 0, &s->lines[i]);
	return rc;
}

/* Lines for an amount that has none, from what is left of the order. */
static enum rc
amount_lines(const struct woo_reading *r, struct sale *s)
{
	const struct woo_order *w = r->w;

	if (refund_amount(&w->sale, &w->taken, 1, s) != RC_OK)
		return woo_line_fail(r, M_REFUND_LEFT, "amount");
	return RC_OK;
}

/* The part of a refund that its lines do not explain: money on top. */
static enum rc
rest_add(const struct woo_reading *r, struct money rest)
{
	struct sale *s = r->out, *more = &r->w->rest;
	struct money incl = s->incl;
	enum rc rc;

	s->incl = money_sub(incl, rest);
	rc = take(r, s);
	s->incl = incl;
	sale_init(more);
	more->kind = SALE_REFUND;
	(void)str_copy(more->currency, sizeof(more->currency), s->currency);
	more->incl = rest;
	if (rc == RC_OK)
		rc = amount_lines(r, more);
	if (rc == RC_OK)
		rc = take(r, more);
	for (size_t i = 0; i < more->lines_n && rc == RC_OK; i++)
		rc = woo_line_keep(r, s, &more->lines[i]);
	s->excl = money_add(s->excl, more->excl);
	sale_wipe(more);
	return rc;
}

static enum rc
refund_lines(const struct woo_reading *r)
{
	struct sale *s = r->out;
	struct money sum, rest;
	int64_t slack;
	enum rc rc = woo_line_read(r);

	if (rc != RC_OK)
		return rc;
	if (s->lines_n == 0)
		return (rc = amount_lines(r, s)) != RC_OK ? rc : take(r, s);
	sum = sale_lines_sum(s, &s->excl);
	rest = money_sub(s->incl, sum);
	/* Each line of the answer is rounded on its own. */
	slack = s->lines_n < 10 ? (int64_t)s->lines_n * CENT : 10 * CENT;
	if (sum.e6 > 0 || rest.e6 > slack)
		return woo_line_fail(r, M_SHOP_SALE,
		    "the lines of a refund are not its amount");
	if (s->incl.e6 + r->w->sale.incl.e6 + r->w->taken.incl.e6 < 0)
		return woo_line_fail(r, M_REFUND_LEFT, "amount");
	if (rest.e6 < -slack)
		return rest_add(r, rest);
	return take(r, s);
}

static enum rc
refund_head(const struct woo_reading *r)
{
	const struct sale *order = &r->w->sale;
	struct sale *s = r->out;
	struct money back;
	enum rc rc;

	if (!r->w->readable)
		return woo_line_fail(r, M_SHOP_SALE, "its order");
	if (clock_parse(json_str(r->json, "date_created_gmt"),
	    &s->placed_at) != RC_OK)
		return woo_line_fail(r, M_SHOP_SALE, "date_created_gmt");
	rc = woo_line_amount(r, r->json, "amount", &back);
	if (rc != RC_OK)
		return rc;
	(void)str_copy(s->currency, sizeof(s->currency), order->currency);
	s->debtor = order->debtor;
	s->paid_at = order->paid_at;
	s->shipped_at = order->shipped_at;
	(void)str_copy(s->status, sizeof(s->status), order->status);
	(void)str_copy(s->channel, sizeof(s->channel), order->channel);
	s->incl = money_neg(money_abs(back));
	return money_is_zero(back) ? RC_END : RC_OK;
}

enum rc
woo_order_refund(struct connection *c, struct woo_order *w,
    const struct json *refund, struct sale *out)
{
	struct woo_reading r = { .c = c, .w = w, .rates = &w->rates,
	    .order = w->json, .json = refund, .out = out };
	struct sale_payment *p;
	enum rc rc;

	identify(&r, SALE_REFUND);
	(void)woo_line_text(out->refund_of, sizeof(out->refund_of), w->json,
	    "id");
	if ((rc = refund_head(&r)) != RC_OK ||
	    (rc = refund_lines(&r)) != RC_OK)
		return rc;
	/* The money goes back the way it came. */
	if (w->sale.payments_n > 0 && (p = sale_payment_add(out)) != NULL) {
		*p = w->sale.payments[0];
		p->amount = out->incl;
	}
	return RC_OK;
}

enum rc
woo_order_missing(struct connection *c, struct woo_order *w,
    const struct json *named, struct sale *out)
{
	struct woo_reading r = { .c = c, .order = w->json, .json = named,
	    .out = out };

	identify(&r, SALE_REFUND);
	(void)woo_line_text(out->refund_of, sizeof(out->refund_of), w->json,
	    "id");
	return woo_line_fail(&r, M_SHOP_SALE,
	    "its order names it, the list of refunds does not have it");
}

void
woo_order_wipe(struct woo_order *w)
{
	sale_wipe(&w->sale);
	sale_wipe(&w->taken);
	sale_wipe(&w->rest);
	w->json = NULL;
	w->readable = false;
}
