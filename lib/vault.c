/*
 * vault.c - a connection's credentials, by the names its connector gives.
 *
 * A secret leaves the store for the length of a run, in locked memory, and is
 * wiped after.  It must never be printed, and never be looked for anywhere
 * but in the store.
 */
#include "vault.h"

#include <string.h>

#include "connector.h"
#include "log.h"
#include "str.h"

static enum rc
load_one(struct store *s, enum safe_slot slot, const char *connection,
    struct vault_set *v)
{
	struct secret_row row = { .value = { .text = NULL } };
	size_t i = v->n++;
	enum rc rc = s == NULL ? RC_END : safe_get(store_safe(s), slot,
	    connection, v->name[i], &row);

	v->value[i] = row.value;
	v->at[i] = row.at;
	v->until[i] = row.until_at;
	return rc == RC_END ? RC_OK : rc;
}

enum rc
vault_peek(struct store *s, enum safe_slot slot,
    const struct config_connection *c, struct vault_set *out)
{
	const struct secret_key *k = c->connector->secrets;
	struct vault_set v = { .n = 0 };
	enum rc rc = RC_OK;

	for (; k != NULL && k->name != NULL && rc == RC_OK; k++) {
		if (v.n == VAULT_SECRETS) {
			SAY(M_INTERNAL, F_WORD("text",
			    "a connector has too many secrets"));
			rc = RC_FATAL;
			break;
		}
		v.name[v.n] = k->name;
		rc = load_one(s, slot, c->name, &v);
	}
	if (rc == RC_OK && s != NULL)
		rc = safe_grant_get(store_safe(s), slot, c->name, &v.grant);
	if (rc == RC_OK)
		*out = v;
	else
		vault_wipe(&v);
	return rc;
}

enum rc
vault_load(struct store *s, const char *tenant,
    const struct config_connection *c, struct vault_set *out)
{
	struct vault_set v = { .n = 0 };
	const char *name;
	enum rc rc = vault_peek(s, SAFE_CURRENT, c, &v);

	if (rc != RC_OK)
		return rc;
	/* All that are missing are said, not the first alone. */
	for (size_t i = 0; (name = vault_missing(&v, c->connector, i)) != NULL;
	    i++) {
		SAY(M_NO_SECRET, F_WORD("connection", c->name),
		    F_WORD("tenant", tenant), F_WORD("secret", name));
		rc = RC_AUTH;
	}
	if (rc == RC_OK)
		*out = v;
	else
		vault_wipe(&v);
	return rc;
}

void
vault_wipe(struct vault_set *v)
{
	for (size_t i = 0; i < v->n; i++)
		secret_wipe(&v->value[i]);
	*v = (struct vault_set){ .n = 0 };
}

struct secret *
vault_slot(struct vault_set *v, const struct connector *k, const char *name)
{
	for (size_t i = 0; k->secrets != NULL && k->secrets[i].name != NULL;
	    i++) {
		if (!str_eq(k->secrets[i].name, name))
			continue;
		v->name[i] = k->secrets[i].name;
		if (v->n <= i)
			v->n = i + 1;
		return &v->value[i];
	}
	return NULL;
}

/* A slot behind which others were filled in has no name yet. */
static size_t
index_of(const struct vault_set *v, const char *name)
{
	size_t i = 0;

	while (i < v->n && (v->name[i] == NULL || v->value[i].text == NULL ||
	    !str_eq(v->name[i], name)))
		i++;
	return i;
}

const char *
vault_text(const struct vault_set *v, const char *name)
{
	size_t i = index_of(v, name);

	return i < v->n ? v->value[i].text : NULL;
}

bool
vault_empty(const struct vault_set *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->value[i].text != NULL)
			return false;
	return true;
}

/* The turn-th secret of a group that is required and not there. */
static const char *
missing_of(const struct vault_set *v, const struct secret_key *k, int group,
    size_t turn)
{
	for (; k->name != NULL; k++)
		if (k->group == group && k->required &&
		    vault_text(v, k->name) == NULL && turn-- == 0)
			return k->name;
	return NULL;
}

const char *
vault_missing(const struct vault_set *v, const struct connector *k,
    size_t turn)
{
	const struct secret_key *s = k->secrets;
	int begun = 0;

	if (s == NULL)
		return NULL;
	for (; s->name != NULL; s++) {
		if (missing_of(v, k->secrets, s->group, 0) == NULL)
			return NULL;
		if (vault_text(v, s->name) != NULL)
			begun = s->group;
	}
	return missing_of(v, k->secrets, begun, turn);
}

void
vault_store(struct store *s, enum safe_slot slot,
    const struct config_connection *c, const struct vault_set *v, int64_t now)
{
	const struct secret_key *k = c->connector->secrets;
	const struct sealed *safe = store_safe(s);

	for (; k != NULL && k->name != NULL; k++) {
		size_t i = index_of(v, k->name);
		struct secret_row row = { .at = now };

		if (i == v->n) {
			safe_put(safe, slot, c->name, k->name, NULL);
			continue;
		}
		if (v->at[i] != 0)
			row.at = v->at[i];
		row.until_at = v->until[i];
		if (slot != SAFE_CURRENT)
			row.drop_at = now + VAULT_GRACE_S;
		row.value = v->value[i];
		safe_put(safe, slot, c->name, k->name, &row);
	}
	safe_grant_put(safe, slot, c->name, &v->grant);
}

enum rc
vault_swap(struct store *s, const struct config_connection *c, int64_t now)
{
	struct vault_set was = { .n = 0 }, next = { .n = 0 };
	const struct vault_set none = { .n = 0 };
	enum rc rc = vault_peek(s, SAFE_CURRENT, c, &was);

	if (rc == RC_OK)
		rc = vault_peek(s, SAFE_CANDIDATE, c, &next);
	if (rc == RC_OK) {
		vault_store(s, SAFE_PREVIOUS, c, &was, now);
		vault_store(s, SAFE_CURRENT, c, &next, now);
		vault_store(s, SAFE_CANDIDATE, c, &none, now);
	}
	vault_wipe(&was);
	vault_wipe(&next);
	return rc;
}

enum rc
vault_fade(struct store *s, int64_t now, size_t *n)
{
	enum rc rc = store_begin(s);

	if (rc != RC_OK)
		return rc;
	rc = safe_fade(store_safe(s), now, n);
	if (rc == RC_OK)
		return store_commit(s);
	store_abort(s);
	return rc;
}
