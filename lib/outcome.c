/*
 * outcome.c - records, errors and intents change together, in one commit.
 */
#include "outcome.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "refunded.h"
#include "secret.h"
#include "str.h"
#include "tied.h"

struct row {
	int what;
	struct sale_key key;
	struct intent intent;
	struct error_row error;
	bool had_error;
};

struct tally {			/* of one source */
	char source[SALE_NAME];
	struct once_counts counts;
};

struct outcomes {
	struct store *store;
	char run[CLOCK_ISO + 16];	/* a name for this run */
	struct row *rows;
	size_t n, cap;
	struct tally *tallies;
	size_t tallies_n;
};

/* 20261101T120000Z-4711: no two runs of a tenant share it. */
static void
name_run(char *out, size_t size)
{
	char at[CLOCK_ISO], plain[CLOCK_ISO];
	size_t n = 0;

	clock_iso(at, clock_now());
	for (const char *p = at; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			plain[n++] = *p;
	plain[n] = '\0';
	(void)str_fmt(out, size, "%s-%ld", plain, (long)getpid());
}

struct outcomes *
outcomes_new(struct store *s)
{
	struct outcomes *o = mem_alloc(sizeof(*o));

	o->store = s;
	name_run(o->run, sizeof(o->run));
	return o;
}

void
outcomes_free(struct outcomes *o)
{
	if (o == NULL)
		return;
	if (o->rows != NULL)
		secret_zero(o->rows, o->cap * sizeof(*o->rows));
	free(o->rows);
	free(o->tallies);
	free(o);
}

static struct row *
row_add(struct outcomes *o)
{
	if (o->n == o->cap) {
		o->cap = o->cap == 0 ? 64 : o->cap * 2;
		o->rows = mem_move(o->rows, o->n * sizeof(*o->rows),
		    o->cap * sizeof(*o->rows));
	}
	return &o->rows[o->n++];
}

static void
fill_error(struct error_row *r, const struct outcome *out)
{
	const struct intent *i = &out->entry->intent;

	r->why = out->why;
	r->first_at = r->last_at = clock_now();
	r->times = 1;
	r->held = out->what == OUTCOME_HELD;
	r->kind = i->kind;
	r->digest = out->entry->digest;
	(void)str_copy(r->source, sizeof(r->source), i->source);
	(void)str_copy(r->id, sizeof(r->id), i->id);
	(void)str_copy(r->number, sizeof(r->number), i->number);
	(void)str_copy(r->refund_of, sizeof(r->refund_of),
	    out->entry->refund_of);
	(void)str_copy(r->text, sizeof(r->text), out->text);
	(void)str_copy(r->debtor_text, sizeof(r->debtor_text),
	    out->debtor_text);
	r->quoted = r->debtor_text[0] != '\0';
	r->debtor = out->entry->debtor;
}

static void
count(struct outcomes *o, const struct intent *of, int what)
{
	bool taken_back = of->revision % 2 != 0;
	const char *source = of->source;
	struct tally *t = o->tallies;
	size_t i = 0;

	while (i < o->tallies_n && !str_eq(o->tallies[i].source, source))
		i++;
	if (i == o->tallies_n) {
		t = mem_grow(t, (i + 1) * sizeof(*t));
		memset(&t[i], 0, sizeof(t[i]));
		(void)str_copy(t[i].source, sizeof(t[i].source), source);
		o->tallies = t;
		o->tallies_n++;
	}
	t[i].counts.booked += what == OUTCOME_BOOKED && !taken_back;
	t[i].counts.taken_back += what == OUTCOME_BOOKED && taken_back;
	t[i].counts.refused += what == OUTCOME_REFUSED;
	t[i].counts.held += what == OUTCOME_HELD;
}

/* A credit note behind which the sale must be booked anew is not the end of
 * it, and a run may end in between.  Where an earlier one did, and the sale
 * did not come again, a person is told. */
static void
note_half(struct row *r, const struct outcome *out)
{
	struct outcome half = { .entry = out->entry, .why = M_NOT_ANEW };

	if (r->intent.anew)
		fill_error(&r->error, &half);
	SAY0(M_TAKEN_BACK);
	if (r->intent.anew && out->entry->doc == NULL)
		SAY(M_NOT_ANEW, F_ORDER("order", r->intent.number));
}

void
outcomes_add(struct outcomes *o, const struct outcome *out)
{
	const struct intent *i = &out->entry->intent;
	struct row *r = row_add(o);

	memset(r, 0, sizeof(*r));
	r->what = (int)out->what;
	r->key = out->entry->key;
	r->intent = *i;
	r->had_error = out->entry->had_error;
	count(o, i, r->what);
	log_about(log_tenant(), i->source);
	if (out->what == OUTCOME_BOOKED && i->revision % 2 != 0)
		note_half(r, out);
	else if (out->what == OUTCOME_BOOKED && i->revision > 0)
		SAY0(M_BOOKED_ANEW);
	if (out->what != OUTCOME_REFUSED && out->what != OUTCOME_HELD) {
		log_about(log_tenant(), NULL);
		return;
	}
	fill_error(&r->error, out);
	SAY(out->why, F_ORDER("order", i->number), F_WORD("text", r->error.text),
	    F_WORD("tenant", log_tenant()));
	log_about(log_tenant(), NULL);
}

size_t
outcomes_n(const struct outcomes *o)
{
	return o->n;
}

/* The key of the sale as a whole, whatever its revision. */
static struct sale_key
sale_of(struct outcomes *o, const struct row *r)
{
	struct sale_key k = r->key;

	if (r->intent.revision > 0)
		store_sale_key(o->store, r->intent.source, r->intent.kind,
		    r->intent.id, 0, &k);
	return k;
}

/* An error seen before keeps its first moment and counts on. */
static void
write_error(struct outcomes *o, struct row *r)
{
	struct sale_key sale = sale_of(o, r);
	struct error_row old;

	if (store_error_get(o->store, &sale, &old) == RC_OK) {
		r->error.first_at = old.first_at;
		r->error.times = old.times + 1;
		secret_zero(&old, sizeof(old));
	}
	store_error_put(o->store, &sale, &r->error);
}

/* So that what a run booked can be found again.  It is said before the commit:
 * said behind it, a crash in between would hide a sale that is booked. */
static void
say_booked(const struct outcomes *o, const struct row *r,
    const struct sale_key *sale)
{
	static const struct sale_key nobody = { { 0 } };
	char key[2 * STORE_KEY + 1], of[2 * STORE_KEY + 1] = "-";

	str_hex(key, sale->b, STORE_KEY);
	if (memcmp(&r->intent.of, &nobody, sizeof(nobody)) != 0)
		str_hex(of, r->intent.of.b, STORE_KEY);
	log_about(log_tenant(), r->intent.source);
	SAY(M_BOOKED, F_WORD("run", o->run), F_WORD("key", key),
	    F_INT("revision", r->intent.revision), F_WORD("of", of));
	log_about(log_tenant(), NULL);
}

/* A credit note by which a run is undone: that the sale waits for a person
 * was written down before it. */
static bool
stays_undone(struct outcomes *o, const struct row *r,
    const struct sale_key *sale)
{
	struct error_row row;
	bool undone = r->intent.revision % 2 != 0 &&
	    store_error_get(o->store, sale, &row) == RC_OK;

	if (undone) {
		undone = row.why == M_UNDONE;
		secret_zero(&row, sizeof(row));
	}
	return undone;
}

/* The sale's own record follows its revisions: it tells what the books hold
 * of it now, which is nothing once it was taken back. */
static void
write_booked(struct outcomes *o, struct row *r)
{
	struct sale_key sale = sale_of(o, r);
	struct record now = { { 0 }, { 0 } };

	if (r->intent.revision % 2 == 0) {
		now = r->intent.amounts;
		say_booked(o, r, &sale);
	}
	if (r->intent.revision > 0)
		store_sale_put(o->store, &r->key, &r->intent.amounts);
	store_sale_put(o->store, &sale, &now);
	refunded_add(o->store, &r->intent.of, &sale, &r->intent.amounts);
	store_intent_del(o->store, &r->key);
	if (r->error.why != M_NONE)
		write_error(o, r);
	else if (r->had_error && !stays_undone(o, r, &sale))
		store_error_del(o->store, &sale);
}

static void
write_row(struct outcomes *o, struct row *r)
{
	switch (r->what) {
	case OUTCOME_BOOKED:
		write_booked(o, r);
		break;
	case OUTCOME_REFUSED:
		store_intent_del(o->store, &r->key);
		write_error(o, r);
		break;
	case OUTCOME_HELD:
		r->intent.held = true;
		store_intent_put(o->store, &r->key, &r->intent);
		write_error(o, r);
		break;
	case OUTCOME_MENDED:
		store_error_del(o->store, &r->key);
		break;
	default:
		store_intent_del(o->store, &r->key);
	}
}

/* Of a summary: its receipts too. */
static void
write_tied(struct outcomes *o, const struct row *r, const struct ties *l)
{
	static const enum tied_fate fates[] = {
		[OUTCOME_BOOKED] = TIED_BOOKED, [OUTCOME_HELD] = TIED_HELD,
		[OUTCOME_REFUSED] = TIED_LOOSE, [OUTCOME_UNSENT] = TIED_LOOSE,
	};

	if (r->intent.kind == SALE_SUMMARY && r->what != OUTCOME_MENDED)
		tied_settle(o->store, l, r->intent.reference, fates[r->what]);
}

enum rc
outcomes_write(struct outcomes *o)
{
	struct ties tied = { .t = NULL };
	enum rc rc = RC_OK;
	size_t i = 0;

	while (i < o->n && o->rows[i].intent.kind != SALE_SUMMARY)
		i++;
	if (i < o->n)
		rc = tied_load(o->store, &tied);
	for (i = 0; i < o->n && rc == RC_OK; i++) {
		write_row(o, &o->rows[i]);
		write_tied(o, &o->rows[i], &tied);
	}
	tied_free(&tied);
	if (rc != RC_OK)
		store_abort(o->store);
	return rc;
}

void
outcomes_clear(struct outcomes *o)
{
	if (o->n > 0)
		secret_zero(o->rows, o->n * sizeof(*o->rows));
	o->n = 0;
}

enum rc
outcomes_find(const struct outcomes *o, const struct sale_key *k)
{
	for (size_t i = o->n; i-- > 0;) {
		if (memcmp(&o->rows[i].key, k, sizeof(*k)) != 0)
			continue;
		if (o->rows[i].what == OUTCOME_BOOKED)
			return RC_OK;
		if (o->rows[i].what != OUTCOME_UNSENT)
			return RC_REJECT;
	}
	return RC_END;
}

bool
outcomes_drop(const struct outcomes *o, const struct sale_key *k)
{
	size_t i = o->n;

	while (i > 0 && memcmp(&o->rows[i - 1].key, k, sizeof(*k)) != 0)
		i--;
	return i > 0 && (o->rows[i - 1].what == OUTCOME_REFUSED ||
	    o->rows[i - 1].what == OUTCOME_UNSENT);
}

bool
outcomes_amounts(const struct outcomes *o, const struct sale_key *k,
    struct record *out)
{
	for (size_t i = o->n; i-- > 0;) {
		if (o->rows[i].what != OUTCOME_BOOKED ||
		    memcmp(&o->rows[i].key, k, sizeof(*k)) != 0)
			continue;
		*out = o->rows[i].intent.amounts;
		return true;
	}
	return false;
}

struct once_counts
outcomes_counts(const struct outcomes *o, const char *source)
{
	struct once_counts sum = { .booked = 0 };

	for (size_t i = 0; i < o->tallies_n; i++) {
		const struct tally *t = &o->tallies[i];

		if (source != NULL && !str_eq(t->source, source))
			continue;
		sum.booked += t->counts.booked;
		sum.taken_back += t->counts.taken_back;
		sum.refused += t->counts.refused;
		sum.held += t->counts.held;
	}
	return sum;
}
