/*
 * rules.h - how a tenant wants sales booked: the map `rules` of its file.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "condition.h"
#include "document.h"
#include "money.h"
#include "schema.h"
#include "yaml.h"

struct config_pair { char *key, *value; int line; };

enum on_change { CHANGE_REPORT, CHANGE_CORRECT };
enum book_on { BOOK_ON_ORDER, BOOK_ON_PAID, BOOK_ON_SHIPPED };
enum closed_rule { CLOSED_REFUSE, CLOSED_NEXT };
enum debtor_rule { DEBTOR_EACH, DEBTOR_COLLECTIVE, DEBTOR_CHANNEL };

struct rules {
	enum on_change on_change;	/* preset report */
	enum debtor_rule debtors;	/* preset each */
	enum book_on book_on;		/* preset order */
	struct day closed_until;	/* last day closed; year 0: none */
	enum closed_rule closed;	/* preset refuse */
	struct conditions skip, only;	/* which sales are left out */
	int64_t settle_s;		/* preset 120s */
	struct money rounding;		/* largest rounding line, preset 0.10 */
	struct config_pair *vat;	/* "NL 21", "reverse_charge", "export" */
	size_t vat_n;
	struct config_pair *accounts;	/* sales, shipping, ... */
	size_t accounts_n;
	struct config_pair *payments;	/* method or "default" to account */
	size_t payments_n;
	bool has_payments;		/* accounts.payments is there */
	char *default_debtor;		/* the books' contact; NULL: none */
	bool customer_numbers;		/* the shops' are those of the books */
	char currency[4];		/* of the books; preset EUR */
	/* What ledger.c reads: article or "MUG-*" to account, and to a key of
	 * vat; a key of vat to account; currency to rate. */
	struct config_pair *articles, *article_vat, *turnover, *exchange;
	size_t articles_n, article_vat_n, turnover_n, exchange_n;
};

/* The presets; works on memory that holds anything. */
void rules_init(struct rules *r);
/* Check map (NULL: nothing was said) and fill in; faults are counted in s. */
void rules_read(struct schema *s, const struct yaml *map, struct rules *r);
void rules_free(struct rules *r);

/* Append a pair; the texts are copied. */
void rules_pair_add(struct config_pair **list, size_t *n, const char *key,
    const char *value, int line);
/* The value of a key; NULL. */
const char *rules_pair(const struct config_pair *list, size_t n,
    const char *key);
/* Append y's text under this key; what is too long or too much is a fault. */
void rules_pair_read(struct schema *s, const struct yaml *y, const char *key,
    struct config_pair **list, size_t *n);
/* "NL 21.0" is "NL 21".  RC_CONFIG: no line of a sale can have this key. */
MUST enum rc rules_vat_key(const char *key, char out[CODE_MAX]);
void rules_pairs_free(struct config_pair *list, size_t n);

#endif
