/*
 * woocommerce.c - WooCommerce as a source, over its REST API v3.
 *
 * Every order is delivered before its refunds, which cost a request of their
 * own, and only where the order says that it has some.  Reads only, and asks
 * only for the members that a sale needs.  woo_list.c pages through the
 * orders, woo_order.c reads them, woo_line.c reads their lines.
 */
#include "connector.h"

#include <stdlib.h>

#include "clock.h"
#include "str.h"
#include "woo_line.h"
#include "woo_list.h"
#include "woo_order.h"

#define ORDER_FIELDS "id,number,status,currency,date_created_gmt," \
    "date_modified_gmt,date_paid_gmt,date_completed_gmt,created_via," \
    "total,total_tax,customer_id," \
    "billing.first_name,billing.last_name,billing.company," \
    "billing.address_1,billing.address_2,billing.postcode,billing.city," \
    "billing.country,billing.email,shipping.country,payment_method," \
    "meta_data,line_items,tax_lines,shipping_lines,fee_lines," \
    "coupon_lines,refunds"
#define REFUND_FIELDS "id,date_created_gmt,amount,line_items,tax_lines," \
    "shipping_lines,fee_lines"

#define REFUNDS_SEEN 256		/* of one order, checked against its own list */

struct woo {
	struct woo_list list;
	bool one;			/* fetch: this order and no list */
	const struct json *fetched;	/* it, until it is delivered */
	struct woo_order order;		/* the order in hand */
	bool refunds;			/* it has more of them */
	int page;			/* of them, read last */
	uint64_t refund_id;		/* the one delivered last */
	uint64_t seen[REFUNDS_SEEN];	/* all that were, of this order */
	size_t seen_n;
	const struct json *refund_list;
	struct json_doc *spare;		/* refunds and rates, beside a page */
};

/* --- orders --- */

static bool
status_wanted(const struct connection *c, const struct json *order)
{
	const char *status = json_str(order, "status"), *s;
	bool refunds = json_count(json_get(order, "refunds")) > 0;

	for (size_t i = 0; (s = connector_item(c, "statuses", i)) != NULL; i++)
		if (str_eq(s, status))
			return true;
	/* Money came in and went out: both are booked. */
	if (str_eq(status, "refunded"))
		return refunds;
	return str_eq(status, "cancelled") && refunds &&
	    json_str(order, "date_paid_gmt")[0] != '\0';
}

static bool
date_wanted(const struct connection *c, const struct json *order)
{
	int64_t at;

	if (clock_parse(json_str(order, "date_created_gmt"), &at) != RC_OK)
		return true;	/* to be refused in words */
	return at >= c->since_at && (c->until_at == 0 || at < c->until_at);
}

/* Ask the shop for the rates that an order does not tell itself. */
static enum rc
rates_ask(struct connection *c, const struct json *order)
{
	struct woo *w = c->state;
	struct buf *path = &w->list.path;
	struct http_answer a;
	const struct json *v;
	const char *id;
	enum rc rc;

	while ((id = woo_line_rate_wanted(&w->order.rates, order)) != NULL) {
		buf_clear(path);
		buf_fmt(path, WOO_API "taxes/%s?_fields=id,country,rate", id);
		rc = woo_list_get(c, &w->list, w->spare, &a, &v);
		if (rc == RC_LATER)
			return rc;
		/* Gone, or not for these credentials: then it is unknown. */
		c->why = M_NONE;
		woo_line_rate_add(&w->order.rates, id,
		    rc == RC_OK ? v : NULL);
	}
	return RC_OK;
}

static enum rc
order_deliver(struct connection *c, const struct json *order,
    struct sale *out)
{
	struct woo *w = c->state;
	enum rc rc = rates_ask(c, order);

	if (rc != RC_OK)
		return rc;
	w->refunds = json_count(json_get(order, "refunds")) > 0;
	w->page = 0;
	w->refund_id = 0;
	w->seen_n = 0;
	w->refund_list = NULL;
	return woo_order_sale(c, &w->order, order, out);
}

/* --- refunds --- */

static enum rc
refunds_read(struct connection *c)
{
	struct woo *w = c->state;
	struct buf *path = &w->list.path;
	struct http_answer a;
	const struct json *v;
	enum rc rc;

	w->refund_list = NULL;
	buf_clear(path);
	buf_fmt(path, WOO_API "orders/%s/refunds?per_page=%d&page=%d"
	    "&orderby=id&order=asc&_fields=" REFUND_FIELDS,
	    json_str(w->order.json, "id"), WOO_PAGE, ++w->page);
	rc = woo_list_get(c, &w->list, w->spare, &a, &v);
	if (rc == RC_END)	/* the order went while we read */
		return connector_fail(c, RC_LATER, M_SHOP_DRIFT, "");
	if (rc != RC_OK)
		return woo_list_failed(c, rc, "the list of refunds");
	if (!json_is_array(v))
		return woo_list_garbage(c, "it is not a list of refunds");
	w->refund_list = v;
	return RC_OK;
}

/* The oldest refund of the page that was not delivered yet, or NULL. */
static const struct json *
refund_pick(const struct woo *w)
{
	const struct json *best = NULL, *v = json_first(w->refund_list);

	for (; v != NULL; v = json_next(v)) {
		uint64_t id = woo_list_id(v);

		if (id > w->refund_id &&
		    (best == NULL || id < woo_list_id(best)))
			best = v;
	}
	return best;
}

static enum rc
refund_next(struct connection *c, const struct json **out)
{
	struct woo *w = c->state;
	size_t n;
	enum rc rc;

	*out = refund_pick(w);
	if (*out != NULL)
		return RC_OK;
	/* A page may be shorter than was asked: the order knows how many. */
	n = json_count(w->refund_list);
	if (w->page > 0 && (n == 0 || (n < WOO_PAGE && w->seen_n >=
	    json_count(json_get(w->order.json, "refunds")))))
		return RC_END;
	if ((rc = refunds_read(c)) != RC_OK)
		return rc;
	*out = refund_pick(w);
	return *out != NULL ? RC_OK : RC_END;
}

static bool
refund_seen(const struct woo *w, uint64_t id)
{
	for (size_t i = 0; i < w->seen_n; i++)
		if (w->seen[i] == id)
			return true;
	return w->seen_n == REFUNDS_SEEN;
}

/* One that the order names, but that its list of refunds does not have: it is
 * refused by its id, so that it is not forgotten. */
static enum rc
refund_missing(struct connection *c, struct sale *out)
{
	struct woo *w = c->state;
	const struct json *v = json_first(json_get(w->order.json, "refunds"));

	while (v != NULL && (woo_list_id(v) == 0 ||
	    refund_seen(w, woo_list_id(v))))
		v = json_next(v);
	if (v == NULL)
		return RC_END;
	w->seen[w->seen_n++] = woo_list_id(v);
	return woo_order_missing(c, &w->order, v, out);
}

static enum rc
refund_deliver(struct connection *c, struct sale *out)
{
	struct woo *w = c->state;
	const struct json *v;
	enum rc rc;

	do {
		rc = refund_next(c, &v);
		if (rc == RC_END)
			return refund_missing(c, out);
		if (rc != RC_OK)
			return rc;
		w->refund_id = woo_list_id(v);
		if (w->seen_n < REFUNDS_SEEN)
			w->seen[w->seen_n++] = w->refund_id;
		rc = woo_order_refund(c, &w->order, v, out);
	} while (rc == RC_END);		/* one of no money */
	return rc;
}

/* --- what the engine calls --- */

static enum rc
woo_open(struct connection *c)
{
	struct woo *w = mem_alloc(sizeof(*w));
	struct http_answer a;
	const struct json *v;
	enum rc rc;

	w->spare = json_doc_new();
	woo_list_init(&w->list);
	c->state = w;
	rc = woo_list_start(c, &w->list);
	if (rc != RC_OK || c->started_at != 0)
		return rc;
	buf_puts(&w->list.path, WOO_API "orders?per_page=1&_fields=id");
	rc = woo_list_get(c, &w->list, c->json, &a, &v);
	if (rc == RC_OK && !json_is_array(v))
		return woo_list_garbage(c, "it is not a list of orders");
	return woo_list_failed(c, rc, "the list of orders");
}

/* The next order that is to be booked. */
static enum rc
order_next(struct connection *c, const struct json **order)
{
	struct woo *w = c->state;
	enum rc rc;

	if (w->one) {
		*order = w->fetched;
		w->fetched = NULL;
		return *order != NULL ? RC_OK : RC_END;
	}
	do {
		rc = woo_list_next(c, &w->list, ORDER_FIELDS, order);
	} while (rc == RC_OK && !(status_wanted(c, *order) &&
	    date_wanted(c, *order)));
	if (rc == RC_END)
		woo_list_cursor(c, &w->list);
	return rc;
}

static enum rc
woo_next(struct connection *c, struct sale *out)
{
	struct woo *w = c->state;
	const struct json *order;
	enum rc rc = RC_END;

	c->why = M_NONE;
	if (w->refunds)
		rc = refund_deliver(c, out);
	if (rc != RC_END)
		return rc;
	w->refunds = false;
	if ((rc = order_next(c, &order)) != RC_OK)
		return rc;
	return order_deliver(c, order, out);
}

static enum rc
woo_fetch(struct connection *c, const char *id)
{
	struct woo *w = c->state;
	struct buf *path = &w->list.path;
	struct http_answer a;
	const struct json *v;
	uint64_t n;
	enum rc rc;

	w->one = true;
	w->fetched = NULL;
	w->refunds = false;
	if (str_u64(id, INT64_MAX, &n) != RC_OK)
		return RC_END;
	buf_clear(path);
	buf_fmt(path, WOO_API "orders/%s?_fields=" ORDER_FIELDS, id);
	rc = woo_list_get(c, &w->list, c->json, &a, &v);
	if (rc == RC_END)
		return rc;
	if (rc != RC_OK)
		return woo_list_failed(c, rc, "an order");
	if (woo_list_id(v) != n)
		return woo_list_garbage(c, "it is another order");
	if (!status_wanted(c, v))	/* in the trash, or not to be booked */
		return RC_END;
	w->fetched = v;
	return RC_OK;
}

static void
woo_close(struct connection *c)
{
	struct woo *w = c->state;

	if (w == NULL)
		return;
	woo_order_wipe(&w->order);
	woo_list_free(&w->list);
	json_doc_free(w->spare);
	free(w);
	c->state = NULL;
}

static const struct setting settings[] = {
	{ .name = "statuses", .type = SET_LIST,
	    .preset = "processing, completed",
	    .help = "orders in these statuses are booked" },
	{ .name = "vat_number_fields", .type = SET_LIST,
	    .preset = "_billing_vat_number, _vat_number, vat_number, "
	    "_billing_eu_vat_number, billing_vat, _billing_vat",
	    .help = "meta_data keys that may hold the customer's VAT number" },
	{ .name = NULL }
};

static const struct secret_key secrets[] = {
	{ .name = "consumer_key", .required = true,
	    .help = "WooCommerce, Settings, Advanced, REST API: read access" },
	{ .name = "consumer_secret", .required = true,
	    .help = "shown once, beside the consumer key" },
	{ .name = NULL }
};

static const struct source_ops ops = {
	.open = woo_open,
	.next = woo_next,
	.fetch = woo_fetch,
	.close = woo_close,
};

const struct connector woocommerce_connector = {
	.name = "woocommerce",
	.title = "WooCommerce 7 and later, REST API v3",
	.maturity = MATURITY_SAMPLES,
	.settings = settings,
	.secrets = secrets,
	.source = &ops,
};
