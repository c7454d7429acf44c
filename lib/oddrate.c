/*
 * oddrate.c - holds the rates of a document against the table of rates.
 *
 * It must never keep a sale from being booked, nor change its rate.
 */
#include "oddrate.h"

#include "log.h"
#include "str.h"
#include "vatrate.h"

static bool
right(const struct document_line *l, const char *day)
{
	return l->excl.e6 < 0 ?
	    vatrate_until(l->vat_country, l->vat_rate_e4, day) :
	    vatrate_on(l->vat_country, l->vat_rate_e4, day);
}

static bool
first_time(struct oddrates *o, const struct document_line *l)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->said[i].rate_e4 == l->vat_rate_e4 &&
		    str_eq(o->said[i].country, l->vat_country))
			return false;
	if (o->n == COUNT(o->said))
		return false;
	(void)str_copy(o->said[o->n].country, sizeof(o->said[0].country),
	    l->vat_country);
	o->said[o->n++].rate_e4 = l->vat_rate_e4;
	return true;
}

void
oddrate_say(struct oddrates *o, const struct document *d, struct day day,
    const char *order)
{
	char rate[MONEY_TEXT], date[CLOCK_DAY];

	clock_day_print(date, day);
	for (size_t i = 0; i < d->lines_n; i++) {
		const struct document_line *l = &d->lines[i];

		if (right(l, date) || !first_time(o, l))
			continue;
		money_print_rate(rate, l->vat_rate_e4);
		SAY(M_VAT_RATE, F_ORDER("order", order),
		    F_WORD("country", l->vat_country), F_WORD("rate", rate),
		    F_WORD("tenant", log_tenant()));
	}
}
