/*
 * oauth.h - OAuth 2: the questions that a client asks, for any vendor.
 *
 * RFC 6749 (authorization code, refresh, client credentials) and RFC 7636
 * (PKCE, S256).  A connector describes its vendor by struct oauth in
 * connection.h.
 */
#ifndef OAUTH_H
#define OAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "connection.h"
#include "rc.h"
#include "secret.h"

#define OAUTH_RANDOM 44		/* room for 43 characters and the NUL */

struct oauth_ask {			/* NULL where it does not apply */
	const char *grant_type;		/* "refresh_token", ... */
	const char *refresh_token;
	const char *code, *verifier, *redirect_uri;
};

struct oauth_tokens {
	struct secret access, refresh;	/* refresh may be empty */
	int64_t until_at;		/* the end of access; 0: not said */
};

/*
 * One request for tokens, sent once; what client_id and client_secret are
 * comes from the connection.  RC_OK: there they are, whatever the status was;
 * free with oauth_wipe.  RC_AUTH: refused, c->why_text holds the vendor's
 * code.  RC_UNSURE: the answer was lost.  RC_LATER: nothing was carried out,
 * or the vendor is out of order.
 */
MUST enum rc oauth_token(struct connection *c, const struct oauth_ask *ask,
    struct oauth_tokens *out);
void oauth_wipe(struct oauth_tokens *t);

/* True for an error code of the form that RFC 6749 gives them: nothing that
 * could be anybody's value. */
bool oauth_code(const char *text);

/* 256 random bits, for state and verifier. */
void oauth_random(char out[OAUTH_RANDOM]);
/* Where a person gives consent, into out, cleared first. */
void oauth_consent(const struct connection *c, const char *redirect_uri,
    const char *state, const char *verifier, struct buf *out);

#endif
