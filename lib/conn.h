/*
 * conn.h - from configuration and vault to an open connection.
 */
#ifndef CONN_H
#define CONN_H

#include "config.h"
#include "connector.h"
#include "rc.h"
#include "renew.h"
#include "vault.h"

/*
 * Make a connection without calling its connector.  cfg, c and secrets are
 * borrowed until conn_close; secrets change when a token is renewed.  since_at
 * is the source's own `since`; cursor, until_at and started_at are empty.
 * Whatever is returned but RC_OK has been said; *out is then NULL.
 */
MUST enum rc conn_make(const struct config *cfg, const struct tenant *t,
    const struct config_connection *c, struct vault_set *secrets,
    struct connection **out);
/* From now on the access token is renewed in time, where it ends. */
void conn_renews(struct connection *c, const struct renew_place *p);
/* A connection's token that is due is renewed, or (now) whether it is due or
 * not; RC_END: it has none that ends.  The store must not be open. */
MUST enum rc conn_refresh(const struct config *cfg, const struct master *m,
    const struct tenant *t, const struct config_connection *c, bool now);
/*
 * Call the connector's open.  A run gives its started_at: that costs no
 * request.  With 0 the credentials are proven.  A failure has been said; the
 * connection is still the caller's to close.
 */
MUST enum rc conn_start(struct connection *c, int64_t started_at);
/* conn_make and conn_start(c, 0): make and prove.  *out is NULL when that
 * fails. */
MUST enum rc conn_open(const struct config *cfg, const struct tenant *t,
    const struct config_connection *c, struct vault_set *secrets,
    struct connection **out);
void conn_close(struct connection *c);	/* NULL is fine */

/* Say why the last call on c failed (c->why), unless http.c did already. */
void conn_say(const struct connection *c, enum rc rc);

#endif
