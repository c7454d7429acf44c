/*
 * moneybird_back.c - a sales invoice as the document that it was booked from.
 *
 * A line's price is what was sent; its VAT is told for each rate as a whole,
 * and goes to the last line of the rate.  Payments out of a ledger account are
 * ours; one by a bank statement is not.  What people made of an invoice that
 * does not read like that, such as a discount, is not ours to turn round.
 */
#include "moneybird_back.h"

#include <string.h>

#include "buf.h"
#include "moneybird_call.h"
#include "moneybird_invoice.h"
#include "str.h"

static const struct money one = { 1000000 };

static bool
amount(const struct json *v, const char *key, struct money *out)
{
	return money_parse(json_str(v, key), out) == RC_OK;
}

static bool
read_line(const struct json *v, struct document *d)
{
	struct document_line *l = &d->lines[d->lines_n];
	struct money price, pieces;

	if (d->lines_n == COUNT(d->lines))
		return false;
	memset(l, 0, sizeof(*l));
	if (!amount(v, "price", &price) ||
	    !amount(v, "amount_decimal", &pieces) ||
	    !amount(v, "total_price_excl_tax_with_discount", &l->excl))
		return false;
	price = money_scale(price, pieces, one, 2);
	if (!d->incl_prices)
		l->excl = price;
	l->vat = money_sub(price, l->excl);
	l->quantity = one;
	d->lines_n++;
	(void)str_copy(l->description, sizeof(l->description),
	    json_str(v, "description"));
	return str_copy(l->vat_code, sizeof(l->vat_code),
	    json_str(v, "tax_rate_id")) &&
	    str_copy(l->account, sizeof(l->account),
	    json_str(v, "ledger_account_id"));
}

/* The VAT of a rate, and what its lines come to without. */
static bool
read_rate(const struct json *v, struct document *d)
{
	const char *code = json_str(v, "tax_rate_id");
	struct document_line *last = NULL;
	struct money excl, vat, off;

	if (!amount(v, "taxable_amount", &excl) ||
	    !amount(v, "tax_amount", &vat))
		return false;
	for (size_t i = 0; i < d->lines_n; i++) {
		struct document_line *l = &d->lines[i];

		if (!str_eq(l->vat_code, code))
			continue;
		last = l;
		excl = money_sub(excl, l->excl);
		vat = money_sub(vat, l->vat);
	}
	/* The prices that were sent stay as they are. */
	off = d->incl_prices ? money_add(excl, vat) : excl;
	if (last == NULL || !money_is_zero(off))
		return false;
	last->excl = money_add(last->excl, excl);
	last->vat = money_add(last->vat, vat);
	return true;
}

static bool
read_payment(const struct json *v, struct document *d)
{
	const char *account = json_str(v, "ledger_account_id");
	struct document_payment *y = &d->payments[d->payments_n];
	struct money base;

	if (!moneybird_call_id(account))
		return true;
	if (d->payments_n == COUNT(d->payments) ||
	    !amount(v, "price", &y->amount) || !amount(v, "price_base", &base))
		return false;
	if (!money_eq(base, y->amount) && !money_is_zero(y->amount))
		d->rate = money_scale(base, one, y->amount, 6);
	d->payments_n++;
	return str_copy(y->account, sizeof(y->account), account);
}

static bool
each(const struct json *list, struct document *d,
    bool (*take)(const struct json *v, struct document *d))
{
	for (const struct json *i = json_first(list); i != NULL;
	    i = json_next(i))
		if (!take(i, d))
			return false;
	return true;
}

static bool
read_document(const struct json *v, struct document *d)
{
	d->incl_prices = json_bool(v, "prices_are_incl_tax", false);
	if (!amount(v, "total_price_excl_tax", &d->excl) ||
	    !amount(v, "total_price_incl_tax", &d->incl) ||
	    !str_copy(d->currency, sizeof(d->currency),
	    json_str(v, "currency")) ||
	    !str_copy(d->debtor, sizeof(d->debtor),
	    json_str(v, "contact_id")))
		return false;
	d->vat = money_sub(d->incl, d->excl);
	return each(json_get(v, "details"), d, read_line) &&
	    each(json_get(v, "tax_totals"), d, read_rate) &&
	    each(json_get(v, "payments"), d, read_payment);
}

enum rc
moneybird_back_read(struct connection *c, const char *reference,
    struct document *out, struct posted *p)
{
	const struct json *v;
	struct buf path;
	enum rc rc = moneybird_invoice_find(c, reference, p);

	if (rc != RC_OK)
		return rc;
	moneybird_call_path(c, &path);
	buf_fmt(&path, "sales_invoices/%s.json", p->id);
	rc = moneybird_call_get(c, &path, false, &v);
	if (rc == RC_OK && !read_document(v, out))
		return connector_fail(c, RC_REJECT, M_BY_HAND,
		    "its document was changed in the books");
	(void)str_copy(out->reference, sizeof(out->reference), reference);
	return rc;
}

/* Theirs deletes an invoice that is final as well: p is of just now. */
enum rc
moneybird_back_drop(struct connection *c, const struct posted *p)
{
	struct buf path;

	moneybird_call_path(c, &path);
	buf_fmt(&path, "sales_invoices/%s.json", p->id);
	return moneybird_call_delete(c, &path, M_BOOKS_REFUSED);
}
