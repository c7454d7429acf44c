/*
 * ubl_tax.c - VAT categories, subtotals and totals of a document.
 *
 * The figures are the document's own: VAT is added up and never worked out.
 * What the rules would refuse because of it (BR-CO-17 lets a subtotal's VAT
 * differ from its rate over its base by less than 1.00) is refused here, by
 * name, so that no file is written that its reader throws back.
 */
#include "ubl_tax.h"

#include <string.h>

#include "str.h"
#include "vatrate.h"

#define CENT 10000		/* in millionths */

/* Why a line bears no VAT; in Dutch where the seller is Dutch. */
static const struct { const char *en, *nl; } reasons[] = {
	[VAT_EXEMPT] = { "Exempt from VAT", "Vrijgesteld van btw" },
	[VAT_REVERSE_CHARGE] = { "Reverse charge", "Btw verlegd" },
	[VAT_EXPORT] = { "Export outside the EU", "Uitvoer buiten de EU" },
	[VAT_MARGIN] = { "Margin scheme", "Bijzondere regeling (marge)" },
	[VAT_NONE] = { "Outside the scope of VAT", "Geen btw: geen omzet" },
};
static const char intra_en[] = "Intra-Community supply";
static const char intra_nl[] = "Intracommunautaire levering";

struct money
ubl_tax_turn(const struct document *d, struct money m)
{
	return d->credit ? money_neg(m) : m;
}

const char *
ubl_tax_home(const struct connection *c)
{
	const char *own = connector_setting(c, "country");

	return vatrate_country(own[0] != '\0' ? own : c->country);
}

static bool
whole_cents(struct money m)
{
	return m.e6 % CENT == 0;
}

static enum rc
refuse(struct connection *c, const char *text)
{
	return connector_fail(c, RC_REJECT, M_UBL_SALE, text);
}

static bool
is_rounding(const struct document_line *l)
{
	return l->kind == LINE_ROUNDING && money_is_zero(l->vat);
}

/* Goods that a business in another member state got: K; else AE.  Which those
 * are is known already, Northern Ireland among them. */
static bool
is_intra(const struct connection *c, const struct document *d)
{
	const char *to = vatrate_country(d->buyer.country);

	return !connector_flag(c, "services") && to[0] != '\0' &&
	    !str_eq(to, ubl_tax_home(c));
}

/*
 * Outside the scope of VAT is O, beside which nothing else may stand (BR-O-11)
 * and no VAT number either (BR-O-02): then another number must tell who sells
 * (BR-CO-26).  Beside other lines it is E, for a reason of its own.
 */
static bool
all_outside(const struct connection *c, const struct document *d)
{
	for (size_t i = 0; i < d->lines_n; i++)
		if (d->lines[i].vat_kind != VAT_NONE &&
		    !is_rounding(&d->lines[i]))
			return false;
	return connector_setting(c, "kvk")[0] != '\0';
}

static const char *
category_of(const struct connection *c, const struct document *d,
    const struct document_line *l)
{
	switch (l->vat_kind) {
	case VAT_DOMESTIC:
	case VAT_OSS:
		return l->vat_rate_e4 > 0 ? "S" : "Z";
	case VAT_ZERO:
		return "Z";
	case VAT_REVERSE_CHARGE:
		return is_intra(c, d) ? "K" : "AE";
	case VAT_EXPORT:
		return "G";
	case VAT_NONE:
		return all_outside(c, d) ? "O" : "E";
	case VAT_EXEMPT:
	case VAT_MARGIN:
		break;
	}
	return "E";
}

/* Of a subtotal with several there is one text, which names each once. */
static void
add_reason(const struct connection *c, struct ubl_tax *t, enum vat_kind kind)
{
	bool nl = str_eq(ubl_tax_home(c), "NL");
	const char *text = nl ? reasons[kind].nl : reasons[kind].en;

	if (str_eq(t->category, "K"))
		text = nl ? intra_nl : intra_en;
	if (strstr(t->reason, text) != NULL)
		return;
	if (t->reason[0] != '\0')
		(void)str_add(t->reason, sizeof(t->reason), "; ");
	(void)str_add(t->reason, sizeof(t->reason), text);
}

/* The subtotal of a category and rate; NULL: there are too many. */
static struct ubl_tax *
subtotal(struct ubl_sums *s, const char *category, int32_t rate_e4)
{
	struct ubl_tax *t;

	for (size_t i = 0; i < s->tax_n; i++)
		if (str_eq(s->tax[i].category, category) &&
		    s->tax[i].rate_e4 == rate_e4)
			return &s->tax[i];
	if (s->tax_n == UBL_TAXES)
		return NULL;
	t = &s->tax[s->tax_n++];
	*t = (struct ubl_tax){ .category = category, .rate_e4 = rate_e4 };
	return t;
}

static enum rc
add_line(struct connection *c, const struct document *d,
    const struct document_line *l, struct ubl_sums *s)
{
	const char *category = category_of(c, d, l);
	bool rated = str_eq(category, "S");
	struct ubl_tax *t;

	if (!rated && !money_is_zero(l->vat))
		return refuse(c, "VAT on a line that bears none");
	t = subtotal(s, category, rated ? l->vat_rate_e4 : 0);
	if (t == NULL)
		return refuse(c, "there are too many VAT rates");
	if (!rated && !str_eq(category, "Z"))
		add_reason(c, t, l->vat_kind);
	t->base = money_add(t->base, ubl_tax_turn(d, l->excl));
	t->vat = money_add(t->vat, ubl_tax_turn(d, l->vat));
	s->of[l - d->lines] = t;
	return RC_OK;
}

/* BR-DEC-23 and its like: no amount has a third decimal. */
static bool
decimals_fit(const struct document *d)
{
	bool fit = true;

	for (size_t i = 0; i < d->lines_n; i++)
		fit = fit && whole_cents(d->lines[i].excl) &&
		    whole_cents(d->lines[i].vat);
	for (size_t i = 0; i < d->payments_n; i++)
		fit = fit && whole_cents(d->payments[i].amount);
	return fit;
}

/* BR-CO-17 and BR-S-09. */
static enum rc
check_rate(struct connection *c, const struct ubl_tax *t)
{
	struct money over = money_vat_over(money_abs(t->base), t->rate_e4, 2);
	struct money off = money_sub(money_abs(t->vat), over);
	char rate[MONEY_TEXT], text[80];

	if (money_abs(off).e6 < 100 * CENT)
		return RC_OK;
	money_print_rate(rate, t->rate_e4);
	(void)str_fmt(text, sizeof(text),
	    "the VAT of %s %% is 1.00 or more from that rate", rate);
	return refuse(c, text);
}

enum rc
ubl_tax_sum(struct connection *c, const struct document *d,
    struct ubl_sums *s)
{
	size_t rounding = 0;
	enum rc rc = RC_OK;

	memset(s, 0, sizeof(*s));
	if (!decimals_fit(d))
		return refuse(c, "an amount has more than two decimals");
	for (size_t i = 0; i < d->lines_n; i++)
		rounding += is_rounding(&d->lines[i]);
	for (size_t i = 0; i < d->lines_n && rc == RC_OK; i++) {
		const struct document_line *l = &d->lines[i];

		/* A document must have a line (BR-16). */
		if (is_rounding(l) && rounding < d->lines_n)
			s->rounding = money_add(s->rounding,
			    ubl_tax_turn(d, l->excl));
		else
			rc = add_line(c, d, l, s);
	}
	for (size_t i = 0; i < s->tax_n && rc == RC_OK; i++) {
		s->base = money_add(s->base, s->tax[i].base);
		s->vat = money_add(s->vat, s->tax[i].vat);
		rc = check_rate(c, &s->tax[i]);
	}
	for (size_t i = 0; i < d->payments_n; i++)
		s->prepaid = money_add(s->prepaid,
		    ubl_tax_turn(d, d->payments[i].amount));
	s->due = money_sub(money_add(money_add(s->base, s->vat), s->rounding),
	    s->prepaid);
	return rc;
}
