/*
 * table.c - every connector, once.
 */
#include "table.h"

#include <string.h>

extern const struct connector folder_connector;
extern const struct connector journal_connector;
extern const struct connector moneybird_connector;
extern const struct connector ubl_connector;
extern const struct connector woocommerce_connector;

const struct connector *const connectors[] = {
	&folder_connector,
	&journal_connector,
	&moneybird_connector,
	&ubl_connector,
	&woocommerce_connector,
	NULL
};

const struct connector *
connector_find(const char *name)
{
	for (size_t i = 0; connectors[i] != NULL; i++)
		if (strcmp(connectors[i]->name, name) == 0)
			return connectors[i];
	return NULL;
}
