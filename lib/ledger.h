/*
 * ledger.h - which ledger account a line or a payment of a sale goes to, by
 * the tenant's rules; and the rules for that: `articles`, `turnover` and
 * `exchange`.  Pure.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>

#include "rules.h"
#include "sale.h"
#include "schema.h"
#include "yaml.h"

#define LEDGER_IGNORE "ignore"	/* a payment that the books don't get */

/* Check those keys of the map of rules (NULL: nothing was said), behind
 * rules_read, and fill in. */
void ledger_read(struct schema *s, const struct yaml *map, struct rules *r);

/* What the rules say of an article: by its code or EAN, or else by the
 * longest of the beginnings ("MUG-*") that fit.  A discount that names an
 * article has its VAT, but not its account.  False: nothing.  Both are
 * borrowed from r; NULL: not said. */
struct ledger_article { const char *account, *vat; };
bool ledger_article(const struct rules *r, const struct sale_line *l,
    struct ledger_article *out);

/* A fee whose sign is against the sale's, and that bears no VAT: not what the
 * debtor pays, but what somebody keeps of it.  A cost, and no turnover. */
bool ledger_withheld(const struct sale *s, const struct sale_line *l);

/*
 * The account of a line of s whose VAT is vat_key.  An article's own; else
 * that of its kind; of articles, shipping, discounts and fees, that of the
 * VAT rate, and then `sales`.  What is withheld goes to `costs` first.
 * NULL: none, and *key is what is missing under accounts.
 */
const char *ledger_account(const struct rules *r, const struct sale *s,
    const struct sale_line *l, const char *vat_key, const char **key);

/* The account of a payment, or LEDGER_IGNORE.  A gift card that pays takes
 * from what gift cards owe, where the rules say nothing else.  NULL: none. */
const char *ledger_payment(const struct rules *r, const char *method);

/* What one unit of a currency is worth by the rules; 0: they don't say. */
struct money ledger_rate(const struct rules *r, const char *currency);

#endif
