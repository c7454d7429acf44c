/*
 * contact.c - debtors in the books.  See contact.h for why they have rows
 * that are written before they are made.
 */
#include "contact.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "str.h"

enum slot_state { SLOT_INTENDED, SLOT_KNOWN, SLOT_LOST, SLOT_UNMADE };

struct slot {
	struct debtor_key key;
	enum slot_state state;
	struct debtor_row row;
	bool unwritten;
};

struct contact_book {
	struct store *store;
	const struct tenant *tenant;
	struct shared *shared;
	struct slot *slots;
	size_t n, cap;
};

struct contact_book *
contact_book_new(struct store *s, const struct tenant *t,
    struct shared *shared)
{
	struct contact_book *b = mem_alloc(sizeof(*b));

	b->store = s;
	b->tenant = t;
	b->shared = shared;
	return b;
}

void
contact_book_free(struct contact_book *b)
{
	if (b == NULL)
		return;
	if (b->slots != NULL)
		secret_zero(b->slots, b->cap * sizeof(*b->slots));
	free(b->slots);
	free(b);
}

static struct slot *
slot_find(struct contact_book *b, const struct debtor_key *k)
{
	for (size_t i = 0; i < b->n; i++)
		if (memcmp(&b->slots[i].key, k, sizeof(*k)) == 0)
			return &b->slots[i];
	return NULL;
}

static struct slot *
slot_add(struct contact_book *b, const struct debtor_key *k)
{
	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 64 : b->cap * 2;
		b->slots = mem_move(b->slots, b->n * sizeof(*b->slots),
		    b->cap * sizeof(*b->slots));
	}
	memset(&b->slots[b->n], 0, sizeof(b->slots[b->n]));
	b->slots[b->n].key = *k;
	return &b->slots[b->n++];
}

/* Guests without an address, and all debtors where the tenant chose so, are
 * one debtor per source, or per channel of it. */
static void
collective(const struct sale *s, bool channel, struct debtor *out)
{
	const char *more = channel ? s->channel : "";

	memset(out, 0, sizeof(*out));
	(void)str_fmt(out->id, sizeof(out->id), "*%s", more);
	(void)str_fmt(out->company, sizeof(out->company), "Customers of %s%s%s",
	    s->source, more[0] != '\0' ? ", " : "", more);
}

/* Who has no name in the books. */
static bool
nameless(const struct rules *r, const struct debtor *d)
{
	return r->debtors != DEBTOR_EACH || (str_empty(d->email) &&
	    str_empty(d->id) && str_empty(d->company));
}

/*
 * Its key in the store.  A company that is no customer of the shop is known
 * by its VAT number or name.  Then the number is what the books may know too,
 * or nothing.
 */
static enum rc
key_of(struct contact_book *b, const char *source, struct contact *c)
{
	struct debtor *d = &c->who;
	bool theirs = b->tenant->rules.customer_numbers && d->id[0] != '*';
	enum rc rc;

	if (str_empty(d->email) && str_empty(d->id)) {
		(void)str_fmt(d->id, sizeof(d->id), "=%.60s",
		    d->vat_number[0] != '\0' ? d->vat_number : d->company);
		theirs = false;
	}
	rc = store_debtor_key(b->store, source, d, &c->key);
	c->keyed = rc == RC_OK;
	if (!theirs)
		d->id[0] = '\0';
	return rc;
}

enum rc
contact_plan(struct contact_book *b, const struct sale *s,
    struct contact *out)
{
	const struct books_ops *ops = b->tenant->books.connector->books;
	const struct rules *r = &b->tenant->rules;
	bool channel = r->debtors == DEBTOR_CHANNEL && s->channel[0] != '\0';
	struct debtor_row row;
	struct slot *slot;
	enum rc rc;

	memset(out, 0, sizeof(*out));
	out->who = s->debtor;
	/* The books would look for the blanks as well. */
	str_trim(out->who.email);
	if (nameless(r, &out->who)) {
		collective(s, channel, &out->who);
		if (r->default_debtor != NULL && !channel) {
			(void)str_copy(out->code, CODE_MAX, r->default_debtor);
			return RC_OK;
		}
	}
	if (ops->debtor_add == NULL)
		return RC_OK;
	rc = key_of(b, s->source, out);
	if (rc != RC_OK)
		return rc;
	if ((slot = slot_find(b, &out->key)) != NULL) {
		out->waits = slot->state == SLOT_LOST;
		(void)str_copy(out->code, CODE_MAX, slot->row.contact);
		return RC_OK;
	}
	rc = store_debtor_get(b->store, &out->key, &row);
	if (rc == RC_END)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	out->waits = row.pending_at != 0;
	out->stored = true;
	(void)str_copy(out->code, CODE_MAX, row.contact);
	secret_zero(&row, sizeof(row));
	return RC_OK;
}

void
contact_intend(struct contact_book *b, struct contact *c, int64_t now)
{
	struct slot *slot;

	if (!c->keyed || c->code[0] != '\0' || c->waits ||
	    slot_find(b, &c->key) != NULL)
		return;
	slot = slot_add(b, &c->key);
	slot->state = SLOT_INTENDED;
	slot->row.pending_at = now;
	(void)str_copy(slot->row.email, sizeof(slot->row.email),
	    c->who.email);
	store_debtor_put(b->store, &c->key, &slot->row);
}

static void
learn(struct contact_book *b, struct contact *c)
{
	struct slot *slot = slot_find(b, &c->key);

	c->waits = false;
	if (!c->keyed)
		return;
	if (slot == NULL)
		slot = slot_add(b, &c->key);
	slot->state = SLOT_KNOWN;
	slot->unwritten = true;
	slot->row.pending_at = 0;
	(void)str_copy(slot->row.contact, CODE_MAX, c->code);
	(void)str_copy(slot->row.email, sizeof(slot->row.email),
	    c->who.email);
}

static enum rc
search(struct connection *books, struct contact *c)
{
	enum rc rc = books->connector->books->debtor_find(books, &c->who,
	    c->code);

	/* The one that they no longer take may still be found. */
	if (rc == RC_OK && str_eq(c->code, c->gone)) {
		c->code[0] = '\0';
		rc = RC_END;
	}
	return rc;
}

/* A search that began at asked_at found none. */
static enum rc
make(struct contact_book *b, struct connection *books, struct contact *c,
    int64_t asked_at)
{
	enum rc rc;

	while ((rc = shared_take(b->shared, &c->who,
	    asked_at)) == RC_END) {
		asked_at = clock_now();
		rc = search(books, c);
		if (rc != RC_END) {
			shared_leave(b->shared, RC_END);
			return rc;
		}
	}
	if (rc != RC_OK)
		return rc;
	rc = books->connector->books->debtor_add(books, &c->who, c->code);
	shared_leave(b->shared, rc);
	return rc;
}

enum rc
contact_resolve(struct contact_book *b, struct connection *books,
    struct contact *c)
{
	const struct books_ops *ops = books->connector->books;
	struct slot *slot = c->keyed ? slot_find(b, &c->key) : NULL;
	int64_t asked_at;
	enum rc rc;

	if (c->code[0] == '\0' && slot != NULL && slot->state == SLOT_KNOWN)
		(void)str_copy(c->code, CODE_MAX, slot->row.contact);
	if (c->code[0] != '\0' || ops->debtor_find == NULL)
		return RC_OK;
	if (slot != NULL && slot->state == SLOT_LOST && !c->waits) {
		c->waits = true;
		return RC_UNSURE;
	}
	asked_at = clock_now();
	rc = search(books, c);
	if (rc == RC_END && ops->debtor_add != NULL)
		rc = make(b, books, c, asked_at);
	if (rc == RC_OK)
		learn(b, c);
	if (rc == RC_UNSURE && slot != NULL)
		slot->state = SLOT_LOST;
	if (rc == RC_UNSURE)
		c->waits = true;
	return rc;
}

void
contact_confirm(struct contact_book *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct slot *s = &b->slots[i];

		if (s->unwritten)
			store_debtor_put(b->store, &s->key, &s->row);
		if (s->state == SLOT_UNMADE)
			store_debtor_del(b->store, &s->key);
		if (s->state == SLOT_INTENDED || s->state == SLOT_LOST)
			b->slots[kept++] = *s;
	}
	if (b->n > kept)
		secret_zero(&b->slots[kept],
		    (b->n - kept) * sizeof(*b->slots));
	b->n = kept;
}

void
contact_unmade(struct contact_book *b, const struct contact *c)
{
	struct slot *slot = c->keyed ? slot_find(b, &c->key) : NULL;

	if (slot != NULL && slot->state == SLOT_INTENDED)
		slot->state = SLOT_UNMADE;
}

bool
contact_forget(struct contact_book *b, struct contact *c)
{
	struct slot *slot = c->keyed ? slot_find(b, &c->key) : NULL;

	if (!c->stored || c->gone[0] != '\0')
		return false;
	(void)str_copy(c->gone, CODE_MAX, c->code);
	c->code[0] = '\0';
	/* Another sale of it may have found its successor. */
	c->waits = slot != NULL && slot->state == SLOT_LOST;
	return true;
}

void
contact_stale(struct contact_book *b, const struct contact *c)
{
	if (!c->keyed || c->code[0] == '\0' || slot_find(b, &c->key) != NULL)
		return;
	slot_add(b, &c->key)->state = SLOT_UNMADE;
}
