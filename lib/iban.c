/*
 * iban.c - whether an IBAN can be right.  The lengths are those of SWIFT's
 * registry, release 101; a country that is not in it has no IBAN.
 */
#include "iban.h"

#include <string.h>

#include "str.h"

#define LONGEST 34

static const char lengths[] =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 "
    "CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 "
    "FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
    "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 "
    "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
    "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 "
    "UA29 VA22 VG24 XK20 YE30 ";

/* Without blanks and in capitals; false when anything else is in it. */
static bool
tidy(char out[LONGEST + 1], const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (n == LONGEST || ((c < '0' || c > '9') &&
		    (c < 'A' || c > 'Z')))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

unsigned
iban_mod97(const char *text)
{
	unsigned rest = 0;

	for (; *text != '\0'; text++)
		rest = *text >= 'A' ?
		    (rest * 100 + (unsigned)(*text - 'A') + 10) % 97 :
		    (rest * 10 + (unsigned)(*text - '0')) % 97;
	return rest;
}

bool
iban_ok(const char *text)
{
	char iban[LONGEST + 1], key[8], moved[LONGEST + 1];
	int check;

	if (!tidy(iban, text) || strlen(iban) < 5 ||
	    strspn(iban + 2, "0123456789") < 2)
		return false;
	(void)str_fmt(key, sizeof(key), "%.2s%zu ", iban, strlen(iban));
	(void)str_fmt(moved, sizeof(moved), "%s%.4s", iban + 4, iban);
	check = (iban[2] - '0') * 10 + iban[3] - '0';
	return strstr(lengths, key) != NULL && iban_mod97(moved) == 1 &&
	    check >= 2 && check <= 98;
}
