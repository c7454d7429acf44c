/*
 * basket_want.c - what must come of a drawn sale under its rules, reckoned
 * from the manual and not with the code that is tested; included by the test.
 */
#include "basket_draw.c"

#define SUMS 64

/* What a name comes to: an account, a VAT key. */
struct sums { size_t n; struct { const char *name; int64_t a, b; } of[SUMS]; };

static struct wanted {
	uint64_t faults;		/* by bit, see FAULTS */
	struct sums keys;		/* base and VAT, with all decimals */
	struct sums accounts;		/* base */
	struct sums paid;
	int64_t rounding;		/* the line of the cents that are left */
} want;

enum { F_VAT_RULE, F_VAT_NUMBER, F_VAT_CHOICE, F_ACCOUNT, F_PAYMENT, F_TOTAL,
    F_RATE, F_ROUNDING, FAULTS };
static const enum msg fault_msgs[FAULTS] = { M_VAT_RULE, M_VAT_NUMBER,
	M_VAT_CHOICE, M_ACCOUNT_RULE, M_PAYMENT_RULE, M_TOTAL, M_EXCHANGE,
	M_ACCOUNT_RULE };

static void
fault(int f)
{
	want.faults |= UINT64_C(1) << f;
}

static void
add(struct sums *sums, const char *name, int64_t a, int64_t b)
{
	size_t i = 0;

	while (i < sums->n && !str_eq(sums->of[i].name, name))
		i++;
	assert_true(i < SUMS);
	if (i == sums->n)
		sums->of[sums->n++].name = name;
	sums->of[i].a += a;
	sums->of[i].b += b;
}

static const struct given *
vat_rule(const char *key)
{
	for (int i = 0; i < VATS; i++)
		if (shop.vat[i].there && str_eq(shop.vat[i].key, key))
			return &shop.vat[i];
	return NULL;
}

static const struct given *
there(const struct given *g)
{
	return g->there ? g : NULL;
}

/* Money that passes through, or that somebody keeps of the sale. */
static bool
kept(const struct sale_line *l)
{
	return l->kind == LINE_FEE && l->vat_rate_e4 == 0 &&
	    (s.kind == SALE_REFUND ? l->excl.e6 >= 0 : l->excl.e6 < 0);
}

static bool
no_turnover(const struct sale_line *l)
{
	return l->kind >= LINE_GIFTCARD || kept(l);
}

static const struct given *
must(const struct given *g, int f)
{
	if (g == NULL)
		fault(f);
	return g;
}

/* Nought per cent on turnover; country is whose zero rate it would be. */
static const struct given *
vat_nought(const char *country)
{
	const struct given *z, *e = there(&shop.vat[EXEMPT]), *special = NULL;
	bool abroad = true;
	char key[8];

	(void)str_fmt(key, sizeof(key), "%s 0", country);
	z = vat_rule(key);
	if (shop.buyer == OUTSIDE || shop.buyer == ISLANDS)
		special = &shop.vat[EXPORT];
	else if (shop.buyer == BUSINESS || shop.buyer == IRISH_BUSINESS)
		special = &shop.vat[REVERSE];
	else
		abroad = false;
	if (abroad && special->there)
		return special;
	if (abroad)
		return must(str_eq(country, shop.home) ? NULL : z, F_VAT_RULE);
	if (shop.buyer == NO_NUMBER || shop.buyer == BAD_NUMBER ||
	    (shop.buyer == BAD_PERSON && (z != NULL) == (e != NULL)))
		return must(NULL, F_VAT_NUMBER);
	if (z != NULL && e != NULL)
		return must(NULL, F_VAT_CHOICE);
	return must(z != NULL ? z : e, F_VAT_RULE);
}

/* By the line alone. */
static const struct given *
vat_of_line(const struct sale_line *l)
{
	const char *country = l->vat_country;
	const struct given *g = NULL;
	char key[16];

	if (country[0] == '\0')
		country = shop.home;
	if (str_eq(country, "EL"))
		country = "GR";
	if (l->vat_rate_e4 == 0 && no_turnover(l)) {
		g = there(&shop.vat[NONE]);
		return g != NULL ? g : must(there(&shop.vat[ZERO]), F_VAT_RULE);
	}
	if (l->vat_rate_e4 == 0)
		return vat_nought(country);
	(void)str_fmt(key, sizeof(key), l->vat_rate_e4 % 10000 ? "%s %d.%d" :
	    "%s %d", country, l->vat_rate_e4 / 10000,
	    l->vat_rate_e4 % 10000 / 1000);
	if (shop.buyer == IRISH_CONSUMER && str_eq(key, "GB 20"))
		g = there(&shop.vat[XI20]);
	return g != NULL ? g : must(vat_rule(key), F_VAT_RULE);
}

/* An article's own VAT, where the shop charged it; also of what was taken off
 * its price. */
static const struct given *
vat_of_article(const struct sale_line *l)
{
	bool article = l->kind == LINE_ARTICLE || l->kind == LINE_DISCOUNT;

	if (article && str_starts(l->article, "USED") && l->vat_rate_e4 == 0)
		return there(&shop.vat[MARGIN]);
	if (article && str_eq(l->article, "COURSE") && l->vat_rate_e4 == 0)
		return there(&shop.vat[EXEMPT]);
	return NULL;	/* LOW: is under the key of its rate anyway */
}

static const char *
account_of(const struct sale_line *l, const struct given *vat)
{
	const struct given *g = NULL;

	if (l->kind == LINE_ARTICLE && str_eq(l->article, "BOOK-7"))
		return "books";
	if (l->kind == LINE_ARTICLE && str_starts(l->article, "TEA-"))
		return "tea";
	if (kept(l))
		g = there(&shop.account[COSTS]);
	if (g == NULL && l->kind != LINE_ARTICLE)
		g = there(&shop.account[l->kind]);
	if (g == NULL && l->kind >= LINE_GIFTCARD)
		return must(NULL, F_ACCOUNT), "";
	for (int i = 0; g == NULL && i < 2; i++)
		if (vat != NULL && str_eq(vat->key, shop.turnover[i].key))
			g = there(&shop.turnover[i]);
	if (g == NULL)
		g = must(there(&shop.account[SALES]), F_ACCOUNT);
	return g != NULL ? g->value : "";
}

static void
want_line(const struct sale_line *l)
{
	const struct given *vat = vat_of_article(l);
	const char *account;

	if (vat == NULL)
		vat = vat_of_line(l);
	account = account_of(l, vat);
	add(&want.accounts, account, l->excl.e6, 0);
	if (vat == NULL)
		return;
	add(&want.keys, vat->key, l->excl.e6, l->vat.e6);
}

static void
want_totals(void)
{
	int64_t sum = 0, excl = 0;

	for (size_t i = 0; i < want.keys.n; i++) {
		excl += whole(want.keys.of[i].a);
		sum += whole(want.keys.of[i].a) + whole(want.keys.of[i].b);
	}
	want.rounding = s.incl.e6 - sum;
	if (whole(s.incl.e6) != s.incl.e6 ||
	    llabs(want.rounding) > shop.most * shop.step ||
	    llabs(s.excl.e6 - excl) > shop.most * shop.step)
		fault(F_TOTAL);
	if (want.rounding != 0)
		(void)must(there(&shop.account[LINE_ROUNDING]), F_ROUNDING);
}

static void
want_payments(void)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s.payments_n; i++) {
		int64_t amount = whole(s.payments[i].amount.e6);
		const struct given *g = NULL;

		for (int m = 0; m < METHODS && g == NULL; m++)
			if (str_eq(shop.payment[m].key, s.payments[i].method))
				g = there(&shop.payment[m]);
		if (g == NULL && str_eq(s.payments[i].method, "giftcard"))
			g = there(&shop.account[LINE_GIFTCARD]);
		if (g == NULL)
			g = there(&shop.payment[OTHER]);
		if (amount == 0 || (g == NULL && !shop.payments))
			continue;
		sum += amount;
		if (must(g, F_PAYMENT) != NULL && !str_eq(g->value, "ignore"))
			add(&want.paid, g->value, amount, 0);
	}
	if (llabs(sum) > llabs(s.incl.e6))
		fault(F_TOTAL);
}

static void
reckon(void)
{
	memset(&want, 0, sizeof(want));
	if (shop.rated && s.rate.e6 == 0 && str_eq(s.currency, "KWD"))
		fault(F_RATE);
	for (size_t i = 0; i < s.lines_n; i++)
		want_line(&s.lines[i]);
	if (want.faults == 0)
		want_totals();
	want_payments();
}
