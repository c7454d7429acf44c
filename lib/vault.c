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
absent(const char *tenant, const char *connection, const char *name)
{
	SAY(M_NO_SECRET, F_WORD("connection", connection),
	    F_WORD("tenant", tenant), F_WORD("secret", name));
	return RC_AUTH;
}

static enum rc
load_one(struct store *s, const char *connection, const char *name,
    struct secret *out)
{
	struct secret_row row = { .value = { .text = NULL } };
	enum rc rc = s == NULL ? RC_END :
	    store_secret_get(s, connection, name, &row);

	if (rc == RC_OK)
		*out = row.value;
	return rc;
}

/* tenant NULL: what is missing is no fault. */
static enum rc
load(struct store *s, const char *tenant, const struct config_connection *c,
    struct vault_set *out)
{
	const struct secret_key *k = c->connector->secrets;
	struct vault_set v = { .n = 0 };
	enum rc rc = RC_OK;

	/* All that are missing are said, not the first alone. */
	for (; k != NULL && k->name != NULL && rc <= RC_AUTH; k++) {
		enum rc one;

		if (v.n == VAULT_SECRETS) {
			SAY(M_INTERNAL, F_WORD("text",
			    "a connector has too many secrets"));
			rc = RC_FATAL;
			break;
		}
		v.name[v.n] = k->name;
		one = load_one(s, c->name, k->name, &v.value[v.n++]);
		if (one == RC_END)
			one = k->required && tenant != NULL ?
			    absent(tenant, c->name, k->name) : RC_OK;
		rc = rc_worse(rc, one);
	}
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
	return load(s, tenant, c, out);
}

enum rc
vault_peek(struct store *s, const struct config_connection *c,
    struct vault_set *out)
{
	return load(s, NULL, c, out);
}

void
vault_wipe(struct vault_set *v)
{
	for (size_t i = 0; i < v->n; i++)
		secret_wipe(&v->value[i]);
	*v = (struct vault_set){ .n = 0 };
}

/* Borrows from v. */
static const struct secret *
find(const struct vault_set *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->name[i], name) && v->value[i].text != NULL)
			return &v->value[i];
	return NULL;
}

void
vault_store(struct store *s, const struct config_connection *c,
    const struct vault_set *v, int64_t now)
{
	const struct secret_key *k = c->connector->secrets;

	for (; k != NULL && k->name != NULL; k++) {
		const struct secret *value = find(v, k->name);
		struct secret_row row = { .at = now };

		if (value == NULL) {
			store_secret_del(s, c->name, k->name);
			continue;
		}
		row.value = *value;
		store_secret_put(s, c->name, k->name, &row);
	}
}
