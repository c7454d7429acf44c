/*
 * money.c - exact amounts: from text, to text, rounded, scaled and shared.
 *
 * Everything is integer arithmetic, in 128 bits where a product appears.  No
 * floating point may enter this file: a cent that is lost here is booked
 * wrongly everywhere.  Pure: no state, no allocation.
 */
#include "money.h"

#include <string.h>

#include "str.h"

#define MILLION INT64_C(1000000)
#define MONEY_MOST (INT64_C(1000000000) * MILLION)	/* in millionths */
#define RATE_MOST INT64_C(1000000)			/* 100 % */
#define EXPONENT_MOST INT64_C(1000000000)
#define DIGITS "0123456789"

__extension__ typedef __int128 wide;	/* ISO C has no name for it */

/* What stands behind a number's digits: "" or an exponent.  One past
 * EXPONENT_MOST is as good as any. */
static bool
exponent(const char *p, int64_t *out)
{
	bool negative;
	int64_t value = 0;

	*out = 0;
	if (*p == '\0')
		return true;
	if (*p != 'e' && *p != 'E')
		return false;
	negative = *++p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (*p == '\0')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if (value < EXPONENT_MOST)
			value = value * 10 + (*p - '0');
	*out = negative ? -value : value;
	return *p == '\0';
}

/* The length of the digits at p, with a point among them when digits stand on
 * either side of it; 0: there are none.  *whole: of those before the point. */
static size_t
digits(const char *p, size_t *whole)
{
	size_t more;

	*whole = strspn(p, DIGITS);
	if (*whole == 0 || p[*whole] != '.')
		return *whole;
	more = strspn(p + *whole + 1, DIGITS);
	return more > 0 ? *whole + 1 + more : 0;
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
	bool negative = text != NULL && *text == '-';
	int64_t value = 0, keep, digit;
	size_t n, whole;

	if (text != NULL && (*text == '-' || *text == '+'))
		text++;
	if (text == NULL || (n = digits(text, &whole)) == 0 ||
	    !exponent(text + n, &keep))
		return RC_REJECT;
	/* So many of its digits count; the next one rounds. */
	keep += (int64_t)whole + scale;
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '.')
			continue;
		digit = text[i] - '0';
		if (keep > 0)
			value = value * 10 + digit;
		else if (!cut && digit != 0)
			return RC_REJECT;
		else if (keep == 0 && digit >= 5)
			value++;
		if (value > most)
			return RC_REJECT;
		keep--;
	}
	for (; keep > 0 && value != 0; keep--) {
		value *= 10;
		if (value > most)
			return RC_REJECT;
	}
	*out = negative ? -value : value;
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

bool
money_currency_ok(const char *currency)
{
	for (int i = 0; i < 3; i++)
		if (currency[i] < 'A' || currency[i] > 'Z')
			return false;
	return currency[3] == '\0';
}

int
money_digits(const char *currency)
{
	static const char *const with[] = {
		[0] = ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND "
		    "VUV XAF XOF XPF"),
		[1] = "",
		[2] = "",
		[3] = "BHD IQD JOD KWD LYD OMR TND",
		[4] = "CLF UYW",
	};

	for (size_t i = 0; money_currency_ok(currency) && i < COUNT(with); i++)
		if (strstr(with[i], currency) != NULL)
			return (int)i;
	return 2;
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

struct money
money_step(int digits)
{
	return (struct money){ step_of(digits) };
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
