/*
 * vat.c - from country, rate and buyer to the key of a VAT rule.
 *
 * It must never change a rate or an amount, and never guess a rule that the
 * tenant does not have.
 */
#include "vat.h"

#include <string.h>

#include "str.h"

bool
vat_in_eu(const char *country)
{
	static const char list[] = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE "
	    "IT LV LT LU MT NL PL PT RO SK SI ES SE ";

	for (const char *p = list; *p != '\0'; p += 3)
		if (strncmp(p, country, 2) == 0 && country[0] != '\0')
			return true;
	return false;
}

static const char *
rule(const struct tenant *t, const char *key)
{
	return config_pair(t->rules.vat, t->rules.vat_n, key);
}

/* Two letters and, behind them, letters and digits with at least two digits:
 * what is typed into a shop's field is not always a VAT number. */
static bool
number_like(const char *n)
{
	size_t len = strlen(n), digits = 0;

	if (len < 4 || len > 16)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool letter = n[i] >= 'A' && n[i] <= 'Z';

		if (!letter && (i < 2 || n[i] < '0' || n[i] > '9'))
			return false;
		digits += !letter;
	}
	return digits >= 2;
}

/* "NL 21" of the line's own country and rate. */
static void
plain(const struct tenant *t, const struct sale_line *l, struct vat *out)
{
	const char *home = t->customer.country;
	char rate[MONEY_TEXT];

	*out = (struct vat){ .kind = VAT_DOMESTIC };
	(void)str_copy(out->country, sizeof(out->country),
	    l->vat_country[0] != '\0' ? l->vat_country : home);
	money_print_rate(rate, l->vat_rate_e4);
	(void)str_fmt(out->key, CODE_MAX, "%s %s", out->country, rate);
	out->code = rule(t, out->key);
	if (l->kind >= LINE_GIFTCARD && l->vat_rate_e4 == 0)
		out->kind = VAT_NONE;
	else if (l->vat_rate_e4 == 0)
		out->kind = VAT_ZERO;
	else if (!str_eq(out->country, home))
		out->kind = VAT_OSS;
}

void
vat_choose(const struct tenant *t, const struct sale *s,
    const struct sale_line *l, struct vat *out)
{
	const char *buyer = s->debtor.country, *special;
	enum vat_kind kind;

	plain(t, l, out);
	if (out->kind != VAT_ZERO || buyer[0] == '\0' ||
	    str_eq(buyer, t->customer.country))
		return;
	if (!vat_in_eu(buyer)) {
		kind = VAT_EXPORT;
		special = "export";
	} else if (number_like(s->debtor.vat_number)) {
		kind = VAT_REVERSE_CHARGE;
		special = "reverse_charge";
	} else {
		return;
	}
	out->kind = kind;
	/* A rule for the country's own zero rate serves where the special
	 * one is not configured; without either the special one is asked. */
	if (rule(t, special) == NULL && out->code != NULL)
		return;
	(void)str_copy(out->key, CODE_MAX, special);
	out->code = rule(t, special);
}
