/*
 * rekey.c - rotate-credentials --master-key: a new key around all others; and
 * --tenant-key: new keys for what is stored.
 *
 * It must never let go of the old key before every ring was seen to open with
 * the new one, and never leave a ring wrapped by a key that a next run does
 * not find.
 */
#include "rekey.h"

#include <string.h>
#include <unistd.h>

#include "file.h"
#include "lock.h"
#include "log.h"
#include "reseal.h"
#include "run.h"
#include "secret.h"
#include "str.h"

struct rekey {
	struct cmd *c;
	const char *to;			/* --to; NULL: beside the old file */
	char keys[FILE_PATH];		/* the rings' folder */
	char path[FILE_PATH], path_new[FILE_PATH];	/* of key files */
	char spec_new[FILE_PATH + 8];
	struct master *next;
};

static bool
same_key(const struct master *a, const struct master *b)
{
	return memcmp(a->id, b->id, MASTER_ID) == 0;
}

/* Two changes at once would need three keys. */
static enum rc
half_done(void)
{
	SAY0(M_MASTER_HALF);
	return RC_CONFIG;
}

/* A key of our making in a file of its own first, so that a crash leaves
 * both; the file of one that died is used. */
static enum rc
next_file(struct rekey *k)
{
	char text[66];
	enum rc rc = RC_OK;

	if (access(k->path_new, F_OK) != 0) {
		if (k->c->master->next != NULL)
			return half_done();
		master_make(text);
		rc = file_create(k->path_new, text, strlen(text), 0400);
		secret_zero(text, sizeof(text));
	}
	return rc;
}

/* The next key, and what tells others where it is: a name beside the old
 * one's, or a note in the store. */
static enum rc
next_key(struct rekey *k)
{
	const char *spec = k->to != NULL ? k->to : k->spec_new;
	struct master *now = k->c->master;
	enum rc rc = k->to == NULL ? next_file(k) : RC_OK;

	if (rc == RC_OK)
		rc = master_load(spec, k->c->cfg->dir, &k->next);
	if (rc == RC_OK && now->next != NULL && !same_key(now->next, k->next))
		rc = half_done();
	if (rc == RC_OK && k->to != NULL && !same_key(now, k->next))
		rc = master_announce(now, k->keys, k->to);
	return rc;
}

/* The new key takes the old one's place, where that is ours to do. */
static enum rc
retire(struct rekey *k, size_t n)
{
	enum rc rc = RC_OK;

	if (k->to == NULL)
		rc = file_rename(k->path_new, k->path);
	if (rc == RC_OK)
		SAY(M_REWRAPPED, F_INT("count", n));
	if (rc == RC_OK && k->to != NULL && !same_key(k->c->master, k->next))
		SAY(M_MASTER_MOVED, F_WORD("text", k->to));
	return rc;
}

static enum rc
rekey(struct rekey *k)
{
	bool dry = cmd_option(k->c, "dry-run") != NULL;
	struct master *now = NULL;
	int lock = -1;
	size_t n = 0;
	enum rc rc = file_mkdir(k->keys);

	if (rc == RC_OK)
		rc = ring_lock(k->keys, &lock);
	if (rc != RC_OK)
		return rc;
	/* Whom we waited for may have replaced it. */
	rc = master_again(k->c->master, k->keys, &now);
	if (rc == RC_OK) {
		master_free(k->c->master);
		k->c->master = now;
	}
	if (rc == RC_OK && !dry)
		rc = next_key(k);
	else if (rc == RC_OK && k->to != NULL)
		rc = master_load(k->to, k->c->cfg->dir, &k->next);
	if (rc == RC_OK)
		rc = ring_rewrap(k->keys, k->c->master, k->next != NULL ?
		    k->next : k->c->master, dry, &n);
	if (rc == RC_OK && !dry)
		rc = retire(k, n);
	(void)close(lock);
	return rc;
}

/* The names of the file that holds the key, and of the next one. */
static enum rc
file_names(struct rekey *k)
{
	enum rc rc = file_under(k->path, k->c->cfg->dir,
	    k->c->cfg->master_key + strlen("file:"));

	if (rc == RC_OK && str_fmt(k->path_new, sizeof(k->path_new),
	    "%s" MASTER_NEXT, k->path) && str_fmt(k->spec_new,
	    sizeof(k->spec_new), "file:%s", k->path_new))
		return RC_OK;
	return RC_CONFIG;
}

int
rekey_master(struct cmd *c)
{
	struct rekey k = { .c = c, .to = cmd_option(c, "to") };
	enum rc rc = file_path(k.keys, c->cfg->store, "keys");

	if (c->words_n > 0)
		return cmd_usage(c, "--master-key takes no words");
	if (k.to == NULL && !str_starts(c->cfg->master_key, "file:"))
		return cmd_usage(c, "this master key is no file: make a new "
		    "one where it comes from, and name that with --to");
	if (rc == RC_OK && k.to == NULL)
		rc = file_names(&k);
	if (rc == RC_OK)
		rc = rekey(&k);
	master_free(k.next);
	return run_exit(rc);
}

/* --- a tenant's data key --- */

/* Its store under a new key; who: NULL, the operator's own. */
static enum rc
one_store(struct cmd *c, const char *who)
{
	struct store_place place = store_place_of(c->cfg, c->master,
	    who != NULL ? who : ENV_OPERATOR);
	bool dry = cmd_option(c, "dry-run") != NULL;
	uint64_t n = 0;
	int lock = -1;
	enum rc rc;

	log_about(who, NULL);
	rc = who != NULL ? lock_take(c->cfg, who, &lock) :
	    lock_operator(c->cfg, &lock);
	if (rc != RC_OK)
		return rc;
	rc = reseal_store(&place, dry, &n);
	if (rc == RC_OK && !dry)
		SAY(M_RESEALED, F_INT("count", n));
	(void)close(lock);
	return rc == RC_END ? RC_OK : rc;
}

int
rekey_tenants(struct cmd *c)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < c->words_n; i++)
		if (cmd_tenant(c, c->words[i]) == NULL)
			return 78;
	for (size_t i = 0; i < c->words_n; i++)
		rc = rc_worse(rc, one_store(c, c->words[i]));
	for (size_t i = 0; c->words_n == 0 && i < c->cfg->tenants_n; i++)
		rc = rc_worse(rc, one_store(c, c->cfg->tenants[i].name));
	if (c->words_n == 0)
		rc = rc_worse(rc, one_store(c, NULL));
	log_about(NULL, NULL);
	return run_exit(rc);
}
