/*
 * yaml.h - a small, strict reading of YAML.  Only yaml.c knows libyaml.
 *
 * One document of maps, lists and scalars; every scalar is text, typing is
 * the schema's work.  Refused: files over 1 MiB, deeper than 16, anchors,
 * aliases, tags, directives, merge keys, duplicate keys, NUL, more than one
 * document, none.
 */
#ifndef SALESYNC_YAML_H
#define SALESYNC_YAML_H	/* libyaml has YAML_H */

#include <stddef.h>

#include "rc.h"

#define YAML_MAX (1u << 20)	/* longest file taken */

enum yaml_kind { YAML_MAP, YAML_LIST, YAML_SCALAR };

struct yaml {			/* a node; read-only for callers */
	enum yaml_kind kind;
	char *key;		/* in a map: its key */
	int key_line, key_column;
	char *text;		/* scalar */
	int plain;		/* scalar written without quotes */
	int line, column;	/* from 1 */
	struct yaml *up;	/* the map or list it stands in; NULL: root */
	struct yaml *first, *next;	/* children in order; sibling */
};

/* Read a file.  RC_CONFIG: said, with file:line:column.  RC_FATAL: disk. */
MUST enum rc yaml_load(const char *path, struct yaml **out);
/* The same from n bytes of memory; file is for the messages alone. */
MUST enum rc yaml_parse(const char *file, const char *bytes, size_t n,
    struct yaml **out);
/* NULL is fine; wipes scalars.  Not called yaml_free: libyaml has one, which
 * the program's would then replace inside the library. */
void yaml_drop(struct yaml *y);
/* NULL when map is NULL, is not a map, or has no such key. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

#endif
