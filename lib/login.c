/*
 * login.c - passwords and keys for the dashboard: which are good enough, what
 * is stored of them, and whether they fit.
 *
 * It must never keep a password or key, and never tell by the time it takes
 * whether an address has a login or which of the two was wrong.
 */
#include "login.h"

#include <ctype.h>
#include <string.h>

#include "secret.h"
#include "str.h"

#define SALT 16
#define LEAST 10
#define MOST 128
#define OWN 6			/* characters that are in no pattern */

static const struct crypt_cost cost = { .n = 1 << 17, .r = 8, .p = 1 };

void
login_key(char out[LOGIN_KEY + 1])
{
	/* No i, l, o and 1; 32 of them, so that a byte picks evenly. */
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz023456789";
	uint8_t pick[LOGIN_KEY];

	crypt_random(pick, sizeof(pick));
	for (size_t i = 0; i < LOGIN_KEY; i++)
		out[i] = letters[pick[i] % 32];
	out[LOGIN_KEY] = '\0';
	secret_zero(pick, sizeof(pick));
}

/* --- what a guesser tries first --- */

static const char *const words[] = {
	"admin", "august", "autumn", "azerty", "changeme", "dashboard",
	"december", "dragon", "februari", "february", "football", "geheim",
	"herfst", "iloveyou", "januari", "january", "lente", "letmein", "login",
	"maart", "march", "master", "monkey", "november", "oktober", "october",
	"passw", "password", "princess", "salesync", "secret", "september",
	"spring", "summer", "sunshine", "superman", "test", "toor", "user",
	"voetbal", "wachtwoord", "welcome", "welkom", "winter", "zomer",
};

static const char *const rows[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm",
	"01234567890", "!@#$%^&*()", "abcdefghijklmnopqrstuvwxyz" };

/* p@$$w0rd is password. */
static char
plain_letter(char c)
{
	static const char from[] = "@4301!5$7", to[] = "aaeoiisst";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	return at == NULL ? (char)tolower((unsigned char)c) : to[at - from];
}

/* How many characters of text, folded, word takes at its begin: all or 0. */
static size_t
word_here(const char *text, const char *word, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] != '\0' &&
	    (plain_letter(text[n]) == plain_letter(word[n])))
		n++;
	return n == len && len >= 3 ? len : 0;
}

/* A run of at least 3 keys in a row, up or down. */
static size_t
run_here(const char *text, const char *row, int step)
{
	const char *at = strchr(row, tolower((unsigned char)text[0]));
	size_t n = 1;

	while (at != NULL && (step > 0 || at > row) && text[n] != '\0' &&
	    at[step] == (char)tolower((unsigned char)text[n])) {
		at += step;
		n++;
	}
	return n >= 3 ? n : 0;
}

/* 1900 to 2099. */
static size_t
year_here(const char *text)
{
	return (str_starts(text, "19") || str_starts(text, "20")) &&
	    isdigit((unsigned char)text[2]) && isdigit((unsigned char)text[3]) ?
	    4 : 0;
}

static size_t
longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* How much of the text, from here on, is the longest pattern. */
static size_t
pattern_here(const char *text, const char *email)
{
	size_t n = word_here(text, email, strcspn(email, "@")), same = 1;

	for (size_t i = 0; i < COUNT(words); i++)
		n = longer(n, word_here(text, words[i], strlen(words[i])));
	for (size_t i = 0; i < COUNT(rows); i++) {
		n = longer(n, run_here(text, rows[i], 1));
		n = longer(n, run_here(text, rows[i], -1));
	}
	while (text[same] == text[0])
		same++;
	n = longer(n, year_here(text));
	return longer(n, same >= 3 ? same : 0);
}

static bool
is_common(const char *password, const char *email)
{
	size_t own = 0;

	while (*password != '\0') {
		size_t n = pattern_here(password, email);

		/* Of a character of several bytes the first counts. */
		own += n == 0 && ((unsigned char)*password & 0xc0) != 0x80;
		password += n > 0 ? n : 1;
	}
	return own < OWN;
}

const char *
login_weak(const char *password, const char *email)
{
	bool upper = false, lower = false, digit = false, special = false;
	size_t n = 0;

	if (!str_utf8(password, strlen(password)))
		return "it is not UTF-8";
	for (const char *p = password; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (iscntrl(c))
			return "it has a control character";
		n += (c & 0xc0) != 0x80;
		upper = upper || isupper(c);
		lower = lower || islower(c);
		digit = digit || isdigit(c);
		special = special || ispunct(c);
	}
	if (n < LEAST)
		return "it has fewer than 10 characters";
	if (n > MOST)
		return "it has more than 128 characters";
	if (!upper || !lower || !digit || !special)
		return "it lacks an upper case letter, a lower case letter, a "
		    "digit, or a special character such as !?@$^&*-%";
	if (is_common(password, email))
		return "without common words, keys in a row and the email "
		    "address little of it is left";
	return NULL;
}

/* --- what is stored, and whether it fits --- */

static void
hash_password(struct operator_store *o, const struct login_row *r,
    const char *password, char out[2 * CRYPT_HASH + 1])
{
	struct crypt_cost c = { r->scrypt_n, r->scrypt_r, r->scrypt_p };
	uint8_t slow[CRYPT_HASH], hash[CRYPT_HASH];

	/* The salt as it is stored: its digits do as well as its bytes. */
	crypt_scrypt(password, (struct part){ r->salt, strlen(r->salt) }, &c,
	    slow);
	operator_hash(o, "login password", slow, sizeof(slow), hash);
	str_hex(out, hash, sizeof(hash));
	secret_zero(slow, sizeof(slow));
}

static void
hash_key(struct operator_store *o, const char *key,
    char out[2 * CRYPT_HASH + 1])
{
	uint8_t hash[CRYPT_HASH];

	operator_hash(o, "login key", key, strlen(key), hash);
	str_hex(out, hash, sizeof(hash));
}

static void
salt(struct login_row *r)
{
	uint8_t bytes[SALT];

	crypt_random(bytes, sizeof(bytes));
	str_hex(r->salt, bytes, sizeof(bytes));
	r->scrypt_n = cost.n;
	r->scrypt_r = cost.r;
	r->scrypt_p = cost.p;
}

void
login_make(struct operator_store *o, const char *password, const char *key,
    struct login_row *r)
{
	salt(r);
	hash_password(o, r, password, r->password);
	hash_key(o, key, r->key);
}

bool
login_fits(struct operator_store *o, const struct login_row *r,
    const char *password, const char *key)
{
	char p[2 * CRYPT_HASH + 1], k[2 * CRYPT_HASH + 1];
	struct login_row nobody = { .made_at = 0 };
	int fits;

	salt(&nobody);
	if (r == NULL)
		r = &nobody;
	hash_password(o, r, password, p);
	hash_key(o, key, k);
	fits = crypt_equal(p, r->password, sizeof(p)) &
	    crypt_equal(k, r->key, sizeof(k));
	return fits != 0;
}
