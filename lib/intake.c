/*
 * intake.c - what happens to one sale of the stream: it is booked already,
 * changed since, was refused before, is refused now, or goes on to once.c.
 *
 * A refund whose order waits for its own outcome is kept until that is known;
 * a refund whose order is not booked is refused: never a lone credit.
 */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "buf.h"
#include "clock.h"
#include "dayend.h"
#include "log.h"
#include "map.h"
#include "str.h"

void
intake_init(struct intake *s, const struct push_job *job,
    const struct tenant *t)
{
	memset(s, 0, sizeof(*s));
	s->job = job;
	s->t = t;
	s->doc = mem_alloc(sizeof(*s->doc));
	s->left = mem_alloc(admit_reasons(t) * sizeof(*s->left));
	daybook_init(&s->days, job->cfg, t, job->retry);
}

void
intake_free(struct intake *s)
{
	for (size_t i = 0; i < s->deferred_n; i++) {
		sale_wipe(s->deferred[i]);
		free(s->deferred[i]);
	}
	if (s->doc != NULL)
		document_wipe(s->doc);
	free(s->doc);
	free(s->left);
	fate_free(&s->fates);
	daybook_free(&s->days);
}

static void
refuse_with(struct intake *s, const struct entry *e, enum msg why,
    const char *text, const char *detail)
{
	s->refused++;
	if (s->once != NULL) {
		once_refuse(s->once, e, why, text, detail);
		return;
	}
	log_about(s->t->name, e->intent.source);
	SAY(why, F_ORDER("order", e->intent.number), F_WORD("text", text),
	    F_WORD("tenant", s->t->name));
	log_about(s->t->name, NULL);
}

static void
refuse(struct intake *s, const struct entry *e, enum msg why,
    const char *text)
{
	refuse_with(s, e, why, text, "");
}

/* Booked: with these amounts there is nothing to do; with others it changed
 * in the shop, which a person is told once per change. */
static void
compare(struct intake *s, struct entry *e, const struct record *r)
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

/* A document of it was sent, and its outcome is not known yet. */
static bool
under_way(struct intake *s, const struct sale_key *k)
{
	struct intent i;
	enum rc rc = s->store == NULL ? RC_END :
	    store_intent_get(s->store, k, &i);

	secret_zero(&i, sizeof(i));
	return rc == RC_OK;
}

static struct original_place
originals(struct intake *s)
{
	return (struct original_place){ .store = s->store, .once = s->once,
	    .fates = &s->fates, .notes = &s->notes,
	    .gathered = &s->days.gathered };
}

/* Refused or held before, and the shop says the same as then: that was said,
 * and is taken up again with --retry alone; a refund also once its order is
 * booked. */
static bool
known_error(struct intake *s, const struct sale *sale, struct entry *e)
{
	const struct original_place at = originals(s);
	struct error_row row;

	if (s->store == NULL ||
	    store_error_get(s->store, &e->key, &row) != RC_OK)
		return false;
	e->had_error = true;
	if (row.why == M_REFUND_LONE && original_taken(&at, sale))
		return false;
	if (daybook_mended(&s->days, sale, row.why, s->doc))
		return false;
	if (s->job->retry || row.digest != e->digest)
		return false;
	s->skipped++;
	return true;
}

static void
defer(struct intake *s, const struct sale *sale, uint64_t digest)
{
	size_t n = sale_size(sale);

	if (s->deferred_n == INTAKE_DEFERRED) {
		s->blocked = true;
		return;
	}
	s->deferred_digest[s->deferred_n] = digest;
	s->deferred[s->deferred_n] = mem_alloc(n);
	memcpy(s->deferred[s->deferred_n++], sale, n);
}

/* Where a refund stands.  RC_UNSURE: its order waits, and so must it. */
static enum rc
refund_case(struct intake *s, const struct sale *sale, struct entry *e,
    enum admit_case *how)
{
	const struct original_place at = originals(s);
	enum rc rc = original_find(&at, sale, &s->original);

	*how = ADMIT_ORDER_BOOKED;
	if (rc == RC_OK)
		e->intent.of = s->original.key;
	if (rc != RC_END)
		return rc;
	/* Its receipt may be behind it, in whatever order a till sends. */
	if (config_by_day(s->t, sale->source) && !s->ended)
		return RC_UNSURE;
	s->original.kind = SALE_ORDER;
	*how = original_left_out(&at, sale) ? ADMIT_ORDER_LEFT :
	    ADMIT_ORDER_UNKNOWN;
	return RC_OK;
}

static void
leave_out(struct intake *s, const struct sale *sale, const struct entry *e,
    size_t why)
{
	if (fate_of(&s->fates, sale->source, sale->kind, sale->id) ==
	    FATE_LEFT)
		return;		/* the same sale twice in a stream */
	fate_set(&s->fates, sale, FATE_LEFT);
	s->left[why]++;
	s->left_n++;
	if (e->had_error && s->once != NULL)
		once_mended(s->once, e);
}

/* RC_OK: it is to be booked, as *a says; RC_END: it was left out or refused
 * here; RC_UNSURE: its order waits, and so must it. */
static enum rc
admitted(struct intake *s, const struct sale *sale, struct entry *e,
    struct admit *a)
{
	const struct config *cfg = s->job->cfg;
	const struct original_place at = originals(s);
	enum admit_case how = ADMIT_NEW;
	enum rc rc = RC_OK;

	if (sale->kind == SALE_REFUND)
		rc = refund_case(s, sale, e, &how);
	if (rc != RC_OK)
		return rc;
	rc = admit_sale(cfg, s->t, sale, how, a);
	/* A closed period is the business of the day as a whole. */
	if (rc == RC_REJECT && a->why.why == M_CLOSED &&
	    config_by_day(s->t, sale->source) && sale->kind != SALE_ORDER)
		return RC_OK;
	if (rc != RC_OK && how != ADMIT_ORDER_UNKNOWN && under_way(s, &e->key))
		rc = admit_sale(cfg, s->t, sale, ADMIT_UNDER_WAY, a);
	if (rc == RC_END)
		leave_out(s, sale, e, a->left);
	else if (rc == RC_REJECT)
		refuse(s, e, a->why.why, a->why.text);
	if (rc != RC_OK)
		return RC_END;
	if (how == ADMIT_ORDER_BOOKED)
		rc = original_left(&at, &s->original, sale, &e->key);
	if (rc == RC_REJECT) {
		refuse(s, e, M_REFUND_LEFT, "");
		return RC_END;
	}
	return rc;
}

/* What a dry run has in the place of once.c. */
static void
show(struct intake *s, const struct sale *sale, const struct entry *e)
{
	if (under_way(s, &e->key)) {
		s->waiting++;
	} else {
		fate_set(&s->fates, sale, FATE_BOOKED);
		if (sale->kind == SALE_REFUND)
			fate_back(&s->fates, sale, s->original.kind);
		s->shown++;
		s->job->show(s->job->show_arg, s->t, s->doc);
	}
	document_wipe(s->doc);
}

/* What is told of a document whoever books it. */
static void
tell(struct intake *s, const struct sale *sale)
{
	const char *zone = config_zone(s->job->cfg, s->t, sale->source);

	log_about(s->t->name, sale->source);
	oddrate_say(&s->odd, s->doc, clock_day_of(sale->placed_at, zone),
	    sale->number);
	log_about(s->t->name, NULL);
	for (size_t i = 0; i < s->doc->lines_n; i++)
		s->unruled += s->doc->lines[i].unruled;
}

/* s->doc is ready. */
static enum rc
forward(struct intake *s, const struct sale *sale, struct entry *e)
{
	if (s->once == NULL) {
		show(s, sale, e);
		entry_free(e);
		return RC_OK;
	}
	(void)str_copy(e->intent.reference, REF_MAX, s->doc->reference);
	e->doc = document_pack(s->doc);
	document_wipe(s->doc);
	return once_add(s->once, sale, e);
}

/* Into its day; RC_END: it is booked by itself. */
static enum rc
gather(struct intake *s, const struct sale *sale, const struct entry *e,
    struct map_why *why)
{
	bool of_order = sale->kind == SALE_REFUND &&
	    s->original.kind == SALE_ORDER;
	enum rc rc = daybook_take(&s->days, sale, e, of_order, s->doc, why);

	if (rc == RC_OK)
		tell(s, sale);
	if (rc != RC_END)
		document_wipe(s->doc);
	s->skipped += rc == RC_UNSURE;
	return rc == RC_UNSURE ? RC_OK : rc;
}

static enum rc
book(struct intake *s, const struct sale *sale, struct entry *e,
    const struct admit *a)
{
	const char *zone = config_zone(s->job->cfg, s->t, sale->source);
	const struct original_place at = originals(s);
	struct map_why why = { .why = M_NONE };
	enum rc rc;

	if (!original_currency(&at, sale)) {
		refuse(s, e, M_REFUND_CURRENCY, sale->currency);
		return RC_OK;
	}
	rc = gather(s, sale, e, &why);
	if (rc == RC_OK)
		return RC_OK;
	if (rc == RC_END)
		rc = map_sale(s->t, zone, sale, s->doc, &why);
	if (rc == RC_REJECT) {
		refuse_with(s, e, why.why, why.text, why.detail);
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	if (sale->kind == SALE_REFUND)
		map_original(s->t, sale, s->original.kind, s->doc);
	(void)str_copy(s->doc->date, sizeof(s->doc->date), a->date);
	if (a->note[0] != '\0')
		(void)str_copy(s->doc->note, sizeof(s->doc->note), a->note);
	tell(s, sale);
	return forward(s, sale, e);
}

/* The same sale came twice in one stream, as when a shop's list was read
 * again; what waits may yet lack its document. */
static bool
taken(const struct intake *s, const struct sale *sale,
    const struct sale_key *k)
{
	enum once_where at;

	if (daybook_has(&s->days, sale->source, sale->kind, sale->id))
		return true;
	if (s->once == NULL)
		return fate_of(&s->fates, sale->source, sale->kind,
		    sale->id) == FATE_BOOKED;
	at = once_where(s->once, k);
	return at != ONCE_NOWHERE && at != ONCE_WAITS;
}

enum rc
intake_sale(struct intake *s, const struct sale *sale, uint64_t digest)
{
	struct admit a;
	struct entry e;
	struct record r;
	enum rc rc = RC_END;

	entry_fill(&e, sale, s->store);
	e.digest = digest;
	if (s->store != NULL && sale->kind != SALE_REFUND)
		original_note(&s->notes, sale, &e.key);
	if (known_error(s, sale, &e))
		return RC_OK;
	if (s->store != NULL)
		rc = store_sale_get(s->store, &e.key, &r);
	if (rc == RC_OK) {
		compare(s, &e, &r);
		return RC_OK;
	}
	if (rc != RC_END)
		return rc;
	if (taken(s, sale, &e.key)) {
		s->skipped++;
		return RC_OK;
	}
	if (!tenant_covers(s->t, clock_day_of(sale->placed_at,
	    s->job->cfg->zone))) {
		refuse(s, &e, M_BEFORE_CONTRACT, "");
		return RC_OK;
	}
	rc = admitted(s, sale, &e, &a);
	if (rc == RC_UNSURE)
		defer(s, sale, digest);
	if (rc == RC_END || rc == RC_UNSURE)
		return RC_OK;
	return rc == RC_OK ? book(s, sale, &e, &a) : rc;
}

void
intake_refused(struct intake *s, const struct item *it, uint64_t digest)
{
	struct entry e;

	entry_fill(&e, &it->sale, s->store);
	e.digest = digest;
	if (!known_error(s, &it->sale, &e))
		refuse(s, &e, it->why, it->why_text);
}

enum rc
intake_deferred(struct intake *s)
{
	enum rc rc = RC_OK;

	s->ended = true;
	for (size_t i = 0; i < s->deferred_n && rc <= RC_UNSURE; i++) {
		struct admit a;
		struct entry e;

		entry_fill(&e, s->deferred[i], s->store);
		e.digest = s->deferred_digest[i];
		if (known_error(s, s->deferred[i], &e))
			continue;
		rc = admitted(s, s->deferred[i], &e, &a);
		if (rc == RC_OK)
			rc = book(s, s->deferred[i], &e, &a);
		else if (rc == RC_UNSURE)
			s->blocked = true;
	}
	return rc <= RC_UNSURE ? RC_OK : rc;
}

enum rc
intake_days(struct intake *s, bool sent)
{
	struct map_why why = { .why = M_NONE };
	struct sale *sale = NULL;
	struct entry e;
	enum rc rc, one;

	do {
		rc = dayend_next(&s->days, sent, &sale, s->doc, &e, &why);
		one = rc == RC_OK ? forward(s, sale, &e) : RC_OK;
		if (rc == RC_REJECT)
			refuse_with(s, &e, why.why, why.text, why.detail);
		free(sale);
		if (one != RC_OK)
			return one;
	} while (rc == RC_OK || rc == RC_REJECT);
	s->blocked = s->blocked || s->days.blocked;
	return rc == RC_END ? RC_OK : rc;
}
