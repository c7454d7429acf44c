/*
 * map.c - from a sale to a document, by the tenant's rules.
 *
 * The one place where VAT rates, kinds of lines and payment methods become
 * the books' codes, and where the cents are made to agree.  It never guesses:
 * what has no rule, or does not add up, is refused with the YAML to paste.
 */
#include "map.h"

#include <string.h>

#include "clock.h"
#include "ledger.h"
#include "prices.h"
#include "str.h"
#include "tender.h"
#include "vat.h"

struct mapping {
	const struct tenant *t;
	const struct sale *s;
	struct document *d;
	struct map_why *why;
	int digits;
	struct prices p;
	bool told;			/* VAT stays as the shop says */
};

static enum rc
refuse(struct mapping *m, enum msg why, const char *text)
{
	return why_refuse(m->why, why, text);
}

static enum rc
no_account(struct mapping *m, const char *kind)
{
	char text[200];

	(void)str_fmt(text, sizeof(text),
	    "%s; add under rules: accounts: {%s: \"...\"}", kind, kind);
	return refuse(m, M_ACCOUNT_RULE, text);
}

static enum rc
account_of(struct mapping *m, const struct sale_line *from,
    struct document_line *l)
{
	const char *key = NULL, *a = ledger_account(&m->t->rules, m->s, from,
	    l->vat_key, &key);

	if (a == NULL)
		return no_account(m, key);
	if (!str_copy(l->account, sizeof(l->account), a))
		return refuse(m, M_TOO_LARGE, key);
	return RC_OK;
}

/*
 * VAT that the rules give to an article.  It holds where the shop charged its
 * rate: what was charged at another, or another country's, is as any other
 * line, and so is what leaves the country untaxed.
 */
static void
article_vat(const struct mapping *m, const struct sale_line *from,
    const char *key, struct vat *vat)
{
	const char *blank = strchr(key, ' ');
	int32_t rate_e4 = 0;

	if (blank != NULL && (!str_starts(key, vat->country) ||
	    money_parse_rate(blank + 1, &rate_e4) != RC_OK ||
	    vat->kind == VAT_EXPORT || vat->kind == VAT_REVERSE_CHARGE))
		return;
	if (rate_e4 == from->vat_rate_e4)
		vat_of_key(m->t, key, vat);
}

static enum rc
map_line(struct mapping *m, const struct sale_line *from)
{
	const struct rules *r = &m->t->rules;
	struct document_line *l = &m->d->lines[m->d->lines_n];
	struct ledger_article article;
	struct sale_line as = *from;	/* for its VAT */
	struct vat vat;
	enum rc rc;

	memset(l, 0, sizeof(*l));
	l->kind = from->kind;
	l->vat_rate_e4 = from->vat_rate_e4;
	l->unruled = !ledger_article(r, from, &article) &&
	    from->kind == LINE_ARTICLE && r->articles_n + r->article_vat_n > 0;
	if (ledger_withheld(m->s, from))
		as.kind = LINE_DIFFERENCE;
	vat_choose(m->t, m->s, &as, &vat);
	if (article.vat != NULL)
		article_vat(m, from, article.vat, &vat);
	l->vat_kind = vat.kind;
	(void)str_copy(l->vat_country, sizeof(l->vat_country), vat.country);
	(void)str_copy(l->vat_key, sizeof(l->vat_key), vat.key);
	if (vat.why != M_NONE)
		return refuse(m, vat.why, vat.text);
	if (!str_copy(l->vat_code, sizeof(l->vat_code), vat.code))
		return refuse(m, M_TOO_LARGE, "a VAT code");
	if ((rc = account_of(m, from, l)) != RC_OK)
		return rc;
	(void)str_copy(l->article, sizeof(l->article), from->article);
	document_line_describe(l, from);
	l->quantity = money_abs(from->quantity);
	m->d->lines_n++;
	return prices_add(&m->p, from, l) ? RC_OK :
	    refuse(m, M_TOO_LARGE, "the number of VAT rates");
}

/* The setting is in hundredths; yen and fils are counted as it counts
 * cents. */
static int64_t
rounding_most(const struct mapping *m)
{
	return m->t->rules.rounding.e6 / money_step(2).e6 *
	    money_step(m->digits).e6;
}

/* An explicit line for the cents that no line of the sale explains. */
static enum rc
add_rounding(struct mapping *m, struct money diff)
{
	const struct sale_line none = { .kind = LINE_ROUNDING };
	struct document_line *l = &m->d->lines[m->d->lines_n];
	struct vat vat;
	enum rc rc;

	if (money_is_zero(diff))
		return RC_OK;
	if (money_abs(diff).e6 > rounding_most(m)) {
		money_print(m->why->detail, diff, m->digits);
		return refuse(m, M_TOTAL,
		    "its lines and its total differ by more than a rounding");
	}
	memset(l, 0, sizeof(*l));
	l->kind = LINE_ROUNDING;
	vat_choose(m->t, m->s, &none, &vat);
	l->vat_kind = vat.kind;
	(void)str_copy(l->vat_country, sizeof(l->vat_country), vat.country);
	(void)str_copy(l->vat_key, sizeof(l->vat_key), vat.key);
	if (vat.why != M_NONE && m->t->books.connector->computes_vat)
		return refuse(m, vat.why, vat.text);
	(void)str_copy(l->vat_code, sizeof(l->vat_code), vat.code);
	if ((rc = account_of(m, &none, l)) != RC_OK)
		return rc;
	document_line_describe(l, &none);
	l->quantity = (struct money){ 1000000 };
	l->excl = diff;
	m->d->lines_n++;
	return RC_OK;
}

/* What the lines say without VAT, and what the shop says of it. */
static struct money
excl_off(const struct mapping *m)
{
	struct money sum = { 0 };

	for (size_t i = 0; i < m->d->lines_n; i++)
		sum = money_add(sum, m->d->lines[i].excl);
	return money_abs(money_sub(sum, m->s->excl));
}

/* What a summary is made of could be booked by itself. */
static enum rc
told_fits(struct mapping *m, struct money paid)
{
	struct money rest = money_sub(paid, money_add(m->d->excl, m->d->vat));

	m->d->incl_prices = false;
	if (money_abs(rest).e6 > rounding_most(m)) {
		money_print(m->why->detail, rest, m->digits);
		return refuse(m, M_TOTAL,
		    "its lines and its total differ by more than a rounding");
	}
	prices_totals(&m->p, VAT_TOLD, m->d);
	return RC_OK;
}

/* The shop's lines, base and VAT stand; what they lack to the amount that was
 * paid is a line of its own. */
static enum rc
settle_totals(struct mapping *m)
{
	struct document *d = m->d;
	struct money paid = money_round(m->s->incl, m->digits), diff;
	struct money off = excl_off(m);
	enum vat_way way = VAT_TOLD;
	enum rc rc;

	if (!money_eq(paid, m->s->incl))
		return refuse(m, M_TOTAL, "the total has fractions of a cent");
	if (m->t->books.connector->computes_vat)
		way = prices_choose(&m->p, paid, rounding_most(m), d);
	prices_totals(&m->p, way, d);
	if (m->told && (rc = told_fits(m, paid)) != RC_OK)
		return rc;
	if (m->told)
		way = VAT_TOLD;
	prices_follow(&m->p, way, d);
	diff = money_sub(paid, money_add(d->excl, d->vat));
	if ((rc = add_rounding(m, diff)) != RC_OK)
		return rc;
	d->excl = money_add(d->excl, diff);
	d->incl = paid;
	if (off.e6 > rounding_most(m))
		return refuse(m, M_TOTAL,
		    "the total without VAT is not that of its lines");
	return RC_OK;
}

/* What VAT asks for: the books are to hold no debtor's name. */
static void
forget_name(struct debtor *b)
{
	struct debtor of = { .id = "" };

	memcpy(of.country, b->country, sizeof(of.country));
	memcpy(of.vat_number, b->vat_number, sizeof(of.vat_number));
	*b = of;
}

static size_t
reference_max(const struct tenant *t)
{
	int most = t->books.connector->reference_max;

	return most > 0 && most < REF_MAX ? (size_t)most : REF_MAX - 1;
}

void
map_original(const struct tenant *t, const struct sale *s, enum sale_kind of,
    unsigned revision, struct document *d)
{
	/* A refund's number is its order's, where the source tells it. */
	sale_reference(s->source, of, s->refund_of, str_eq(s->number, s->id) ?
	    s->refund_of : s->number, reference_max(t), d->original);
	sale_revise(d->original, revision, reference_max(t));
}

static void
map_head(struct mapping *m, const char *zone)
{
	const struct sale *s = m->s;
	struct document *d = m->d;

	sale_reference(s->source, s->kind, s->id, s->number,
	    reference_max(m->t), d->reference);
	d->kind = s->kind;
	d->credit = s->kind == SALE_REFUND;
	clock_day_print(d->date, clock_day_of(s->placed_at, zone));
	(void)str_copy(d->currency, sizeof(d->currency), s->currency);
	d->buyer = s->debtor;
	if (m->t->rules.debtors != DEBTOR_EACH)
		forget_name(&d->buyer);
}

/* An amount alone does not tell its VAT. */
static enum rc
no_lines(struct mapping *m)
{
	return refuse(m, M_VALUE, m->s->kind == SALE_REFUND ?
	    "the number of lines (0; a refund says how much goes back at each "
	    "VAT rate)" : "the number of lines (0)");
}

/* Only a payout may have no line, and it adds up. */
static enum rc
map_payout(struct mapping *m)
{
	struct money sum;

	if (!sale_payout(m->s, &sum))
		return m->s->lines_n > 0 ? RC_OK : no_lines(m);
	if (!m->t->books.connector->takes_payouts)
		return refuse(m, M_PAYOUT, "");
	return money_eq(sum, m->s->incl) ? RC_OK :
	    refuse(m, M_TOTAL, "payments that add up to another amount");
}

static enum rc
map_all(struct mapping *m, const char *zone)
{
	const struct sale *s = m->s;
	enum rc rc;

	m->digits = m->p.digits = money_digits(s->currency);
	memset(m->d, 0, offsetof(struct document, lines));
	map_head(m, zone);
	if (!money_currency_ok(s->currency))
		return refuse(m, M_CURRENCY, "");
	if ((rc = tender_rate(m->t, m->d, s, m->why)) != RC_OK)
		return rc;
	if ((rc = map_payout(m)) != RC_OK)
		return rc;
	for (size_t i = 0; i < s->lines_n; i++)
		if ((rc = map_line(m, &s->lines[i])) != RC_OK)
			return rc;
	if ((rc = settle_totals(m)) != RC_OK)
		return rc;
	return tender_payments(m->t, m->d, s, m->why);
}

enum rc
map_sale(const struct tenant *t, const char *zone, const struct sale *s,
    struct document *d, struct map_why *why)
{
	struct mapping m = { .t = t, .s = s, .d = d, .why = why };

	return map_all(&m, zone);
}

enum rc
map_receipt(const struct tenant *t, const char *zone, const struct sale *s,
    struct document *d, struct map_why *why)
{
	struct mapping m = { .t = t, .s = s, .d = d, .why = why,
	    .told = true };

	return map_all(&m, zone);
}

enum rc
map_summary(const struct tenant *t, const char *zone, const struct sale *s,
    int64_t mapped, struct document *d, struct map_why *why)
{
	struct mapping m = { .t = t, .s = s, .d = d, .why = why,
	    .digits = money_digits(s->currency) };
	enum rc rc;

	m.p.digits = m.digits;
	map_head(&m, zone);
	d->credit = s->incl.e6 < 0;
	if ((rc = tender_rate(t, d, s, why)) != RC_OK)
		return rc;
	for (size_t i = 0; i < d->lines_n; i++) {
		struct document_line *l = &d->lines[i];
		const struct sale_line from = { .excl = l->excl,
		    .vat = l->vat };

		if (!prices_add(&m.p, &from, l))
			return refuse(&m, M_TOO_LARGE,
			    "the number of VAT rates");
	}
	m.p.mapped = mapped;
	return settle_totals(&m);
}
