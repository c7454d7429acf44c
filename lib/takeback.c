/*
 * takeback.c - credit notes for what was booked.
 *
 * What a credit note holds comes from the books alone: nothing of a sale is
 * kept here.  It must never credit another amount than the record has, nor
 * send anything but through once.c.
 */
#include "takeback.h"

#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "buf.h"
#include "clock.h"
#include "log.h"
#include "str.h"

void
takeback_close(struct takeback *t)
{
	conn_close(t->books);
	vault_wipe(&t->secrets);
	t->books = NULL;
}

static void
key_of(struct takeback *t, const struct takeback_of *of, unsigned revision,
    struct sale_key *k)
{
	store_sale_key(t->store, of->source, of->kind, of->id, revision, k);
}

/* On record, or booked in this run. */
static bool
is_booked(struct takeback *t, const struct takeback_of *of, unsigned revision,
    struct record *r)
{
	struct sale_key k;

	key_of(t, of, revision, &k);
	if (t->once != NULL && once_where(t->once, &k) == ONCE_BOOKED &&
	    once_amounts(t->once, &k, r))
		return true;
	return store_sale_get(t->store, &k, r) == RC_OK;
}

unsigned
takeback_revision(struct takeback *t, const struct takeback_of *of,
    struct record *r)
{
	struct record now = { { 0 }, { 0 } }, next;
	unsigned revision = 0;

	(void)is_booked(t, of, 0, &now);
	while (is_booked(t, of, revision + 1, &next)) {
		revision++;
		now = next;
		if (revision % 2 != 0)	/* it takes back all that was there */
			now = (struct record){ { 0 }, { 0 } };
	}
	if (r != NULL)
		*r = now;
	return revision;
}

bool
takeback_under_way(struct takeback *t, const struct takeback_of *of,
    unsigned revision)
{
	struct sale_key k;
	struct intent i;
	enum rc rc;

	key_of(t, of, revision + 1, &k);
	if (t->once != NULL && (once_where(t->once, &k) == ONCE_BOOKED ||
	    once_drops(t->once, &k)))
		return false;
	rc = store_intent_get(t->store, &k, &i);
	secret_zero(&i, sizeof(i));
	return rc == RC_OK;
}

void
takeback_reference(const struct tenant *t, const struct takeback_of *of,
    unsigned revision, char out[REF_MAX])
{
	int most = t->books.connector->reference_max;
	size_t max = most > 0 && most < REF_MAX ? (size_t)most : REF_MAX - 1;

	sale_reference(of->source, of->kind, of->id, of->number, max, out);
	sale_revise(out, revision, max);
}

/* A dry run has no once.c that opens them. */
static enum rc
books_of(struct takeback *t, struct connection **c)
{
	const struct config_connection *b = &t->tenant->books;
	enum rc rc = RC_OK;

	if (t->once != NULL)
		return once_books(t->once, c);
	if (t->books == NULL) {
		rc = vault_load(t->store, t->tenant->name, b, &t->secrets);
		if (rc == RC_OK)
			rc = conn_make(t->cfg, t->tenant, b, &t->secrets,
			    &t->books);
		if (rc == RC_OK)
			rc = conn_start(t->books, clock_now());
		if (rc != RC_OK)
			takeback_close(t);
	}
	*c = t->books;
	return rc;
}

static enum rc
by_hand(struct map_why *why, const char *text)
{
	return why_refuse(why, M_BY_HAND, text);
}

/* The lines are all of it, and it is what the record says: what a person
 * changed in the books is not ours to take back. */
static enum rc
as_booked(const struct document *d, const struct posted *p,
    const struct record *r, struct map_why *why)
{
	struct money excl = { 0 }, incl = { 0 };

	if (p->found > 1)
		return by_hand(why, "more than one document bears its "
		    "reference");
	for (size_t i = 0; i < d->lines_n; i++) {
		excl = money_add(excl, d->lines[i].excl);
		incl = money_add(incl, money_add(d->lines[i].excl,
		    d->lines[i].vat));
	}
	if (!money_eq(d->incl, r->incl) || !money_eq(p->incl, r->incl) ||
	    !money_eq(excl, d->excl) || !money_eq(incl, d->incl))
		return by_hand(why, "its document was changed in the books");
	return RC_OK;
}

/* What it says of its lines is for people alone. */
static void
name_vat(const struct rules *r, struct document_line *l)
{
	for (size_t i = 0; i < r->vat_n && l->vat_key[0] == '\0'; i++)
		if (str_eq(r->vat[i].value, l->vat_code))
			(void)str_copy(l->vat_key, sizeof(l->vat_key),
			    r->vat[i].key);
}

static void
turn(struct document *d)
{
	for (size_t i = 0; i < d->lines_n; i++) {
		d->lines[i].excl = money_neg(d->lines[i].excl);
		d->lines[i].vat = money_neg(d->lines[i].vat);
	}
	for (size_t i = 0; i < d->payments_n; i++)
		d->payments[i].amount = money_neg(d->payments[i].amount);
	d->excl = money_neg(d->excl);
	d->vat = money_neg(d->vat);
	d->incl = money_neg(d->incl);
	d->credit = !d->credit;
}

/* An earlier run was about to delete it, and did: its intent says so. */
static bool
deleted(struct takeback *t, const struct takeback_of *of, const char *reference,
    struct document *d)
{
	struct sale_key k;
	struct intent i;
	bool drop;

	key_of(t, of, of->revision + 1, &k);
	drop = store_intent_get(t->store, &k, &i) == RC_OK && i.drop;
	if (drop) {
		d->kind = of->kind;
		d->drop = true;
		d->excl = i.amounts.excl;
		d->incl = i.amounts.incl;
		(void)str_copy(d->reference, sizeof(d->reference), reference);
	}
	secret_zero(&i, sizeof(i));
	return drop;
}

enum rc
takeback_make(struct takeback *t, const struct takeback_of *of,
    struct document *d, struct map_why *why)
{
	const struct books_ops *ops = t->tenant->books.connector->books;
	struct record now = { { 0 }, { 0 } };
	struct connection *c = NULL;
	struct posted p = { .found = 0 };
	char reference[REF_MAX];
	struct admit on;
	enum rc rc;

	*why = (struct map_why){ .why = M_NONE };
	if (ops->read == NULL)
		return by_hand(why, "these books can't give a document back");
	rc = admit_today(t->cfg, t->tenant, of->source, &on);
	*why = on.why;
	if (rc != RC_OK)
		return rc;
	(void)is_booked(t, of, of->revision, &now);
	takeback_reference(t->tenant, of, of->revision, reference);
	memset(d, 0, offsetof(struct document, lines));
	rc = books_of(t, &c);
	if (rc == RC_OK) {
		rc = ops->read(c, reference, d, &p);
		if (rc > RC_REJECT)
			conn_say(c, rc);
	}
	if (rc == RC_END && deleted(t, of, reference, d))
		return RC_OK;
	if (rc == RC_END)
		return by_hand(why, "no document bears its reference");
	if (rc == RC_REJECT)
		return by_hand(why, c->why_text);
	if (rc != RC_OK || (rc = as_booked(d, &p, &now, why)) != RC_OK)
		return rc;
	d->kind = of->kind;
	d->drop = p.draft && ops->drop != NULL;
	if (!d->drop) {
		(void)str_copy(d->original, sizeof(d->original), reference);
		takeback_reference(t->tenant, of, of->revision + 1,
		    d->reference);
	}
	(void)str_copy(d->date, sizeof(d->date), on.date);
	(void)str_copy(d->note, sizeof(d->note), on.note);
	(void)str_copy(d->own, sizeof(d->own), t->tenant->rules.currency);
	for (size_t i = 0; i < d->lines_n; i++)
		name_vat(&t->tenant->rules, &d->lines[i]);
	turn(d);
	return RC_OK;
}

static void
fill_entry(struct takeback *t, const struct takeback_of *of,
    const struct document *d, struct entry *e)
{
	memset(e, 0, sizeof(*e));
	e->intent.kind = of->kind;
	e->intent.revision = (int32_t)of->revision + 1;
	e->intent.anew = of->anew;
	e->intent.drop = d->drop;
	e->intent.of = of->original;
	(void)str_copy(e->intent.source, SALE_NAME, of->source);
	(void)str_copy(e->intent.id, SALE_ID, of->id);
	(void)str_copy(e->intent.number, SALE_ID, of->number);
	(void)str_copy(e->intent.reference, REF_MAX, d->reference);
	e->intent.amounts = (struct record){ d->excl, d->incl };
	(void)str_copy(e->contact.code, CODE_MAX, d->debtor);
	e->had_error = true;
	key_of(t, of, of->revision + 1, &e->key);
	e->doc = document_pack(d);
}

/* Where it is now that it was sent. */
static enum rc
outcome(struct takeback *t, const struct takeback_of *of,
    const struct sale_key *k)
{
	struct record r;

	if (is_booked(t, of, of->revision + 1, &r))
		return RC_OK;
	return once_where(t->once, k) == ONCE_WAITS ? RC_UNSURE : RC_REJECT;
}

enum rc
takeback_book(struct takeback *t, const struct takeback_of *of,
    struct map_why *why)
{
	struct document *d = mem_alloc(sizeof(*d));
	struct entry e;
	struct sale_key k;
	enum rc rc = takeback_make(t, of, d, why);

	if (rc == RC_OK) {
		fill_entry(t, of, d, &e);
		k = e.key;
		rc = once_add(t->once, NULL, &e);
		if (rc == RC_OK)
			rc = once_send(t->once);
		if (rc == RC_OK)
			rc = outcome(t, of, &k);
	}
	document_wipe(d);
	free(d);
	return rc;
}

enum rc
takeback_finish(struct takeback *t, const struct takeback_of *of)
{
	const struct books_ops *ops = t->tenant->books.connector->books;
	struct document *d;
	struct posted p = { .found = 0 };
	struct connection *c = NULL;
	char reference[REF_MAX];
	struct entry e;
	enum rc rc;

	if (t->once == NULL)
		return RC_OK;		/* a dry run */
	d = mem_alloc(sizeof(*d));
	rc = books_of(t, &c);
	takeback_reference(t->tenant, of, of->revision + 1, reference);
	if (rc == RC_OK && ops->read != NULL) {
		rc = ops->read(c, reference, d, &p);
		if (rc > RC_REJECT)
			conn_say(c, rc);
		if (rc == RC_OK && p.found == 1) {
			(void)str_copy(d->own, sizeof(d->own),
			    t->tenant->rules.currency);
			fill_entry(t, of, d, &e);
			rc = once_add(t->once, NULL, &e);
		}
	}
	document_wipe(d);
	free(d);
	return rc <= RC_REJECT ? RC_OK : rc;
}
