/*
 * erase.c - rows leave, and their old bytes with them.
 *
 * It must never drop a row before the tombstone and the mark that let a later
 * run finish are on disk.
 */
#include "erase.h"

#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "secret.h"
#include "tomb.h"

#define MARK "reload"

/* --- old bytes --- */

enum rc
erase_mark(const struct env *e)
{
	char path[FILE_PATH];
	enum rc rc = file_path(path, e->dir, MARK);

	return rc == RC_OK ? file_write(path, "reload\n", 7, 0600) : rc;
}

bool
erase_marked(const struct env *e)
{
	char path[FILE_PATH];

	return file_path(path, e->dir, MARK) == RC_OK &&
	    access(path, F_OK) == 0;
}

enum rc
erase_reload(struct env *e)
{
	char path[FILE_PATH];
	enum rc rc = env_reload(e);

	if (rc == RC_OK)
		rc = file_path(path, e->dir, MARK);
	return rc == RC_OK ? file_remove(path) : rc;
}

/* --- rows --- */

struct dropping {
	struct env *e;
	int64_t before;
	const struct debtor_key *who;
	size_t n;
};

static enum rc
take_detail(void *arg, struct bytes key, const uint8_t *plain, size_t n)
{
	struct dropping *d = arg;
	struct detail_row row;
	enum rc rc = sealed_unpack(&d->e->sealed, &rows_detail, plain, n,
	    &row);

	if (rc == RC_OK && (d->who == NULL ? row.at < d->before :
	    memcmp(&row.debtor, d->who, sizeof(row.debtor)) == 0)) {
		db_del(d->e->db, ENV_DETAILS, key);
		d->n++;
	}
	secret_zero(&row, sizeof(row));
	return rc;
}

enum rc
erase_details(struct env *e, int64_t before, const struct debtor_key *who,
    size_t *n)
{
	struct dropping d = { .e = e, .before = before, .who = who, .n = *n };
	enum rc rc = sealed_each(&e->sealed, ENV_DETAILS, take_detail, &d);

	*n = d.n;
	return rc;
}

static enum rc
drop(struct env *e, const struct debtor_key *who, size_t *n)
{
	struct bytes key = { who->b, sizeof(who->b) }, value;
	enum rc rc = db_get(e->db, ENV_DEBTORS, key, &value);

	if (rc == RC_OK) {
		db_del(e->db, ENV_DEBTORS, key);
		++*n;
	}
	return rc <= RC_END ? erase_details(e, 0, who, n) : rc;
}

/* --- debtors --- */

static struct tomb_place
place_of(const struct env *e)
{
	return (struct tomb_place){ e->keys, e->witness, e->tenant };
}

/* Drop the rows of those whose tombstone is younger than this generation. */
static enum rc
drop_since(struct env *e, const struct tombs *l, uint64_t since, size_t *n)
{
	enum rc rc = env_begin(e);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; rc == RC_OK && i < l->n; i++)
		if (l->t[i].generation > since)
			rc = drop(e, &l->t[i].who, n);
	if (rc == RC_OK && *n > 0)
		rc = erase_mark(e);
	if (rc == RC_OK)
		return env_commit(e);
	env_abort(e);
	return rc;
}

enum rc
erase_debtor(struct env *e, const struct debtor_key *who, struct day today,
    size_t *n)
{
	struct tomb_place place = place_of(e);
	struct tomb t = { .day = today, .who = *who };
	struct tombs all = { NULL, 0 };
	uint64_t now = e->generation;
	enum rc rc = tomb_read(&place, &all);

	*n = 0;
	if (rc != RC_OK)
		return rc;
	/* The commit that drops the rows gets a number of its own. */
	e->raised = false;
	t.generation = now + 1;
	tomb_add(&all, &t);
	rc = tomb_write(&place, &all);
	if (rc == RC_OK)
		rc = drop_since(e, &all, now, n);
	tomb_free(&all);
	return rc == RC_OK && erase_marked(e) ? erase_reload(e) : rc;
}

enum rc
erase_repeat(struct env *e)
{
	struct tomb_place place = place_of(e);
	struct tombs all = { NULL, 0 };
	size_t n = 0, late = 0;
	enum rc rc = tomb_read(&place, &all);

	for (size_t i = 0; i < all.n; i++) {
		late += all.t[i].generation > e->inside;
		/* Where the counters are lost, these are one. */
		if (all.t[i].generation > e->generation)
			e->generation = all.t[i].generation;
	}
	if (rc == RC_OK && late > 0)
		rc = drop_since(e, &all, e->inside, &n);
	if (rc == RC_OK && n > 0)
		SAY(M_ERASED_AGAIN, F_WORD("tenant", e->tenant),
		    F_INT("count", n));
	tomb_free(&all);
	return rc;
}

enum rc
erase_expire(const struct env *e, struct day before, size_t *gone,
    size_t *kept)
{
	struct tomb_place place = place_of(e);
	struct tombs all = { NULL, 0 };
	size_t n = 0;
	enum rc rc = tomb_read(&place, &all);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < all.n; i++)
		if (clock_day_cmp(all.t[i].day, before) >= 0)
			all.t[n++] = all.t[i];
	*gone = all.n - n;
	*kept = all.n = n;
	if (*gone > 0)
		rc = tomb_write(&place, &all);
	tomb_free(&all);
	return rc;
}
