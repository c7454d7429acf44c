/*
 * vat.c - from country, rate and buyer to the key of a VAT rule.
 *
 * It must never change a rate or an amount, and never guess: without a rule,
 * or with two that could be meant, the sale is refused with the lines to
 * paste or to choose from.
 */
#include "vat.h"

#include <string.h>

#include "str.h"
#include "vatid.h"
#include "vatrate.h"

/* Where a buyer is, as seen from the tenant. */
enum where { HOME, EU, OUTSIDE };

static bool
in_eu(const char *country)
{
	/* Northern Ireland belongs to it for goods. */
	static const char list[] = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE "
	    "IT LV LT LU MT NL PL PT RO SK SI ES SE XI ";

	for (const char *p = list; *p != '\0'; p += 3)
		if (strncmp(p, country, 2) == 0 && country[0] != '\0')
			return true;
	return false;
}

static bool
same_country(const char *a, const char *b)
{
	bool uk_a = str_eq(a, "GB") || str_eq(a, "XI");
	bool uk_b = str_eq(b, "GB") || str_eq(b, "XI");

	return str_eq(a, b) || (uk_a && uk_b);
}

/* Whether a postcode has this form, # being any digit, however it is written:
 * "ES-35001", "35 001". */
static bool
fits(const char *form, const char *postcode)
{
	while (*postcode != '\0' && strchr("0123456789", *postcode) == NULL)
		postcode++;
	for (; *postcode != '\0'; postcode++) {
		if (*postcode == ' ')
			continue;
		if (*postcode != *form && (*form != '#' || *postcode < '0' ||
		    *postcode > '9'))
			return false;
		form++;
	}
	return *form == '\0';
}

/* Parts of member states where the EU's VAT does not hold, that have no code
 * of their own in a shop's address. */
static bool
outside_area(const char *country, const char *postcode)
{
	static const struct { char country[3], postcode[6]; } parts[] = {
		{ "DE", "27498" },	/* Heligoland */
		{ "DE", "78266" },	/* Büsingen */
		{ "DK", "39##" },	/* Greenland */
		{ "ES", "35###" }, { "ES", "38###" },	/* Canary Islands */
		{ "ES", "51###" }, { "ES", "52###" },	/* Ceuta, Melilla */
		{ "FI", "22###" },	/* Åland */
		{ "FR", "97###" },	/* overseas; 98 is Monaco's too */
		{ "FR", "986##" }, { "FR", "987##" }, { "FR", "988##" },
		{ "GR", "63086" },	/* Mount Athos */
		{ "IT", "22061" },	/* Campione d'Italia */
		{ "IT", "23041" },	/* Livigno */
	};

	for (size_t i = 0; i < COUNT(parts); i++)
		if (str_eq(parts[i].country, country) &&
		    fits(parts[i].postcode, postcode))
			return true;
	return false;
}

/* The country that counts for VAT: XI for goods to Northern Ireland, which a
 * shop knows as GB. */
static const char *
buyer_country(const struct debtor *b)
{
	const char *country = vatrate_country(b->country);
	char number[3] = "", post[3] = "";

	if (!str_eq(country, "GB"))
		return country;
	(void)str_copy_n(post, sizeof(post), b->postcode, 2);
	return str_eq_nocase(post, "BT") ||
	    (vatid_country(b->vat_number, number) && str_eq(number, "XI")) ?
	    "XI" : country;
}

static enum where
where_is(const struct debtor *b, const char *home)
{
	const char *country = buyer_country(b);

	if (outside_area(country, b->postcode))
		return OUTSIDE;
	if (country[0] == '\0' || same_country(country, home))
		return HOME;
	return in_eu(country) && in_eu(home) ? EU : OUTSIDE;
}

/* Why VAT can't be shifted to this debtor, NULL when it can. */
static const char *
number_wrong(const struct debtor *b, const char *home)
{
	char letters[3];

	if (b->vat_number[0] == '\0')
		return "the shop has none";
	if (!vatid_country(b->vat_number, letters))
		return "the one in the shop does not begin with the letters "
		    "of its country";
	if (!vatid_ok(b->vat_number, b->country))
		return "the one in the shop can't be right, as its form or "
		    "its check digits show";
	if (same_country(vatrate_country(letters), home) ||
	    !in_eu(vatrate_country(letters)))
		return "the one in the shop is not of another EU country";
	return NULL;
}

static const char *
rule(const struct tenant *t, const char *key)
{
	return config_pair(t->rules.vat, t->rules.vat_n, key);
}

static void
take(const struct tenant *t, const char *key, enum vat_kind kind,
    struct vat *out)
{
	out->kind = kind;
	(void)str_copy(out->key, CODE_MAX, key);
	out->code = rule(t, key);
	out->why = M_NONE;
	if (out->code != NULL)
		return;
	out->why = M_VAT_RULE;
	(void)str_fmt(out->text, sizeof(out->text),
	    "%s; add under rules: vat: {%s: \"...\"}", key, key);
}

/* 0 % at home, or for a consumer in another member state: the country's own
 * zero rate, or exempt. */
static void
zero(const struct tenant *t, const char *key, struct vat *out)
{
	if (rule(t, "exempt") == NULL) {
		take(t, key, VAT_ZERO, out);
		return;
	}
	take(t, "exempt", VAT_EXEMPT, out);
	if (rule(t, key) == NULL)
		return;
	out->code = NULL;
	out->why = M_VAT_CHOICE;
	(void)str_fmt(out->text, sizeof(out->text),
	    "{%s: \"%s\"} and {exempt: \"%s\"}", key, rule(t, key),
	    rule(t, "exempt"));
}

/* A rule for the country's own zero rate serves where the special one is not
 * configured; without either the special one is asked. */
static void
special(const struct tenant *t, const char *name, const char *key,
    enum vat_kind kind, struct vat *out)
{
	take(t, rule(t, name) == NULL && rule(t, key) != NULL ? key : name,
	    kind, out);
}

static void
nothing(const struct tenant *t, const struct debtor *b, const char *key,
    struct vat *out)
{
	const char *home = vatrate_country(t->customer.country), *wrong;
	enum where where = where_is(b, home);

	if (where == OUTSIDE) {
		special(t, "export", key, VAT_EXPORT, out);
		return;
	}
	wrong = number_wrong(b, home);
	if (where == EU && wrong == NULL) {
		special(t, "reverse_charge", key, VAT_REVERSE_CHARGE, out);
		return;
	}
	zero(t, key, out);
	if (where != EU || (b->company[0] == '\0' &&
	    (b->vat_number[0] == '\0' || out->why == M_NONE)))
		return;
	out->code = NULL;
	out->why = M_VAT_NUMBER;
	(void)str_copy(out->text, sizeof(out->text), wrong);
}

void
vat_choose(const struct tenant *t, const struct sale *s,
    const struct sale_line *l, struct vat *out)
{
	const char *home = vatrate_country(t->customer.country);
	const char *country = vatrate_country(l->vat_country);
	char key[CODE_MAX], rate[MONEY_TEXT];

	*out = (struct vat){ .why = M_NONE };
	if (country[0] == '\0' ||
	    (l->kind >= LINE_GIFTCARD && l->vat_rate_e4 == 0))
		country = home;
	money_print_rate(rate, l->vat_rate_e4);
	if (str_eq(country, "GB") && str_eq(buyer_country(&s->debtor), "XI")) {
		(void)str_fmt(key, sizeof(key), "XI %s", rate);
		if (rule(t, key) != NULL)
			country = "XI";
	}
	(void)str_copy(out->country, sizeof(out->country), country);
	(void)str_fmt(key, sizeof(key), "%s %s", country, rate);
	if (l->vat_rate_e4 != 0)
		take(t, key, same_country(country, home) ? VAT_DOMESTIC :
		    VAT_OSS, out);
	else if (l->kind >= LINE_GIFTCARD)
		special(t, "none", key, VAT_NONE, out);
	else
		nothing(t, &s->debtor, key, out);
}

void
vat_of_key(const struct tenant *t, const char *key, struct vat *out)
{
	static const struct { const char *key; enum vat_kind kind; } words[] = {
		{ "exempt", VAT_EXEMPT }, { "export", VAT_EXPORT },
		{ "none", VAT_NONE }, { "reverse_charge", VAT_REVERSE_CHARGE },
	};
	const char *home = vatrate_country(t->customer.country);
	enum vat_kind kind = VAT_OSS;

	*out = (struct vat){ .why = M_NONE };
	(void)str_copy_n(out->country, sizeof(out->country), key, 2);
	if (str_ends(key, " 0"))
		kind = VAT_ZERO;
	else if (strchr(key, ' ') == NULL)
		kind = VAT_MARGIN;
	else if (same_country(out->country, home))
		kind = VAT_DOMESTIC;
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(words[i].key, key))
			kind = words[i].kind;
	if (strchr(key, ' ') == NULL)
		(void)str_copy(out->country, sizeof(out->country), home);
	take(t, key, kind, out);
}
