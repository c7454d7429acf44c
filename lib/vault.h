/*
 * vault.h - a connection's credentials, in terms of its connector's table.
 */
#ifndef VAULT_H
#define VAULT_H

#include <stdbool.h>

#include "config.h"
#include "rc.h"
#include "secret.h"
#include "store.h"

#define VAULT_SECRETS 8

struct vault_set {		/* the secrets of one connection */
	size_t n;
	const char *name[VAULT_SECRETS];	/* the connector's table's */
	struct secret value[VAULT_SECRETS];
};

/* Read them; s may be NULL (then none is set).  A required one that is not
 * there: RC_AUTH, said with the command that stores it. */
MUST enum rc vault_load(struct store *s, const char *tenant,
    const struct config_connection *c, struct vault_set *out);
/* The same, but whatever is missing is just not set. */
MUST enum rc vault_peek(struct store *s, const struct config_connection *c,
    struct vault_set *out);
void vault_wipe(struct vault_set *v);

/* Replace all secrets of the connection by these, within a transaction. */
void vault_store(struct store *s, const struct config_connection *c,
    const struct vault_set *v, int64_t now);

#endif
