/*
 * once.c - the record, the intents and the requests of one run, in the order
 * that makes a document exist once.  See once.h for the rule; whoever changes
 * the order of lines in here must be able to say which crash it survives.
 */
#include "once.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "deliver.h"
#include "file.h"
#include "log.h"
#include "str.h"

#define WAITS_MAX ONCE_WINDOW	/* more lost answers: the books are down */

struct once {
	struct once_place place;
	const volatile int *stop;
	struct vault_set secrets;
	struct deliver to;		/* the books, once open */
	struct shared shared;		/* with other tenants, or not */
	struct outcomes *outcomes;	/* known, not yet on disk */
	struct entry window[ONCE_WINDOW];
	size_t window_n;
	struct entries waits;
	int64_t alive_at;	/* the last run's last sign of life */
};

static enum rc
take_left(void *arg, const struct sale_key *k, const struct intent *i)
{
	struct once *o = arg;
	struct entry e = { .key = *k, .intent = *i,
	    .had_error = i->revision > 0 };

	if (i->held || tied_is(i))
		return RC_OK;
	e.wait_from = entry_settles_from(i, o->alive_at);
	entries_add(&o->waits, &e);
	return RC_OK;
}

enum rc
once_open(const struct once_place *p, const volatile int *stop,
    struct once **out)
{
	struct once *o = mem_alloc(sizeof(*o));
	enum rc rc;

	o->place = *p;
	o->stop = stop;
	o->alive_at = file_touched_at(p->lock_path);
	o->to = (struct deliver){ .tenant = p->tenant,
	    .lock_path = p->lock_path, .ask = store_restored(p->store),
	    .contacts = contact_book_new(p->store, p->tenant, &o->shared) };
	o->outcomes = outcomes_new(p->store);
	rc = shared_init(&o->shared, p->cfg, p->tenant, stop);
	if (rc == RC_OK)
		rc = deliver_news(&o->to, p->store);
	if (rc == RC_OK)
		rc = store_intent_each(p->store, take_left, o);
	if (rc != RC_OK) {
		once_close(o);
		return rc;
	}
	*out = o;
	return RC_OK;
}

void
once_close(struct once *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->window_n; i++)
		entry_free(&o->window[i]);
	entries_free(&o->waits);
	conn_close(o->to.books);
	vault_wipe(&o->secrets);
	contact_book_free(o->to.contacts);
	outcomes_free(o->outcomes);
	free(o);
}

static enum rc
open_books(struct once *o)
{
	const struct once_place *p = &o->place;
	struct renew_place renewing = { .cfg = p->cfg, .store = p->store };
	enum rc rc;

	if (o->to.books != NULL)
		return RC_OK;
	rc = vault_load(p->store, p->tenant->name, &p->tenant->books,
	    &o->secrets);
	if (rc != RC_OK)
		return rc;
	rc = conn_make(p->cfg, p->tenant, &p->tenant->books, &o->secrets,
	    &o->to.books);
	if (rc != RC_OK)
		return rc;
	conn_renews(o->to.books, &renewing);
	rc = conn_start(o->to.books, clock_now());
	if (rc != RC_OK) {
		conn_close(o->to.books);
		o->to.books = NULL;
	}
	return rc;
}

enum rc
once_books(struct once *o, struct connection **out)
{
	enum rc rc = open_books(o);

	if (rc == RC_OK)
		*out = o->to.books;
	return rc;
}

/* One commit: what is known of earlier entries, and the window's intents. */
static enum rc
commit(struct once *o, bool intents)
{
	struct store *s = o->place.store;
	int64_t now = clock_now();
	enum rc rc;

	if (!intents && outcomes_n(o->outcomes) == 0)
		return RC_OK;
	if ((rc = store_begin(s)) != RC_OK ||
	    (rc = outcomes_write(o->outcomes)) != RC_OK)
		return rc;
	contact_confirm(o->to.contacts);
	for (size_t i = 0; intents && i < o->window_n; i++) {
		struct entry *e = &o->window[i];

		e->intent.at = now;
		contact_intend(o->to.contacts, &e->contact, now);
		store_intent_put(s, &e->key, &e->intent);
		tied_put(s, &e->intent, e->tied, e->tied_n);
	}
	if ((rc = store_commit(s)) != RC_OK)
		return rc;
	outcomes_clear(o->outcomes);
	return RC_OK;
}

/* What stops the run is said here; what concerns one sale, with the sale. */
static enum rc
say(const struct once *o, enum rc rc)
{
	if (rc > RC_UNSURE)
		conn_say(o->to.books, rc);
	return rc;
}

/* Where a sale goes after an attempt; frees the entry or keeps it waiting.
 * Returns what stops the run, else RC_OK. */
static enum rc
conclude(struct once *o, struct entry *e, enum rc rc, const struct posted *p)
{
	struct outcome out = { .entry = e, .what = OUTCOME_BOOKED };

	if (rc == RC_UNSURE || (rc > RC_UNSURE && p->done > 0)) {
		e->wait_from = clock_now();
		e->intent.attempt++;
		e->intent.looked = 0;
		entries_add(&o->waits, e);
		return rc == RC_UNSURE ? RC_OK : rc;
	}
	if (rc == RC_REJECT) {
		out.why = o->to.books->why;
		out.text = o->to.books->why_text;
		out.debtor_text = o->to.books->why_debtor;
		out.what = p->done > 0 || out.why == M_TWICE ||
		    out.why == M_HELD ? OUTCOME_HELD : OUTCOME_REFUSED;
		if (out.what == OUTCOME_REFUSED) {
			contact_unmade(o->to.contacts, &e->contact);
			contact_stale(o->to.contacts, &e->contact);
		}
		rc = RC_OK;
	} else if (rc != RC_OK) {
		out.what = OUTCOME_UNSENT;
		contact_unmade(o->to.contacts, &e->contact);
	}
	outcomes_add(o->outcomes, &out);
	entry_free(e);
	return rc;
}

/* Refused for its contact alone, and nothing was made: it takes its place in
 * the window anew, and another contact. */
static bool
again(struct once *o, struct entry *e, enum rc rc, const struct posted *p)
{
	return rc == RC_REJECT && p->done == 0 &&
	    o->to.books->why == M_CONTACT_GONE &&
	    contact_forget(o->to.contacts, &e->contact);
}

/* Send the window; what is to be sent again is left in it. */
static enum rc
send_window(struct once *o)
{
	size_t kept = 0, n = o->window_n;
	enum rc rc, one;
	struct posted p;

	if ((rc = open_books(o)) != RC_OK || (rc = commit(o, true)) != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &o->window[i];

		memset(&p, 0, sizeof(p));
		if (rc == RC_OK && o->stop != NULL && *o->stop != 0)
			rc = RC_LATER;
		if (rc != RC_OK)
			one = RC_LATER;
		else if (e->contact.waits)
			one = RC_UNSURE;
		else
			one = say(o, deliver_entry(&o->to, e, &p));
		if (rc == RC_OK && again(o, e, one, &p)) {
			entry_move(&o->window[kept++], e);
			continue;
		}
		one = conclude(o, e, one, &p);
		if (rc == RC_OK)
			rc = one;
	}
	memset(&p, 0, sizeof(p));
	for (size_t i = 0; rc != RC_OK && i < kept; i++)
		(void)conclude(o, &o->window[i], RC_LATER, &p);
	o->window_n = rc == RC_OK ? kept : 0;
	return rc;
}

enum rc
once_send(struct once *o)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && o->window_n > 0)
		rc = send_window(o);
	if (rc == RC_OK && entries_loaded(&o->waits) >= WAITS_MAX)
		rc = once_settle(o, false);
	return rc;
}

static int
steps_of(struct once *o, const struct entry *e)
{
	return o->to.books->connector->books->steps(o->to.books, e->doc);
}

/* An intent that was there meets its sale.  What comes without one (sale NULL)
 * was read from the books: what is left to do is of that. */
static void
meet(struct once *o, struct intent *i, const struct sale *sale,
    const struct entry *e)
{
	i->of = e->intent.of;
	i->anew = e->intent.anew;
	if (sale == NULL)
		i->steps = steps_of(o, e);
}

enum rc
once_add(struct once *o, const struct sale *sale, const struct entry *e)
{
	struct entry mine = *e, *left = entries_find(&o->waits, &e->key);
	enum rc rc = RC_OK;

	if (sale != NULL)
		rc = contact_plan(o->to.contacts, sale, &mine.contact);
	if (rc != RC_OK) {
		entry_free(&mine);
		return rc;
	}
	if (left != NULL && left->doc != NULL) {
		entry_free(&mine);	/* the same sale twice in a stream */
		return RC_OK;
	}
	if (left != NULL) {		/* an earlier run's intent: its sale */
		left->doc = e->doc;
		left->contact = mine.contact;
		left->debtor = e->debtor;
		left->digest = e->digest;
		left->had_error = e->had_error;
		meet(o, &left->intent, sale, e);
		secret_zero(&mine, sizeof(mine));
		return RC_OK;
	}
	if ((rc = open_books(o)) != RC_OK) {
		entry_free(&mine);
		return rc;
	}
	mine.intent.steps = steps_of(o, e);
	rc = once_drops(o, &e->key) ? RC_END :
	    store_intent_get(o->place.store, &e->key, &mine.intent);
	if (rc == RC_OK) {		/* held: a person offers it again */
		mine.wait_from = entry_settles_from(&mine.intent, o->alive_at);
		mine.intent.held = false;
		meet(o, &mine.intent, sale, e);
		entries_add(&o->waits, &mine);
		return RC_OK;
	}
	if (rc != RC_END)
		return rc;
	o->window[o->window_n++] = mine;
	return o->window_n == ONCE_WINDOW || o->window_n * mine.tied_n >
	    ONCE_TIED ? once_send(o) : RC_OK;
}

/* The next entry to settle, waiting until it is due; NULL when none is. */
static struct entry *
next_due(struct once *o, bool whole)
{
	const struct tenant *t = o->place.tenant;
	struct entry_times times = { .settle_s = t->rules.settle_s,
	    .lag_s = t->books.connector->search_lag_s };
	struct entry *e = entries_first(&o->waits, &times, whole);

	while (e != NULL && clock_now() < entry_due_at(e, &times)) {
		if (o->stop != NULL && *o->stop != 0)
			return NULL;
		clock_sleep_ms(200);
	}
	return e;
}

/* Nothing bears its reference: once may be too early, twice is certain. */
static enum rc
absent(struct once *o, struct entry *e, struct posted *p)
{
	struct store *s = o->place.store;
	enum rc rc;

	e->intent.looked++;
	e->intent.looked_at = clock_now();
	if (e->intent.looked < 2)
		return RC_UNSURE;
	if (e->doc == NULL)
		return connector_fail(o->to.books, RC_REJECT, M_UNFINISHED, "");
	e->intent.at = clock_now();
	e->intent.attempt++;
	if ((rc = store_begin(s)) != RC_OK)
		return rc;
	store_intent_put(s, &e->key, &e->intent);
	if ((rc = store_commit(s)) != RC_OK)
		return rc;
	e->intent.looked = 0;
	rc = deliver_entry(&o->to, e, p);
	if (rc == RC_UNSURE)
		e->wait_from = clock_now();
	return rc;
}

static enum rc
settle_one(struct once *o, struct entry *e)
{
	struct posted p = { .found = 0 };
	struct entry mine;
	enum rc rc;

	e->rounds++;
	rc = deliver_again(&o->to, e, &p);
	if (rc == RC_UNSURE)		/* a later step's answer was lost */
		e->wait_from = clock_now();
	if (rc == RC_UNSURE && e->doc == NULL)	/* its steps need the sale */
		rc = connector_fail(o->to.books, RC_REJECT, M_PARTLY, "");
	if (rc == RC_END)
		rc = absent(o, e, &p);
	(void)say(o, rc);
	if (rc == RC_UNSURE || (rc > RC_UNSURE && p.done == 0))
		return rc == RC_UNSURE ? RC_OK : rc;
	mine = *e;
	entries_drop(&o->waits, e);
	return conclude(o, &mine, rc, &p);
}

enum rc
once_settle(struct once *o, bool whole)
{
	struct entry *e;
	enum rc rc = RC_OK;

	if (entries_first(&o->waits, &(struct entry_times){ 0 }, whole) == NULL)
		return RC_OK;
	SAY(M_SETTLE, F_INT("count", o->waits.n));
	if ((rc = commit(o, false)) != RC_OK || (rc = open_books(o)) != RC_OK)
		return rc;
	while (rc == RC_OK && (e = next_due(o, whole)) != NULL)
		rc = settle_one(o, e);
	if (rc == RC_OK && entries_loaded(&o->waits) >= WAITS_MAX) {
		SAY0(M_BOOKS_DOWN);
		rc = RC_LATER;
	}
	return rc;
}

enum rc
once_finish(struct once *o)
{
	enum rc rc = commit(o, false);

	if (o->waits.n > 0)
		SAY(M_SETTLE_LATER, F_INT("count", o->waits.n));
	return rc;
}

void
once_mended(struct once *o, const struct entry *e)
{
	struct outcome out = { .entry = e, .what = OUTCOME_MENDED };

	outcomes_add(o->outcomes, &out);
}

void
once_refuse(struct once *o, const struct entry *e, enum msg why,
    const char *text, const char *detail)
{
	struct outcome out = { .entry = e, .what = OUTCOME_REFUSED,
	    .why = why, .text = text, .debtor_text = detail };

	outcomes_add(o->outcomes, &out);
}

enum once_where
once_where(struct once *o, const struct sale_key *k)
{
	enum rc rc;

	for (size_t i = 0; i < o->window_n; i++)
		if (memcmp(&o->window[i].key, k, sizeof(*k)) == 0)
			return ONCE_IN_WINDOW;
	rc = outcomes_find(o->outcomes, k);
	if (rc != RC_END)
		return rc == RC_OK ? ONCE_BOOKED : ONCE_REFUSED;
	return entries_find(&o->waits, k) != NULL ? ONCE_WAITS : ONCE_NOWHERE;
}

const struct entry *
once_window(const struct once *o, size_t *n)
{
	*n = o->window_n;
	return o->window;
}

bool
once_drops(const struct once *o, const struct sale_key *k)
{
	return outcomes_drop(o->outcomes, k);
}

bool
once_revises(const struct once *o)
{
	for (size_t i = 0; i < o->waits.n; i++)
		if (o->waits.e[i].intent.revision > 0)
			return true;
	return false;
}

bool
once_amounts(const struct once *o, const struct sale_key *k,
    struct record *out)
{
	return outcomes_amounts(o->outcomes, k, out);
}

bool
once_settled(const struct once *o, const char *source)
{
	for (size_t i = 0; i < o->waits.n; i++)
		if (str_eq(o->waits.e[i].intent.source, source))
			return false;
	return true;
}

bool
once_asks(const struct once *o)
{
	return o->to.ask;
}

struct once_counts
once_counts(const struct once *o, const char *source)
{
	struct once_counts c = outcomes_counts(o->outcomes, source);

	c.waiting = o->waits.n;
	return c;
}
