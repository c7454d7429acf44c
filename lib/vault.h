/*
 * vault.h - a connection's credentials, in terms of its connector's table.
 */
#ifndef VAULT_H
#define VAULT_H

#include <stdbool.h>

#include "config.h"
#include "rc.h"
#include "safe.h"
#include "secret.h"
#include "store.h"

#define VAULT_SECRETS 8
#define VAULT_GRACE_S 86400	/* candidates and previous ones stay this long */

struct vault_set {		/* the secrets of one connection */
	size_t n;
	const char *name[VAULT_SECRETS];	/* the connector's table's */
	struct secret value[VAULT_SECRETS];
	int64_t at[VAULT_SECRETS];	/* when each was stored; 0: not yet */
	int64_t until[VAULT_SECRETS];	/* an access token's end; 0: none */
	struct grant_row grant;
};

/* Read those in use; s may be NULL (then none is set).  What the connector
 * can't do without and is not there: RC_AUTH, said with the command that
 * stores it. */
MUST enum rc vault_load(struct store *s, const char *tenant,
    const struct config_connection *c, struct vault_set *out);
/* Those in a slot; whatever is missing is just not set. */
MUST enum rc vault_peek(struct store *s, enum safe_slot slot,
    const struct config_connection *c, struct vault_set *out);
void vault_wipe(struct vault_set *v);

/* The place of a secret in the set, made when the connector has one of that
 * name; NULL when it has not. */
struct secret *vault_slot(struct vault_set *v, const struct connector *k,
    const char *name);
/* Its text, NULL when not set; and any of them. */
const char *vault_text(const struct vault_set *v, const char *name);
bool vault_empty(const struct vault_set *v);
/* NULL when all is there that the connector can't do without, else what is
 * missing: of the group of which something is there. */
const char *vault_missing(const struct vault_set *v,
    const struct connector *k, size_t turn);

/* Within a transaction: the slot holds these from now on, and no other. */
void vault_store(struct store *s, enum safe_slot slot,
    const struct config_connection *c, const struct vault_set *v, int64_t now);
/* Within a transaction: the candidate comes into use, and what was in use
 * becomes the previous. */
MUST enum rc vault_swap(struct store *s, const struct config_connection *c,
    int64_t now);
/* In a transaction of its own: candidates and previous ones that have had
 * their grace go, of all connections; *n counts the secrets. */
MUST enum rc vault_fade(struct store *s, int64_t now, size_t *n);

#endif
