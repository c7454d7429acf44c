/*
 * table.h - the list of connectors.  A new one is one file and one line in
 * table.c.
 */
#ifndef TABLE_H
#define TABLE_H

#include "connector.h"

extern const struct connector *const connectors[];	/* NULL-ended */
/* By name; NULL. */
const struct connector *connector_find(const char *name);

#endif
