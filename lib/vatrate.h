/*
 * vatrate.h - which VAT rates a country had on which day, since 2015.
 *
 * Known: the 27 member states (GR), GB, XI, CH and NO.  Of any other country,
 * of a day before 2015 and of 0 % nothing can be told, and all is taken as
 * right.  Days are ISO texts ("2026-11-01"), of the place of the sale.  Pure.
 */
#ifndef VATRATE_H
#define VATRATE_H

#include <stdbool.h>
#include <stdint.h>

/* The ISO code of the country whose VAT holds there: GR for EL, GB for UK and
 * IM, FR for MC; any other itself. */
const char *vatrate_country(const char *country);

/* False when the country had no such rate on this day. */
bool vatrate_on(const char *country, int32_t rate_e4, const char *day);
/* The same for this day and all days before it. */
bool vatrate_until(const char *country, int32_t rate_e4, const char *day);

#endif
