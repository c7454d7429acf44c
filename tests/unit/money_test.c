/*
 * money_test.c - amounts: tables for what people write, properties for the
 * arithmetic, each against the definition in whole numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "money.h"
#include "str.h"

#define ROUNDS 1000000
#define UNIT INT64_C(1000000)

static uint64_t state = UINT64_C(88172645463325252);

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Of any size up to most, either sign. */
static int64_t
some(int64_t most)
{
	int64_t m = (int64_t)(next() % (uint64_t)most) >> next() % 50;

	return next() & 1 ? -m : m;
}

static int64_t
step_of(int digits)
{
	int64_t step = UNIT;

	while (digits-- > 0)
		step /= 10;
	return step;
}

static void
parse_takes(void **unused)
{
	static const struct { const char *text; int64_t e6; } t[] = {
		{ "0", 0 }, { "-0", 0 }, { "-0.00", 0 }, { "0e5", 0 },
		{ "1", UNIT }, { "+1", UNIT }, { "-1", -UNIT },
		{ "16.53", 16530000 }, { "-16.53", -16530000 },
		{ "007.50", 7500000 }, { "0.000001", 1 },
		{ "0.1", 100000 }, { "0.10000000000000000", 100000 },
		{ "1e2", 100 * UNIT }, { "1E+2", 100 * UNIT },
		{ "12.5e-1", 1250000 }, { "1e-6", 1 }, { "0e999", 0 },
		{ "0.0000001e1", 1 }, { "10000000e-7", UNIT },
		{ "1000000000", 1000000000 * UNIT },
		{ "-1000000000.000000", -1000000000 * UNIT },
		{ "999999999.999999", 999999999999999 },
		{ "0.0e99999999999999999999", 0 }
	};
	struct money m;

	for (size_t i = 0; i < COUNT(t); i++) {
		m.e6 = 7;
		assert_int_equal(money_parse(t[i].text, &m), RC_OK);
		assert_int_equal(m.e6, t[i].e6);
	}
	(void)unused;
}

static void
parse_refuses(void **unused)
{
	static const char *const t[] = { "", "-", "+", ".", ".5", "5.", "1.e2",
		"e2", "1e", "1e+", "1e2.5", "NaN", "nan", "inf", "-Infinity",
		"1e999", "1e99999999999999999999", "-1e20", "1e10",
		"1000000000.000001", "1000000001", "1,50", "1 ", " 1", "0x10",
		"1.2.3", "--1", "+-1", "1e--2", "0.0000001", "1e-7",
		"1.00000000000000000001", "1e-99999999999999999999", "1_000",
		"1.5\n", "\xd9\xa1", "9007199254740993" };
	struct money m = { 42 };

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(money_parse(t[i], &m), RC_REJECT);
	assert_int_equal(money_parse(NULL, &m), RC_REJECT);
	assert_int_equal(m.e6, 42);
	(void)unused;
}

static void
parse_long_rounds(void **unused)
{
	static const struct { const char *text; int64_t e6; } t[] = {
		{ "0.00000049", 0 }, { "0.0000005", 1 }, { "-0.0000005", -1 },
		{ "-0.00000049999999", 0 }, { "16.528925619", 16528926 },
		{ "1e-99999999999999999999", 0 }, { "5e-7", 1 },
		{ "5e-8", 0 }, { "9e-8", 0 }, { "0.9999995", UNIT },
		{ "999999999.9999995", 1000000000 * UNIT }
	};
	struct money m = { 42 };

	assert_int_equal(money_parse_long("1e999", &m), RC_REJECT);
	assert_int_equal(money_parse_long("1000000000.0000005", &m),
	    RC_REJECT);
	assert_int_equal(money_parse_long("0.5x", &m), RC_REJECT);
	assert_int_equal(m.e6, 42);
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(money_parse_long(t[i].text, &m), RC_OK);
		assert_int_equal(m.e6, t[i].e6);
	}
	(void)unused;
}

static void
rates(void **unused)
{
	static const struct { const char *text, *printed; int32_t e4; } t[] = {
		{ "21", "21", 210000 }, { "5.5", "5.5", 55000 },
		{ "21.0000", "21", 210000 }, { "0", "0", 0 },
		{ "100", "100", 1000000 }, { "0.0001", "0.0001", 1 },
		{ "-0", "0", 0 }, { "2.1e1", "21", 210000 }
	};
	static const char *const bad[] = { "-1", "100.0001", "21%", "",
		"1e999", "0.00001", "21,0", "-0.0001" };
	char text[MONEY_TEXT];
	int32_t rate = 7;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(money_parse_rate(bad[i], &rate), RC_REJECT);
	assert_int_equal(rate, 7);
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(money_parse_rate(t[i].text, &rate), RC_OK);
		assert_int_equal(rate, t[i].e4);
		money_print_rate(text, rate);
		assert_string_equal(text, t[i].printed);
	}
	(void)unused;
}

static void
prints(void **unused)
{
	static const struct { int64_t e6; int digits; const char *text; } t[] = {
		{ 0, 2, "0.00" }, { 0, 0, "0" }, { 16530000, 2, "16.53" },
		{ -5000, 2, "-0.005" }, { 1, 0, "0.000001" },
		{ 20000000, 0, "20" }, { 20000000, 3, "20.000" },
		{ 100000, 2, "0.10" }, { -100000, 1, "-0.1" },
		{ INT64_MAX, 2, "9223372036854.775807" },
		{ INT64_MIN, 6, "-9223372036854.775808" }
	};
	char text[MONEY_TEXT];

	for (size_t i = 0; i < COUNT(t); i++) {
		money_print(text, (struct money){ t[i].e6 }, t[i].digits);
		assert_string_equal(text, t[i].text);
	}
	(void)unused;
}

static void
parse_undoes_print(void **unused)
{
	char text[MONEY_TEXT];
	struct money m, back;

	for (int i = 0; i < ROUNDS; i++) {
		m.e6 = some(1000000000 * UNIT + 1);
		money_print(text, m, (int)(next() % 7));
		back.e6 = m.e6 + 1;
		assert_int_equal(money_parse(text, &back), RC_OK);
		assert_int_equal(back.e6, m.e6);
	}
	(void)unused;
}

static void
currencies(void **unused)
{
	assert_int_equal(money_digits("EUR"), 2);
	assert_int_equal(money_digits("JPY"), 0);
	assert_int_equal(money_digits("KWD"), 3);
	assert_int_equal(money_digits("CLF"), 4);
	assert_int_equal(money_digits("XXX"), 2);
	assert_int_equal(money_digits(""), 2);
	assert_true(money_currency_ok("EUR"));
	assert_false(money_currency_ok("eur"));
	assert_false(money_currency_ok("EU"));
	assert_false(money_currency_ok("EURO"));
	assert_false(money_currency_ok(""));
	(void)unused;
}

/* The nearest multiple of step, and of two the one away from zero. */
static void
rounding(void **unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct money m = { some(INT64_C(1) << 60) };
		int digits = (int)(next() % 7);
		int64_t step = step_of(digits);
		struct money r = money_round(m, digits);
		int64_t off = r.e6 - m.e6;

		assert_int_equal(r.e6 % step, 0);
		assert_true(2 * (off < 0 ? -off : off) <= step);
		if (2 * off == step)
			assert_true(m.e6 > 0);
		if (2 * off == -step)
			assert_true(m.e6 < 0);
		assert_int_equal(money_round(money_neg(m), digits).e6, -r.e6);
	}
	assert_int_equal(money_round((struct money){ 5000 }, 2).e6, 10000);
	assert_int_equal(money_round((struct money){ 4999 }, 2).e6, 0);
	assert_int_equal(money_round((struct money){ -5000 }, 2).e6, -10000);
	(void)unused;
}

static void
vat_table(void **unused)
{
	struct money m = { 16530000 };

	assert_int_equal(money_vat_over(m, 210000, 2).e6, 3470000);
	m.e6 = 20000000;
	assert_int_equal(money_vat_in(m, 210000, 2).e6, 3470000);
	assert_int_equal(money_vat_in(m, 0, 2).e6, 0);
	m.e6 = 1000 * UNIT;
	assert_int_equal(money_vat_over(m, 210000, 0).e6, 210 * UNIT);
	assert_int_equal(money_vat_in(m, 1000000, 2).e6, 500 * UNIT);
	m.e6 = 50000;
	assert_int_equal(money_vat_over(m, 100000, 2).e6, 10000);
	assert_int_equal(money_vat_over(money_neg(m), 100000, 2).e6, -10000);
	(void)unused;
}

/* VAT on top and the VAT inside the sum of both are the same to a step. */
static void
vat_agrees(void **unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		int digits = (int)(next() % 4);
		int64_t step = step_of(digits);
		int32_t rate = (int32_t)(next() % 270001);
		struct money excl = { some(1000000000 * UNIT) / step * step };
		struct money vat = money_vat_over(excl, rate, digits);
		struct money in = money_vat_in(money_add(excl, vat), rate,
		    digits);
		__extension__ __int128 exact = (__int128)excl.e6 * rate;
		__extension__ __int128 off = (__int128)vat.e6 * UNIT - exact;

		assert_true(2 * (off < 0 ? -off : off) <=
		    (__int128)step * UNIT);
		assert_int_equal(vat.e6 % step, 0);
		assert_true(money_abs(money_sub(in, vat)).e6 <= step);
		assert_int_equal(money_vat_over(money_neg(excl), rate,
		    digits).e6, -vat.e6);
		assert_int_equal(money_vat_in(money_neg(excl), rate,
		    digits).e6, -money_vat_in(excl, rate, digits).e6);
	}
	(void)unused;
}

static void
scales(void **unused)
{
	const struct money most = { INT64_MAX }, one = { 1 }, three = { 3 };
	struct money m = { 10 * UNIT };

	assert_int_equal(money_scale(m, one, three, 2).e6, 3330000);
	assert_int_equal(money_scale(m, one, three, 6).e6, 3333333);
	assert_int_equal(money_scale(m, (struct money){ 2 }, three, 2).e6,
	    6670000);
	assert_int_equal(money_scale(m, one, (struct money){ -3 }, 2).e6,
	    -3330000);
	assert_int_equal(money_scale(most, most, most, 6).e6, INT64_MAX);
	assert_int_equal(money_scale(most, most, one, 6).e6, INT64_MAX);
	assert_int_equal(money_scale(most, money_neg(most), one, 6).e6,
	    INT64_MIN);
	for (int i = 0; i < ROUNDS; i++) {
		struct money a = { some(INT64_C(1) << 50) };
		struct money b = { some(INT64_C(1) << 50) };
		struct money c = { some(INT64_C(1) << 50) };

		if (c.e6 == 0)
			continue;
		/* by its own size, there and back */
		assert_int_equal(money_scale(a, c, c, 6).e6, a.e6);
		assert_int_equal(money_scale(money_neg(a), b, c, 2).e6,
		    -money_scale(a, b, c, 2).e6);
	}
	(void)unused;
}

static void
share_once(size_t n, int digits)
{
	struct money w[8], p[8], total, sum = { 0 }, all = { 0 };
	int64_t step = step_of(digits);

	total.e6 = some(1000000000 * UNIT) / step * step;
	for (size_t i = 0; i < n; i++) {
		w[i].e6 = next() % 4 == 0 ? 0 : money_abs((struct money){
		    some(1000000000 * UNIT) }).e6;
		all = money_add(all, w[i]);
	}
	money_share(total, w, n, digits, p);
	for (size_t i = 0; i < n; i++) {
		__extension__ __int128 off = (__int128)p[i].e6 * all.e6 -
		    (__int128)total.e6 * w[i].e6;

		sum = money_add(sum, p[i]);
		assert_int_equal(p[i].e6 % step, 0);
		if (all.e6 != 0)
			assert_true((off < 0 ? -off : off) <
			    (__int128)step * all.e6);
		if (all.e6 != 0 && w[i].e6 == 0)
			assert_int_equal(p[i].e6, 0);
		/* equal weights: the earlier gets no less */
		if (i > 0 && all.e6 != 0 && w[i].e6 == w[i - 1].e6)
			assert_true(money_abs(p[i - 1]).e6 >=
			    money_abs(p[i]).e6);
	}
	assert_int_equal(sum.e6, total.e6);
}

static void
shares(void **unused)
{
	struct money w[3] = { { 1 }, { 1 }, { 1 } }, p[3];

	money_share((struct money){ 100 * 10000 }, w, 3, 2, p);
	assert_int_equal(p[0].e6, 340000);
	assert_int_equal(p[1].e6, 330000);
	assert_int_equal(p[2].e6, 330000);
	money_share((struct money){ -200 * 10000 }, w, 3, 2, p);
	assert_int_equal(p[0].e6, -670000);
	assert_int_equal(p[1].e6, -670000);
	assert_int_equal(p[2].e6, -660000);
	w[0].e6 = w[1].e6 = w[2].e6 = 0;
	money_share((struct money){ UNIT }, w, 3, 2, p);
	assert_int_equal(p[0].e6, UNIT);
	assert_int_equal(p[1].e6, 0);
	w[2].e6 = 5;
	money_share((struct money){ UNIT }, w, 3, 2, p);
	assert_int_equal(p[0].e6, 0);
	assert_int_equal(p[2].e6, UNIT);
	money_share((struct money){ UNIT }, w, 0, 2, p);
	for (int i = 0; i < ROUNDS; i++)
		share_once(1 + next() % 8, (int)(next() % 4));
	(void)unused;
}

/* A larger remainder goes first, whatever the order. */
static void
shares_by_remainder(void **unused)
{
	struct money w[4] = { { 10 }, { 26 }, { 35 }, { 29 } }, p[4];

	/* of 11: 1.10 2.86 3.85 3.19 */
	money_share((struct money){ 11 * UNIT }, w, 4, 0, p);
	assert_int_equal(p[0].e6, 1 * UNIT);
	assert_int_equal(p[1].e6, 3 * UNIT);
	assert_int_equal(p[2].e6, 4 * UNIT);
	assert_int_equal(p[3].e6, 3 * UNIT);
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_takes),
		cmocka_unit_test(parse_refuses),
		cmocka_unit_test(parse_long_rounds),
		cmocka_unit_test(rates),
		cmocka_unit_test(prints),
		cmocka_unit_test(parse_undoes_print),
		cmocka_unit_test(currencies),
		cmocka_unit_test(rounding),
		cmocka_unit_test(vat_table),
		cmocka_unit_test(vat_agrees),
		cmocka_unit_test(scales),
		cmocka_unit_test(shares),
		cmocka_unit_test(shares_by_remainder)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
