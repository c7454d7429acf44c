/*
 * journal_entry.c - a document as one transaction of a journal.
 *
 * One posting per account and VAT rate: a journal tells the bookkeeper what
 * was turned over, not what a debtor bought.  Whatever is written here must
 * pass `hledger check` and `bean-check` alike, and add up to zero.
 */
#include "journal_entry.h"

#include <stdbool.h>
#include <stdlib.h>

#include "journal_text.h"
#include "money.h"
#include "str.h"

struct posting {
	char account[CODE_MAX];
	const char *role;	/* "base", "vat" or NULL */
	char key[CODE_MAX];	/* its VAT, for people */
	struct money amount;
};

struct postings { struct posting *p; size_t n; };

static bool
is_opened(const struct journal_opened *o, const char *account)
{
	for (size_t i = 0; i < o->n; i++)
		if (str_eq(o->account[i].name, account))
			return true;
	return false;
}

void
journal_entry_open(struct journal_opened *o, const char *account)
{
	struct journal_account *a;

	if (is_opened(o, account))
		return;
	o->account = mem_grow(o->account, (o->n + 1) * sizeof(*a));
	a = &o->account[o->n++];
	(void)str_copy(a->name, sizeof(a->name), account);
}

/* Add an amount to the posting of this account, role and VAT. */
static void
post(struct postings *all, const struct posting *add)
{
	struct posting *p = all->p, *end = all->p + all->n;

	while (p < end && (!str_eq(p->account, add->account) ||
	    p->role != add->role || !str_eq(p->key, add->key)))
		p++;
	if (p == end) {
		*p = *add;
		all->n++;
	} else {
		p->amount = money_add(p->amount, add->amount);
	}
}

static void
post_line(struct postings *all, const struct document_line *l)
{
	static const char *const base = "base", *const vat = "vat";
	struct posting p = { .role = base, .amount = money_neg(l->excl) };

	(void)str_copy(p.account, sizeof(p.account), l->account);
	(void)str_copy(p.key, sizeof(p.key), l->vat_key);
	post(all, &p);
	if (money_is_zero(l->vat))
		return;
	p.role = vat;
	p.amount = money_neg(l->vat);
	(void)str_copy(p.account, sizeof(p.account), l->vat_code);
	post(all, &p);
}

/* The document's postings; they add up to zero. */
static enum rc
make_postings(struct connection *c, const struct document *d,
    struct postings *all)
{
	struct posting rest = { .amount = d->incl }, p;
	struct money sum = { 0 };
	char text[160];

	for (size_t i = 0; i < d->lines_n; i++)
		post_line(all, &d->lines[i]);
	for (size_t i = 0; i < d->payments_n; i++) {
		if (d->payments[i].account[0] == '\0')
			continue;
		p = (struct posting){ .amount = d->payments[i].amount };
		(void)str_copy(p.account, sizeof(p.account),
		    d->payments[i].account);
		rest.amount = money_sub(rest.amount, p.amount);
		post(all, &p);
	}
	(void)str_copy(rest.account, sizeof(rest.account),
	    connector_setting(c, "receivable"));
	post(all, &rest);
	for (size_t i = 0; i < all->n; i++) {
		sum = money_add(sum, all->p[i].amount);
		if (journal_text_account_ok(all->p[i].account))
			continue;
		(void)str_fmt(text, sizeof(text), "\"%s\" in the rules is no "
		    "account name such as Income:Sales", all->p[i].account);
		return connector_fail(c, RC_REJECT, M_BOOKS_REFUSED, text);
	}
	if (!money_is_zero(sum))
		return connector_fail(c, RC_REJECT, M_TOTAL, "the document");
	return RC_OK;
}

static void
put_opens(struct journal_opened *opened, const struct postings *all,
    struct buf *out)
{
	for (size_t i = 0; i < all->n; i++) {
		const char *account = all->p[i].account;

		if (is_opened(opened, account) ||
		    money_is_zero(all->p[i].amount))
			continue;
		buf_fmt(out, "1970-01-01 open %s\n", account);
		journal_entry_open(opened, account);
	}
}

/* Others' words on one line, whatever they are. */
static void
put_line(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		buf_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
	buf_putc(out, '\n');
}

static void
put_entry(const struct document *d, const struct postings *all,
    struct buf *out)
{
	bool foreign = !money_is_zero(d->rate);
	char amount[MONEY_TEXT], rate[MONEY_TEXT];

	money_print(rate, d->rate, 2);
	buf_fmt(out, "%s * \"%s\" \"%s\" ^%s\n", d->date,
	    str_eq(document_word(d), "payout") ? "Payout" :
	    d->credit ? "Credit note" : "Sales invoice", d->reference,
	    d->reference);
	if (d->original[0] != '\0')
		buf_fmt(out, "  ; credits: %s\n", d->original);
	if (d->note[0] != '\0')
		buf_fmt(out, "  ; %s\n", d->note);
	if (foreign) {
		buf_fmt(out, "  ; rate: %s %s, ", rate, d->own);
		put_line(out, d->rate_source);
	}
	for (size_t i = 0; i < all->n; i++) {
		const struct posting *p = &all->p[i];

		if (money_is_zero(p->amount))
			continue;
		money_print(amount, p->amount, money_digits(d->currency));
		buf_fmt(out, "  %s  %s %s", p->account, amount, d->currency);
		if (foreign)
			buf_fmt(out, " @ %s %s", rate, d->own);
		if (p->role != NULL)
			buf_fmt(out, " ; %s: %s", p->role, p->key);
		buf_putc(out, '\n');
	}
}

enum rc
journal_entry_put(struct connection *c, const struct document *d,
    struct journal_opened *opened, struct buf *out)
{
	const char *only = connector_setting(c, "currency");
	struct postings all = { .n = 0 };
	enum rc rc;

	c->why = M_NONE;
	if (only[0] != '\0' && !str_eq(only, d->currency))
		return connector_fail(c, RC_REJECT, M_CURRENCY, d->currency);
	all.p = mem_alloc((2 * d->lines_n + d->payments_n + 1) *
	    sizeof(*all.p));
	rc = make_postings(c, d, &all);
	if (rc != RC_OK)
		goto out;
	/* the first line feed also ends a line that a person left open */
	buf_fmt(out, "\n; begin %s\n", d->reference);
	if (connector_flag(c, "open_accounts"))
		put_opens(opened, &all, out);
	put_entry(d, &all, out);
	buf_fmt(out, "; end %s\n", d->reference);
	if (out->over)
		rc = connector_fail(c, RC_REJECT, M_TOO_LARGE,
		    "the document");
out:
	free(all.p);
	return rc;
}
