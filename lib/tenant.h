/*
 * tenant.h - one tenant's file.
 */
#ifndef TENANT_H
#define TENANT_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "connector.h"
#include "rc.h"
#include "rules.h"
#include "settings.h"

struct customer {
	char *name, *address, *postcode, *city, *email, *iban, *vat_number;
	char country[3];		/* preset NL */
};

struct tenant {
	char *name;			/* [A-Za-z0-9._-], at most 32 */
	char *file;
	int line, column;		/* where its name stands */
	struct day start;
	bool has_end;
	struct day end;			/* last day of the contract */
	struct customer customer;
	bool has_language;
	enum language language;		/* of words for its bookkeeper; use
					 * config_language */
	char *hold;			/* why customer and invoices must stay
					 * beyond their term; NULL */
	struct config_pair *services;	/* name, since */
	size_t services_n;
	struct config_connection *sources;
	size_t sources_n;
	struct config_connection books;
	struct rules rules;
};

/*
 * Read a tenant's file; relative paths in it start at dir.  All its faults
 * are said, then RC_CONFIG, and *out is untouched.
 */
MUST enum rc tenant_load(const char *file, const char *dir,
    const struct connector *const *connectors, struct tenant *out);
/* True for a day of its contract. */
bool tenant_covers(const struct tenant *t, struct day d);
/* Free what hangs in it. */
void tenant_free(struct tenant *t);

#endif
