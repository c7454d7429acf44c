/*
 * undoing.c - finds a run's documents in the books and has each taken back.
 *
 * That a sale waits for a person is written down before its credit note goes
 * out: however the run ends, the sale is never booked again unasked, and the
 * same command goes on where it stopped.
 */
#include "undoing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conn.h"
#include "lock.h"
#include "log.h"
#include "once.h"
#include "reference.h"
#include "refunded.h"
#include "stop.h"
#include "str.h"
#include "takeback.h"

#define CHUNK_DAYS 30		/* of documents listed at a time */

const char *const undoing_columns[] = { "tenant", "source", "kind", "id",
    "reference", "outcome", NULL };

static const char before[] = "was taken back before";

struct item {
	struct takeback_of of;
	const struct booked *b;
	char reference[REF_MAX];	/* "": not found yet */
	char order[SALE_ID];		/* a refund's, where it was found */
	const char *outcome;
	bool unsure;
	bool nothing;		/* the books hold nothing of it, by the record;
				 * a draft is gone from them then */
};

struct undoing {
	const struct undoing_job *job;
	struct store *store;
	struct takeback back;
	struct item *items;		/* by key */
	size_t n, missing;
};

/* --- finding the documents --- */

static int
by_key(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	return memcmp(&a->b->key, &b->b->key, sizeof(a->b->key));
}

static struct item *
item_of(struct undoing *u, const struct sale_key *k)
{
	const struct booked b = { .key = *k };
	const struct item want = { .b = &b };

	return bsearch(&want, u->items, u->n, sizeof(*u->items), by_key);
}

/* It may be the order of some refunds too. */
static void
name_order(struct undoing *u, const struct sale_key *k,
    const struct reference *r)
{
	for (size_t i = 0; i < u->n && r->kind != SALE_REFUND; i++) {
		struct item *it = &u->items[i];

		if (it->order[0] != '\0' ||
		    memcmp(&it->b->of, k, sizeof(*k)) != 0)
			continue;
		(void)str_copy(it->order, sizeof(it->order), r->id);
		u->missing--;
	}
}

static void
take_reading(struct undoing *u, const char *source, const char *text,
    const struct reference *r)
{
	struct sale_key k;
	struct item *it;

	store_sale_key(u->store, source, r->kind, r->id, 0, &k);
	name_order(u, &k, r);
	it = item_of(u, &k);
	if (it == NULL || it->reference[0] != '\0' ||
	    it->b->revision != r->revision)
		return;
	it->of.kind = r->kind;
	it->of.revision = r->revision;
	it->of.original = it->b->of;
	(void)str_copy(it->of.source, SALE_NAME, source);
	(void)str_copy(it->of.id, SALE_ID, r->id);
	(void)str_copy(it->of.number, SALE_ID, r->number);
	(void)str_copy(it->reference, REF_MAX, text);
	u->missing -= !it->nothing;
}

static enum rc
take_document(void *arg, const struct posted *p)
{
	struct undoing *u = arg;
	const struct tenant *t = u->job->tenant;
	struct reference r;

	for (size_t i = 0; i < t->sources_n; i++)
		for (size_t n = 0; reference_read(p->reference,
		    t->sources[i].name, n, &r); n++)
			take_reading(u, t->sources[i].name, p->reference, &r);
	return RC_OK;
}

/* One that an earlier undo was about to take back: a draft may be gone from
 * the books by now. */
static enum rc
take_intent(void *arg, const struct sale_key *k, const struct intent *i)
{
	struct reference r = { .kind = i->kind,
	    .revision = (unsigned)i->revision - 1 };

	(void)k;
	if (i->revision % 2 == 0)
		return RC_OK;
	(void)str_copy(r.id, sizeof(r.id), i->id);
	(void)str_copy(r.number, sizeof(r.number), i->number);
	take_reading(arg, i->source, i->reference, &r);
	return RC_OK;
}

/* From the newest on: what a run booked is seldom old. */
static enum rc
list_documents(struct undoing *u, struct connection *c)
{
	const struct tenant *t = u->job->tenant;
	struct day to = clock_day_of(clock_now(), u->job->cfg->zone), from;
	char first[CLOCK_DAY], last[CLOCK_DAY];
	enum rc rc = RC_OK;

	if (clock_day_cmp(t->rules.closed_until, to) > 0)
		to = t->rules.closed_until;
	to = clock_day_add(to, 1);
	while (rc == RC_OK && u->missing > 0 &&
	    clock_day_cmp(to, clock_day_add(t->start, -1)) >= 0) {
		from = clock_day_add(to, 1 - CHUNK_DAYS);
		clock_day_print(first, from);
		clock_day_print(last, to);
		rc = c->connector->books->list(c, first, last, take_document,
		    u);
		to = clock_day_add(from, -1);
	}
	if (rc != RC_OK)
		conn_say(c, rc);
	return rc;
}

static enum rc
find_documents(struct undoing *u, struct booked_list *l)
{
	static const struct sale_key nobody = { { 0 } };
	const struct undoing_job *j = u->job;
	struct vault_set secrets = { .n = 0 };
	struct connection *c = NULL;
	struct record r;
	enum rc rc;

	u->items = mem_alloc((l->n + 1) * sizeof(*u->items));
	for (u->n = 0; u->n < l->n; u->n++) {
		struct item *it = &u->items[u->n];

		it->b = &l->b[u->n];
		it->nothing = store_sale_get(u->store, &it->b->key, &r) ==
		    RC_OK && money_is_zero(r.excl) && money_is_zero(r.incl);
		it->outcome = it->nothing ? before : "not found";
		u->missing += !it->nothing + (memcmp(&it->b->of, &nobody,
		    sizeof(nobody)) != 0);
	}
	qsort(u->items, u->n, sizeof(*u->items), by_key);
	rc = vault_load(u->store, j->tenant->name, &j->tenant->books,
	    &secrets);
	if (rc == RC_OK)
		rc = conn_open(j->cfg, j->tenant, &j->tenant->books, &secrets,
		    &c);
	if (rc == RC_OK)
		rc = store_intent_each(u->store, take_intent, u);
	if (rc == RC_OK)
		rc = list_documents(u, c);
	conn_close(c);
	vault_wipe(&secrets);
	return rc;
}

/* --- taking back --- */

static void
say(struct undoing *u, const struct item *it, enum msg why, const char *text)
{
	log_about(u->job->tenant->name, it->of.source);
	SAY(why, F_ORDER("order", it->of.number), F_WORD("text", text),
	    F_WORD("tenant", u->job->tenant->name));
	log_about(u->job->tenant->name, NULL);
}

/* What the sale's error says from now on. */
static enum rc
note(struct undoing *u, const struct item *it, enum msg why, const char *text)
{
	struct error_row r = { .why = why, .first_at = clock_now(),
	    .times = 1, .kind = it->of.kind };
	enum rc rc = store_begin(u->store);

	r.last_at = r.first_at;
	(void)str_copy(r.source, sizeof(r.source), it->of.source);
	(void)str_copy(r.id, sizeof(r.id), it->of.id);
	(void)str_copy(r.number, sizeof(r.number), it->of.number);
	(void)str_copy(r.refund_of, sizeof(r.refund_of), it->order);
	(void)str_copy(r.text, sizeof(r.text), text);
	if (rc != RC_OK)
		return rc;
	store_error_put(u->store, &it->b->key, &r);
	return store_commit(u->store);
}

struct of_order { const struct sale_key *key; bool found; };

static enum rc
is_of(void *arg, const struct sale_key *k, const struct intent *i)
{
	struct of_order *o = arg;

	(void)k;
	o->found = o->found || memcmp(&i->of, o->key, sizeof(i->of)) == 0;
	return RC_OK;
}

/* Money went back of it, or is about to. */
static enum rc
went_back(struct undoing *u, const struct item *it, bool *yes)
{
	struct of_order o = { &it->b->key, false };
	struct record sum = { { 0 }, { 0 } }, r;
	enum rc rc = store_refunded_get(u->store, &it->b->key, &sum);

	if (rc <= RC_END)
		rc = store_intent_each(u->store, is_of, &o);
	for (size_t i = 0; i < u->n && u->job->dry_run; i++)
		if (u->items[i].reference[0] != '\0' &&
		    memcmp(&u->items[i].b->of, o.key, sizeof(*o.key)) == 0 &&
		    store_sale_get(u->store, &u->items[i].b->key, &r) == RC_OK)
			sum.incl = money_sub(sum.incl, r.incl);
	*yes = o.found || sum.incl.e6 != 0;
	return rc;
}

static enum rc
credit(struct undoing *u, struct item *it)
{
	struct document *d = NULL;
	struct map_why why = { .why = M_NONE };
	enum rc rc;

	if (!u->job->dry_run) {
		rc = takeback_book(&u->back, &it->of, &why);
	} else {
		d = mem_alloc(sizeof(*d));
		rc = takeback_make(&u->back, &it->of, d, &why);
		document_wipe(d);
		free(d);
	}
	it->unsure = rc == RC_UNSURE;
	it->outcome = rc == RC_UNSURE ? "not known yet" : rc != RC_OK ?
	    "left" : u->job->dry_run ? "to be taken back" : "taken back";
	if (rc == RC_REJECT && why.why != M_NONE) {
		say(u, it, why.why, why.text);
		if (!u->job->dry_run)
			return note(u, it, why.why, why.text);
	}
	return rc <= RC_UNSURE ? RC_OK : rc;
}

static enum rc
undo_one(struct undoing *u, struct item *it)
{
	bool refunded = false;
	enum rc rc = RC_OK;

	if (takeback_revision(&u->back, &it->of, NULL) != it->of.revision) {
		it->outcome = before;
		return RC_OK;
	}
	if (it->of.kind != SALE_REFUND)
		rc = went_back(u, it, &refunded);
	if (rc == RC_OK && refunded) {
		say(u, it, M_UNDO_REFUNDED, "");
		it->outcome = "left";
		return RC_OK;
	}
	if (rc == RC_OK && !u->job->dry_run) {
		say(u, it, M_UNDONE, "");
		rc = note(u, it, M_UNDONE, "");
	}
	return rc == RC_OK ? credit(u, it) : rc;
}

/* The refunds among them, or the others. */
static enum rc
undo_kind(struct undoing *u, bool refunds)
{
	struct once *o = u->back.once;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < u->n && rc == RC_OK; i++) {
		struct item *it = &u->items[i];

		if (*stop_flag() != 0)
			rc = RC_LATER;
		else if (it->reference[0] != '\0' &&
		    (it->of.kind == SALE_REFUND) == refunds)
			rc = undo_one(u, it);
	}
	if (o == NULL || rc != RC_OK)
		return rc;
	rc = once_settle(o, false);
	for (size_t i = 0; i < u->n && rc == RC_OK; i++)
		if (u->items[i].unsure)
			rc = credit(u, &u->items[i]);
	return rc;
}

/* --- the whole --- */

static void
tell(struct undoing *u)
{
	const struct undoing_job *j = u->job;
	size_t absent = 0;

	for (size_t i = 0; i < u->n; i++) {
		const struct item *it = &u->items[i];
		bool found = it->reference[0] != '\0';

		absent += !found && !it->nothing;
		report_text(j->report, j->tenant->name);
		report_text(j->report, it->b->source);
		report_text(j->report, found ? sale_kind_name(it->of.kind) :
		    NULL);
		report_text(j->report, found ? it->of.id : NULL);
		report_text(j->report, found ? it->reference : NULL);
		report_text(j->report, it->outcome);
	}
	if (absent > 0)
		SAY(M_UNDO_ABSENT, F_INT("count", absent),
		    F_WORD("text", j->run));
}

static enum rc
with_once(struct undoing *u, bool refunds)
{
	const struct undoing_job *j = u->job;
	struct once_place place = { .cfg = j->cfg, .tenant = j->tenant,
	    .store = u->store };
	char path[FILE_PATH];
	enum rc rc = lock_path(j->cfg, j->tenant->name, path), end;

	place.lock_path = path;
	if (rc == RC_OK)
		rc = once_open(&place, stop_flag(), &u->back.once);
	if (rc != RC_OK)
		return rc;
	rc = undo_kind(u, refunds);
	end = once_finish(u->back.once);
	once_close(u->back.once);
	u->back.once = NULL;
	return rc_worse(rc, end);
}

/* Refunds first, to the end: the sums of what went back follow. */
static enum rc
undo_all(struct undoing *u)
{
	bool dry = u->job->dry_run;
	enum rc rc = dry ? undo_kind(u, true) : with_once(u, true);

	if (rc != RC_OK)
		return rc;
	return dry ? undo_kind(u, false) : with_once(u, false);
}

enum rc
undoing_run(const struct undoing_job *job, struct booked_list *booked)
{
	struct undoing u = { .job = job };
	struct store_place place = store_place_of(job->cfg, job->master,
	    job->tenant->name);
	int lock = -1;
	enum rc rc = conn_refresh(job->cfg, job->master, job->tenant,
	    &job->tenant->books, false);	/* not while it is open */

	if (rc <= RC_END)
		rc = job->dry_run ? RC_OK :
		    lock_take(job->cfg, job->tenant->name, &lock);
	if (rc == RC_OK)
		rc = store_open(&place, job->dry_run ? STORE_READ :
		    STORE_WRITE, &u.store);
	u.back = (struct takeback){ .cfg = job->cfg, .tenant = job->tenant,
	    .store = u.store };
	if (rc == RC_OK)
		rc = find_documents(&u, booked);
	if (rc == RC_OK) {
		rc = undo_all(&u);
		tell(&u);
	}
	takeback_close(&u.back);
	if (u.items != NULL)
		secret_zero(u.items, (u.n + 1) * sizeof(*u.items));
	free(u.items);
	store_close(u.store);
	if (lock >= 0)
		(void)close(lock);
	return rc == RC_END ? RC_OK : rc;
}
