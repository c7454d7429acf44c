/*
 * renew.c - access tokens that end, and the refresh tokens behind them.
 *
 * Whoever changes the order of lines in here must be able to say which crash
 * it survives.  It must never ask twice without the first having been on disk
 * as asked, and never use a token that is not on disk.
 */
#include "renew.h"

#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clock.h"
#include "connector.h"
#include "lock.h"
#include "log.h"
#include "oauth.h"
#include "str.h"

#define EARLY_S 60
#define ROOM (4u << 20)		/* of disk, before a token is spent */
#define AGAIN_S 60		/* between two that end with "not now" */

struct renewal {
	const struct renew_place *p;
	struct connection *c;
	struct vault_set *v;
	struct store *s;
	bool usable;		/* the access token still serves */
};

static bool
by_refresh(const struct connector *k)
{
	const struct secret_key *s = k->secrets;

	while (s->name != NULL && !str_eq(s->name, "refresh_token"))
		s++;
	return s->name != NULL;
}

bool
renew_can(const struct connector *k, const struct vault_set *v)
{
	return k->oauth != NULL && vault_text(v, "client_id") != NULL &&
	    vault_text(v, "client_secret") != NULL &&
	    (!by_refresh(k) || vault_text(v, "refresh_token") != NULL);
}

/* Of the access token; 0: it has none. */
static int64_t
until(const struct vault_set *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->value[i].text != NULL && str_eq(v->name[i], "token"))
			return v->until[i];
	return 0;
}

int64_t
renew_due_at(const struct connector *k, const struct vault_set *v)
{
	int early = k->oauth->early_s > 0 ? k->oauth->early_s : EARLY_S;

	if (vault_text(v, "token") == NULL)
		return 0;
	return until(v) == 0 ? INT64_MAX : until(v) - early;
}

static enum rc
keep_grant(struct renewal *r)
{
	enum rc rc = store_begin(r->s);

	if (rc != RC_OK)
		return rc;
	safe_grant_put(store_safe(r->s), r->p->slot, r->c->name,
	    &r->v->grant);
	return store_commit(r->s);
}

static enum rc
consent_needed(const struct renewal *r)
{
	SAY(M_CONSENT, F_WORD("connection", r->c->name),
	    F_WORD("tenant", r->c->tenant));
	return RC_AUTH;
}

static void
put(struct vault_set *v, const struct connector *k, const char *name,
    struct secret *value, int64_t until_at)
{
	struct secret *s = vault_slot(v, k, name);

	if (s == NULL || value->text == NULL)
		return;
	secret_wipe(s);
	*s = *value;
	*value = (struct secret){ .text = NULL };
	v->at[s - v->value] = 0;
	v->until[s - v->value] = until_at;
}

static enum rc
keep_tokens(struct renewal *r, struct oauth_tokens *t)
{
	const struct connector *k = r->c->connector;
	enum rc rc;

	put(r->v, k, "token", &t->access, t->until_at);
	put(r->v, k, "refresh_token", &t->refresh, 0);
	r->v->grant = (struct grant_row){ .tries = 0 };
	if ((rc = store_begin(r->s)) != RC_OK)
		return rc;
	vault_store(r->s, r->p->slot, r->c->settings, r->v, clock_now());
	rc = store_commit(r->s);
	if (rc == RC_OK)
		SAY(M_RENEWED, F_WORD("connection", r->c->name),
		    F_WORD("tenant", r->c->tenant));
	return rc;
}

/* A token that can't be stored must not be spent. */
static enum rc
room(const struct renewal *r)
{
	const struct config *cfg = r->p->cfg;
	struct statvfs f;

	if (statvfs(cfg->store, &f) != 0 ||
	    (uint64_t)f.f_bavail * f.f_frsize >= ROOM)
		return RC_OK;
	SAY(M_STORE_FULL, F_WORD("tenant", r->c->tenant));
	return RC_FATAL;
}

/* One request, which the store knows of before it goes out. */
static enum rc
ask(struct renewal *r)
{
	const struct connector *k = r->c->connector;
	struct oauth_ask q = { .grant_type = "client_credentials" };
	struct grant_row *g = &r->v->grant;
	struct oauth_tokens t = { .until_at = 0 };
	enum rc rc;

	if (by_refresh(k)) {
		q.grant_type = "refresh_token";
		q.refresh_token = vault_text(r->v, "refresh_token");
	}
	g->asked_at = clock_now();
	g->tries++;
	if ((rc = keep_grant(r)) != RC_OK)
		return rc;
	rc = oauth_token(r->c, &q, &t);
	if (rc == RC_OK)
		rc = keep_tokens(r, &t);
	oauth_wipe(&t);
	return rc;
}

/* Nothing was carried out, or it may be asked again and again. */
static enum rc
not_now(struct renewal *r, int32_t tries)
{
	enum rc rc;

	r->v->grant.tries = tries;
	rc = keep_grant(r);
	return rc == RC_OK ? RC_LATER : rc;
}

static enum rc
renew(struct renewal *r)
{
	bool single = r->c->connector->oauth->single;
	struct grant_row *g = &r->v->grant;
	int32_t most = r->usable ? 2 : 3;
	enum rc rc;

	if (g->consent_at != 0)
		return consent_needed(r);
	if ((rc = room(r)) != RC_OK)
		return rc;
	rc = RC_UNSURE;
	for (int n = 0; n < 2 && rc == RC_UNSURE && g->tries < most; n++)
		rc = ask(r);
	if (rc == RC_LATER)
		return not_now(r, g->tries - 1);
	if (rc == RC_UNSURE && !single) {
		(void)connector_fail(r->c, RC_LATER, M_DOWN,
		    "the answer with a token was lost");
		return not_now(r, 0);
	}
	if (rc == RC_UNSURE && r->usable)
		return RC_LATER;
	if (rc != RC_UNSURE && rc != RC_AUTH)
		return rc;
	g->consent_at = clock_now();
	rc = keep_grant(r);
	return rc == RC_OK ? consent_needed(r) : rc;
}

/* What another process did since the set was read. */
static enum rc
read_again(struct renewal *r)
{
	struct vault_set now = { .n = 0 };
	const char *was = vault_text(r->v, "token"), *is;
	enum rc rc = vault_peek(r->s, r->p->slot, r->c->settings, &now);
	bool other;

	if (rc != RC_OK)
		return rc;
	is = vault_text(&now, "token");
	other = is != NULL && (was == NULL || !str_eq(was, is));
	vault_wipe(r->v);
	*r->v = now;
	return other && clock_now() < renew_due_at(r->c->connector, r->v) ?
	    RC_OK : RC_END;
}

static enum rc
in_store(struct renewal *r, bool refused)
{
	enum rc rc = read_again(r);

	if (rc != RC_END)
		return rc;
	r->usable = !refused && vault_text(r->v, "token") != NULL &&
	    (until(r->v) == 0 || clock_now() < until(r->v));
	rc = renew_can(r->c->connector, r->v) ? renew(r) : RC_LATER;
	if (!r->usable || rc == RC_FATAL)
		return rc;
	return RC_OK;
}

static enum rc
open_alone(struct renewal *r, int *lock)
{
	const struct renew_place *p = r->p;
	struct store_place place = store_place_of(p->cfg, p->master,
	    r->c->tenant);
	enum rc rc = p->locked ? RC_OK :
	    lock_take(p->cfg, r->c->tenant, lock);

	return rc == RC_OK ? store_open(&place, STORE_WRITE, &r->s) : rc;
}

enum rc
renew_token(const struct renew_place *p, struct connection *c,
    struct vault_set *v, bool refused)
{
	struct renewal r = { .p = p, .c = c, .v = v, .s = p->store };
	int64_t due, again = clock_now() + AGAIN_S;
	int lock = -1;
	enum rc rc = p->store != NULL ? RC_OK : open_alone(&r, &lock);

	if (rc == RC_OK)
		rc = in_store(&r, refused);
	if (p->store == NULL)
		store_close(r.s);
	if (lock >= 0)
		(void)close(lock);
	/* What could not be renewed serves to its end. */
	due = renew_due_at(c->connector, v);
	if (rc == RC_OK)
		c->why = M_NONE;
	c->renew_at = due > again ? due : until(v) > again ? until(v) : again;
	return rc;
}
