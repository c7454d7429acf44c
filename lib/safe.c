/*
 * safe.c - where a connection's secrets stand in the store.
 *
 * A row's key is CONNECTION NUL NAME, as it was before there were slots, and
 * NUL SLOT behind it where the slot is not the current one.  The state of a
 * renewal has no name.  It must never leave a secret behind on the stack.
 */
#include "safe.h"

#include <string.h>

#include "env.h"
#include "log.h"

static const char *const slots[] = {
	[SAFE_CURRENT] = "",
	[SAFE_CANDIDATE] = "candidate",
	[SAFE_PREVIOUS] = "previous",
};

/* A name that is too long for us was refused before. */
static struct bytes
key_of(enum safe_slot slot, const char *connection, const char *name,
    char out[DB_KEY_MAX])
{
	size_t n = strnlen(connection, 200), m = strnlen(name, 200);
	size_t len = n + 1 + m, k = strlen(slots[slot]);

	memcpy(out, connection, n);
	out[n] = '\0';
	memcpy(out + n + 1, name, m);
	if (k == 0)
		return (struct bytes){ out, len };
	out[len] = '\0';
	memcpy(out + len + 1, slots[slot], k);
	return (struct bytes){ out, len + 1 + k };
}

static enum rc
unpack(const struct sealed *s, const uint8_t *plain, size_t n,
    struct secret_row *out)
{
	if (rows_secret_unpack(plain, n, out) == RC_OK)
		return RC_OK;
	SAY(M_SEALED, F_WORD("tenant", s->tenant));
	return RC_FATAL;
}

enum rc
safe_get(const struct sealed *s, enum safe_slot slot, const char *connection,
    const char *name, struct secret_row *out)
{
	char key[DB_KEY_MAX];
	uint8_t plain[ROWS_MAX];
	size_t n = 0;
	enum rc rc;

	/* Another process may have renewed it just now. */
	db_rest(s->db);
	rc = sealed_get(s, ENV_SECRETS, key_of(slot, connection, name, key),
	    plain, &n);
	if (rc == RC_OK)
		rc = unpack(s, plain, n, out);
	secret_zero(plain, n);
	return rc;
}

void
safe_put(const struct sealed *s, enum safe_slot slot, const char *connection,
    const char *name, const struct secret_row *r)
{
	char key[DB_KEY_MAX];
	uint8_t plain[ROWS_MAX];
	struct bytes k = key_of(slot, connection, name, key);
	size_t n;

	if (r == NULL) {
		db_del(s->db, ENV_SECRETS, k);
		return;
	}
	n = rows_secret_pack(r, plain);
	sealed_put(s, ENV_SECRETS, k, plain, n);
	secret_zero(plain, n);
}

enum rc
safe_grant_get(const struct sealed *s, enum safe_slot slot,
    const char *connection, struct grant_row *out)
{
	char key[DB_KEY_MAX];
	enum rc rc = sealed_row_get(s, ENV_SECRETS,
	    key_of(slot, connection, "", key), &rows_grant, out);

	return rc == RC_END ? RC_OK : rc;
}

void
safe_grant_put(const struct sealed *s, enum safe_slot slot,
    const char *connection, const struct grant_row *r)
{
	char key[DB_KEY_MAX];
	struct bytes k = key_of(slot, connection, "", key);

	if (r->tries == 0 && r->consent_at == 0)
		db_del(s->db, ENV_SECRETS, k);
	else
		sealed_row_put(s, ENV_SECRETS, k, &rows_grant, r);
}

struct dropping {
	const struct sealed *s;
	bool all;
	int64_t now;
	size_t n;
};

static enum rc
take(void *arg, struct bytes key, const uint8_t *plain, size_t n)
{
	struct dropping *d = arg;
	const char *name = memchr(key.data, '\0', key.len);
	size_t left = key.len - (size_t)(name - (const char *)key.data);
	bool grant = left == 1 || name[1] == '\0';
	struct secret_row r = { .at = 0 };
	enum rc rc = grant ? RC_OK : unpack(d->s, plain, n, &r);

	if (rc == RC_OK && (d->all || (r.drop_at != 0 &&
	    r.drop_at <= d->now))) {
		db_del(d->s->db, ENV_SECRETS, key);
		d->n += !grant;
	}
	secret_wipe(&r.value);
	return rc;
}

enum rc
safe_fade(const struct sealed *s, int64_t now, size_t *n)
{
	struct dropping d = { .s = s, .now = now };
	enum rc rc = sealed_each(s, ENV_SECRETS, take, &d);

	if (rc == RC_OK)
		*n = d.n;
	return rc;
}

enum rc
safe_drop(const struct sealed *s, size_t *n)
{
	struct dropping d = { .s = s, .all = true };
	enum rc rc = sealed_each(s, ENV_SECRETS, take, &d);

	if (rc == RC_OK)
		*n = d.n;
	return rc;
}
