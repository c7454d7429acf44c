/*
 * vatid.c - VAT numbers by one table: a country, a shape, and how the check
 * digits follow.
 *
 * It must never refuse a number that may be right: where authorities disagree
 * or a rule is not certain, the number passes.
 */
#include "vatid.h"

#include <string.h>

#include "iban.h"
#include "str.h"

#define LONGEST 20
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static unsigned
digit(char c)
{
	return (unsigned)(c - '0');
}

/* The first n digits as a number. */
static unsigned long
number(const char *s, int n)
{
	unsigned long v = 0;

	for (int i = 0; i < n; i++)
		v = v * 10 + digit(s[i]);
	return v;
}

/* --- what several countries share --- */

/* The sum of digits by their weights; ':' is a weight of ten. */
static unsigned
weigh(const char *s, const char *weights)
{
	unsigned sum = 0;

	for (; *weights != '\0'; weights++)
		sum += digit(*s++) * digit(*weights);
	return sum;
}

/* Luhn's sum: every second digit twice, from the last of the n one back. */
static unsigned
luhn(const char *s, int n)
{
	unsigned sum = 0, d;

	for (int i = 0; i < n; i++) {
		d = digit(s[i]) << ((n - i + 1) % 2);
		sum += d > 9 ? d - 9 : d;
	}
	return sum;
}

/* ISO 7064, modulo 11, 10. */
static bool
iso7064(const char *s)
{
	unsigned check = 5;

	for (; *s != '\0'; s++) {
		check = (check == 0 ? 10 : check) * 2 % 11;
		check = (check + digit(*s)) % 10;
	}
	return check == 1;
}

/* --- countries with a way of their own --- */

static bool
austria(const char *s)
{
	return (luhn(s + 1, 7) + digit(s[8]) + 4) % 10 == 0;
}

static bool
belgium(const char *s)
{
	return (number(s, 8) + number(s + 8, 2)) % 97 == 0;
}

static bool
britain(const char *s)
{
	unsigned long rest = (weigh(s, "8765432") + number(s + 7, 2)) % 97;

	return rest == 0 || rest == 42 || rest == 55;
}

static bool
bulgaria(const char *s)
{
	unsigned check = weigh(s, "12345678") % 11;

	if (check == 10)
		check = weigh(s, "3456789:") % 11;
	return check % 10 == digit(s[8]);
}

static bool
cyprus(const char *s)
{
	static const unsigned char odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19,
	    21 };
	unsigned sum = 0;

	for (int i = 0; i < 8; i++)
		sum += i % 2 == 0 ? odd[digit(s[i])] : digit(s[i]);
	return LETTERS[sum % 26] == s[8];
}

static bool
france(const char *s)
{
	static const char set[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	const char *a = strchr(set, s[0]), *b = strchr(set, s[1]);
	unsigned long siren = number(s + 2, 9), key;

	/* Monaco's begin with 000 and are no SIREN. */
	if (a == NULL || b == NULL || (luhn(s + 2, 9) % 10 != 0 &&
	    strncmp(s + 2, "000", 3) != 0))
		return false;
	if (strspn(s, DIGITS) == 11)
		return number(s, 2) == (siren * 100 + 12) % 97;
	key = s[0] <= '9' ?
	    (unsigned long)(a - set) * 24 + (unsigned long)(b - set) - 10 :
	    (unsigned long)(a - set) * 34 + (unsigned long)(b - set) - 100;
	return (siren + 1 + key / 11) % 11 == key % 11;
}

static bool
ireland(const char *s)
{
	static const char set[] = "WABCDEFGHIJKLMNOPQRSTUV";
	char old[] = "0000000";
	const char *second = strchr(set, s[7] == '\0' ? 'W' : s[8] == '\0' ?
	    'W' : s[8]);

	if (s[1] > '9') {	/* the old form: its first digit comes last */
		memcpy(old + 1, s + 2, 5);
		old[6] = s[0];
	} else {
		memcpy(old, s, 7);
	}
	return second != NULL && set[(weigh(old, "8765432") +
	    9 * (unsigned)(second - set)) % 23] == s[7];
}

static bool
italy(const char *s)
{
	return luhn(s, 11) % 10 == 0;
}

static bool
lithuania(const char *s)
{
	bool person = strlen(s) == 12;
	unsigned check = weigh(s, person ? "12345678912" : "12345678") % 11;

	if (check == 10)
		check = weigh(s, person ? "34567891234" : "34567891") % 11;
	return check % 10 == digit(s[strlen(s) - 1]);
}

static bool
luxembourg(const char *s)
{
	return number(s, 6) % 89 == number(s + 6, 2);
}

static bool
malta(const char *s)
{
	return weigh(s, "346789:1") % 37 == 0;
}

/* The eleven-test, or that of sole traders since 2020. */
static bool
netherlands(const char *s)
{
	char whole[LONGEST];

	if (number(s, 9) == 0 || number(s + 10, 2) == 0)
		return false;
	(void)str_fmt(whole, sizeof(whole), "NL%s", s);
	return weigh(s, "98765432") % 11 == digit(s[8]) ||
	    iban_mod97(whole) == 1;
}

/* Persons' begin with a lower digit. */
static bool
latvia(const char *s)
{
	return s[0] <= '3' || "3210-987654"[weigh(s, "91483:2576") % 11] ==
	    s[10];
}

/* Shorter ones count as if zeros stood before them. */
static bool
romania(const char *s)
{
	char whole[] = "0000000000";

	memcpy(whole + 10 - strlen(s), s, strlen(s));
	return weigh(whole, "753217532") * 10 % 11 % 10 == digit(whole[9]);
}

/* In those of persons a check digit of ten was written 0. */
static bool
slovakia(const char *s)
{
	return number(s, 10) % 11 == 0 ||
	    (number(s, 9) % 11 == 10 && s[9] == '0');
}

/* Persons by a letter over the number; firms by a digit or a letter. */
static bool
spain(const char *s)
{
	static const char person[] = "TRWAGMYFPDXBNJZSQVHLCKE";
	unsigned long n = number(s + 1, 7);
	char firm[] = "00000000";
	unsigned check;

	if (s[0] <= '9')
		return person[number(s, 8) % 23] == s[8];
	if (strchr("KLM", s[0]) != NULL)
		return person[n % 23] == s[8];
	if (s[0] >= 'X')
		return person[((unsigned long)(s[0] - 'X') * 10000000 + n) %
		    23] == s[8];
	if (strchr("ABCDEFGHJNPQRSUVW", s[0]) == NULL)
		return false;
	memcpy(firm, s + 1, 7);
	check = (10 - luhn(firm, 8) % 10) % 10;
	return s[8] == DIGITS[check] || s[8] == "JABCDEFGHI"[check];
}

static bool
sweden(const char *s)
{
	return luhn(s, 10) % 10 == 0;
}

/*
 * In a shape # is a digit, @ a letter, * either, + 2 to 10 digits; all else
 * stands for itself.
 * Where there is no function: the weighted sum of the digits, modulo the
 * length of `last`, says which digit follows them; - says that none can.
 */
static const struct form {
	const char *country, *shape;
	bool (*check)(const char *s);
	const char *weights, *last;
} forms[] = {
	{ "AT", "U########", .check = austria },
	{ "BE", "0#########", .check = belgium },
	{ "BE", "1#########", .check = belgium },
	{ "BG", "#########", .check = bulgaria },
	{ "BG", "##########", .check = NULL },
	{ "CH", "E#########", .weights = "054327654", .last = "0-987654321" },
	{ "CH", "E#########MWST", .weights = "054327654",
	    .last = "0-987654321" },
	{ "CH", "E#########TVA", .weights = "054327654",
	    .last = "0-987654321" },
	{ "CH", "E#########IVA", .weights = "054327654",
	    .last = "0-987654321" },
	{ "CY", "########@", .check = cyprus },
	{ "CZ", "########", .weights = "8765432", .last = "10987654321" },
	{ "CZ", "#########", .check = NULL },
	{ "CZ", "##########", .check = NULL },
	{ "DE", "#########", .check = iso7064 },
	{ "DK", "########", .weights = "2765432", .last = "0-987654321" },
	{ "EE", "#########", .weights = "37137137", .last = "0987654321" },
	{ "EL", "#########", .weights = "379:5842", .last = "01234567890" },
	{ "ES", "*#######*", .check = spain },
	{ "FI", "########", .weights = "79:5842", .last = "0-987654321" },
	{ "FR", "**#########", .check = france },
	{ "GB", "#########", .check = britain },
	{ "GB", "############", .check = britain },
	{ "GB", "GD###", .check = NULL },
	{ "GB", "HA###", .check = NULL },
	{ "GR", "", .check = NULL },			/* Greece's numbers begin with EL */
	{ "HR", "###########", .check = iso7064 },
	{ "HU", "########", .weights = "9731973", .last = "0987654321" },
	{ "IE", "#*#####@", .check = ireland },
	{ "IE", "#######@@", .check = ireland },
	{ "IT", "###########", .check = italy },
	{ "LT", "#######1#", .check = lithuania },
	{ "LT", "##########1#", .check = lithuania },
	{ "LU", "########", .check = luxembourg },
	{ "LV", "###########", .check = latvia },
	{ "MT", "########", .check = malta },
	{ "NL", "#########B##", .check = netherlands },
	{ "NO", "#########", .weights = "32765432", .last = "0-987654321" },
	{ "NO", "#########MVA", .weights = "32765432",
	    .last = "0-987654321" },
	{ "PL", "##########", .weights = "657234567", .last = "0123456789-" },
	{ "PT", "#########", .weights = "98765432", .last = "00987654321" },
	{ "RO", "+", .check = romania },
	{ "SE", "############", .check = sweden },
	{ "SI", "########", .weights = "8765432", .last = "-0987654321" },
	{ "SK", "##########", .check = slovakia },
	{ "XI", "#########", .check = britain },
	{ "XI", "############", .check = britain },
	{ "XI", "GD###", .check = NULL },
	{ "XI", "HA###", .check = NULL },
};

static bool
fits(const char *shape, const char *s)
{
	size_t n = strlen(s);

	if (str_eq(shape, "+"))
		return n >= 2 && n <= 10 && strspn(s, DIGITS) == n;
	for (; *shape != '\0' && *s != '\0'; shape++, s++) {
		bool is_digit = *s <= '9';

		if (*shape == '#' ? !is_digit : *shape == '@' ? is_digit :
		    *shape != '*' && *shape != *s)
			return false;
	}
	return *shape == *s;
}

static bool
follows(const struct form *f, const char *s)
{
	if (f->check != NULL)
		return f->check(s);
	return f->weights == NULL || f->last[weigh(s, f->weights) %
	    strlen(f->last)] == s[strlen(f->weights)];
}

/* Digits and capitals alone; false when anything else is in it. */
static bool
tidy(char out[LONGEST], const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (strchr(" .-", *text) != NULL)
			continue;
		if (n == LONGEST - 1)
			return false;
		out[n++] = *text;
		if (strspn(text, DIGITS LETTERS
		    "abcdefghijklmnopqrstuvwxyz") == 0)
			return false;
	}
	out[n] = '\0';
	for (char *c = out; *c != '\0'; c++)
		if (*c >= 'a')
			*c = (char)(*c - 'a' + 'A');
	return n > 2;
}

bool
vatid_ok(const char *text, const char *country)
{
	char whole[LONGEST];
	bool known = country[0] == '\0';

	if (!tidy(whole, text))
		return false;
	for (size_t i = 0; i < COUNT(forms); i++) {
		const struct form *f = &forms[i];

		if (str_starts(whole, f->country)) {
			known = true;
			if (fits(f->shape, whole + 2) && follows(f, whole + 2))
				return true;
		}
		known = known || str_eq(country, f->country);
	}
	return !known;
}

bool
vatid_country(const char *text, char out[3])
{
	char whole[LONGEST];

	return tidy(whole, text) && strspn(whole, LETTERS) >= 2 &&
	    str_copy_n(out, 3, whole, 2);
}

void
vatid_plain(char *tidied)
{
	if (str_starts(tidied, "CHE") && strlen(tidied) > 12)
		tidied[12] = '\0';
}

bool
vatid_same(const char *a, const char *b)
{
	char x[LONGEST], y[LONGEST];

	if (!tidy(x, a) || !tidy(y, b))
		return false;
	vatid_plain(x);
	vatid_plain(y);
	return str_eq(x, y);
}
