/*
 * session.c - one tenant's store, lock, and cursors around its sales.
 *
 * Cursors are kept until the end line and stored only when every sale of
 * their source is settled: a crash anywhere re-reads, it never skips.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admit.h"
#include "buf.h"
#include "clock.h"
#include "intake.h"
#include "lock.h"
#include "log.h"
#include "once.h"
#include "str.h"

#define RELAX 32		/* sales */
#define ROUNDS 4

struct cursor {
	char source[SALE_NAME];
	char value[CURSOR_MAX];
	uint64_t digest;		/* of the lines before it */
};

struct session {
	const struct push_job *job;
	const struct tenant *t;
	char lock_path[FILE_PATH];
	int lock;
	struct store *store;		/* NULL: dry run without a store */
	struct crypt_key *digest;	/* NULL then too */
	struct once *once;		/* NULL: dry run */
	struct intake in;
	struct cursor *cursors;
	size_t cursors_n;
	uint64_t lines;			/* digests since the last cursor */
	uint64_t seen;
	enum rc failed;			/* what stopped the tenant */
};

static void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	intake_free(&s->in);
	once_close(s->once);
	crypt_key_free(s->digest);
	store_close(s->store);
	free(s->cursors);
	if (s->lock >= 0)
		(void)close(s->lock);
	free(s);
}

static enum rc
open_store(struct session *s)
{
	struct store_place place = store_place_of(s->job->cfg, s->job->master,
	    s->t->name);
	struct once_place op = { .cfg = s->job->cfg, .tenant = s->t,
	    .lock_path = s->lock_path };
	enum rc rc;

	rc = store_open(&place, s->job->dry_run ? STORE_READ : STORE_MAKE,
	    &s->store);
	s->in.store = s->in.back.store = s->in.days.store = s->store;
	s->in.at.store = s->store;
	if (rc == RC_OK)
		s->digest = store_digest_key(s->store);
	if (s->job->dry_run)
		return rc == RC_END ? RC_OK : rc;
	if (rc != RC_OK)
		return rc;
	op.store = s->store;
	rc = once_open(&op, s->job->stop, &s->once);
	s->in.once = s->in.back.once = s->in.days.once = s->once;
	s->in.at.once = s->once;
	return rc;
}

enum rc
session_open(const struct push_job *job, const struct tenant *t,
    struct session **out)
{
	struct session *s = mem_alloc(sizeof(*s));
	enum rc rc;

	s->job = job;
	s->t = t;
	s->lock = -1;
	intake_init(&s->in, job, t);
	s->cursors = mem_alloc(t->sources_n * sizeof(*s->cursors));
	log_about(t->name, NULL);
	rc = lock_path(job->cfg, t->name, s->lock_path);
	if (rc == RC_OK && !job->locked && !job->dry_run)
		rc = lock_take(job->cfg, t->name, &s->lock);
	if (rc == RC_OK)
		rc = open_store(s);
	if (rc == RC_OK && !job->dry_run)
		(void)config_alike(job->cfg, t);
	if (rc != RC_OK) {
		session_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

static void
take_cursor(struct session *s, const struct item *it)
{
	size_t i = 0;

	while (i < s->cursors_n && !str_eq(s->cursors[i].source, it->source))
		i++;
	if (i == s->t->sources_n)
		return;
	if (i == s->cursors_n)
		s->cursors_n++;
	(void)str_copy(s->cursors[i].source, SALE_NAME, it->source);
	(void)str_copy(s->cursors[i].value, CURSOR_MAX, it->cursor);
	s->cursors[i].digest = s->lines;
	s->lines = 0;
}

static void
report(struct session *s)
{
	struct push_counts *c = s->job->counts;
	struct once_counts n;

	c->seen = s->seen;
	c->skipped = s->in.skipped;
	c->refused = s->in.refused - s->in.changed;
	c->changed = s->in.changed;
	c->left_out = s->in.left_n;
	c->shown = s->in.shown;
	c->waiting = s->in.waiting + s->in.days.waiting +
	    later_count(&s->in.later);
	c->unruled = s->in.prepare.unruled;
	if (s->once == NULL)
		return;
	n = once_counts(s->once, NULL);
	c->booked = n.booked;
	c->corrected = n.taken_back;
	c->refused = n.refused - s->in.changed;
	c->held = n.held;
	c->waiting += n.waiting;
}

enum rc
session_take(struct session *s, const struct item *it, const char *line,
    size_t len)
{
	uint64_t digest;
	enum rc rc = RC_OK;

	if (it->type == ITEM_CURSOR) {
		take_cursor(s, it);
		return RC_OK;
	}
	if (it->type == ITEM_END) {
		if (it->sales == s->seen)
			return RC_OK;
		SAY(M_END_COUNT, F_WORD("tenant", s->t->name),
		    F_INT("said", it->sales), F_INT("seen", s->seen));
		return RC_FATAL;
	}
	s->seen++;
	digest = s->digest != NULL ? crypt_digest(s->digest, line, len) : 0;
	s->lines += digest;
	if (it->type == ITEM_REFUSED)
		intake_refused(&s->in, it, digest);
	else
		rc = intake_sale(&s->in, &it->sale, digest);
	report(s);
	/* The part of the record that was read must not pile up in memory. */
	if (s->store != NULL && s->seen % RELAX == 0)
		store_relax(s->store);
	s->failed = rc_worse(s->failed, rc);
	return rc;
}

enum rc
session_flush(struct session *s)
{
	enum rc rc = s->once != NULL ? once_send(s->once) : RC_OK;

	report(s);
	s->failed = rc_worse(s->failed, rc);
	return rc;
}

static bool
all_cursors(const struct session *s)
{
	return s->cursors_n == s->t->sources_n && !s->in.blocked &&
	    once_counts(s->once, NULL).waiting == 0;
}

/*
 * Where a source is to be read from the next time.  While a business day is
 * open its receipts are read again, so the cursor stays before them; where it
 * would be is kept as the next, until the days are over that are open now.
 */
static void
cursor_move(struct cursor_row *row, const char *value, int64_t open_at,
    int64_t now)
{
	bool due = row->next_at != 0 && now >= row->next_at;

	if (open_at == 0 || due)
		(void)str_copy(row->value, CURSOR_MAX, open_at == 0 ? value :
		    row->next);
	if (open_at == 0) {
		row->next[0] = '\0';
		row->next_at = 0;
	} else if (due || row->next_at == 0) {
		(void)str_copy(row->next, CURSOR_MAX, value);
		row->next_at = open_at;
	}
}

/* What is new in a source's row; false when nothing is. */
static bool
cursor_row_update(struct cursor_row *row, const struct cursor *c,
    const struct once_counts *n, const struct daybook *days)
{
	struct cursor_row was = *row;
	bool news;

	cursor_move(row, c->value, daybook_open(days, c->source), days->now);
	row->digest = c->digest;
	news = n->booked + n->taken_back + n->refused > 0 || !str_eq(row->value, was.value);
	if (news) {
		row->at = clock_now();
		row->booked = (int64_t)n->booked;
		row->refused = (int64_t)n->refused;
	}
	return news || row->digest != was.digest ||
	    row->next_at != was.next_at || !str_eq(row->next, was.next);
}

/* Store the cursors of sources in which nothing waits.  A run that reads what
 * the last one read writes nothing at all. */
static enum rc
store_cursors(struct session *s)
{
	bool begun = false;
	enum rc rc;

	for (size_t i = 0; i < s->cursors_n; i++) {
		struct cursor *c = &s->cursors[i];
		struct cursor_row row = { .at = 0 };
		struct once_counts n = once_counts(s->once, c->source);

		rc = store_cursor_get(s->store, c->source, &row);
		if (rc > RC_END)
			return rc;
		if (s->in.blocked || !once_settled(s->once, c->source) ||
		    !cursor_row_update(&row, c, &n, &s->in.days))
			continue;
		if (!begun && (rc = store_begin(s->store)) != RC_OK)
			return rc;
		begun = true;
		store_cursor_put(s->store, c->source, &row);
	}
	if (store_restored(s->store) && all_cursors(s)) {
		if (!begun && (rc = store_begin(s->store)) != RC_OK)
			return rc;
		begun = true;
		store_trusted(s->store);
	}
	return begun ? store_commit(s->store) : RC_OK;
}

/* Send, settle, and only then what had to wait: refunds for their orders,
 * corrections, and the business days that are over. */
static enum rc
bring_in(struct session *s, bool whole)
{
	enum rc rc = once_send(s->once);

	if (rc == RC_OK && whole)
		rc = intake_days(&s->in, true);
	if (rc == RC_OK)
		rc = once_settle(s->once, whole);
	/* A refund of a sale that is corrected has two outcomes before it. */
	for (int i = 0; i < ROUNDS && rc == RC_OK &&
	    later_count(&s->in.later) > 0; i++) {
		rc = intake_later(&s->in, whole);
		if (rc == RC_OK)
			rc = once_send(s->once);
		if (rc == RC_OK)
			rc = once_settle(s->once, whole);
	}
	if (later_count(&s->in.later) > 0)
		s->in.blocked = true;
	if (rc == RC_OK && whole)
		rc = intake_days(&s->in, false);
	if (rc == RC_OK)
		rc = once_send(s->once);
	return rc == RC_OK ? once_settle(s->once, whole) : rc;
}

/* The same, where nothing is sent. */
static enum rc
show_rest(struct session *s, bool whole)
{
	enum rc rc = whole ? intake_days(&s->in, true) : RC_OK;

	if (rc == RC_OK)
		rc = intake_later(&s->in, whole);
	return rc == RC_OK && whole ? intake_days(&s->in, false) : rc;
}

enum rc
session_end(struct session *s, bool whole)
{
	enum rc rc = RC_OK, end;

	if (s->once == NULL && s->failed <= RC_UNSURE) {
		rc = show_rest(s, whole);
	} else if (s->once != NULL) {
		/* What stopped the run would only stop it again. */
		rc = s->failed > RC_UNSURE ? s->failed : bring_in(s, whole);
		end = once_finish(s->once);
		rc = rc_worse(rc, end);
		if (rc == RC_OK && whole)
			rc = store_cursors(s);
		if (rc == RC_OK)
			file_touch(s->lock_path);
	}
	report(s);
	if (s->in.days.waiting > 0)
		SAY(M_DAY_OPEN, F_INT("count", s->in.days.waiting));
	if (s->in.prepare.unruled > 0)
		SAY(M_UNRULED, F_INT("count", s->in.prepare.unruled));
	if (s->once == NULL)
		s->job->show(s->job->show_arg, s->t, NULL);
	admit_say(s->t, s->in.left);
	s->job->counts->whole = whole;
	session_free(s);
	return rc;
}
