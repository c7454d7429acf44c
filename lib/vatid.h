/*
 * vatid.h - whether a VAT number can be right: the shape that its country
 * gives it and, where these are known for certain, its check digits.
 *
 * Known: the 27 member states (Greece as EL), XI, GB, CH and NO.  Of these the
 * check digits are looked at, but for the numbers of persons in Bulgaria,
 * Czechia and Latvia and of British authorities: of these the shape alone is.
 * Irish numbers of the old form are taken, but not with + or *.  That a number
 * is in use is not known: VIES says that.  Pure.
 */
#ifndef VATID_H
#define VATID_H

#include <stdbool.h>

/* Blanks, dots, dashes and lower case, as people write them, are taken.
 * country: its holder's, "" when not known.  A number that begins with none
 * of the codes above is right for a holder elsewhere alone. */
bool vatid_ok(const char *number, const char *country);

/* The two letters that it begins with, as capitals; false: it has none. */
bool vatid_country(const char *number, char out[3]);

/* Cut off the word behind a Swiss number (MWST, TVA, IVA), which is no part of
 * it; of capitals and digits alone. */
void vatid_plain(char *tidied);

/* One and the same, however they are written. */
bool vatid_same(const char *a, const char *b);

#endif
