/*
 * schema.h - tables that say what a YAML map may hold, and the check.
 *
 * A table row names a key, its type, whether it must be there, and where its
 * value goes.  What is not in the YAML leaves the preset that the caller put
 * there.  Faults are said at once, with the nearest known key, and counted;
 * the caller goes on and looks at the count when the whole file was read.
 * A value never stands in a message, only keys and what was expected.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "rc.h"
#include "typed.h"
#include "yaml.h"

struct schema {			/* one file being checked */
	const char *file;
	const char *dir;	/* where relative paths start */
	const char *tenant;	/* for the command that stores a secret */
	const char *connection;
	unsigned faults;
};

/* Say a fault, at a node's value or at its key; text is what is wrong. */
void schema_fault(struct schema *s, const struct yaml *at, const char *text);
void schema_fault_key(struct schema *s, const struct yaml *at,
    const char *text);
/* "unknown key; did you mean ...?", or the word about secrets. */
void schema_unknown(struct schema *s, const struct yaml *at,
    const char *const *known, size_t n);
/* A secret stands at this node. */
void schema_secret(struct schema *s, const struct yaml *at);
/* This key is missing in a map. */
void schema_missing(struct schema *s, const struct yaml *map,
    const char *key);

/* True when the node is of this kind; else a fault. */
bool schema_is(struct schema *s, const struct yaml *y, enum yaml_kind kind);

/* Check a whole map against its table and fill in base. */
void schema_read(struct schema *s, const struct yaml *map,
    const struct typed_key *keys, void *base);
/* Check one node as key k says and put its value into base. */
void schema_value(struct schema *s, const struct yaml *y,
    const struct typed_key *k, void *base);

/* A scalar's text, on one line and not empty; NULL after a fault that says
 * what k expects. */
const char *schema_text(struct schema *s, const struct yaml *y,
    const struct typed_key *k);

/* True for a key that must not stand in YAML. */
bool schema_secret_key(const char *key);

#endif
