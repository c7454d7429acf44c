/*
 * ledger.c - from a line's kind, article and VAT, and from a payment's method,
 * to the books' ledger account.
 *
 * What is no turnover (from the gift card on) must never reach an account of
 * turnover by default: it has an account of its own, or none.
 */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "document.h"
#include "str.h"

struct article_keys { char *account, *vat; };

static const struct typed_key article_keys[] = {
	{ .name = "account", .type = TYPED_TEXT, .max = CODE_MAX - 1,
	    .at = offsetof(struct article_keys, account) },
	{ .name = "vat", .type = TYPED_TEXT, .max = CODE_MAX - 1,
	    .at = offsetof(struct article_keys, vat) },
	{ .name = NULL }
};

static const struct typed_key rate_key = { .type = TYPED_MONEY, .min = 1,
	.max = INT64_C(1000000000000000) };

/* ---- reading the rules ---- */

/* The article's VAT is one that the rules have. */
static void
article_vat_read(struct schema *s, const struct yaml *article,
    const char *text, struct rules *r)
{
	const struct yaml *y = yaml_get(article, "vat");
	char key[CODE_MAX];

	if (rules_vat_key(text, key) != RC_OK ||
	    rules_pair(r->vat, r->vat_n, key) == NULL)
		schema_fault(s, y, "expected one of the keys of rules.vat");
	else
		rules_pair_add(&r->article_vat, &r->article_vat_n,
		    article->key, key, y->line);
}

static void
article_read(struct schema *s, const struct yaml *y, struct rules *r)
{
	const char *star = strchr(y->key, '*');
	struct article_keys k = { .account = NULL };

	schema_read(s, y, article_keys, &k);
	if (star != NULL && star[1] != '\0')
		schema_fault_key(s, y, "a * stands at the end alone");
	if (y->kind == YAML_MAP && y->first == NULL)
		schema_fault(s, y, "expected account, vat, or both");
	if (k.account != NULL)
		rules_pair_add(&r->articles, &r->articles_n, y->key,
		    k.account, y->line);
	if (k.vat != NULL)
		article_vat_read(s, y, k.vat, r);
	free(k.account);
	free(k.vat);
}

static void
turnover_read(struct schema *s, const struct yaml *y, struct rules *r)
{
	char key[CODE_MAX];

	if (rules_vat_key(y->key, key) != RC_OK)
		schema_fault_key(s, y, "expected a key such as those of rules.vat");
	else if (rules_pair(r->turnover, r->turnover_n, key) != NULL)
		schema_fault_key(s, y, "this rate stands here twice");
	else
		rules_pair_read(s, y, key, &r->turnover, &r->turnover_n);
}

static void
exchange_read(struct schema *s, const struct yaml *y, struct rules *r)
{
	struct money rate = { 0 };

	if (!money_currency_ok(y->key))
		schema_fault_key(s, y, "expected a currency such as USD");
	schema_value(s, y, &rate_key, &rate);
	if (rate.e6 > 0)
		rules_pair_read(s, y, y->key, &r->exchange, &r->exchange_n);
}

void
ledger_read(struct schema *s, const struct yaml *map, struct rules *r)
{
	static const struct {
		const char *name;
		void (*read)(struct schema *s, const struct yaml *y,
		    struct rules *r);
	} maps[] = { { "articles", article_read },
	    { "turnover", turnover_read }, { "exchange", exchange_read } };

	for (size_t i = 0; i < COUNT(maps); i++) {
		const struct yaml *m = map == NULL || map->kind != YAML_MAP ?
		    NULL : yaml_get(map, maps[i].name);

		if (m == NULL || m->kind != YAML_MAP)
			continue;
		for (const struct yaml *y = m->first; y != NULL; y = y->next)
			maps[i].read(s, y, r);
	}
}

/* ---- asking them ---- */

/* How well a rule's key fits: its length, and more when it is the whole; 0
 * when it does not. */
static size_t
fit(const char *key, const char *code)
{
	size_t n = strlen(key);

	if (code[0] == '\0')
		return str_eq(key, "*");
	if (str_eq(key, code))
		return SIZE_MAX;
	return n > 0 && key[n - 1] == '*' && strncmp(key, code, n - 1) == 0 ?
	    n : 0;
}

/* The value of the key that fits best. */
static const char *
best(const struct config_pair *p, size_t n, const struct sale_line *l)
{
	const char *value = NULL;
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		size_t code = fit(p[i].key, l->article);
		size_t ean = fit(p[i].key, l->ean);

		if (code <= most && ean <= most)
			continue;
		most = code > ean ? code : ean;
		value = p[i].value;
	}
	return value;
}

bool
ledger_article(const struct rules *r, const struct sale_line *l,
    struct ledger_article *out)
{
	*out = (struct ledger_article){ .account = NULL };
	if (l->kind == LINE_ARTICLE)
		out->account = best(r->articles, r->articles_n, l);
	/* What is taken off an article lessens what is under its VAT. */
	if (l->kind == LINE_ARTICLE || (l->kind == LINE_DISCOUNT &&
	    (l->article[0] != '\0' || l->ean[0] != '\0')))
		out->vat = best(r->article_vat, r->article_vat_n, l);
	return out->account != NULL || out->vat != NULL;
}

static const char *
own(const struct rules *r, const char *key)
{
	return rules_pair(r->accounts, r->accounts_n, key);
}

bool
ledger_withheld(const struct sale *s, const struct sale_line *l)
{
	return l->kind == LINE_FEE && l->vat_rate_e4 == 0 &&
	    (l->excl.e6 < 0) != (s->kind == SALE_REFUND);
}

const char *
ledger_account(const struct rules *r, const struct sale *s,
    const struct sale_line *l, const char *vat_key, const char **key)
{
	static const char *const keys[] = {
		[LINE_ARTICLE] = NULL, [LINE_SHIPPING] = "shipping",
		[LINE_DISCOUNT] = "discount", [LINE_FEE] = "fee",
		[LINE_GIFTCARD] = "giftcard", [LINE_DEPOSIT] = "deposit",
		[LINE_TIP] = "tip", [LINE_DONATION] = "donation",
		[LINE_DIFFERENCE] = "difference", [LINE_ROUNDING] = "rounding",
	};
	struct ledger_article article;
	const char *a = NULL;

	*key = keys[l->kind];
	if (ledger_article(r, l, &article))
		a = article.account;
	if (a == NULL && ledger_withheld(s, l))
		a = own(r, "costs");
	if (a == NULL && *key != NULL)
		a = own(r, *key);
	if (a != NULL || l->kind >= LINE_GIFTCARD)
		return a;
	*key = "sales";
	a = rules_pair(r->turnover, r->turnover_n, vat_key);
	return a != NULL ? a : own(r, "sales");
}

const char *
ledger_payment(const struct rules *r, const char *method)
{
	const char *a = rules_pair(r->payments, r->payments_n, method);

	if (a == NULL && str_eq(method, "giftcard"))
		a = own(r, "giftcard");
	if (a == NULL)
		a = rules_pair(r->payments, r->payments_n, "default");
	return a;
}

struct money
ledger_rate(const struct rules *r, const char *currency)
{
	const char *text = rules_pair(r->exchange, r->exchange_n, currency);
	struct money rate;

	return text != NULL && money_parse(text, &rate) == RC_OK ? rate :
	    (struct money){ 0 };
}
