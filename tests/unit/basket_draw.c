/*
 * basket_draw.c - rules of a tenant and a sale of its shop, drawn together;
 * included by the test that books them.
 *
 * The shop here reckons by itself: nothing of money.h is used but the struct.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "sale.h"
#include "str.h"

enum buyer { HOME, NOBODY, CONSUMER, BUSINESS, NO_NUMBER, BAD_NUMBER,
    BAD_PERSON, OUTSIDE, ISLANDS, IRISH_BUSINESS, IRISH_CONSUMER, BUYERS };

/* A rule that may or may not be there. */
struct given { char key[24], value[24]; bool there; };

enum { HIGH, LOW, ZERO, DE19, DE7, FR20, FR55, FI255, GR24, GB20, XI20, DE0,
    REVERSE, EXPORT, EXEMPT, NONE, MARGIN, VATS };
enum { SALES = LINE_ROUNDING + 1, COSTS, ACCOUNTS };	/* behind the kinds */
enum { IDEAL, CASH, CARD, BACS, OTHER, METHODS };

static struct drawn {
	struct tenant t;
	enum buyer buyer;
	char home[3];
	int digits;
	struct given vat[VATS], turnover[2], account[ACCOUNTS];
	struct given payment[METHODS];
	bool one;		/* code for all of OSS */
	bool el;		/* the shop's name for Greece */
	bool payments;		/* rules for payments at all */
	bool rated;		/* rules for currencies */
	int64_t most;		/* rounding, in steps */
	int64_t step;		/* the smallest coin, in millionths */
} shop;

static struct sale s;
static uint64_t seed;

static uint64_t
any(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static bool
percent(uint64_t n)
{
	return any(100) < n;
}

/* a * num / den in steps of so many millionths, half away from nought. */
static int64_t
ratio(int64_t a, int64_t num, int64_t den, int64_t step)
{
	__int128 n = (__int128)a * num, d = (__int128)den * step;
	__int128 q = n / d, r = n % d;

	if ((r < 0 ? -r : r) * 2 >= d)
		q += n < 0 ? -1 : 1;
	return (int64_t)q * step;
}

static int64_t
whole(int64_t e6)
{
	return ratio(e6, 1, 1, shop.step);
}

/* ---- rules ---- */

static void
give(struct given *g, const char *key, const char *value, uint64_t chance)
{
	(void)str_copy(g->key, sizeof(g->key), key);
	(void)str_copy(g->value, sizeof(g->value), value);
	g->there = percent(chance);
}

static void
draw_vat(void)
{
	static const struct { const char *key; uint64_t chance; } more[VATS] = {
		[DE19] = { "DE 19", 98 }, [DE7] = { "DE 7", 98 },
		[FR20] = { "FR 20", 98 }, [FR55] = { "FR 5.5", 98 },
		[FI255] = { "FI 25.5", 98 }, [GR24] = { "GR 24", 98 },
		[GB20] = { "GB 20", 90 }, [XI20] = { "XI 20", 70 },
		[DE0] = { "DE 0", 8 }, [REVERSE] = { "reverse_charge", 96 },
		[EXPORT] = { "export", 96 }, [EXEMPT] = { "exempt", 12 },
		[NONE] = { "none", 50 }, [MARGIN] = { "margin", 60 },
	};
	char key[24], code[24];

	shop.one = percent(10);
	shop.el = percent(50);
	for (int i = 0; i < VATS; i++) {
		(void)str_copy(key, sizeof(key), i >= DE19 ? more[i].key : "");
		if (i < DE19)
			(void)str_fmt(key, sizeof(key), "%s %s", shop.home,
			    i == ZERO ? "0" : i == HIGH ? "21" :
			    str_eq(shop.home, "NL") ? "9" : "6");
		(void)str_fmt(code, sizeof(code), "%s",
		    shop.one && i >= DE19 && i <= GR24 ? "OSS" : key);
		give(&shop.vat[i], key, code, i < DE19 ? 99 : more[i].chance);
	}
	/* Most tenants have but one way to book nought at home. */
	if (shop.vat[EXEMPT].there && percent(75))
		shop.vat[ZERO].there = false;
}

static void
draw_accounts(void)
{
	static const char *const names[ACCOUNTS] = { NULL, "shipping",
		"discount", "fee", "giftcard", "deposit", "tip", "donation",
		"difference", "rounding", "sales", "costs" };
	static const char *const methods[METHODS] = { "ideal", "cash",
		"giftcard", "bacs", "default" };

	for (int i = 1; i < ACCOUNTS; i++)
		give(&shop.account[i], names[i], names[i],
		    i <= LINE_FEE || i == COSTS ? 60 : 98);
	shop.account[LINE_ARTICLE].there = false;
	for (int i = 0; i < 2; i++)
		give(&shop.turnover[i], shop.vat[i].key, i == HIGH ? "t-high" :
		    "t-low", 30);
	shop.payments = percent(90);
	for (int i = 0; i < METHODS; i++)
		give(&shop.payment[i], methods[i], i == BACS ? "ignore" :
		    i == CARD ? "vouchers" :
		    methods[i], !shop.payments ? 0 : i == CARD ? 30 :
		    i == OTHER ? 10 : 98);
}

static void
lay(struct config_pair **list, size_t *n, const struct given *g, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (g[i].there)
			rules_pair_add(list, n, g[i].key, g[i].value, 1);
}

/* Articles: BOOK-7 and TEA-* have accounts, USED* and COURSE a VAT. */
static void
lay_articles(struct rules *r)
{
	rules_pair_add(&r->articles, &r->articles_n, "BOOK-7", "books", 1);
	rules_pair_add(&r->articles, &r->articles_n, "TEA-*", "tea", 1);
	if (shop.vat[MARGIN].there)
		rules_pair_add(&r->article_vat, &r->article_vat_n, "USED*",
		    "margin", 1);
	if (shop.vat[EXEMPT].there)
		rules_pair_add(&r->article_vat, &r->article_vat_n, "COURSE",
		    "exempt", 1);
	if (shop.vat[LOW].there)
		rules_pair_add(&r->article_vat, &r->article_vat_n, "LOW",
		    shop.vat[LOW].key, 1);
}

static void
draw_rules(void)
{
	struct rules *r = &shop.t.rules;

	memset(&shop, 0, sizeof(shop));
	(void)str_copy(shop.home, 3, percent(80) ? "NL" : "BE");
	(void)str_copy(shop.t.customer.country, 3, shop.home);
	rules_init(r);
	draw_vat();
	draw_accounts();
	shop.most = percent(90) ? 10 : percent(50) ? 0 : 100;
	r->rounding.e6 = shop.most * 10000;
	shop.rated = percent(70);
	lay(&r->vat, &r->vat_n, shop.vat, VATS);
	lay(&r->accounts, &r->accounts_n, shop.account, ACCOUNTS);
	lay(&r->turnover, &r->turnover_n, shop.turnover, 2);
	lay(&r->payments, &r->payments_n, shop.payment, METHODS);
	r->has_payments = shop.payments;
	lay_articles(r);
	if (!shop.rated)
		return;
	rules_pair_add(&r->exchange, &r->exchange_n, "USD", "0.86", 1);
	rules_pair_add(&r->exchange, &r->exchange_n, "JPY", "0.0061", 1);
}

/* ---- who buys ---- */

static void
draw_buyer(void)
{
	static const struct { const char *country, *number, *company, *post; }
	    as[][4] = {
		[NOBODY] = { { "", "", "", "" } },
		[CONSUMER] = { { "DE", "", "", "" }, { "FR", "", "", "" },
			{ "FI", "", "", "" }, { "GR", "", "", "" } },
		[BUSINESS] = { { "DE", "DE136695976", "Laden", "" },
			{ "GR", "EL094259216", "", "" },
			{ "FR", "FR40303265045", "Boutique", "" },
			{ "DE", "de 136 695 976", "", "" } },
		[NO_NUMBER] = { { "DE", "", "Laden", "" } },
		[BAD_NUMBER] = { { "DE", "DE136695977", "Laden", "" },
			{ "DE", "136695976", "Laden", "" } },
		[BAD_PERSON] = { { "DE", "DE136695977", "", "" } },
		[OUTSIDE] = { { "US", "", "", "" },
			{ "CH", "CHE-116.281.710 MWST", "Laden", "" },
			{ "GB", "", "", "SW1A 1AA" } },
		[ISLANDS] = { { "ES", "", "", "35001" },
			{ "DE", "", "", "27498" } },
		[IRISH_BUSINESS] = { { "GB", "XI123456782", "Shop", "" } },
		[IRISH_CONSUMER] = { { "GB", "", "", "BT1 1AA" } },
	};
	static const int chance[BUYERS] = { 45, 8, 15, 12, 2, 2, 2, 8, 2, 2,
		2 };
	struct debtor *b = &s.debtor;
	uint64_t roll = any(100);
	size_t i = any(4);

	for (shop.buyer = HOME; roll >= (uint64_t)chance[shop.buyer]; shop.buyer++)
		roll -= (uint64_t)chance[shop.buyer];
	if (shop.buyer == HOME) {
		(void)str_copy(b->country, 3, shop.home);
		return;
	}
	while (as[shop.buyer][i].country == NULL)
		i = any(4);
	(void)str_copy(b->country, 3, as[shop.buyer][i].country);
	(void)str_copy(b->vat_number, 32, as[shop.buyer][i].number);
	(void)str_copy(b->company, 128, as[shop.buyer][i].company);
	(void)str_copy(b->postcode, 20, as[shop.buyer][i].post);
}

/* ---- what is bought ---- */

static void
rate_put(struct sale_line *l, const struct given *g)
{
	char text[8];

	(void)str_copy_n(l->vat_country, 3, g->key, 2);
	(void)str_copy(text, sizeof(text), g->key + 3);
	l->vat_rate_e4 = (int32_t)(strtod(text, NULL) * 10000 + 0.5);
}

/* The VAT that a shop charges this buyer on a line of turnover. */
static void
draw_rate(struct sale_line *l, bool abroad)
{
	static const struct { const char *country; int rate[2]; } oss[] = {
		{ "DE", { DE19, DE7 } }, { "FR", { FR20, FR55 } },
		{ "FI", { FI255, FI255 } }, { "GR", { GR24, GR24 } },
		{ "GB", { GB20, GB20 } } };
	bool untaxed = shop.buyer != HOME && shop.buyer != NOBODY &&
	    shop.buyer != CONSUMER && shop.buyer != IRISH_CONSUMER && abroad;

	if (!untaxed && abroad)
		for (size_t i = 0; i < COUNT(oss); i++)
			if (str_eq(oss[i].country, s.debtor.country)) {
				rate_put(l, &shop.vat[oss[i].rate[any(2)]]);
				if (str_eq(l->vat_country, "GR") && shop.el)
					(void)str_copy(l->vat_country, 3, "EL");
				return;
			}
	rate_put(l, &shop.vat[percent(60) ? HIGH : percent(70) ? LOW : ZERO]);
	if (!untaxed)
		return;
	l->vat_rate_e4 = 0;
	if (percent(50))
		(void)str_copy(l->vat_country, 3, s.debtor.country);
	else if (percent(20))
		l->vat_country[0] = '\0';
}

/* Set what is paid for a line, priced with or without VAT. */
static void
price(struct sale_line *l, int64_t amount, bool with_vat, int64_t step)
{
	int64_t r = l->vat_rate_e4, vat;

	vat = with_vat ? ratio(amount, r, 1000000 + r, step) :
	    ratio(amount, r, 1000000, step);
	l->excl.e6 = with_vat ? amount - vat : amount;
	l->vat.e6 = vat;
}

static struct sale_line *
line(enum line_kind kind)
{
	struct sale_line *l = sale_line_add(&s);

	l->kind = kind;
	l->quantity.e6 = 1000000;
	(void)str_copy(l->vat_country, 3, shop.home);
	return l;
}

static void
draw_article(bool abroad, bool with_vat, int64_t step)
{
	static const char *const codes[] = { "MUG", "MUG", "", "BOOK-7",
		"TEA-3", "USED-1", "COURSE", "LOW", "BOOK-77" };
	struct sale_line *l = line(percent(80) ? LINE_ARTICLE :
	    percent(70) ? LINE_SHIPPING : LINE_FEE);

	draw_rate(l, abroad);
	if (l->kind == LINE_ARTICLE)
		(void)str_copy(l->article, sizeof(l->article),
		    codes[any(COUNT(codes))]);
	price(l, (int64_t)(1 + any(20000)) * (percent(4) ? -shop.step :
	    shop.step), with_vat, step);	/* handed in for another */
}

/* A coupon, spread over the rates of what it is taken off; no fee. */
static void
draw_coupon(bool with_vat, int64_t step)
{
	size_t n = s.lines_n;
	int64_t off = (int64_t)(percent(15) ? 100 : 1 + any(60));

	for (size_t i = 0; i < n; i++) {
		struct sale_line of = s.lines[i], *l;

		if (of.kind == LINE_FEE)
			continue;
		l = line(LINE_DISCOUNT);
		(void)str_copy(l->vat_country, 3, of.vat_country);
		l->vat_rate_e4 = of.vat_rate_e4;
		(void)str_copy(l->article, sizeof(l->article), of.article);
		if (off == 100) {
			l->excl.e6 = -of.excl.e6;
			l->vat.e6 = -of.vat.e6;
			continue;
		}
		price(l, -ratio(of.excl.e6 + (with_vat ? of.vat.e6 : 0), off,
		    100, shop.step), with_vat, step);
	}
}

/* Money that is no turnover, and what a marketplace keeps. */
static void
draw_others(void)
{
	static const enum line_kind kinds[] = { LINE_GIFTCARD, LINE_DEPOSIT,
		LINE_TIP, LINE_DONATION, LINE_DIFFERENCE, LINE_FEE };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct sale_line *l;
		int64_t amount = (int64_t)(1 + any(5000)) * shop.step;

		if (!percent(8))
			continue;
		l = line(kinds[i]);
		if (l->kind == LINE_FEE || ((l->kind == LINE_DIFFERENCE ||
		    l->kind == LINE_DEPOSIT) && percent(40)))
			amount = -amount / 20 / shop.step * shop.step;
		if (l->kind == LINE_GIFTCARD && percent(20))
			rate_put(l, &shop.vat[HIGH]);
		price(l, amount, true, shop.step);
		if (percent(20))
			(void)str_copy(l->vat_country, 3, s.debtor.country);
	}
}

static void
draw_totals(void)
{
	int64_t excl = 0, incl = 0;

	for (size_t i = 0; i < s.lines_n; i++) {
		excl += s.lines[i].excl.e6;
		incl += s.lines[i].excl.e6 + s.lines[i].vat.e6;
	}
	s.excl.e6 = whole(excl);
	s.incl.e6 = whole(incl);
	if (percent(10)) {		/* paid in coins of five */
		int64_t coins = ratio(s.incl.e6, 1, 1, 5 * shop.step);
		struct sale_line *l = line(LINE_ROUNDING);

		l->excl.e6 = coins - s.incl.e6;
		s.excl.e6 += l->excl.e6;
		s.incl.e6 = coins;
	}
	if (percent(4)) {
		int64_t off = ((int64_t)any(41) - 20) * shop.step;

		s.incl.e6 += off;
		s.excl.e6 += percent(50) ? off : 0;
	}
	if (percent(1))
		s.incl.e6 += shop.step / 2;
}

static void
pay(int method, int64_t amount)
{
	static const char *const names[] = { "ideal", "cash", "giftcard",
		"bacs", "klarna" };
	struct sale_payment *p = sale_payment_add(&s);

	(void)str_copy(p->method, sizeof(p->method), names[method]);
	p->amount.e6 = amount;
}

static void
draw_payments(void)
{
	int64_t left = s.incl.e6, part;

	if (percent(10))
		return;			/* not yet */
	if (percent(15) && left > 0) {	/* a gift card pays a part or all */
		part = percent(30) ? left : ratio(left, (int64_t)any(100), 100,
		    shop.step);
		pay(CARD, part);
		left -= part;
	}
	if (percent(10) && left > 0) {	/* out of what was given */
		part = ratio(left, (int64_t)any(200), 100, shop.step);
		pay(CASH, part);
		left -= part;
	}
	if (percent(10))
		left /= 2;
	if (percent(1))
		left += shop.step;
	pay(percent(2) ? OTHER : percent(10) ? BACS : IDEAL, left);
}

static void
draw_sale(void)
{
	static const char *const currencies[] = { "EUR", "USD", "JPY", "KWD" };
	static const int digits[] = { 2, 2, 0, 3 };
	size_t c = percent(60) ? 0 : 1 + any(3), n = any(6);
	bool with_vat = percent(50), abroad = percent(90);
	int64_t step;

	sale_init(&s);
	s.kind = percent(70) ? SALE_ORDER : percent(60) ? SALE_RECEIPT :
	    percent(60) ? SALE_REFUND : SALE_SUMMARY;
	(void)str_copy(s.source, sizeof(s.source), "shop");
	(void)str_copy(s.id, sizeof(s.id), "1001");
	(void)str_copy(s.number, sizeof(s.number), "1001");
	(void)str_copy(s.currency, sizeof(s.currency), currencies[c]);
	s.placed_at = 1793534400;	/* 2026-11-01 12:00 UTC */
	shop.digits = digits[c];
	for (shop.step = 1000000, step = shop.digits; step > 0; step--)
		shop.step /= 10;
	step = percent(75) ? shop.step : shop.step / 100;	/* VAT of a line */
	if (c != 0 && percent(60)) {
		s.rate.e6 = 860000;
		(void)str_copy(s.rate_source, sizeof(s.rate_source), "shop");
	}
	draw_buyer();
	do
		draw_article(abroad, with_vat, step);
	while (n-- > 0);
	if (percent(20))
		draw_coupon(with_vat, step);
	draw_others();
	draw_totals();
	draw_payments();
	/* What looks like a payout is no sale. */
	if (s.kind == SALE_SUMMARY && s.lines[0].kind == LINE_FEE)
		s.kind = SALE_RECEIPT;
	if (s.kind == SALE_REFUND) {
		(void)str_copy(s.refund_of, sizeof(s.refund_of), "1000");
		sale_turn(&s);
	}
}
