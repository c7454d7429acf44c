/*
 * original.c - the sale that a refund pays back.
 *
 * The store keeps one sum per original and no list of its refunds.  What is
 * under way is in no sum yet: it is counted from the intents, so that a crash
 * at whatever moment leaves nothing to mend.
 */
#include "original.h"

#include <string.h>

#include "refunded.h"
#include "secret.h"
#include "str.h"
#include "takeback.h"

/* What a refund can be of. */
static const enum sale_kind kinds[] = { SALE_ORDER, SALE_RECEIPT };

static enum rc
key_of(struct store *s, const char *source, enum sale_kind kind,
    const char *id, struct original *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	if (s == NULL)
		return RC_END;
	store_sale_key(s, source, kind, id, 0, &out->key);
	return RC_OK;
}

static enum rc
recorded(struct store *s, struct original *o)
{
	struct record r;
	enum rc rc = store_sale_get(s, &o->key, &r);

	if (rc == RC_OK)
		o->incl = r.incl;
	return rc;
}

bool
original_under_way(struct store *s, const struct sale_key *k)
{
	struct intent i;
	enum rc rc = s == NULL ? RC_END : store_intent_get(s, k, &i);

	secret_zero(&i, sizeof(i));
	return rc == RC_OK;
}

/* The same, if it is one of this kind. */
static enum rc
find_kind(const struct original_place *p, const struct sale *refund,
    enum sale_kind kind, struct original *out)
{
	enum once_where at = ONCE_NOWHERE;
	struct record r;
	enum rc rc = key_of(p->store, refund->source, kind, refund->refund_of,
	    out);

	if (fate_of(p->gathered, refund->source, kind, refund->refund_of) ==
	    FATE_BOOKED)
		return RC_OK;
	if (p->once == NULL && fate_of(p->fates, refund->source, kind,
	    refund->refund_of) == FATE_BOOKED) {
		out->shown = true;
		return RC_OK;		/* its amount is with its fate */
	}
	if (rc != RC_OK)
		return rc;
	if (p->once == NULL && original_under_way(p->store, &out->key))
		return RC_UNSURE;
	if (p->once != NULL &&
	    once_where(p->once, &out->key) == ONCE_IN_WINDOW &&
	    (rc = once_send(p->once)) != RC_OK)
		return rc;
	if (p->once != NULL)
		at = once_where(p->once, &out->key);
	if (at == ONCE_WAITS)
		return RC_UNSURE;
	if (at == ONCE_BOOKED && once_amounts(p->once, &out->key, &r)) {
		out->incl = r.incl;
		return RC_OK;
	}
	return recorded(p->store, out);
}

/* Where it was corrected or taken back: what stands of it now. */
static enum rc
revise(const struct original_place *p, const struct sale *refund,
    struct original *o)
{
	struct takeback t = { .store = p->store, .once = p->once };
	struct takeback_of of = { .kind = o->kind };
	struct record now;
	enum rc rc;

	(void)str_copy(of.source, SALE_NAME, refund->source);
	(void)str_copy(of.id, SALE_ID, refund->refund_of);
	of.revision = takeback_revision(&t, &of, &now);
	if (of.revision % 2 != 0 && p->once != NULL) {
		if ((rc = once_send(p->once)) != RC_OK)
			return rc;
		of.revision = takeback_revision(&t, &of, &now);
	}
	o->revision = of.revision + of.revision % 2;	/* as was shown */
	if (o->shown || of.revision == 0)
		return RC_OK;
	o->incl = now.incl;
	if (of.revision % 2 == 0)
		return RC_OK;
	return takeback_under_way(&t, &of, of.revision) ? RC_UNSURE : RC_END;
}

enum rc
original_find(const struct original_place *p, const struct sale *refund,
    struct original *out)
{
	enum rc rc = RC_END;

	for (size_t i = 0; i < COUNT(kinds) && rc == RC_END; i++)
		rc = find_kind(p, refund, kinds[i], out);
	if (rc == RC_OK && later_has(p->later, refund->source, out->kind,
	    refund->refund_of))
		return RC_UNSURE;
	return rc == RC_OK && p->store != NULL ? revise(p, refund, out) : rc;
}

bool
original_taken(const struct original_place *p, const struct sale *refund)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct original o;

		if (fate_of(p->gathered, refund->source, kinds[i],
		    refund->refund_of) == FATE_BOOKED)
			return true;
		if (p->once == NULL) {
			if (find_kind(p, refund, kinds[i], &o) != RC_END)
				return true;
			continue;
		}
		(void)!key_of(p->store, refund->source, kinds[i],
		    refund->refund_of, &o);
		if (once_where(p->once, &o.key) != ONCE_NOWHERE ||
		    (recorded(p->store, &o) == RC_OK && o.incl.e6 != 0))
			return true;
	}
	return false;
}

enum admit_case
original_lone(const struct fates *f, const struct sale *refund)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (fate_of(f, refund->source, kinds[i],
		    refund->refund_of) == FATE_LEFT)
			return ADMIT_ORDER_LEFT;
	return ADMIT_ORDER_UNKNOWN;
}

enum rc
original_case(const struct original_place *p, const struct sale *refund,
    struct original *out, enum admit_case *how)
{
	enum rc rc = original_find(p, refund, out);

	*how = ADMIT_ORDER_BOOKED;
	if (rc != RC_END)
		return rc;
	out->kind = SALE_ORDER;
	*how = original_lone(p->fates, refund);
	return RC_OK;
}

bool
original_currency(const struct original_place *p, const struct sale *refund)
{
	const struct original_notes *n = p->notes;
	size_t most = n->n < ORIGINALS_NOTED ? n->n : ORIGINALS_NOTED;
	struct original o;

	for (size_t i = 0; refund->kind == SALE_REFUND && i < COUNT(kinds);
	    i++) {
		if (key_of(p->store, refund->source, kinds[i],
		    refund->refund_of, &o) != RC_OK)
			return true;
		for (size_t j = 0; j < most; j++)
			if (memcmp(&n->of[j].key, &o.key, sizeof(o.key)) ==
			    0 && !str_eq(n->of[j].currency, refund->currency))
				return false;
	}
	return true;
}

/* --- what is left --- */

struct going {
	const struct original_place *p;
	const struct original *o;
	const struct sale_key *but;	/* the refund itself */
	struct money incl;		/* below zero */
};

static void
go(struct going *g, const struct sale_key *k, const struct intent *i)
{
	/* What takes a refund back makes room once it is booked. */
	if (memcmp(&i->of, &g->o->key, sizeof(i->of)) == 0 &&
	    memcmp(k, g->but, sizeof(*k)) != 0 && i->amounts.incl.e6 < 0)
		g->incl = money_add(g->incl, i->amounts.incl);
}

static enum rc
go_intent(void *arg, const struct sale_key *k, const struct intent *i)
{
	struct going *g = arg;

	if (g->p->once == NULL || !once_drops(g->p->once, k))
		go(g, k, i);
	return RC_OK;
}

/* All that went back of it, or is about to. */
static enum rc
gone_back(struct going *g)
{
	struct record sum;
	const struct entry *e = NULL;
	size_t n = 0;
	enum rc rc = refunded_sum(g->p->store, &g->o->key, g->but, &sum);

	if (rc != RC_OK)
		return rc;
	g->incl = sum.incl;
	rc = store_intent_each(g->p->store, go_intent, g);
	if (rc == RC_OK && g->p->once != NULL)
		e = once_window(g->p->once, &n);
	for (size_t i = 0; i < n; i++)
		go(g, &e[i].key, &e[i].intent);
	return rc;
}

enum rc
original_left(const struct original_place *p, const struct original *o,
    const struct sale *refund, const struct sale_key *key)
{
	struct going g = { .p = p, .o = o, .but = key };
	struct money left = o->incl;
	enum rc rc = p->store == NULL ? RC_OK : gone_back(&g);

	if (rc != RC_OK || refund->incl.e6 >= 0)
		return rc;
	left = money_add(money_add(left, g.incl), fate_left(p->gathered,
	    refund->source, o->kind, refund->refund_of));
	if (p->once == NULL)
		left = money_add(left, fate_left(p->fates, refund->source,
		    o->kind, refund->refund_of));
	return money_neg(refund->incl).e6 > left.e6 ? RC_REJECT : RC_OK;
}

void
original_note(struct original_notes *n, const struct sale *sale,
    const struct sale_key *key)
{
	size_t i = n->n++ % ORIGINALS_NOTED;

	n->of[i].key = *key;
	(void)str_copy(n->of[i].currency, sizeof(sale->currency),
	    sale->currency);
}

enum rc
original_recorded(struct store *s, const char *source, const char *refund_of,
    struct original *out)
{
	enum rc rc = RC_END;

	for (size_t i = 0; i < COUNT(kinds) && rc == RC_END; i++) {
		rc = key_of(s, source, kinds[i], refund_of, out);
		if (rc == RC_OK)
			rc = recorded(s, out);
	}
	return rc;
}
