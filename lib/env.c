/*
 * env.c - an environment: whether it may be used, and its transactions.
 *
 * Beside the tables of what is kept there is one of the store's own: its
 * format (in the clear, so that a newer one is refused before anything is
 * opened), the host that owns it, its generation, and whether it was restored.
 *
 * It must never use a store that another host owns, and never let a restored
 * one pass for whole.
 */
#include "env.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fresh.h"
#include "log.h"
#include "str.h"

#define MACHINE_ID "/etc/machine-id"

static const char *const tenant_tables[] = {
	[ENV_META] = "meta",
	[ENV_SALES] = "sales",
	[ENV_INTENTS] = "intents",
	[ENV_DEBTORS] = "debtors",
	[ENV_CURSORS] = "cursors",
	[ENV_ERRORS] = "errors",
	[ENV_DETAILS] = "details",
	[ENV_SECRETS] = "secrets",
	[ENV_REFUNDED] = "refunded",
	NULL
};

static const char *const operator_tables[] = {
	[OPERATOR_META] = "meta",
	[OPERATOR_CUSTOMERS] = "customers",
	[OPERATOR_INVOICES] = "invoices",
	[OPERATOR_LOGINS] = "logins",
	[OPERATOR_VISITS] = "visits",
	NULL
};

/* --- the store's own table --- */

static void
put_u64(uint8_t out[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get_u64(const uint8_t in[8])
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v |= (uint64_t)in[i] << (8 * i);
	return v;
}

/* A row of n bytes exactly; RC_END: not there. */
static enum rc
meta_get(const struct env *e, const char *name, uint8_t *out, size_t n)
{
	uint8_t plain[ROWS_MAX];
	size_t got = 0;
	enum rc rc = sealed_get(&e->sealed, ENV_META, text_bytes(name), plain,
	    &got);

	if (rc == RC_OK && got != n) {
		SAY(M_SEALED, F_WORD("tenant", e->tenant));
		rc = RC_FATAL;
	}
	if (rc == RC_OK)
		memcpy(out, plain, n);
	return rc;
}

static void
meta_put(struct env *e, const char *name, const uint8_t *bytes, size_t n)
{
	sealed_put(&e->sealed, ENV_META, text_bytes(name), bytes, n);
}

/* RC_END: it has none yet. */
static enum rc
format_check(const struct env *e)
{
	char text[24] = "";
	uint64_t found = 0;
	struct bytes v;
	enum rc rc = db_get(e->db, ENV_META, text_bytes(ENV_FORMAT), &v);

	if (rc != RC_OK)
		return rc;
	if (!str_copy_n(text, sizeof(text), v.data, v.len))
		text[0] = '\0';
	db_rest(e->db);
	if (str_u64(text, UINT32_MAX, &found) != RC_OK) {
		SAY(M_STORE, F_WORD("tenant", e->tenant),
		    F_WORD("text", "its format is not a number"));
		return RC_FATAL;
	}
	if (found > STORE_FORMAT) {
		SAY(M_STORE_NEWER, F_WORD("tenant", e->tenant),
		    F_INT("found", found), F_INT("known", STORE_FORMAT));
		return RC_CONFIG;
	}
	return RC_OK;
}

static enum rc
host_find(struct env *e)
{
	static const char label[] = "host";
	char name[256] = "";
	struct part parts[2] = { { label, 4 }, { NULL, 0 } };
	struct buf b;
	enum rc rc;

	buf_init(&b, 256);
	rc = file_read(MACHINE_ID, &b);
	if (rc == RC_OK) {
		parts[1] = (struct part){ b.data, b.len };
	} else if (rc == RC_END && gethostname(name, sizeof(name) - 1) == 0) {
		parts[1] = (struct part){ name, strlen(name) };
		rc = RC_OK;
	}
	if (rc == RC_OK)
		crypt_hash(e->ring.index, parts, 2, e->host);
	buf_free(&b);
	return rc;
}

static enum rc
host_check(const struct env *e)
{
	uint8_t owner[CRYPT_HASH];
	enum rc rc = meta_get(e, "host", owner, sizeof(owner));

	if (rc != RC_OK || crypt_equal(owner, e->host, sizeof(owner)))
		return rc == RC_END ? RC_OK : rc;
	SAY(e->tables == operator_tables ? M_OPERATOR_HOST : M_STORE_HOST,
	    F_WORD("tenant", e->tenant));
	return RC_CONFIG;
}

/* The higher of the counters that lie outside; *gone: the one outside the
 * store is not there. */
static enum rc
counters(const struct env *e, uint64_t *outside, bool *gone)
{
	uint64_t seen = 0;
	enum rc rc = ring_generation(e->keys, e->tenant, outside);

	*gone = false;
	if (rc != RC_OK || e->witness[0] == '\0')
		return rc;
	rc = ring_generation(e->witness, e->tenant, &seen);
	*gone = seen == 0;
	if (seen > *outside)
		*outside = seen;
	return rc;
}

/* An environment that is behind its counters was put back from a backup; one
 * whose counter outside the store is gone may have been. */
static enum rc
generation_read(struct env *e)
{
	uint8_t b[8] = { 0 }, flag = 0;
	uint64_t outside = 0, inside;
	bool gone = false;
	enum rc rc = counters(e, &outside, &gone);

	if (rc == RC_OK)
		rc = meta_get(e, "generation", b, sizeof(b));
	if (rc == RC_OK || rc == RC_END)
		rc = meta_get(e, "restored", &flag, 1);
	if (rc != RC_OK && rc != RC_END)
		return rc;
	inside = e->inside = get_u64(b);
	e->generation = inside > outside ? inside : outside;
	e->restored_kept = rc == RC_OK;
	e->restored = e->restored_kept;
	if (inside < outside || (gone && inside > 1)) {
		/* Readers leave it to the writer beside them. */
		if (e->mode != STORE_READ)
			SAY(e->tables == operator_tables ?
			    M_OPERATOR_RESTORED : M_STORE_RESTORED,
			    F_WORD("tenant", e->tenant));
		e->restored = true;
	}
	e->restored_undo = e->restored;
	return RC_OK;
}

static void
generation_put(struct env *e)
{
	uint8_t b[8];

	put_u64(b, e->generation + 1);
	meta_put(e, "generation", b, sizeof(b));
}

/* Within a transaction: what the meta table must say from now on. */
static void
meta_write(struct env *e)
{
	static const uint8_t yes = 1;

	if (!e->raised)
		generation_put(e);
	if (e->restored && !e->restored_kept)
		meta_put(e, "restored", &yes, 1);
	if (!e->restored && e->restored_kept)
		db_del(e->db, ENV_META, text_bytes("restored"));
}

/* --- opening --- */

static enum rc
places(struct env *e, const struct store_place *p)
{
	char name[SALE_NAME + 16] = "operator";
	bool own = str_eq(p->tenant, ENV_OPERATOR);
	enum rc rc;

	e->tables = own ? operator_tables : tenant_tables;
	if (!own && !str_plain(p->tenant, SALE_NAME - 1)) {
		SAY(M_TENANT, F_WORD("text", p->tenant));
		return RC_CONFIG;
	}
	(void)str_copy(e->tenant, sizeof(e->tenant), p->tenant);
	(void)str_copy(e->witness, sizeof(e->witness), p->witness);
	if (!own)
		(void)str_fmt(name, sizeof(name), "tenants/%s", p->tenant);
	rc = file_path(e->dir, p->dir, name);
	return rc == RC_OK ? file_path(e->keys, p->dir, "keys") : rc;
}

/* Whether there is an environment. */
static enum rc
there(const struct env *e, bool *yes)
{
	char path[FILE_PATH];
	enum rc rc = file_path(path, e->dir, "data.mdb");

	if (rc != RC_OK)
		return rc;
	*yes = access(path, F_OK) == 0;
	/* What can't be looked at may be there. */
	if (*yes || errno == ENOENT)
		return RC_OK;
	SAY(M_STORE, F_WORD("tenant", e->tenant),
	    F_WORD("text", strerror(errno)));
	return RC_FATAL;
}

static enum rc
open_keys(struct env *e, const struct store_place *p)
{
	char path[FILE_PATH], name[SALE_NAME + 8];
	bool env = false;
	enum rc rc = there(e, &env);

	if (rc != RC_OK)
		return rc;
	if (!env && e->mode != STORE_MAKE)
		return RC_END;
	if (!env)
		rc = file_mkdir(e->keys);
	/* Data without keys is noise; new keys would only hide that. */
	if (rc == RC_OK)
		rc = ring_open(e->keys, e->tenant, p->master, !env, &e->ring);
	if (rc != RC_END)
		return rc;
	(void)str_fmt(name, sizeof(name), "%s.ring", e->tenant);
	if (file_path(path, e->keys, name) == RC_OK)
		SAY(M_RING_ABSENT, F_WORD("tenant", e->tenant),
		    F_WORD("file", path));
	return RC_CONFIG;
}

static enum rc
open_db(struct env *e)
{
	enum rc rc = RC_OK;

	if (e->mode == STORE_MAKE) {
		rc = file_mkdir(e->dir);
		if (rc == RC_OK)
			rc = fresh_make(e->dir, e->tables);
	}
	if (rc == RC_OK && e->mode != STORE_READ)
		rc = fresh_tidy(e->dir);
	if (rc == RC_OK)
		rc = db_open(e->dir, e->tables, e->mode == STORE_MAKE,
		    e->mode == STORE_READ, &e->db);
	e->sealed = (struct sealed){ e->db, &e->ring, e->tenant,
	    e->tables };
	return rc;
}

/* A new one says at once whose it is. */
static enum rc
settle_in(struct env *e)
{
	char text[16];
	enum rc rc = env_begin(e);

	if (rc != RC_OK)
		return rc;
	(void)str_fmt(text, sizeof(text), "%d", STORE_FORMAT);
	db_put(e->db, ENV_META, text_bytes(ENV_FORMAT), text_bytes(text));
	meta_put(e, "host", e->host, sizeof(e->host));
	return env_commit(e);
}

static enum rc
open_in(struct env *e, const struct store_place *p, bool take_over)
{
	bool empty;
	enum rc rc = places(e, p);

	if (rc == RC_OK)
		rc = open_keys(e, p);
	if (rc == RC_OK)
		rc = open_db(e);
	if (rc != RC_OK)
		return rc;
	rc = format_check(e);
	empty = rc == RC_END;
	if (rc == RC_OK || empty)
		rc = host_find(e);
	if (rc == RC_OK && !take_over)
		rc = host_check(e);
	if (rc == RC_OK)
		rc = generation_read(e);
	if (rc == RC_OK && empty && e->mode != STORE_READ)
		rc = settle_in(e);
	return rc;
}

enum rc
env_open(struct env *e, const struct store_place *p, enum store_mode mode,
    bool take_over)
{
	enum rc rc;

	*e = (struct env){ .mode = mode };
	rc = open_in(e, p, take_over);
	if (rc != RC_OK)
		env_close(e);
	return rc;
}

enum rc
env_open_sealed(struct env *e, const struct store_place *p)
{
	enum rc rc;

	*e = (struct env){ .mode = STORE_READ };
	rc = places(e, p);
	return rc == RC_OK ? open_db(e) : rc;
}

/* A backup that was made in the middle of a run must be told from its end. */
static void
raise_again(struct env *e)
{
	enum rc rc;

	e->raised = false;
	rc = env_begin(e);
	if (rc == RC_OK) {
		generation_put(e);
		rc = env_commit(e);
	}
	/* Said where it failed, and the next run raises it anyway. */
	(void)rc;
}

void
env_close(struct env *e)
{
	if (e->db != NULL) {
		db_abort(e->db);
		if (e->raised && e->commits > 1)
			raise_again(e);
	}
	db_close(e->db);
	ring_close(&e->ring);
	*e = (struct env){ 0 };
}

void
env_own(struct env *e)
{
	meta_put(e, "host", e->host, sizeof(e->host));
	e->restored = true;
}

/* --- transactions --- */

static enum rc
read_only(void)
{
	SAY(M_INTERNAL, F_WORD("text", "this store can't be changed"));
	return RC_FATAL;
}

enum rc
env_begin(struct env *e)
{
	if (e->mode == STORE_READ || e->db == NULL)
		return read_only();
	e->restored_undo = e->restored;
	/* What was read before and what a commit reads need not both be in
	 * memory. */
	db_relax(e->db);
	return db_begin(e->db);
}

/* A witness that lags behind only sees less: what hinders it was said, and
 * does not undo what is on disk. */
static void
witness(const struct env *e)
{
	enum rc rc;

	if (e->witness[0] == '\0')
		return;
	rc = file_mkdir(e->witness);
	if (rc == RC_OK)
		rc = ring_generation_set(e->witness, e->tenant,
		    e->generation + 1);
	(void)rc;
}

enum rc
env_commit(struct env *e)
{
	enum rc rc;

	if (!db_changed(e->db) && e->restored == e->restored_undo) {
		env_abort(e);
		return RC_OK;
	}
	meta_write(e);
	rc = db_commit(e->db);
	if (rc != RC_OK) {
		e->restored = e->restored_undo;
		e->commits = 0;		/* no more of it at the close */
		return rc;
	}
	e->restored_kept = e->restored;
	e->commits++;
	if (e->raised)
		return RC_OK;
	rc = ring_generation_set(e->keys, e->tenant, e->generation + 1);
	if (rc == RC_OK) {
		witness(e);
		e->generation++;
		e->raised = true;
		e->commits = 1;
	}
	return rc;
}

void
env_abort(struct env *e)
{
	e->restored = e->restored_undo;
	db_abort(e->db);
}

void
env_trusted(struct env *e)
{
	e->restored = false;
}

enum rc
env_reload(struct env *e)
{
	enum rc rc;

	if (e->mode == STORE_READ)
		return read_only();
	db_close(e->db);
	e->db = e->sealed.db = NULL;
	rc = fresh_copy(e->dir, e->tables);
	return rc_worse(rc, open_db(e));
}
