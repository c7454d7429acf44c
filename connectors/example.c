/*
 * example.c - a source to copy: a made-up shop with a small REST API.
 *
 * It is compiled with the rest and checked with it, but stands in no table.
 * A new connector is a copy of this file with the vendor's names in it, one
 * line in table.c, unit tests against the vendor's own sample answers, and a
 * section in salesync-connectors(7).  Read connector.h beside it: what each
 * function must do and may return stands there, once.
 *
 * The shop answers
 *
 *	GET /api/orders?changed_from=MOMENT&after=ID	a page: by id, from
 *							the one behind ID
 *	GET /api/orders/ID				one order
 *
 * (a list by page number loses an order whenever one before it goes away
 * between two pages; woo_list.c shows what to do then) with orders such as
 *
 *	{"id": 7, "number": "A-7", "changed": "2026-11-01T12:00:00Z",
 *	 "placed": "2026-11-01T11:58:00Z", "currency": "EUR",
 *	 "customer": {"id": 3, "email": "...", "name": "...", "country": "NL"},
 *	 "items": [{"sku": "S1", "title": "Mug", "quantity": 2,
 *	  "excl": "16.53", "vat": "3.47", "rate": "21"}],
 *	 "paid_with": "ideal", "total_excl": "16.53", "total_incl": "20.00"}
 *
 * What a connector never does: keep anything, look at a clock or a file, log
 * a value, guess an amount, or change something in the shop.
 */
#include "connector.h"

#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "str.h"
#include "url.h"

#define EXAMPLE_PAGE 100		/* orders on a whole page */

struct example {			/* all that lives from call to call */
	struct buf url;
	bool one;			/* fetch: one order and no list */
	bool last;			/* there is no further page */
	char after[SALE_ID];		/* the id that was read last */
	const struct json *at;		/* the order that comes next */
	int64_t from_at;		/* changed since */
	int64_t newest_at;		/* the greatest `changed` seen */
};

/* Every request is made here: the credentials stand in one place. */
static enum rc
get(struct connection *c, const char *path, const struct json **v)
{
	struct example *e = c->state;
	struct http_request q = { .method = "GET",
	    .bearer = connector_secret(c, "token") };
	struct http_answer a;
	enum rc rc;

	connector_url(c, &e->url, path);
	q.url = e->url.data;
	rc = connector_call(c, &q, &a, v);
	/* That a list is missing, or refused, is a fault of the shop and not
	 * of one sale: the run stops here and comes back. */
	if (rc == RC_REJECT)
		return connector_fail(c, RC_LATER, M_SHOP_STATUS, "a list");
	return rc;
}

static enum rc
page_read(struct connection *c)
{
	struct example *e = c->state;
	char from[CLOCK_ISO];
	const struct json *v;
	struct buf path;
	enum rc rc;

	clock_iso(from, e->from_at);
	buf_init(&path, HTTP_URL_MAX);
	buf_fmt(&path, "/api/orders?changed_from=%s&after=", from);
	url_escape(&path, e->after);
	rc = get(c, path.data, &v);
	buf_free(&path);
	if (rc == RC_END)
		return connector_fail(c, RC_LATER, M_SHOP_STATUS,
		    "the list of orders; is the url right?");
	if (rc != RC_OK)
		return rc;
	if (!json_is_array(v))
		return connector_fail(c, RC_LATER, M_SHOP_GARBAGE,
		    "it is not a list of orders");
	e->last = json_count(v) < EXAMPLE_PAGE;
	e->at = json_first(v);
	return RC_OK;
}

/* An amount or a refusal.  The member is named, its value never is. */
static enum rc
amount(struct connection *c, const struct json *v, const char *member,
    struct money *out)
{
	if (money_parse(json_str(v, member), out) == RC_OK)
		return RC_OK;
	return connector_fail(c, RC_REJECT, M_AMOUNT, member);
}

static enum rc
read_line(struct connection *c, const struct json *v, struct sale *out)
{
	struct sale_line *l = sale_line_add(out);
	enum rc rc;

	if (l == NULL)
		return connector_fail(c, RC_REJECT, M_TOO_LARGE, "items");
	l->kind = LINE_ARTICLE;
	if (!str_copy(l->article, sizeof(l->article), json_str(v, "sku")))
		return connector_fail(c, RC_REJECT, M_TOO_LARGE, "sku");
	/* a description may be cut, and nothing else may */
	(void)str_copy(l->description, sizeof(l->description),
	    json_str(v, "title"));
	if (money_parse_rate(json_str(v, "rate"), &l->vat_rate_e4) != RC_OK)
		return connector_fail(c, RC_REJECT, M_VALUE, "rate");
	if ((rc = amount(c, v, "quantity", &l->quantity)) != RC_OK)
		return rc;
	if (l->quantity.e6 <= 0)
		return connector_fail(c, RC_REJECT, M_QUANTITY, "quantity");
	if ((rc = amount(c, v, "excl", &l->excl)) != RC_OK)
		return rc;
	return amount(c, v, "vat", &l->vat);
}

static enum rc
read_debtor(struct connection *c, const struct json *v, struct debtor *d)
{
	bool ok = str_copy(d->id, sizeof(d->id), json_str(v, "id"));

	ok = str_copy(d->email, sizeof(d->email), json_str(v, "email")) && ok;
	ok = str_copy(d->name, sizeof(d->name), json_str(v, "name")) && ok;
	ok = str_copy(d->country, sizeof(d->country),
	    json_str(v, "country")) && ok;
	return ok ? RC_OK : connector_fail(c, RC_REJECT, M_TOO_LARGE,
	    "customer");
}

static enum rc
read_payment(struct connection *c, const struct json *v, struct sale *out)
{
	const char *method = json_str(v, "paid_with");
	struct sale_payment *p;

	if (method[0] == '\0')
		return RC_OK;		/* not paid yet */
	p = sale_payment_add(out);
	p->amount = out->incl;
	if (!str_copy(p->method, sizeof(p->method), method))
		return connector_fail(c, RC_REJECT, M_TOO_LARGE, "paid_with");
	return RC_OK;
}

/*
 * One order as a sale.  Identity first: a refused sale is reported by it.
 * What the shop does not say stays empty; what it says wrongly is refused.
 */
static enum rc
read_order(struct connection *c, const struct json *v, struct sale *out)
{
	const struct example *e = c->state;
	enum rc rc;

	sale_init(out);
	out->kind = SALE_ORDER;
	(void)str_copy(out->id, sizeof(out->id), e->after);
	if (!str_copy(out->number, sizeof(out->number),
	    json_str(v, "number")))
		return connector_fail(c, RC_REJECT, M_TOO_LARGE, "number");
	if (clock_parse(json_str(v, "placed"), &out->placed_at) != RC_OK)
		return connector_fail(c, RC_REJECT, M_VALUE, "placed");
	if (!money_currency_ok(json_str(v, "currency")) ||
	    !str_copy(out->currency, sizeof(out->currency),
	    json_str(v, "currency")))
		return connector_fail(c, RC_REJECT, M_CURRENCY, "currency");
	if ((rc = amount(c, v, "total_excl", &out->excl)) != RC_OK ||
	    (rc = amount(c, v, "total_incl", &out->incl)) != RC_OK)
		return rc;
	rc = read_debtor(c, json_get(v, "customer"), &out->debtor);
	for (const struct json *i = json_first(json_get(v, "items"));
	    i != NULL && rc == RC_OK; i = json_next(i))
		rc = read_line(c, i, out);
	return rc == RC_OK ? read_payment(c, v, out) : rc;
}

/* Placed in the days that are asked for; one without a date is refused in
 * read_order, not passed over. */
static bool
wanted(const struct connection *c, const struct json *v)
{
	int64_t at;

	if (clock_parse(json_str(v, "placed"), &at) != RC_OK)
		return true;
	return at >= c->since_at && (c->until_at == 0 || at < c->until_at);
}

/*
 * The cursor is the shop's own value, never our clock's, and not later than
 * the start of the run: what changes while the list is read comes again.
 */
static void
move_cursor(struct connection *c)
{
	struct example *e = c->state;

	(void)str_copy(c->cursor_next, sizeof(c->cursor_next), c->cursor);
	if (e->newest_at > c->started_at)
		e->newest_at = c->started_at;
	if (e->newest_at > e->from_at)
		clock_iso(c->cursor_next, e->newest_at);
}

/* The next order of the list.  RC_END: there are no more. */
static enum rc
next_order(struct connection *c, const struct json **out)
{
	struct example *e = c->state;
	int64_t at;
	enum rc rc;

	if (e->at == NULL) {
		if (e->last)
			return RC_END;
		if ((rc = page_read(c)) != RC_OK)
			return rc;
		if (e->at == NULL)
			return RC_END;
	}
	*out = e->at;
	e->at = e->one ? NULL : json_next(e->at);
	if (!str_copy(e->after, sizeof(e->after), json_str(*out, "id")) ||
	    e->after[0] == '\0')
		return connector_fail(c, RC_LATER, M_SHOP_GARBAGE,
		    "an order has no usable id");
	if (clock_parse(json_str(*out, "changed"), &at) == RC_OK &&
	    at > e->newest_at)
		e->newest_at = at;
	return RC_OK;
}

static enum rc
example_next(struct connection *c, struct sale *out)
{
	struct example *e = c->state;
	const struct json *v = NULL;
	enum rc rc;

	c->why = M_NONE;
	do {
		rc = next_order(c, &v);
	} while (rc == RC_OK && !e->one && !wanted(c, v));
	if (rc == RC_END && !e->one)
		move_cursor(c);
	return rc == RC_OK ? read_order(c, v, out) : rc;
}

static enum rc
example_fetch(struct connection *c, const char *id)
{
	struct example *e = c->state;
	struct buf path;
	enum rc rc;

	e->one = e->last = true;
	e->at = NULL;
	buf_init(&path, HTTP_URL_MAX);
	buf_puts(&path, "/api/orders/");
	url_escape(&path, id);
	rc = get(c, path.data, &e->at);		/* 404 is RC_END */
	buf_free(&path);
	return rc;
}

/*
 * In a run the first list proves the credentials; outside of one (check,
 * rotate-credentials) a request must.
 */
static enum rc
example_open(struct connection *c)
{
	struct example *e = mem_alloc(sizeof(*e));

	c->state = e;
	buf_init(&e->url, HTTP_URL_MAX);
	e->from_at = c->since_at;
	if (c->cursor[0] != '\0') {
		if (clock_parse(c->cursor, &e->from_at) != RC_OK)
			return connector_fail(c, RC_FATAL, M_INTERNAL,
			    "the cursor is not a date");
		e->from_at -= c->overlap_s;
	}
	return c->started_at == 0 ? page_read(c) : RC_OK;
}

static void
example_close(struct connection *c)
{
	struct example *e = c->state;

	if (e == NULL)
		return;
	buf_free(&e->url);
	free(e);
	c->state = NULL;
}

static const struct setting settings[] = {
	{ .name = NULL }	/* url, timeout and their like are there */
};

static const struct secret_key secrets[] = {
	{ .name = "token", .required = true,
	  .help = "Settings, API, new token; reading orders is enough" },
	{ .name = NULL }
};

static const struct source_ops ops = {
	.open = example_open,
	.next = example_next,
	.fetch = example_fetch,
	.close = example_close,
};

extern const struct connector example_connector;

const struct connector example_connector = {
	.name = "example",
	.title = "a made-up shop, to be copied",
	.maturity = MATURITY_SAMPLES,
	.settings = settings,
	.secrets = secrets,
	.source = &ops,
	.rate = 60,
};
