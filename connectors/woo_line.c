/*
 * woo_line.c - the lines of WooCommerce's orders and refunds, with their VAT
 * rates.
 *
 * An order tells its rates in tax_lines; orders of old shops tell them in the
 * label alone, or not at all: then the shop is asked once for each.  A rate
 * is never worked out from amounts.
 */
#include "woo_line.h"

#include <string.h>

#include "refund.h"
#include "str.h"

#define ONE 1000000		/* millionths */
#define HALF_CENT 5000

struct list {
	const char *name;
	const char *title;
	enum line_kind kind;
};

static const struct list lists[] = {
	{ .name = "line_items", .title = "name", .kind = LINE_ARTICLE },
	{ .name = "shipping_lines", .title = "method_title",
	    .kind = LINE_SHIPPING },
	{ .name = "fee_lines", .title = "name", .kind = LINE_FEE },
};

enum rc
woo_line_fail(const struct woo_reading *r, enum msg why, const char *text)
{
	return connector_fail(r->c, RC_REJECT, why, text);
}

/* --- texts and amounts --- */

/* A text on one line, without white space around it; false when cut. */
bool
woo_line_text(char *dst, size_t size, const struct json *v, const char *path)
{
	bool whole = str_copy(dst, size, json_str(v, path));

	for (char *p = dst; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	str_trim(dst);
	return whole;
}

void
woo_line_country(char dst[3], const char *text)
{
	if (strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' &&
	    text[1] >= 'A' && text[1] <= 'Z')
		(void)str_copy(dst, 3, text);
}

enum rc
woo_line_amount(const struct woo_reading *r, const struct json *v,
    const char *key, struct money *out)
{
	if (money_parse_long(json_str(v, key), out) != RC_OK)
		return woo_line_fail(r, M_AMOUNT, key);
	return RC_OK;
}

bool
woo_line_zero(const char *text)
{
	struct money m;

	return money_parse_long(text, &m) == RC_OK && money_is_zero(m);
}

/* --- VAT rates --- */

/* "BTW 21%", "MwSt 5,5 %": the number before the percent sign. */
static enum rc
label_rate(const char *label, int32_t *rate_e4)
{
	const char *end = strchr(label, '%'), *start;
	char text[16];

	if (end == NULL)
		return RC_REJECT;
	while (end > label && end[-1] == ' ')
		end--;
	start = end;
	while (start > label && strchr("0123456789.,", start[-1]) != NULL)
		start--;
	if (!str_copy_n(text, sizeof(text), start, (size_t)(end - start)))
		return RC_REJECT;
	for (char *p = text; *p != '\0'; p++)
		if (*p == ',')
			*p = '.';
	return money_parse_rate(text, rate_e4);
}

static enum rc
line_rate(const struct json *tax_line, int32_t *rate_e4)
{
	if (money_parse_rate(json_str(tax_line, "rate_percent"), rate_e4) ==
	    RC_OK)
		return RC_OK;
	return label_rate(json_str(tax_line, "label"), rate_e4);
}

static const struct woo_rate *
rate_known(const struct woo_rates *known, const char *id)
{
	for (size_t i = 0; i < known->n; i++)
		if (str_eq(known->rate[i].id, id))
			return &known->rate[i];
	return NULL;
}

const char *
woo_line_rate_wanted(const struct woo_rates *known,
    const struct json *order)
{
	const struct json *t = json_first(json_get(order, "tax_lines"));
	int32_t rate_e4;

	for (; t != NULL; t = json_next(t)) {
		const char *id = json_str(t, "rate_id");

		if (line_rate(t, &rate_e4) != RC_OK && str_plain(id, 20) &&
		    rate_known(known, id) == NULL && known->n < WOO_RATES)
			return id;
	}
	return NULL;
}

void
woo_line_rate_add(struct woo_rates *known, const char *id,
    const struct json *tax)
{
	struct woo_rate *k = &known->rate[known->n++];

	memset(k, 0, sizeof(*k));
	(void)str_copy(k->id, sizeof(k->id), id);
	woo_line_country(k->country, json_str(tax, "country"));
	if (money_parse_rate(json_str(tax, "rate"), &k->rate_e4) != RC_OK)
		k->rate_e4 = -1;
}

/* Where the goods went, for VAT that names no country. */
static void
destination(const struct woo_reading *r, char dst[3])
{
	const struct json *order = r->order;

	woo_line_country(dst, r->c->country);
	woo_line_country(dst, json_str(order, "billing.country"));
	woo_line_country(dst, json_str(order, "shipping.country"));
}

static const struct json *
tax_line_find(const struct json *v, const char *id)
{
	const struct json *t = json_first(json_get(v, "tax_lines"));

	while (t != NULL && !str_eq(json_str(t, "rate_id"), id))
		t = json_next(t);
	return t;
}

/* Rate and country of tax `id`; "NL-BTW 21%-1" is a rate's code. */
static enum rc
rate_find(const struct woo_reading *r, const char *id, struct sale_line *l)
{
	const struct woo_rate *known = rate_known(r->rates, id);
	const struct json *t = tax_line_find(r->json, id);
	const char *code;
	char country[3] = "";

	if (t == NULL)
		t = tax_line_find(r->order, id);
	if (line_rate(t, &l->vat_rate_e4) != RC_OK) {
		if (known == NULL || known->rate_e4 < 0)
			return woo_line_fail(r, M_SHOP_SALE,
			    "the VAT rate of a line");
		l->vat_rate_e4 = known->rate_e4;
	}
	destination(r, l->vat_country);
	if (known != NULL)
		woo_line_country(l->vat_country, known->country);
	code = json_str(t, "rate_code");
	/* EU-VAT is a name that shops give, not a country. */
	if (strlen(code) > 2 && code[2] == '-' && !str_starts(code, "EU-")) {
		(void)str_copy_n(country, sizeof(country), code, 2);
		woo_line_country(l->vat_country, country);
	}
	return RC_OK;
}

/* Its rate, and, when exact, its VAT with all decimals. */
static enum rc
line_vat(const struct woo_reading *r, const struct json *item, bool before,
    struct sale_line *l)
{
	const struct json *t = json_first(json_get(item, "taxes"));
	const struct json *tax = NULL;
	struct money exact;
	bool taxed = false;

	/* Every rate of the order is listed; those that don't apply are "". */
	for (; t != NULL; t = json_next(t)) {
		const char *after = json_str(t, "total");
		const char *full = json_str(t, "subtotal");
		bool zero = (after[0] == '\0' || woo_line_zero(after)) &&
		    (full[0] == '\0' || woo_line_zero(full));

		if (after[0] == '\0' && full[0] == '\0')
			continue;
		if (!zero && taxed)
			return woo_line_fail(r, M_SHOP_SALE,
			    "two taxes on one line");
		if (tax == NULL || !zero)
			tax = t;
		taxed = taxed || !zero;
	}
	if (r->exact && money_parse_long(json_str(tax, before ? "subtotal" :
	    "total"), &exact) == RC_OK &&
	    money_abs(money_sub(exact, l->vat)).e6 <= HALF_CENT)
		l->vat = exact;
	if (tax != NULL)
		return rate_find(r, json_str(tax, "id"), l);
	l->vat_rate_e4 = 0;
	destination(r, l->vat_country);
	return RC_OK;
}

/* --- lines --- */

/* "quantity" is negative in refunds; a line without one counts as one. */
static enum rc
quantity(const struct woo_reading *r, const struct json *item,
    struct sale_line *l)
{
	const char *text = json_str(item, "quantity");

	l->quantity = (struct money){ ONE };
	if (text[0] == '\0')
		return RC_OK;
	if (money_parse_long(text, &l->quantity) != RC_OK)
		return woo_line_fail(r, M_AMOUNT, "quantity");
	if (r->out->kind == SALE_REFUND)
		l->quantity = money_abs(l->quantity);
	if (l->quantity.e6 < 0)
		return woo_line_fail(r, M_QUANTITY, "quantity");
	if (money_is_zero(l->quantity))
		l->quantity = (struct money){ ONE };
	return RC_OK;
}

/* An item as the shop wrote it; `before` takes its amounts before coupons. */
static enum rc
item_read(const struct woo_reading *r, const struct list *list,
    const struct json *item, bool before, struct sale_line *l)
{
	enum rc rc;

	memset(l, 0, sizeof(*l));
	l->kind = list->kind;
	(void)woo_line_text(l->description, sizeof(l->description), item,
	    list->title);
	if (!woo_line_text(l->article, sizeof(l->article), item, "sku"))
		return woo_line_fail(r, M_TOO_LARGE, "sku");
	if ((rc = quantity(r, item, l)) != RC_OK)
		return rc;
	rc = woo_line_amount(r, item, before ? "subtotal" : "total",
	    &l->excl);
	if (rc == RC_OK)
		rc = woo_line_amount(r, item, before ? "subtotal_tax" :
		    "total_tax", &l->vat);
	if (rc == RC_OK)
		rc = line_vat(r, item, before, l);
	/* A discount that a shop's plugin writes as a fee. */
	if (l->kind == LINE_FEE && l->excl.e6 < 0 &&
	    r->out->kind == SALE_ORDER)
		l->kind = LINE_DISCOUNT;
	return rc;
}

enum rc
woo_line_keep(const struct woo_reading *r, struct sale *out,
    const struct sale_line *l)
{
	struct sale_line *to = sale_line_add(out);

	if (to == NULL)
		return woo_line_fail(r, M_TOO_LARGE, "the list of its lines");
	*to = *l;
	return RC_OK;
}

static enum rc
lines_read(const struct woo_reading *r, const struct list *list, bool before)
{
	const struct json *v = json_first(json_get(r->json, list->name));
	bool refund = r->out->kind == SALE_REFUND;
	struct sale_line l;
	enum rc rc;

	for (; v != NULL; v = json_next(v)) {
		if ((rc = item_read(r, list, v, before, &l)) != RC_OK)
			return rc;
		/* Free shipping asks for no VAT rule, and refunds list what
		 * was not refunded as well. */
		if (money_is_zero(l.excl) && money_is_zero(l.vat) &&
		    (refund || l.kind != LINE_ARTICLE || l.vat_rate_e4 == 0))
			continue;
		if ((rc = woo_line_keep(r, r->out, &l)) != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* Add a line's amounts to the line of the same VAT from `first` on. */
enum rc
woo_line_merge(const struct woo_reading *r, struct sale *out, size_t first,
    const struct sale_line *l)
{
	for (size_t i = first; i < out->lines_n; i++) {
		struct sale_line *to = &out->lines[i];

		if (!refund_alike(to, l))
			continue;
		to->excl = money_add(to->excl, l->excl);
		to->vat = money_add(to->vat, l->vat);
		return RC_OK;
	}
	return woo_line_keep(r, out, l);
}

/* What the coupons took off the articles, a line per VAT rate; without VAT,
 * per article. */
static enum rc
discounts_read(const struct woo_reading *r)
{
	const struct json *v = json_first(json_get(r->json, "line_items"));
	size_t first = r->out->lines_n;
	struct sale_line l, full;
	enum rc rc;

	for (; v != NULL; v = json_next(v)) {
		if ((rc = item_read(r, &lists[0], v, true, &full)) != RC_OK ||
		    (rc = item_read(r, &lists[0], v, false, &l)) != RC_OK)
			return rc;
		l.kind = LINE_DISCOUNT;
		if (l.vat_rate_e4 != 0)	/* else the rules may ask */
			l.article[0] = '\0';
		(void)str_copy(l.description, sizeof(l.description),
		    "Discount");
		l.quantity = (struct money){ ONE };
		l.excl = money_sub(l.excl, full.excl);
		l.vat = money_sub(l.vat, full.vat);
		if (money_is_zero(l.excl) && money_is_zero(l.vat))
			continue;
		if ((rc = woo_line_merge(r, r->out, first, &l)) != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc
all_read(const struct woo_reading *r)
{
	bool coupons = json_count(json_get(r->json, "coupon_lines")) > 0;
	enum rc rc;

	r->out->lines_n = 0;
	rc = lines_read(r, &lists[0], coupons);
	if (rc == RC_OK && coupons)
		rc = discounts_read(r);
	for (size_t i = 1; i < COUNT(lists) && rc == RC_OK; i++)
		rc = lines_read(r, &lists[i], false);
	return rc;
}

/* --- shops that round VAT once for each rate --- */

static bool
adds_up(const struct sale *s)
{
	return money_eq(sale_lines_sum(s, NULL), s->incl);
}

/* The shop rounds the VAT of a rate over the goods, and that over their
 * shipping. */
static bool
same_rounding(const struct sale_line *a, const struct sale_line *b)
{
	return (a->kind == LINE_SHIPPING) == (b->kind == LINE_SHIPPING) &&
	    a->vat_rate_e4 == b->vat_rate_e4 &&
	    str_eq(a->vat_country, b->vat_country);
}

/* Cents for each line, so that those that are rounded together add up to
 * their rounded sum: from the last one to the first, with the sum before. */
static void
cents(struct sale *s)
{
	struct money sum;

	for (size_t n = s->lines_n; n-- > 0; ) {
		struct sale_line *l = &s->lines[n];

		sum = (struct money){ 0 };
		for (size_t i = 0; i < n; i++)
			if (same_rounding(&s->lines[i], l))
				sum = money_add(sum, s->lines[i].vat);
		l->vat = money_sub(money_round(money_add(sum, l->vat), 2),
		    money_round(sum, 2));
	}
}

/*
 * Each line's total_tax is rounded.  Where these don't add up to what was
 * paid, the shop may have rounded later, and tells the decimals in "taxes".
 */
enum rc
woo_line_read(const struct woo_reading *r)
{
	struct woo_reading exact = *r;
	enum rc rc = all_read(r);

	if (rc != RC_OK || adds_up(r->out))
		return rc;
	exact.exact = true;
	rc = all_read(&exact);
	if (rc == RC_OK)
		cents(r->out);
	if (rc == RC_OK && adds_up(r->out))
		return RC_OK;
	return all_read(r);
}
