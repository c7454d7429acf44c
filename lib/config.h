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
#include "rules.h"
#include "settings.h"
#include "statutory.h"
#include "tenant.h"

struct config {
	char *file;
	char dir[FILE_PATH];		/* sync.yaml's folder */
	char store[FILE_PATH];
	char logs[FILE_PATH];
	char *master_key;		/* file:, credential: or command: */
	char *zone;			/* preset Europe/Amsterdam */
	enum language language;		/* preset en */
	int parallel;			/* preset 32 */
	int64_t time_limit_s;		/* of a tenant's run, preset 1h */
	struct day year_end;		/* see statutory.h, preset 12-31 */
	int64_t backups_s;		/* how long the operator keeps backups
					 * of the store, preset 90d */
	struct tenant *tenants;		/* sorted by name */
	size_t tenants_n;
	size_t faulty_n;		/* tenant files left out */
};

/*
 * Load sync.yaml and every tenant file it names.  connectors: NULL-ended, for
 * their settings.  A faulty tenant file makes the whole load RC_CONFIG: a
 * half-known configuration is not acted on.  Unless lenient: then faulty ones
 * are said, left out and counted.
 */
MUST enum rc config_load(const char *path,
    const struct connector *const *connectors, bool lenient,
    struct config **out);
void config_free(struct config *c);

const struct tenant *config_tenant(const struct config *c, const char *name);
/* A source by name, or the books for "books"; NULL. */
const struct config_connection *config_connection(const struct tenant *t,
    const char *name);
/* The time zone in which the days of a source's sales are counted. */
const char *config_zone(const struct config *c, const struct tenant *t,
    const char *source);
/* True for a source whose receipts are booked as a summary of their day. */
bool config_by_day(const struct tenant *t, const char *source);
/* Says of each source of t that another tenant with the same books has one by
 * its name; false: there is none. */
bool config_alike(const struct config *c, const struct tenant *t);
/* The tenant's own, or else the operator's. */
enum language config_language(const struct config *c, const struct tenant *t);
const char *config_pair(const struct config_pair *p, size_t n,
    const char *key);

/* True for a key that must not stand in YAML: password, token, key, ... */
bool config_secret_key(const char *key);

#endif
