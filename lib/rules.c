/*
 * rules.c - reads a tenant's rules: what VAT is called in the books, which
 * ledger account a line goes to, what to do when a sale changed.
 *
 * Whether the books know these codes is not asked here; `check` does.  VAT
 * keys are brought to the one form that map.c looks up: "NL 21.0" is "NL 21".
 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "str.h"
#include "vatrate.h"

#define PAIRS_MAX 5000		/* VAT keys, payment methods, articles */

static const char *const on_change_names[] = { "report", "correct",
    NULL };
static const char *const book_on_names[] = { "order", "paid", "shipped",
    NULL };
static const char *const closed_names[] = { "refuse", "next", NULL };
static const char *const debtors_names[] = { "each", "collective", "channel",
    NULL };

static const struct typed_key rules_keys[] = {
	{ .name = "on_change", .type = TYPED_CHOICE,
	    .at = offsetof(struct rules, on_change),
	    .choices = on_change_names },
	{ .name = "debtors", .type = TYPED_CHOICE,
	    .at = offsetof(struct rules, debtors), .choices = debtors_names },
	{ .name = "book_on", .type = TYPED_CHOICE,
	    .at = offsetof(struct rules, book_on), .choices = book_on_names },
	{ .name = "closed_until", .type = TYPED_DAY,
	    .at = offsetof(struct rules, closed_until) },
	{ .name = "closed", .type = TYPED_CHOICE,
	    .at = offsetof(struct rules, closed), .choices = closed_names },
	{ .name = "skip", .type = TYPED_LIST },
	{ .name = "only", .type = TYPED_LIST },
	{ .name = "settle", .type = TYPED_DURATION,
	    .at = offsetof(struct rules, settle_s), .max = 86400 },
	{ .name = "rounding", .type = TYPED_MONEY,
	    .at = offsetof(struct rules, rounding), .max = 1000000 },
	{ .name = "vat", .type = TYPED_MAP },
	{ .name = "accounts", .type = TYPED_MAP },
	{ .name = "default_debtor", .type = TYPED_TEXT, .max = CODE_MAX - 1,
	    .at = offsetof(struct rules, default_debtor) },
	{ .name = "customer_numbers", .type = TYPED_BOOL,
	    .at = offsetof(struct rules, customer_numbers) },
	{ .name = "currency", .type = TYPED_CURRENCY,
	    .at = offsetof(struct rules, currency) },
	{ .name = "articles", .type = TYPED_MAP },
	{ .name = "turnover", .type = TYPED_MAP },
	{ .name = "exchange", .type = TYPED_MAP },
	{ .name = NULL }
};

static const char *const account_names[] = { "sales", "shipping", "discount",
    "fee", "costs", "giftcard", "deposit", "tip", "donation", "difference", "rounding",
    "payments" };

/* A code of the books: a VAT code, an account. */
static const struct typed_key code_key = { .type = TYPED_TEXT,
    .max = CODE_MAX - 1 };

void
rules_init(struct rules *r)
{
	memset(r, 0, sizeof(*r));
	r->on_change = CHANGE_REPORT;
	r->debtors = DEBTOR_EACH;
	r->settle_s = 120;
	r->rounding.e6 = 100000;
	(void)str_copy(r->currency, sizeof(r->currency), "EUR");
}

void
rules_pair_add(struct config_pair **list, size_t *n, const char *key,
    const char *value, int line)
{
	struct config_pair *p;

	*list = mem_grow(*list, (*n + 1) * sizeof(**list));
	p = &(*list)[(*n)++];
	p->key = mem_dup(key);
	p->value = mem_dup(value);
	p->line = line;
}

const char *
rules_pair(const struct config_pair *list, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].key, key))
			return list[i].value;
	return NULL;
}

static bool
capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

enum rc
rules_vat_key(const char *key, char out[CODE_MAX])
{
	static const char *const words[] = { "reverse_charge", "export",
	    "exempt", "none" };
	char rate[MONEY_TEXT], country[3];
	int32_t rate_e4;

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(key, words[i]))
			return str_copy(out, CODE_MAX, key) ? RC_OK : RC_CONFIG;
	if (str_starts(key, "margin") && typed_one_line(key))
		return str_copy(out, CODE_MAX, key) ? RC_OK : RC_CONFIG;
	if (!capital(key[0]) || !capital(key[1]) || key[2] != ' ' ||
	    money_parse_rate(key + 3, &rate_e4) != RC_OK)
		return RC_CONFIG;
	money_print_rate(rate, rate_e4);
	(void)str_copy_n(country, sizeof(country), key, 2);
	(void)str_fmt(out, CODE_MAX, "%s %s", vatrate_country(country), rate);
	return RC_OK;
}

void
rules_pair_read(struct schema *s, const struct yaml *y, const char *key,
    struct config_pair **list, size_t *n)
{
	const char *code = schema_text(s, y, &code_key);

	if (*n == PAIRS_MAX)
		schema_fault_key(s, y, "too many keys in this map");
	else if (code != NULL)
		rules_pair_add(list, n, key, code, y->line);
}

static void
vat_read(struct schema *s, const struct yaml *map, struct rules *r)
{
	char key[CODE_MAX];

	for (const struct yaml *y = map->first; y != NULL; y = y->next) {
		if (rules_vat_key(y->key, key) != RC_OK) {
			schema_fault_key(s, y, "expected a country and a rate "
			    "such as \"NL 21\", reverse_charge, export, "
			    "exempt, none, or a word that starts with "
			    "margin");
			continue;
		}
		if (rules_pair(r->vat, r->vat_n, key) != NULL)
			schema_fault_key(s, y,
			    "this country and rate stand here twice");
		rules_pair_read(s, y, key, &r->vat, &r->vat_n);
	}
}

static void
payments_read(struct schema *s, const struct yaml *map, struct rules *r)
{
	r->has_payments = true;
	if (!schema_is(s, map, YAML_MAP))
		return;
	for (const struct yaml *y = map->first; y != NULL; y = y->next)
		rules_pair_read(s, y, y->key, &r->payments, &r->payments_n);
}

static bool
account_known(const char *key)
{
	for (size_t i = 0; i < COUNT(account_names); i++)
		if (str_eq(account_names[i], key))
			return true;
	return false;
}

static void
accounts_read(struct schema *s, const struct yaml *map, struct rules *r)
{
	for (const struct yaml *y = map->first; y != NULL; y = y->next)
		if (str_eq(y->key, "payments"))
			payments_read(s, y, r);
		else if (account_known(y->key))
			rules_pair_read(s, y, y->key, &r->accounts,
			    &r->accounts_n);
		else
			schema_unknown(s, y, account_names,
			    COUNT(account_names));
}

void
rules_read(struct schema *s, const struct yaml *map, struct rules *r)
{
	const struct yaml *vat = yaml_get(map, "vat");
	const struct yaml *accounts = yaml_get(map, "accounts");
	const struct yaml *skip = yaml_get(map, "skip");
	const struct yaml *only = yaml_get(map, "only");

	if (map == NULL || map->kind != YAML_MAP)
		return;
	schema_read(s, map, rules_keys, r);
	if (vat != NULL && vat->kind == YAML_MAP)
		vat_read(s, vat, r);
	if (accounts != NULL && accounts->kind == YAML_MAP)
		accounts_read(s, accounts, r);
	if (skip != NULL && skip->kind == YAML_LIST)
		conditions_read(s, skip, &r->skip);
	if (only != NULL && only->kind == YAML_LIST)
		conditions_read(s, only, &r->only);
}

void
rules_pairs_free(struct config_pair *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].key);
		free(list[i].value);
	}
	free(list);
}

void
rules_free(struct rules *r)
{
	rules_pairs_free(r->vat, r->vat_n);
	rules_pairs_free(r->accounts, r->accounts_n);
	rules_pairs_free(r->payments, r->payments_n);
	conditions_free(&r->skip);
	conditions_free(&r->only);
	rules_pairs_free(r->articles, r->articles_n);
	rules_pairs_free(r->article_vat, r->article_vat_n);
	rules_pairs_free(r->turnover, r->turnover_n);
	rules_pairs_free(r->exchange, r->exchange_n);
	free(r->default_debtor);
}
