/*
 * tender.c - from payment methods to accounts, from a currency to its rate.
 *
 * It must never make up a rate, nor send a payment to an account that the
 * rules don't name.
 */
#include "tender.h"

#include "ledger.h"
#include "str.h"

static enum rc
no_rule(struct map_why *why, const char *method)
{
	char text[200];

	/* What is no plain name may be anybody's words. */
	if (!str_plain(method, 40)) {
		(void)str_copy(why->detail, sizeof(why->detail), method);
		method = "NAME";
	}
	(void)str_fmt(text, sizeof(text), "%s; add under rules: accounts: "
	    "payments: {%s: \"...\"}", method, method);
	return why_refuse(why, M_PAYMENT_RULE, text);
}

enum rc
tender_payments(const struct tenant *t, struct document *d,
    const struct sale *s, struct map_why *why)
{
	const struct rules *r = &t->rules;
	int digits = money_digits(s->currency);
	struct money sum = { 0 };

	for (size_t i = 0; i < s->payments_n; i++) {
		const struct sale_payment *p = &s->payments[i];
		struct document_payment *q = &d->payments[d->payments_n];
		const char *a = ledger_payment(r, p->method);

		q->amount = money_round(p->amount, digits);
		if (money_is_zero(q->amount) || (a == NULL && !r->has_payments))
			continue;
		if (a == NULL)
			return no_rule(why, p->method);
		sum = money_add(sum, q->amount);
		if (str_eq(a, LEDGER_IGNORE))
			continue;
		if (!str_copy(q->account, sizeof(q->account), a))
			return why_refuse(why, M_TOO_LARGE, "a payment account");
		(void)str_copy(q->method, sizeof(q->method), p->method);
		d->payments_n++;
	}
	if (money_abs(sum).e6 > money_abs(d->incl).e6)
		return why_refuse(why, M_TOTAL, "there are payments beyond the total");
	return RC_OK;
}

/* What the currency is worth: as the sale says, or else the rules. */
enum rc
tender_rate(const struct tenant *t, struct document *d,
    const struct sale *s, struct map_why *why)
{
	const struct rules *r = &t->rules;
	char text[200];

	(void)str_copy(d->own, sizeof(d->own), r->currency);
	if (str_eq(d->currency, d->own))
		return RC_OK;
	d->rate = s->rate;
	(void)str_copy(d->rate_source, sizeof(d->rate_source),
	    s->rate_source);
	if (!money_is_zero(d->rate))
		return RC_OK;
	d->rate = ledger_rate(r, d->currency);
	if (!money_is_zero(d->rate)) {
		(void)str_copy(d->rate_source, sizeof(d->rate_source), "rules");
		return RC_OK;
	}
	/* Who has no rates at all keeps each currency for itself. */
	if (!t->books.connector->takes_rate || r->exchange_n == 0)
		return RC_OK;
	(void)str_fmt(text, sizeof(text), "%s; add under rules: exchange: "
	    "{%s: \"...\"}", d->currency, d->currency);
	return why_refuse(why, M_EXCHANGE, text);
}
