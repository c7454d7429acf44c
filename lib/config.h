/*
 * config.h - sync.yaml and the tenants' files, checked against a schema.
 *
 * A fault is said with file:line:column, the path of the key, what was
 * expected, and the nearest known key; all faults of a file are said, then
 * RC_CONFIG.  A key that looks like a secret is refused with the command that
 * stores it.  Nothing is contacted.  All pointers live until config_free.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "connector.h"
#include "file.h"
#include "rc.h"

struct config_value {		/* a connection's setting, list items alike */
	char *name;
	char **items;		/* one for a scalar */
	size_t items_n;
	int line, column;
};

struct config_connection {
	char *name;		/* the source's name, or "books" */
	const struct connector *connector;
	struct config_value *values;
	size_t values_n;
	/* common to all sources: */
	bool has_since;
	struct day since;
	int64_t overlap_s;	/* preset 10m */
	/* common to all: url, ca_file, proxy, timeout, rate */
	int64_t timeout_s;	/* preset 30s */
	int rate;		/* 0: the connector's */
};

struct config_pair { char *key, *value; int line; };

enum on_change { CHANGE_REPORT, CHANGE_CORRECT };
enum debtor_rule { DEBTOR_EACH, DEBTOR_COLLECTIVE };

struct rules {
	enum on_change on_change;	/* preset report */
	enum debtor_rule debtors;	/* preset each */
	int64_t settle_s;		/* preset 120s */
	struct money rounding;		/* largest rounding line, preset 0.10 */
	struct config_pair *vat;	/* "NL 21", "reverse_charge", "export" */
	size_t vat_n;
	struct config_pair *accounts;	/* sales, shipping, ... */
	size_t accounts_n;
	struct config_pair *payments;	/* method or "default" to account */
	size_t payments_n;
	bool has_payments;		/* accounts.payments is there */
};

struct customer {
	char *name, *address, *postcode, *city, *email, *iban, *vat_number;
	char country[3];		/* preset NL */
};

struct tenant {
	char *name;			/* [A-Za-z0-9._-], at most 32 */
	char *file;
	struct day start;
	bool has_end;
	struct day end;			/* last day of the contract */
	struct customer customer;
	struct config_pair *services;	/* name, since */
	size_t services_n;
	struct config_connection *sources;
	size_t sources_n;
	struct config_connection books;
	struct rules rules;
};

struct config {
	char *file;
	char dir[FILE_PATH];		/* sync.yaml's folder */
	char store[FILE_PATH];
	char logs[FILE_PATH];
	char *master_key;		/* file:, credential: or command: */
	char *zone;			/* preset Europe/Amsterdam */
	int parallel;			/* preset 32 */
	int64_t time_limit_s;		/* of a tenant's run, preset 1h */
	struct tenant *tenants;		/* sorted by name */
	size_t tenants_n;
};

/*
 * Load sync.yaml and every tenant file it names.  connectors: NULL-ended, for
 * their settings.  A faulty tenant file makes the whole load RC_CONFIG: a
 * half-known configuration is not acted on.
 */
MUST enum rc config_load(const char *path,
    const struct connector *const *connectors, struct config **out);
void config_free(struct config *c);

const struct tenant *config_tenant(const struct config *c, const char *name);
/* A source by name, or the books for "books"; NULL. */
const struct config_connection *config_connection(const struct tenant *t,
    const char *name);
const char *config_pair(const struct config_pair *p, size_t n,
    const char *key);

/* True for a key that must not stand in YAML: password, token, key, ... */
bool config_secret_key(const char *key);

#endif
