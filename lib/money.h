/*
 * money.h - exact amounts.  Never a double.
 *
 * A struct money counts millionths of the currency's unit in an int64_t.
 * money_parse refuses more than 10^9 units, so the sum of a sale's lines, or
 * of nine thousand amounts, can't overflow.  A VAT rate is an int32_t of
 * ten-thousandths of a percent: 21 % is 210000, 5.5 % is 55000 (named
 * rate_e4).
 */
#ifndef MONEY_H
#define MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rc.h"

#define MONEY_TEXT 24		/* longest printed amount and the NUL */

struct money { int64_t e6; };

/* JSON's number grammar, or a plain decimal with an optional sign ("+1",
 * "007.50", but not ".5" or "5."); exponents are taken.  RC_REJECT: not a
 * decimal, NaN, too large, or more than six decimals that are not zero. */
MUST enum rc money_parse(const char *text, struct money *out);
/* The same, but further decimals are rounded half away from zero. */
MUST enum rc money_parse_long(const char *text, struct money *out);
/* "21", "5.5", "21.0000": RC_REJECT below 0 or above 100. */
MUST enum rc money_parse_rate(const char *text, int32_t *rate_e4);

/* As many decimals as it has, but at least `digits`: "16.53", "-0.005". */
void money_print(char out[MONEY_TEXT], struct money m, int digits);
/* "21", "5.5". */
void money_print_rate(char out[MONEY_TEXT], int32_t rate_e4);

/* Decimals of a currency (ISO 4217): EUR 2, JPY 0, KWD 3; 2 when unknown. */
int money_digits(const char *currency);
/* True for three capital letters. */
bool money_currency_ok(const char *currency);

/* The smallest amount with so many decimals: 0.01 for 2. */
struct money money_step(int digits);

/* Round half away from zero to `digits` decimals. */
struct money money_round(struct money m, int digits);
/* base * rate, rounded to digits: VAT over an amount without VAT. */
struct money money_vat_over(struct money excl, int32_t rate_e4, int digits);
/* The VAT inside an amount with VAT, rounded to digits. */
struct money money_vat_in(struct money incl, int32_t rate_e4, int digits);
/* excl / quantity and the like: a * num / den, rounded to digits; den != 0.
 * Exact in 128 bits; a result that does not fit stops at the int64_t's end. */
struct money money_scale(struct money a, struct money num, struct money den,
    int digits);

/*
 * Split total over n weights in proportion, in steps of the last decimal, by
 * the largest remainder (ties: the earlier one); the parts add up to total
 * exactly.  Weights must not be negative; all zero gives all to the first.
 * total must be a multiple of the step.
 */
void money_share(struct money total, const struct money *weights, size_t n,
    int digits, struct money *parts);

static inline struct money money_add(struct money a, struct money b)
{ return (struct money){ a.e6 + b.e6 }; }
static inline struct money money_sub(struct money a, struct money b)
{ return (struct money){ a.e6 - b.e6 }; }
static inline struct money money_neg(struct money a)
{ return (struct money){ -a.e6 }; }
static inline struct money money_abs(struct money a)
{ return (struct money){ a.e6 < 0 ? -a.e6 : a.e6 }; }
static inline bool money_eq(struct money a, struct money b)
{ return a.e6 == b.e6; }
static inline bool money_is_zero(struct money a) { return a.e6 == 0; }

#endif
