/*
 * iban.h - whether an IBAN can be right (ISO 13616): its country's length and
 * the check digits.  That the account exists is not known.  Pure.
 */
#ifndef IBAN_H
#define IBAN_H

#include <stdbool.h>

/* Blanks and lower case, as people write them, are taken. */
bool iban_ok(const char *text);

/* Digits and capitals (A is 10) as one long number, modulo 97. */
unsigned iban_mod97(const char *text);

#endif
