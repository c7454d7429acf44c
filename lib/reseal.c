/*
 * reseal.c - seals all that a store holds anew, with a new data key.
 *
 * The version byte of a value says with which key it is sealed, so what is
 * left to do needs no note of its own.  It must never let the old key go
 * before a file without a value of it is in place.
 */
#include "reseal.h"

#include <string.h>

#include "log.h"
#include "stop.h"

#define STEP ((size_t)1 << 20)		/* bytes sealed in a transaction */

struct reseal {
	struct env env;
	bool dry;		/* only see whether every value opens */
	uint64_t n;
};

/* Nothing to do: sealed by the new key, or the format, which stands in the
 * clear. */
static bool
is_done(const struct reseal *r, int table, const struct buf *key,
    const struct buf *value)
{
	if (table == ENV_META && key->len == strlen(ENV_FORMAT) &&
	    memcmp(key->data, ENV_FORMAT, key->len) == 0)
		return true;
	return !r->dry && value->len > 0 &&
	    (uint8_t)value->data[0] == r->env.ring.data_version;
}

static enum rc
reseal_value(struct reseal *r, int table, struct bytes key)
{
	uint8_t plain[ROWS_MAX];
	size_t n = 0;
	enum rc rc = sealed_get(&r->env.sealed, table, key, plain, &n);

	if (rc == RC_OK && !r->dry)
		sealed_put(&r->env.sealed, table, key, plain, n);
	secret_zero(plain, n);
	r->n++;
	return rc;
}

/* From one transaction to the next, unless we are asked to end. */
static enum rc
next_step(struct reseal *r)
{
	enum rc rc = r->dry ? RC_OK : env_commit(&r->env);

	if (rc == RC_OK && *stop_flag() != 0) {
		SAY(M_ENDED, F_INT("signal", *stop_flag()));
		return RC_LATER;
	}
	if (r->dry)
		db_relax(r->env.db);
	return rc == RC_OK && !r->dry ? env_begin(&r->env) : rc;
}

static enum rc
reseal_table(struct reseal *r, int table)
{
	struct buf key, value;
	size_t bytes = 0;
	enum rc rc = r->dry ? RC_OK : env_begin(&r->env);

	buf_init(&key, DB_KEY_MAX);
	buf_init(&value, DB_VALUE_MAX);
	while (rc == RC_OK &&
	    (rc = db_next(r->env.db, table, &key, &value)) == RC_OK) {
		if (is_done(r, table, &key, &value))
			continue;
		rc = reseal_value(r, table,
		    (struct bytes){ key.data, key.len });
		bytes += key.len + value.len;
		if (rc == RC_OK && bytes > STEP) {
			rc = next_step(r);
			bytes = 0;
		}
	}
	buf_free(&key);
	buf_free(&value);
	if (rc != RC_END)
		return rc;
	return r->dry ? RC_OK : env_commit(&r->env);
}

enum rc
reseal_store(const struct store_place *p, bool dry, uint64_t *n)
{
	struct reseal r = { .dry = dry };
	struct env *e = &r.env;
	enum rc rc = env_open(e, p, dry ? STORE_READ : STORE_WRITE, false);

	if (rc != RC_OK)
		return rc;
	if (!dry)
		rc = ring_turn(&e->ring);
	for (int i = 0; rc == RC_OK && e->tables[i] != NULL; i++)
		rc = reseal_table(&r, i);
	if (rc == RC_OK && !dry)
		rc = env_reload(e);
	if (rc == RC_OK && !dry)
		rc = ring_settle(&e->ring);
	env_close(e);
	if (rc == RC_OK)
		*n = r.n;
	return rc;
}
