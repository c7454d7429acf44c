/*
 * connection.h - one source, or the books, of one tenant: opened.
 *
 * Connectors read the upper part and own `state`; conn.c makes a connection,
 * fills it in and frees it.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "http.h"
#include "json.h"
#include "sale.h"

#define CURSOR_MAX 256

struct config_connection;
struct connector;
struct vault_set;

/* A vendor's OAuth.  The secrets are named client_id, client_secret,
 * refresh_token (none in the connector's table: the vendor gives tokens for
 * the client's own credentials) and token, the access token. */
struct oauth {
	const char *authorize, *token;	/* https addresses, or paths on the
					 * host of the setting url; authorize
					 * NULL: nobody is asked for consent */
	const char *scope;		/* NULL: the vendor's preset */
	bool basic;			/* the client logs in by HTTP Basic;
					 * else by members of the body */
	bool single;			/* a refresh token works once */
	int early_s;			/* renewed so long before the end;
					 * 0: a minute */
};

struct connection {
	const struct connector *connector;
	char tenant[SALE_NAME];
	char name[SALE_NAME];		/* the source's name, or "books" */
	char country[3];		/* the tenant's own, ISO alpha-2 */
	const char *zone;		/* in which the source's days count */
	struct http *http;		/* NULL for local connectors */
	struct json_doc *json;		/* for answers */
	void *state;			/* the connector's own, mem_alloc'ed */

	/* sources: what to deliver */
	char cursor[CURSOR_MAX];	/* "": from since_at */
	char cursor_next[CURSOR_MAX];	/* set by next before RC_END */
	int64_t since_at, until_at;	/* placed in [since, until); 0: open */
	int64_t overlap_s;		/* re-read this much */
	int64_t started_at;		/* when the run began; 0: no run */

	/* why the last call was not RC_OK */
	enum msg why;
	long status;			/* of the last HTTP answer, 0: none */
	char why_text[200];		/* our words or a vendor's code */
	char why_debtor[200];		/* the vendor's words: sealed apart */

	/* Renew the access token; refused: the one in use no longer works.
	 * RC_OK: the secret `token` may be used.  NULL: it lasts. */
	enum rc (*renew)(struct connection *c, bool refused);
	int64_t renew_at;		/* when that is due */
	bool renewed;			/* it was refused in this run before */

	/* conn.c's; connectors use the functions below */
	const char *(*item)(const struct connection *c, const char *name,
	    size_t i);
	const char *(*secret)(const struct connection *c, const char *name);
	const struct config_connection *settings;
	const struct vault_set *secrets;
};

#endif
