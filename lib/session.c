/*
 * session.c - what happens to one sale: booked already, changed, refused, or
 * on to once.c.  Cursors are kept until the end line and stored only when
 * every sale of their source is settled.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "lock.h"
#include "log.h"
#include "map.h"
#include "once.h"
#include "str.h"

#define DEFERRED_MAX 64

struct cursor {
	char source[SALE_NAME];
	char value[CURSOR_MAX];
};

struct session {
	const struct push_job *job;
	const struct tenant *t;
	char lock_path[FILE_PATH];
	int lock;
	struct store *store;		/* NULL: dry run without a store */
	struct once *once;
	struct document *doc;		/* the one being mapped */
	struct cursor *cursors;
	size_t cursors_n;
	/* refunds whose order waits, whole sales of their used size */
	struct sale *deferred[DEFERRED_MAX];
	size_t deferred_n;
	bool blocked;			/* a refund is left for the next run */
	uint64_t skipped, changed, refused, seen;
	enum rc failed;
};

static void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->deferred_n; i++) {
		sale_wipe(s->deferred[i]);
		free(s->deferred[i]);
	}
	once_close(s->once);
	store_close(s->store);
	if (s->doc != NULL)
		document_wipe(s->doc);
	free(s->doc);
	free(s->cursors);
	if (s->lock >= 0)
		(void)close(s->lock);
	free(s);
}

static enum rc
open_store(struct session *s)
{
	struct store_place place = { .dir = s->job->cfg->store,
	    .tenant = s->t->name, .master = s->job->master };
	struct once_place op = { .cfg = s->job->cfg, .tenant = s->t,
	    .lock_path = s->lock_path };
	enum rc rc;

	rc = store_open(&place, s->job->dry_run ? STORE_READ : STORE_MAKE,
	    &s->store);
	if (s->job->dry_run)
		return rc == RC_END ? RC_OK : rc;
	if (rc != RC_OK)
		return rc;
	op.store = s->store;
	return once_open(&op, s->job->stop, &s->once);
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
	s->doc = mem_alloc(sizeof(*s->doc));
	s->cursors = mem_alloc(t->sources_n * sizeof(*s->cursors));
	log_about(t->name, NULL);
	rc = lock_path(job->cfg, t->name, s->lock_path);
	if (rc == RC_OK && !job->locked && !job->dry_run)
		rc = lock_take(job->cfg, t->name, &s->lock);
	if (rc == RC_OK)
		rc = open_store(s);
	if (rc != RC_OK) {
		session_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

static void
fill_entry(struct session *s, const struct sale *sale, struct entry *e)
{
	memset(e, 0, sizeof(*e));
	e->intent.kind = sale->kind;
	(void)str_copy(e->intent.source, SALE_NAME, sale->source);
	(void)str_copy(e->intent.id, SALE_ID, sale->id);
	(void)str_copy(e->intent.number, SALE_ID, sale->number);
	(void)str_copy(e->refund_of, SALE_ID, sale->refund_of);
	e->intent.amounts.excl = sale->excl;
	e->intent.amounts.incl = sale->incl;
	if (s->store != NULL)
		store_sale_key(s->store, sale->source, sale->kind, sale->id, 0,
		    &e->key);
}

static void
refuse(struct session *s, const struct entry *e, enum msg why,
    const char *text)
{
	s->refused++;
	if (s->once != NULL) {
		once_refuse(s->once, e, why, text);
		return;
	}
	SAY(why, F_ORDER("order", e->intent.number), F_WORD("text", text),
	    F_WORD("tenant", s->t->name));
}

/* Booked: with these amounts there is nothing to do; with others it changed
 * in the shop, which a person is told once per change. */
static void
compare(struct session *s, struct entry *e, const struct record *r)
{
	if (money_eq(r->excl, e->intent.amounts.excl) &&
	    money_eq(r->incl, e->intent.amounts.incl)) {
		if (e->had_error && s->once != NULL)
			once_mended(s->once, e);
		s->skipped++;
		return;
	}
	s->changed++;
	refuse(s, e, M_CHANGED, "");
}

/* Refused or held before, and the shop says the same as then: that was said,
 * and is taken up again with --retry alone. */
static bool
known_error(struct session *s, struct entry *e)
{
	struct error_row row;

	if (s->store == NULL ||
	    store_error_get(s->store, &e->key, &row) != RC_OK)
		return false;
	e->had_error = true;
	if (s->job->retry || row.digest != e->digest)
		return false;
	s->skipped++;
	return true;
}

static bool
in_contract(const struct tenant *t, int64_t placed_at, const char *zone)
{
	struct day d = clock_day_of(placed_at, zone);

	return clock_day_cmp(d, t->start) >= 0 &&
	    (!t->has_end || clock_day_cmp(d, t->end) <= 0);
}

/* What became of the refund's order: RC_OK booked, RC_UNSURE it waits,
 * RC_END not booked. */
static enum rc
order_booked(struct session *s, const struct sale *sale, struct record *r)
{
	static const enum sale_kind kinds[] = { SALE_ORDER, SALE_RECEIPT };
	enum rc rc;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct sale_key k;
		enum once_where at;

		store_sale_key(s->store, sale->source, kinds[i],
		    sale->refund_of, 0, &k);
		if (once_where(s->once, &k) == ONCE_IN_WINDOW &&
		    (rc = once_send(s->once)) != RC_OK)
			return rc;
		at = once_where(s->once, &k);
		if (at == ONCE_WAITS)
			return RC_UNSURE;
		r->incl = (struct money){ 0 };
		if (at == ONCE_BOOKED)
			return RC_OK;
		rc = store_sale_get(s->store, &k, r);
		if (rc != RC_END)
			return rc;
	}
	return RC_END;
}

static void
defer(struct session *s, const struct sale *sale)
{
	size_t n = sale_size(sale);

	if (s->deferred_n == DEFERRED_MAX) {
		s->blocked = true;
		return;
	}
	s->deferred[s->deferred_n] = mem_alloc(n);
	memcpy(s->deferred[s->deferred_n++], sale, n);
}

/* RC_OK: the refund may be booked; RC_END: it was refused here; RC_UNSURE:
 * its order waits, and so must it. */
static enum rc
refund_ready(struct session *s, const struct sale *sale,
    const struct entry *e)
{
	struct record order = { .incl = { 0 } };
	enum rc rc;

	if (sale->kind != SALE_REFUND || s->once == NULL)
		return RC_OK;
	rc = order_booked(s, sale, &order);
	if (rc == RC_END) {
		refuse(s, e, M_REFUND_LONE, "");
		return RC_END;
	}
	if (rc == RC_OK && order.incl.e6 != 0 &&
	    money_abs(sale->incl).e6 > money_abs(order.incl).e6) {
		refuse(s, e, M_REFUND_LEFT, "");
		return RC_END;
	}
	return rc;
}

static struct document *
pack(const struct document *d)
{
	size_t n = offsetof(struct document, lines) +
	    d->lines_n * sizeof(d->lines[0]);
	struct document *copy = mem_alloc(n);

	memcpy(copy, d, n);
	return copy;
}

static enum rc
book(struct session *s, const struct sale *sale, struct entry *e)
{
	struct map_why why = { .why = M_NONE };
	enum rc rc;

	rc = map_sale(s->t, s->job->cfg->zone, sale, s->doc, &why);
	if (rc == RC_REJECT) {
		refuse(s, e, why.why, why.text);
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	if (s->once == NULL) {
		s->job->show(s->job->show_arg, s->t, s->doc);
		document_wipe(s->doc);
		return RC_OK;
	}
	(void)str_copy(e->intent.reference, REF_MAX, s->doc->reference);
	e->doc = pack(s->doc);
	document_wipe(s->doc);
	return once_add(s->once, sale, e);
}

/* The same sale came twice in one stream, as when a shop's list was read
 * again; what waits may yet lack its document. */
static bool
taken(const struct session *s, const struct sale_key *k)
{
	enum once_where at = s->once == NULL ? ONCE_NOWHERE :
	    once_where(s->once, k);

	return at != ONCE_NOWHERE && at != ONCE_WAITS;
}

static enum rc
take_sale(struct session *s, const struct sale *sale, uint64_t digest)
{
	struct entry e;
	struct record r;
	enum rc rc = RC_END;

	fill_entry(s, sale, &e);
	e.digest = digest;
	if (known_error(s, &e))
		return RC_OK;
	if (s->store != NULL)
		rc = store_sale_get(s->store, &e.key, &r);
	if (rc == RC_OK) {
		compare(s, &e, &r);
		return RC_OK;
	}
	if (rc != RC_END)
		return rc;
	if (taken(s, &e.key)) {
		s->skipped++;
		return RC_OK;
	}
	if (!in_contract(s->t, sale->placed_at, s->job->cfg->zone)) {
		refuse(s, &e, M_BEFORE_CONTRACT, "");
		return RC_OK;
	}
	rc = refund_ready(s, sale, &e);
	if (rc == RC_UNSURE)
		defer(s, sale);
	if (rc == RC_END || rc == RC_UNSURE)
		return RC_OK;
	return rc == RC_OK ? book(s, sale, &e) : rc;
}

static enum rc
take_refused(struct session *s, const struct item *it, uint64_t digest)
{
	struct entry e;

	fill_entry(s, &it->sale, &e);
	e.digest = digest;
	if (!known_error(s, &e))
		refuse(s, &e, it->why, it->why_text);
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
}

static void
report(struct session *s)
{
	struct push_counts *c = s->job->counts;
	const struct once_counts *n;

	c->seen = s->seen;
	c->skipped = s->skipped;
	c->refused = s->refused - s->changed;
	c->changed = s->changed;
	if (s->once == NULL)
		return;
	n = once_counts(s->once);
	c->booked = n->booked;
	c->refused = n->refused - s->changed;
	c->held = n->held;
	c->waiting = n->waiting + s->deferred_n;
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
	digest = s->store != NULL ? store_digest(s->store, line, len) : 0;
	if (it->type == ITEM_REFUSED)
		rc = take_refused(s, it, digest);
	else
		rc = take_sale(s, &it->sale, digest);
	report(s);
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
	return s->cursors_n == s->t->sources_n && !s->blocked &&
	    once_counts(s->once)->waiting == 0;
}

/* Store the cursors of sources in which nothing waits.  A run without news
 * writes nothing at all. */
static enum rc
store_cursors(struct session *s)
{
	const struct once_counts *n = once_counts(s->once);
	bool news = n->booked + n->refused > 0, begun = false;
	enum rc rc;

	for (size_t i = 0; i < s->cursors_n; i++) {
		struct cursor *c = &s->cursors[i];
		struct cursor_row row = { .at = 0 };

		rc = store_cursor_get(s->store, c->source, &row);
		if (rc > RC_END)
			return rc;
		if (s->blocked || !once_settled(s->once, c->source) ||
		    (!news && str_eq(row.value, c->value)))
			continue;
		(void)str_copy(row.value, CURSOR_MAX, c->value);
		row.at = clock_now();
		row.booked = (int64_t)n->booked;
		row.refused = (int64_t)n->refused;
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

static enum rc
take_deferred(struct session *s)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < s->deferred_n && rc <= RC_UNSURE; i++) {
		struct entry e;

		fill_entry(s, s->deferred[i], &e);
		rc = refund_ready(s, s->deferred[i], &e);
		if (rc == RC_OK)
			rc = book(s, s->deferred[i], &e);
		else if (rc == RC_UNSURE)
			s->blocked = true;
	}
	return rc <= RC_UNSURE ? RC_OK : rc;
}

/* Send, settle, and only then the refunds whose orders had to wait. */
static enum rc
bring_in(struct session *s, bool whole)
{
	enum rc rc = once_send(s->once);

	if (rc == RC_OK)
		rc = once_settle(s->once, whole);
	if (rc != RC_OK || s->deferred_n == 0)
		return rc;
	rc = take_deferred(s);
	if (rc == RC_OK)
		rc = once_send(s->once);
	return rc == RC_OK ? once_settle(s->once, whole) : rc;
}

enum rc
session_end(struct session *s, bool whole)
{
	enum rc rc = RC_OK, end;

	if (s->once != NULL) {
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
	s->job->counts->whole = whole;
	session_free(s);
	return rc;
}
