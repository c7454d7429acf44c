/*
 * money.c - exact amounts: from text, to text, rounded, scaled and shared.
 *
 * Everything is integer arithmetic, in 128 bits where a product appears.  No
 * floating point may enter this file: a cent that is lost here is booked
 * wrongly everywhere.  Pure: no state, no allocation.
 */
#include "money.h"

#include <limits.h>
#include <string.h>

#include "str.h"

#define MILLION INT64_C(1000000)
#define MONEY_MOST (INT64_C(1000000000) * MILLION)	/* in millionths */
#define RATE_MOST INT64_C(1000000)			/* 100 % */
#define EXPONENT_MOST INT64_C(1000000000)

__extension__ typedef __int128 wide;	/* ISO C has no name for it */

/* A decimal taken apart; the digits stay where they are. */
struct decimal {
	bool negative;
	const char *whole, *fraction;
	int64_t whole_n, fraction_n;
	int64_t exponent;
};

static const char *
digits(const char *p, const char **from, int64_t *n)
{
	*from = p;
	while (*p >= '0' && *p <= '9')
		p++;
	*n = p - *from;
	return p;
}

/* The exponent behind the e; one past EXPONENT_MOST is as good as any. */
static const char *
exponent(const char *p, int64_t *out)
{
	bool negative = *p == '-';
	const char *from = NULL;
	int64_t n = 0, value = 0;

	if (*p == '-' || *p == '+')
		p++;
	p = digits(p, &from, &n);
	if (n == 0)
		return NULL;
	for (int64_t i = 0; i < n && value < EXPONENT_MOST; i++)
		value = value * 10 + (from[i] - '0');
	*out = negative ? -value : value;
	return p;
}

static bool
take_apart(const char *text, struct decimal *d)
{
	const char *p = text;

	memset(d, 0, sizeof(*d));
	d->negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	p = digits(p, &d->whole, &d->whole_n);
	d->fraction = p;
	if (d->whole_n == 0)
		return false;
	if (*p == '.') {
		p = digits(p + 1, &d->fraction, &d->fraction_n);
		if (d->fraction_n == 0)
			return false;
	}
	if (*p == 'e' || *p == 'E')
		p = exponent(p + 1, &d->exponent);
	return p != NULL && *p == '\0';
}

static int
digit_at(const struct decimal *d, int64_t i)
{
	return (i < d->whole_n ? d->whole[i] : d->fraction[i - d->whole_n]) -
	    '0';
}

/*
 * The decimal times 10^scale as an integer of at most `most` either way.
 * What lies behind it is rounded half away from zero when `cut`, and refused
 * otherwise unless it is zero.
 */
static enum rc
decimal_parse(const char *text, int scale, int64_t most, bool cut,
    int64_t *out)
{
	struct decimal d;
	int64_t value = 0, keep, n;

	if (text == NULL || !take_apart(text, &d))
		return RC_REJECT;
	n = d.whole_n + d.fraction_n;
	keep = d.whole_n + d.exponent + scale;
	for (int64_t i = 0; i < n && i < keep; i++) {
		value = value * 10 + digit_at(&d, i);
		if (value > most)
			return RC_REJECT;
	}
	for (int64_t i = n; i < keep && value != 0; i++) {
		value *= 10;
		if (value > most)
			return RC_REJECT;
	}
	for (int64_t i = keep > 0 ? keep : 0; !cut && i < n; i++)
		if (digit_at(&d, i) != 0)
			return RC_REJECT;
	if (keep >= 0 && keep < n && digit_at(&d, keep) >= 5)
		value++;
	if (value > most)
		return RC_REJECT;
	*out = d.negative ? -value : value;
	return RC_OK;
}

enum rc
money_parse(const char *text, struct money *out)
{
	return decimal_parse(text, 6, MONEY_MOST, false, &out->e6);
}

enum rc
money_parse_long(const char *text, struct money *out)
{
	return decimal_parse(text, 6, MONEY_MOST, true, &out->e6);
}

enum rc
money_parse_rate(const char *text, int32_t *rate_e4)
{
	int64_t rate = 0;

	if (decimal_parse(text, 4, RATE_MOST, false, &rate) != RC_OK ||
	    rate < 0)
		return RC_REJECT;
	*rate_e4 = (int32_t)rate;
	return RC_OK;
}

/* value / 10^scale with at least `least` decimals and no idle zeros more. */
static void
decimal_print(char out[MONEY_TEXT], int64_t value, int scale, int least)
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[MONEY_TEXT];
	char *p = text + sizeof(text);
	bool started = false;

	*--p = '\0';
	for (int i = scale; i > 0; i--, rest /= 10) {
		started = started || i <= least || rest % 10 != 0;
		if (started)
			*--p = (char)('0' + rest % 10);
	}
	if (started)
		*--p = '.';
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (value < 0)
		*--p = '-';
	memcpy(out, p, (size_t)(text + sizeof(text) - p));
}

void
money_print(char out[MONEY_TEXT], struct money m, int digits_least)
{
	decimal_print(out, m.e6, 6, digits_least);
}

void
money_print_rate(char out[MONEY_TEXT], int32_t rate_e4)
{
	decimal_print(out, rate_e4, 4, 0);
}

int
money_digits(const char *currency)
{
	static const char *const none[] = { "BIF", "CLP", "DJF", "GNF", "ISK",
		"JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
		"XAF", "XOF", "XPF" };
	static const char *const three[] = { "BHD", "IQD", "JOD", "KWD", "LYD",
		"OMR", "TND" };
	static const char *const four[] = { "CLF", "UYW" };

	for (size_t i = 0; i < COUNT(none); i++)
		if (strcmp(currency, none[i]) == 0)
			return 0;
	for (size_t i = 0; i < COUNT(three); i++)
		if (strcmp(currency, three[i]) == 0)
			return 3;
	for (size_t i = 0; i < COUNT(four); i++)
		if (strcmp(currency, four[i]) == 0)
			return 4;
	return 2;
}

bool
money_currency_ok(const char *currency)
{
	for (int i = 0; i < 3; i++)
		if (currency[i] < 'A' || currency[i] > 'Z')
			return false;
	return currency[3] == '\0';
}

/* Millionths in one unit of the last decimal. */
static int64_t
step_of(int decimals)
{
	int64_t step = MILLION;

	for (int i = 0; i < decimals && i < 6; i++)
		step /= 10;
	return step;
}

/* num / den in whole steps, half away from zero, kept inside an int64_t. */
static struct money
divide(wide num, wide den, int64_t step)
{
	wide q, r;

	den *= step;
	if (den < 0) {
		num = -num;
		den = -den;
	}
	q = num / den;
	r = num % den;
	if (r >= den - r)
		q++;
	else if (-r >= den + r)
		q--;
	if (q > INT64_MAX / step)
		q = INT64_MAX / step;
	if (q < INT64_MIN / step)
		q = INT64_MIN / step;
	return (struct money){ (int64_t)q * step };
}

struct money
money_round(struct money m, int decimals)
{
	return divide(m.e6, 1, step_of(decimals));
}

struct money
money_vat_over(struct money excl, int32_t rate_e4, int decimals)
{
	return divide((wide)excl.e6 * rate_e4, RATE_MOST, step_of(decimals));
}

struct money
money_vat_in(struct money incl, int32_t rate_e4, int decimals)
{
	return divide((wide)incl.e6 * rate_e4, RATE_MOST + rate_e4,
	    step_of(decimals));
}

struct money
money_scale(struct money a, struct money num, struct money den, int decimals)
{
	return divide((wide)a.e6 * num.e6, den.e6, step_of(decimals));
}

/* What money_share works on: |total| in steps, over weights of this sum. */
struct share {
	wide steps, sum;
	const struct money *weights;
	size_t n;
};

static wide
remainder_of(const struct share *s, size_t i)
{
	return s->steps * s->weights[i].e6 % s->sum;
}

/*
 * The part whose remainder follows (*last, at) when all are put in order,
 * largest first and the earlier of two equals first.  Looking for it each
 * time costs no memory, and the parts are few.
 */
static size_t
next_part(const struct share *s, wide *last, size_t at)
{
	wide best = -1, r;
	size_t found = 0;

	for (size_t i = 0; i < s->n; i++) {
		r = remainder_of(s, i);
		if ((r < *last || (r == *last && i > at)) && r > best) {
			best = r;
			found = i;
		}
	}
	*last = best;
	return found;
}

void
money_share(struct money total, const struct money *weights, size_t n,
    int decimals, struct money *parts)
{
	struct share s = { .weights = weights, .n = n };
	int64_t step = step_of(decimals);
	wide left, last;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		s.sum += weights[i].e6;
		parts[i].e6 = 0;
	}
	if (n == 0 || s.sum <= 0) {
		if (n != 0)
			parts[0] = total;
		return;
	}
	s.steps = (total.e6 < 0 ? -(wide)total.e6 : total.e6) / step;
	left = s.steps;
	for (size_t i = 0; i < n; i++) {
		parts[i].e6 = (int64_t)(s.steps * weights[i].e6 / s.sum);
		left -= parts[i].e6;
	}
	for (last = s.sum; left > 0; left--) {
		at = next_part(&s, &last, at);
		parts[at].e6++;
	}
	for (size_t i = 0; i < n; i++)
		parts[i].e6 *= total.e6 < 0 ? -step : step;
}
