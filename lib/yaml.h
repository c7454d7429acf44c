/*
 * yaml.h - a small, strict reading of YAML.  Only yaml.c knows libyaml.
 *
 * One document of maps, lists and scalars; every scalar is text, typing is
 * the schema's work.  Refused: files over 1 MiB, deeper than 16, anchors,
 * aliases, tags, merge keys, duplicate keys, NUL, more than one document.
 */
#ifndef YAML_H
#define YAML_H

#include <stddef.h>

#include "rc.h"

enum yaml_kind { YAML_MAP, YAML_LIST, YAML_SCALAR };

struct yaml {			/* a node; read-only for callers */
	enum yaml_kind kind;
	char *key;		/* in a map: its key */
	int key_line, key_column;
	char *text;		/* scalar */
	int plain;		/* scalar written without quotes */
	int line, column;	/* from 1 */
	struct yaml *first, *next;	/* children in order; sibling */
};

/* Read a file.  RC_CONFIG: said, with file:line:column. */
MUST enum rc yaml_load(const char *path, struct yaml **out);
void yaml_free(struct yaml *y);	/* NULL is fine; wipes scalars */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

#endif
