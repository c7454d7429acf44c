/*
 * moneybird_invoice.c - sales invoices: found, listed, made final and paid.
 *
 * A document is a draft first (step 0), then final (1), then paid from the
 * ledger account of each payment method (2 and on); how far one came can be
 * read from it.  A credit note is the same with negative prices.  An invoice
 * must never be e-mailed from here.
 */
#include "moneybird_invoice.h"

#include "buf.h"
#include "moneybird_call.h"
#include "str.h"
#include "url.h"

#define PAGE 50		/* of 100: long invoices make long answers */
#define EVER "20000101..20991231"

/* ---- reading ---- */

/* Where a sum can't be read, they are taken to tell none. */
static void
read_vat(const struct json *v, struct posted *p)
{
	for (const struct json *t = json_first(json_get(v, "tax_totals"));
	    t != NULL; t = json_next(t)) {
		struct money excl, vat;

		if (money_parse(json_str(t, "taxable_amount"), &excl) ==
		    RC_OK && money_parse(json_str(t, "tax_amount"), &vat) ==
		    RC_OK && posted_vat_add(p, json_str(t, "tax_rate_id"),
		    excl, vat))
			continue;
		p->vat_n = 0;
		return;
	}
}

/* What the books say of a document.  false: a member is missing. */
static bool
read_posted(const struct json *v, struct posted *p)
{
	struct posted r = { .found = 1, .done = 1 };
	const char *id = json_str(v, "id"), *state = json_str(v, "state");

	if (!moneybird_call_id(id) || state[0] == '\0' ||
	    money_parse(json_str(v, "total_price_excl_tax"), &r.excl) !=
	    RC_OK ||
	    money_parse(json_str(v, "total_price_incl_tax"), &r.incl) !=
	    RC_OK)
		return false;
	(void)str_copy(r.id, sizeof(r.id), id);
	/* Longer than any of ours is another's, cut or not. */
	(void)str_copy(r.reference, sizeof(r.reference),
	    json_str(v, "reference"));
	(void)str_copy(r.currency, sizeof(r.currency),
	    json_str(v, "currency"));
	read_vat(v, &r);
	r.draft = str_eq(state, "draft");
	if (!r.draft)
		r.done = 2 + (int)json_count(json_get(v, "payments"));
	*p = r;
	return true;
}

struct search {
	const char *reference;
	struct posted first;
	bool listed;		/* the first is in the list too */
	int n;			/* in the list */
};

static enum rc
take_found(struct connection *c, const struct json *v, void *arg)
{
	struct search *s = arg;
	struct posted p;

	if (!str_eq(json_str(v, "reference"), s->reference))
		return RC_OK;
	if (!read_posted(v, &p))
		return moneybird_call_garbage(c, "an invoice lacks a member");
	s->n++;
	if (s->first.id[0] == '\0')
		s->first = p;
	if (str_eq(s->first.id, p.id))
		s->listed = true;
	return RC_OK;
}

/*
 * Two questions, since neither will do alone: find_by_reference knows every
 * year, but gives one of them only, and a reference with a dot may be no
 * path to it; the list counts them, but looks no further than this year
 * unless told to.  "None" takes both.
 */
enum rc
moneybird_invoice_find(struct connection *c, const char *reference,
    struct posted *out)
{
	struct search s = { .reference = reference };
	const struct json *v;
	struct buf path;
	enum rc rc;

	moneybird_call_path(c, &path);
	buf_puts(&path, "sales_invoices/find_by_reference/");
	url_escape(&path, reference);
	buf_puts(&path, ".json");
	rc = moneybird_call_get(c, &path, false, &v);
	if (rc != RC_OK && rc != RC_END)
		return rc;
	if (rc == RC_OK && str_eq(json_str(v, "reference"), reference) &&
	    !read_posted(v, &s.first))
		return moneybird_call_garbage(c, "an invoice lacks a member");

	moneybird_call_path(c, &path);
	buf_puts(&path, "sales_invoices.json?filter=reference:");
	url_escape(&path, reference);
	buf_puts(&path, ",period:" EVER ",state:all");
	rc = moneybird_call_pages(c, &path, PAGE, take_found, &s);
	if (rc != RC_OK)
		return rc;
	if (s.first.id[0] == '\0')
		return RC_END;
	*out = s.first;
	out->found = s.n + (s.listed ? 0 : 1);
	return RC_OK;
}

struct listing {
	enum rc (*take)(void *arg, const struct posted *p);
	void *arg;
};

static enum rc
take_listed(struct connection *c, const struct json *v, void *arg)
{
	const struct listing *l = arg;
	struct posted p;

	if (!read_posted(v, &p))
		return moneybird_call_garbage(c, "an invoice lacks a member");
	return l->take(l->arg, &p);
}

/* 2026-11-01 is 20261101 here. */
static void
put_day(struct buf *b, const char *iso)
{
	for (; *iso != '\0'; iso++)
		if (*iso != '-')
			buf_putc(b, *iso);
}

enum rc
moneybird_invoice_list(struct connection *c, const char *from, const char *to,
    enum rc (*take)(void *arg, const struct posted *p), void *arg)
{
	struct listing l = { .take = take, .arg = arg };
	struct buf path;

	moneybird_call_path(c, &path);
	buf_puts(&path, "sales_invoices.json?filter=period:");
	put_day(&path, from);
	buf_puts(&path, "..");
	put_day(&path, to);
	buf_puts(&path, ",state:all");
	return moneybird_call_pages(c, &path, PAGE, take_listed, &l);
}

/* ---- booking ---- */

static void
put_amount(struct json_out *o, const char *key, struct money m)
{
	char text[MONEY_TEXT];

	money_print(text, m, 2);
	json_put_member(o, key, text);
}

static void
put_line(struct json_out *o, const struct document *d, size_t i)
{
	const struct document_line *l = &d->lines[i];
	char text[sizeof(l->description) + sizeof(d->note) + REF_MAX + 64] =
	    "", n[MONEY_TEXT];

	if (i == 0 && d->credit && d->original[0] != '\0')
		(void)str_fmt(text, sizeof(text), "Credit note for %s: ",
		    d->original);
	if (i == 0 && d->note[0] != '\0') {
		(void)str_add(text, sizeof(text), d->note);
		(void)str_add(text, sizeof(text), ": ");
	}
	if (l->quantity.e6 != 1000000 && !money_is_zero(l->quantity)) {
		money_print(n, l->quantity, 0);
		(void)str_add(text, sizeof(text), n);
		(void)str_add(text, sizeof(text), " x ");
	}
	(void)str_add(text, sizeof(text), l->description);

	json_open_object(o);
	json_put_member(o, "description", text);
	/* The whole line: a price for each, rounded, would lose cents. */
	json_put_member(o, "amount", "1");
	put_amount(o, "price", d->incl_prices ? money_add(l->excl, l->vat) :
	    l->excl);
	json_put_member(o, "tax_rate_id", l->vat_code);
	json_put_member(o, "ledger_account_id", l->account);
	json_close_object(o);
}

static enum rc
book_draft(struct connection *c, const struct document *d, struct posted *p)
{
	const struct json *v;
	struct json_out o;
	struct buf path, body;
	enum rc rc;

	moneybird_call_open(&o, &body, "sales_invoice");
	json_put_member(&o, "contact_id", d->debtor);
	json_put_member(&o, "reference", d->reference);
	json_put_member(&o, "invoice_date", d->date);
	json_put_member(&o, "currency", d->currency);
	moneybird_call_put(&o, "document_style_id",
	    connector_setting(c, "document_style"));
	moneybird_call_put(&o, "workflow_id", connector_setting(c, "workflow"));
	json_put_key(&o, "prices_are_incl_tax");
	json_put_bool(&o, d->incl_prices);
	json_put_key(&o, "details_attributes");
	json_open_array(&o);
	for (size_t i = 0; i < d->lines_n; i++)
		put_line(&o, d, i);
	json_close_array(&o);
	moneybird_call_close(&o);
	moneybird_call_path(c, &path);
	buf_puts(&path, "sales_invoices.json");
	rc = moneybird_call_change(c, "POST", &path, &body, M_BOOKS_REFUSED,
	    &v);
	if (rc == RC_OK && !read_posted(v, p))
		return connector_fail(c, RC_UNSURE, M_LOST,
		    "the answer lacks a member");
	if (rc == RC_REJECT && str_eq(c->why_text, "contact_id"))
		c->why = M_CONTACT_GONE;
	return rc;
}

static enum rc
book_final(struct connection *c, struct posted *p)
{
	const struct json *v;
	struct posted now;
	struct json_out o;
	struct buf path, body;
	enum rc rc;

	moneybird_call_open(&o, &body, "sales_invoice_sending");
	/* Left out, it would go by e-mail. */
	json_put_member(&o, "delivery_method", "Manual");
	moneybird_call_close(&o);
	moneybird_call_path(c, &path);
	buf_fmt(&path, "sales_invoices/%s/send_invoice.json", p->id);
	rc = moneybird_call_change(c, "PATCH", &path, &body, M_BOOKS_REFUSED,
	    &v);
	if (rc != RC_OK)
		return rc;
	if (!read_posted(v, &now) || now.done < 2)
		return connector_fail(c, RC_UNSURE, M_LOST,
		    "the answer is not a final invoice");
	*p = now;
	return RC_OK;
}

/* The invoice is there, so an address that is not concerns this one sale: it
 * is left as it is for a person, and the others go on. */
static enum rc
of_this_sale(struct connection *c, enum rc rc)
{
	if (rc != RC_LATER || (c->status != 404 && c->status != 405))
		return rc;
	return connector_fail(c, RC_REJECT, M_BOOKS_REFUSED,
	    "the invoice could not be finished");
}

/* The i-th payment that can be booked, or NULL. */
static const struct document_payment *
payment_get(const struct document *d, int i)
{
	/* In another currency they ask what it is worth. */
	if (!str_eq(d->currency, d->own) && money_is_zero(d->rate))
		return NULL;
	for (size_t k = 0; k < d->payments_n; k++) {
		const struct document_payment *y = &d->payments[k];

		if (y->account[0] != '\0' && !money_is_zero(y->amount) &&
		    i-- == 0)
			return y;
	}
	return NULL;
}

static enum rc
book_payment(struct connection *c, const struct document *d,
    const struct document_payment *y, struct posted *p)
{
	const struct money one = { 1000000 };
	const struct json *v;
	struct json_out o;
	struct buf path, body;
	enum rc rc;

	moneybird_call_open(&o, &body, "payment");
	json_put_member(&o, "payment_date", d->date);
	put_amount(&o, "price", y->amount);
	if (!money_is_zero(d->rate))
		put_amount(&o, "price_base", money_scale(y->amount, d->rate,
		    one, money_digits(d->own)));
	json_put_member(&o, "manual_payment_action", "balance_settlement");
	json_put_member(&o, "ledger_account_id", y->account);
	moneybird_call_close(&o);
	moneybird_call_path(c, &path);
	buf_fmt(&path, "sales_invoices/%s/payments.json", p->id);
	rc = moneybird_call_change(c, "POST", &path, &body, M_BOOKS_REFUSED,
	    &v);
	if (rc == RC_OK)
		p->done++;
	return rc;
}

int
moneybird_invoice_steps(struct connection *c, const struct document *d)
{
	int n = 0;

	if (!connector_flag(c, "finalize"))
		return 1;
	while (payment_get(d, n) != NULL)
		n++;
	return 2 + n;
}

enum rc
moneybird_invoice_book(struct connection *c, const struct document *d,
    int step, struct posted *p)
{
	const struct document_payment *y;

	if (step == 0)
		return book_draft(c, d, p);
	if (!moneybird_call_id(p->id))
		return connector_fail(c, RC_FATAL, M_INTERNAL,
		    "a step without its invoice");
	if (step == 1)
		return of_this_sale(c, book_final(c, p));
	y = payment_get(d, step - 2);
	if (y == NULL)
		return connector_fail(c, RC_FATAL, M_INTERNAL,
		    "a step too many");
	return of_this_sale(c, book_payment(c, d, y, p));
}
