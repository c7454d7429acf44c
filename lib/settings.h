/*
 * settings.h - what one connection's map in a tenant's file says, checked
 * against the table of its connector.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "connector.h"
#include "schema.h"
#include "yaml.h"

/*
 * A connection's setting that stands in the file, list items alike; presets
 * are the connector's.  Checked texts: a path is absolute, a URL has no slash
 * at its end, a flag is true, false, yes or no in any case, the rest is as
 * written.  url, ca_file and proxy stand here too.
 */
struct config_value {
	char *name;
	char **items;		/* one for a scalar */
	size_t items_n;
	int line, column;
};

enum receipts { RECEIPTS_EACH, RECEIPTS_DAY };

struct config_connection {
	char *name;		/* the source's name, or "books" */
	const struct connector *connector;
	struct config_value *values;
	size_t values_n;
	/* common to all sources: */
	bool has_since;
	struct day since;
	int64_t overlap_s;	/* preset 10m */
	char *zone;			/* whose days count; NULL: operator's */
	enum receipts receipts;	/* one by one, or summed by business day... */
	int64_t day_starts_s;	/* ...which starts so long after midnight */
	/* common to all: url, ca_file, proxy, timeout, rate */
	int64_t timeout_s;	/* preset 30s */
	int rate;		/* 0: the connector's */
	uint64_t books_id;	/* alike where two are the same books: by
				 * connector, url and the settings that say
				 * which they are; 0: a source */
};

/* Read map as a source, or as the books when name is "books"; connectors:
 * NULL-ended.  Faults are counted in s.  Free with settings_free. */
void settings_read(struct schema *s, const struct yaml *map, const char *name,
    const struct connector *const *connectors, struct config_connection *out);
void settings_free(struct config_connection *c);

#endif
