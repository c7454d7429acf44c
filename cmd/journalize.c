/*
 * journalize.c - the postings that documents come down to, and their totals.
 *
 * A document is two entries in one: what was sold, against the debtors, and
 * what they paid.  Each side adds up by itself.
 */
#include "journalize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "secret.h"
#include "str.h"

#define JSON_MAX (1u << 20)

enum posting_kind { POST_DEBTORS, POST_LINE, POST_VAT, POST_PAYMENT,
    POST_PAID };

struct posting {
	enum posting_kind kind;
	char currency[4];
	char account[CODE_MAX];	/* the books' own; "": VAT */
	char key[CODE_MAX];	/* its VAT, or the payment method */
	char code[CODE_MAX];	/* the books' VAT code; "" */
	struct money base;	/* VAT: of what */
	struct money debit, credit;
};

static const char *const kind_names[] = {
	[POST_DEBTORS] = "debtors", [POST_LINE] = "line", [POST_VAT] = "VAT",
	[POST_PAYMENT] = "payment", [POST_PAID] = "paid",
};

static int
posting_cmp(const void *a, const void *b)
{
	const struct posting *p = a, *q = b;
	int cmp = strcmp(p->currency, q->currency);

	if (cmp == 0)
		cmp = (int)p->kind - (int)q->kind;
	if (cmp == 0)
		cmp = strcmp(p->account, q->account);
	if (cmp == 0)
		cmp = strcmp(p->key, q->key);
	return cmp != 0 ? cmp : strcmp(p->code, q->code);
}

/* Add to the posting that is like it, or behind the last one. */
static void
post(struct posting *all, size_t *n, const struct posting *add)
{
	struct posting *p = all, *end = all + *n;

	while (p < end && posting_cmp(p, add) != 0)
		p++;
	if (p == end) {
		*p = *add;
		(*n)++;
		return;
	}
	p->base = money_add(p->base, add->base);
	p->debit = money_add(p->debit, add->debit);
	p->credit = money_add(p->credit, add->credit);
}

/* What is posted on the other side is taken off this one. */
static void
one_side(struct posting *p)
{
	struct money credit = money_sub(p->credit, p->debit);

	p->credit = credit.e6 > 0 ? credit : (struct money){ 0 };
	p->debit = credit.e6 < 0 ? money_neg(credit) : (struct money){ 0 };
}

static void
post_line(struct posting *all, size_t *n, const struct document_line *l,
    const char *currency)
{
	struct posting p = { .kind = POST_LINE, .credit = l->excl };

	(void)str_copy(p.currency, sizeof(p.currency), currency);
	(void)str_copy(p.account, sizeof(p.account), l->account);
	(void)str_copy(p.key, sizeof(p.key), l->vat_key);
	(void)str_copy(p.code, sizeof(p.code), l->vat_code);
	post(all, n, &p);
	if (l->vat_code[0] == '\0')
		return;
	p.kind = POST_VAT;
	p.account[0] = '\0';
	p.base = l->excl;
	p.credit = l->vat;
	post(all, n, &p);
}

static void
post_payment(struct posting *all, size_t *n, const struct document_payment *y,
    const char *currency)
{
	struct posting p = { .kind = POST_PAYMENT, .debit = y->amount };

	(void)str_copy(p.currency, sizeof(p.currency), currency);
	(void)str_copy(p.account, sizeof(p.account), y->account);
	(void)str_copy(p.key, sizeof(p.key), y->method);
	post(all, n, &p);
	p = (struct posting){ .kind = POST_PAID, .credit = y->amount };
	(void)str_copy(p.currency, sizeof(p.currency), currency);
	(void)str_copy(p.account, sizeof(p.account), "debtors");
	post(all, n, &p);
}

/* All of a document's, sorted; the caller frees. */
static struct posting *
postings(const struct document *d, size_t *n)
{
	struct posting *all = mem_alloc((2 * (d->lines_n + d->payments_n) + 1) *
	    sizeof(*all));
	struct posting debtors = { .kind = POST_DEBTORS, .debit = d->incl };

	(void)str_copy(debtors.currency, sizeof(debtors.currency),
	    d->currency);
	(void)str_copy(debtors.account, sizeof(debtors.account), "debtors");
	post(all, n, &debtors);
	for (size_t i = 0; i < d->lines_n; i++)
		post_line(all, n, &d->lines[i], d->currency);
	for (size_t i = 0; i < d->payments_n; i++)
		post_payment(all, n, &d->payments[i], d->currency);
	for (size_t i = 0; i < *n; i++)
		one_side(&all[i]);
	qsort(all, *n, sizeof(*all), posting_cmp);
	return all;
}

/* --- for people --- */

static const char *
amount(char out[MONEY_TEXT], struct money m, const char *currency, bool zero)
{
	money_print(out, m, money_digits(currency));
	return money_is_zero(m) && !zero ? "" : out;
}

/* One line of a table, without blanks at its end. */
static void
print_cells(const char *account, const char *key, const char *base,
    const char *debit, const char *credit)
{
	char line[3 * CODE_MAX + 3 * MONEY_TEXT];

	(void)str_fmt(line, sizeof(line), "%-26s %-14s %11s %11s %11s",
	    account, key, base, debit, credit);
	str_trim(line);
	str_tame(line);		/* a method is the shop's word */
	(void)printf("  %s\n", line);
}

static void
print_posting(const struct posting *p)
{
	char base[MONEY_TEXT], debit[MONEY_TEXT], credit[MONEY_TEXT];
	char account[CODE_MAX + 5];

	(void)str_fmt(account, sizeof(account), "%s%s",
	    p->kind == POST_VAT ? "VAT " : "",
	    p->kind == POST_VAT ? p->code : p->account);
	print_cells(account, p->key,
	    amount(base, p->base, p->currency, p->kind == POST_VAT),
	    amount(debit, p->debit, p->currency, false),
	    amount(credit, p->credit, p->currency, false));
}

/* Those from p on that are of one currency, and their sum; how many. */
static size_t
print_postings(const struct posting *p, size_t n)
{
	struct posting sum = { .kind = POST_PAID };
	size_t i;

	print_cells("ledger account", "VAT, payment", "base", "debit",
	    "credit");
	(void)str_copy(sum.currency, sizeof(sum.currency), p->currency);
	(void)str_copy(sum.account, sizeof(sum.account), "total");
	for (i = 0; i < n && str_eq(p[i].currency, p->currency); i++) {
		print_posting(&p[i]);
		sum.debit = money_add(sum.debit, p[i].debit);
		sum.credit = money_add(sum.credit, p[i].credit);
	}
	print_posting(&sum);
	(void)putchar('\n');
	return i;
}

static const char *
journal_of(const struct document *d)
{
	if (str_eq(document_word(d), "payout"))
		return "bank";
	return d->kind == SALE_RECEIPT || d->kind == SALE_SUMMARY ? "till" :
	    "sales";
}

static void
print_document(const struct tenant *t, const struct document *d,
    const struct posting *all, size_t n)
{
	char rate[MONEY_TEXT], source[SALE_NAME];

	(void)printf("%s  %s  %s  %s journal  %s %s\n", d->date, t->name,
	    d->reference, journal_of(d), document_word(d), d->currency);
	if (d->original[0] != '\0')
		(void)printf("  credits %s\n", d->original);
	if (d->note[0] != '\0')
		(void)printf("  %s\n", d->note);
	if (!money_is_zero(d->rate)) {
		(void)str_copy(source, sizeof(source), d->rate_source);
		str_tame(source);
		money_print(rate, d->rate, 0);
		(void)printf("  1 %s = %s %s, %s\n", d->currency, rate,
		    d->own, source);
	}
	(void)print_postings(all, n);
}

static void
print_totals(const struct journalize *j, const struct tenant *t)
{
	for (size_t i = 0; i < j->totals_n;) {
		(void)printf("totals of %s in %s\n", t->name,
		    j->totals[i].currency);
		i += print_postings(&j->totals[i], j->totals_n - i);
	}
}

/* --- as JSON --- */

static void
put_text(struct json_out *o, const char *name, const char *text)
{
	json_put_member(o, name, text[0] != '\0' ? text : NULL);
}

static void
put_amount(struct json_out *o, const char *name, struct money m,
    const char *currency, bool there)
{
	char text[MONEY_TEXT];

	money_print(text, m, money_digits(currency));
	json_put_member(o, name, there ? text : NULL);
}

/* Into an object that is open. */
static void
put_posting(struct json_out *o, const struct posting *p)
{
	bool paid = p->kind == POST_PAYMENT;

	json_put_member(o, "kind", kind_names[p->kind]);
	put_text(o, "account", p->account);
	put_text(o, "vat", paid ? "" : p->key);
	put_text(o, "vat_code", p->code);
	put_text(o, "method", paid ? p->key : "");
	put_amount(o, "base", p->base, p->currency, p->kind == POST_VAT);
	put_amount(o, "debit", p->debit, p->currency, true);
	put_amount(o, "credit", p->credit, p->currency, true);
	json_close_object(o);
}

static void
put_document(struct json_out *o, const struct tenant *t,
    const struct document *d, const struct posting *all, size_t n)
{
	char rate[MONEY_TEXT];

	json_open_object(o);
	json_put_member(o, "type", "sale");
	json_put_member(o, "tenant", t->name);
	json_put_member(o, "date", d->date);
	json_put_member(o, "reference", d->reference);
	put_text(o, "credits", d->original);
	json_put_member(o, "journal", journal_of(d));
	json_put_member(o, "currency", d->currency);
	put_text(o, "note", d->note);
	money_print(rate, d->rate, 0);
	json_put_member(o, "rate", money_is_zero(d->rate) ? NULL : rate);
	put_text(o, "rate_source", d->rate_source);
	json_put_key(o, "postings");
	json_open_array(o);
	for (size_t i = 0; i < n; i++) {
		json_open_object(o);
		put_posting(o, &all[i]);
	}
	json_close_array(o);
	json_close_object(o);
}

static void
put_totals(struct json_out *o, const struct journalize *j,
    const struct tenant *t)
{
	for (size_t i = 0; i < j->totals_n; i++) {
		json_open_object(o);
		json_put_member(o, "type", "total");
		json_put_member(o, "tenant", t->name);
		json_put_member(o, "currency", j->totals[i].currency);
		put_posting(o, &j->totals[i]);
	}
}

/* The objects of an array that is begun and ended elsewhere. */
static void
print_json(const struct journalize *j, const struct tenant *t,
    const struct document *d, const struct posting *all, size_t n)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, JSON_MAX);
	json_begin(&o, &b);
	json_open_array(&o);
	if (d != NULL)
		put_document(&o, t, d, all, n);
	else
		put_totals(&o, j, t);
	json_close_array(&o);
	if (b.len > 2)
		(void)printf("%.*s,\n", (int)b.len - 2, b.data + 1);
	buf_free(&b);
}

static void
add_totals(struct journalize *j, const struct posting *all, size_t n)
{
	j->totals = mem_grow(j->totals,
	    (j->totals_n + n) * sizeof(*j->totals));
	for (size_t i = 0; i < n; i++) {
		struct posting p = all[i];

		if (p.kind == POST_PAID)
			p.kind = POST_DEBTORS;
		post(j->totals, &j->totals_n, &p);
	}
}

static void
end_tenant(struct journalize *j, const struct tenant *t)
{
	if (j->totals_n > 0)
		qsort(j->totals, j->totals_n, sizeof(*j->totals),
		    posting_cmp);
	if (j->json)
		print_json(j, t, NULL, NULL, 0);
	else
		print_totals(j, t);
	free(j->totals);
	j->totals = NULL;
	j->totals_n = 0;
}

void
journalize(void *arg, const struct tenant *t, const struct document *d)
{
	struct journalize *j = arg;
	struct posting *all;
	size_t n = 0;

	if (d == NULL) {
		end_tenant(j, t);
		return;
	}
	all = postings(d, &n);
	if (j->json)
		print_json(j, t, d, all, n);
	else
		print_document(t, d, all, n);
	add_totals(j, all, n);
	secret_zero(all, n * sizeof(*all));
	free(all);
}
