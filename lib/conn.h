/*
 * conn.h - from configuration and vault to an open connection.
 */
#ifndef CONN_H
#define CONN_H

#include "config.h"
#include "connector.h"
#include "rc.h"
#include "vault.h"

/*
 * Make a connection and call its connector's open.  secrets are borrowed
 * until conn_close.  Whatever is returned but RC_OK has been said; *out is
 * then NULL.
 */
MUST enum rc conn_open(const struct config *cfg, const struct tenant *t,
    const struct config_connection *c, const struct vault_set *secrets,
    struct connection **out);
/* The same without calling the connector's open. */
MUST enum rc conn_make(const struct config *cfg, const struct tenant *t,
    const struct config_connection *c, const struct vault_set *secrets,
    struct connection **out);
void conn_close(struct connection *c);

/* Say why the last call on c failed (c->why), unless http.c did already. */
void conn_say(const struct connection *c, enum rc rc);

#endif
