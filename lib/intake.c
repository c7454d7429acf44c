/*
 * intake.c - what happens to one sale of the stream: it is booked already,
 * changed since, was refused before, is refused now, or goes on to once.c.
 *
 * A refund whose order waits for its own outcome is kept until that is known;
 * a refund whose order is not booked is refused: never a lone credit.  A sale
 * that changed is corrected where the tenant wants it: credited, then booked.
 */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "buf.h"
#include "clock.h"
#include "correct.h"
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
	s->prepare = (struct prepare){ .cfg = job->cfg, .t = t };
	s->back = (struct takeback){ .cfg = job->cfg, .tenant = t };
	s->doc = mem_alloc(sizeof(*s->doc));
	s->left = mem_alloc(admit_reasons(t) * sizeof(*s->left));
	daybook_init(&s->days, job->cfg, t, job->retry);
	s->at = (struct original_place){ .fates = &s->fates,
	    .notes = &s->notes, .later = &s->later,
	    .gathered = &s->days.gathered };
}

void
intake_free(struct intake *s)
{
	later_free(&s->later);
	if (s->doc != NULL)
		document_wipe(s->doc);
	free(s->doc);
	free(s->left);
	takeback_close(&s->back);
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

/* Refused or held before, and the shop says the same as then: that was said,
 * and is taken up again with --retry alone; a refund also once its order is
 * booked. */
static bool
known_error(struct intake *s, const struct sale *sale, struct entry *e)
{
	struct error_row row;

	if (s->store == NULL ||
	    store_error_get(s->store, &e->key, &row) != RC_OK)
		return false;
	e->had_error = true;
	s->undone = row.why == M_UNDONE;
	if (s->undone && !s->job->retry) {	/* not unasked */
		s->skipped++;
		return true;
	}
	if (row.why == M_REFUND_LONE && original_taken(&s->at, sale))
		return false;
	if (s->once != NULL && correct_half(&s->back, sale))
		return false;
	if (daybook_mended(&s->days, sale, row.why, s->doc))
		return false;
	if (s->job->retry || row.digest != e->digest)
		return false;
	s->skipped++;
	return true;
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

static bool
of_order(const struct intake *s, const struct sale *sale)
{
	return sale->kind == SALE_ORDER || (sale->kind == SALE_REFUND &&
	    s->original.kind == SALE_ORDER);
}

/* RC_OK: it is to be booked, as *a says; RC_END: it was left out or refused
 * here; RC_UNSURE: its order waits, and so must it. */
static enum rc
admitted(struct intake *s, const struct sale *sale, struct entry *e,
    struct admit *a)
{
	const struct config *cfg = s->job->cfg;
	enum admit_case how = ADMIT_NEW;
	enum rc rc = RC_OK;

	if (sale->kind == SALE_REFUND)
		rc = original_case(&s->at, sale, &s->original, &how);
	if (rc != RC_OK)
		return rc;
	/* Its receipt may be behind it, in whatever order a till sends. */
	if (sale->kind == SALE_REFUND && how != ADMIT_ORDER_BOOKED &&
	    config_by_day(s->t, sale->source) && !s->last)
		return RC_UNSURE;
	if (how == ADMIT_ORDER_BOOKED)
		e->intent.of = s->original.key;
	rc = admit_sale(cfg, s->t, sale, how, a);
	/* A closed period is the business of the day as a whole. */
	if (rc == RC_REJECT && a->why.why == M_CLOSED &&
	    config_by_day(s->t, sale->source) && !of_order(s, sale))
		rc = RC_OK;
	if (rc != RC_OK && how != ADMIT_ORDER_UNKNOWN &&
	    original_under_way(s->store, &e->key))
		rc = admit_sale(cfg, s->t, sale, ADMIT_UNDER_WAY, a);
	if (rc == RC_END)
		leave_out(s, sale, e, a->left);
	else if (rc == RC_REJECT)
		refuse(s, e, a->why.why, a->why.text);
	if (rc != RC_OK)
		return RC_END;
	if (how == ADMIT_ORDER_BOOKED)
		rc = original_left(&s->at, &s->original, sale, &e->key);
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
	if (original_under_way(s->store, &e->key)) {
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

/* The sale's document in s->doc.  RC_END: it was refused here. */
static enum rc
make(struct intake *s, const struct sale *sale, const struct entry *e,
    const struct admit *a)
{
	struct map_why why = { .why = M_NONE };
	enum rc rc = prepare_document(&s->prepare, sale, a, s->doc, &why);

	if (rc == RC_REJECT) {
		refuse_with(s, e, why.why, why.text, why.detail);
		return RC_END;
	}
	return rc;
}

/* And on its way. */
static enum rc
hand_over(struct intake *s, const struct sale *sale, struct entry *e)
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
gather(struct intake *s, const struct sale *sale, const struct entry *e)
{
	struct map_why why = { .why = M_NONE };
	enum rc rc = daybook_take(&s->days, sale, e, of_order(s, sale), s->doc,
	    &why);

	if (rc == RC_OK)
		prepare_tell(&s->prepare, sale, s->doc);
	if (rc == RC_REJECT)
		refuse_with(s, e, why.why, why.text, why.detail);
	if (rc != RC_END)
		document_wipe(s->doc);
	s->skipped += rc == RC_UNSURE;
	return rc == RC_UNSURE || rc == RC_REJECT ? RC_OK : rc;
}

static enum rc
book(struct intake *s, const struct sale *sale, struct entry *e,
    const struct admit *a)
{
	enum rc rc;

	if (!original_currency(&s->at, sale)) {
		refuse(s, e, M_REFUND_CURRENCY, sale->currency);
		return RC_OK;
	}
	rc = gather(s, sale, e);
	if (rc != RC_END)
		return rc;
	rc = make(s, sale, e, a);
	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	if (sale->kind == SALE_REFUND)
		map_original(s->t, sale, s->original.kind,
		    s->original.revision, s->doc);
	return hand_over(s, sale, e);
}

/* Take back what is booked of it.  RC_END: that was refused here. */
static enum rc
credit(struct intake *s, const struct entry *e, const struct takeback_of *of)
{
	struct document *d = NULL;
	struct map_why why;
	enum rc rc;

	if (s->once != NULL) {
		rc = takeback_book(&s->back, of, &why);
	} else {
		d = mem_alloc(sizeof(*d));
		rc = takeback_make(&s->back, of, d, &why);
		if (rc == RC_OK)
			s->job->show(s->job->show_arg, s->t, d);
		s->shown += rc == RC_OK;
		document_wipe(d);
		free(d);
	}
	if (rc == RC_REJECT && why.why != M_NONE)
		refuse_with(s, e, why.why, why.text, why.detail);
	return rc == RC_REJECT ? RC_END : rc;
}

/* A refund that was taken back comes again.  RC_END: it is refused here. */
static enum rc
back_again(struct intake *s, const struct sale *sale, struct entry *e)
{
	enum rc rc = original_find(&s->at, sale, &s->original);

	e->intent.of = s->original.key;
	if (rc == RC_OK)
		rc = original_left(&s->at, &s->original, sale, &e->key);
	if (rc == RC_OK)
		map_original(s->t, sale, s->original.kind,
		    s->original.revision, s->doc);
	else if (rc <= RC_REJECT)
		refuse(s, e, rc == RC_END ? M_REFUND_LONE : M_REFUND_LEFT,
		    "");
	return rc == RC_REJECT ? RC_END : rc;
}

/* The sale as it is now is a document before the other one is taken back, so
 * that nothing is taken back for a sale that is refused. */
static enum rc
correct(struct intake *s, const struct sale *sale, struct entry *e,
    const struct correct *c)
{
	struct admit a;
	enum rc rc = correct_day(&s->back, sale, &a);

	if (rc == RC_REJECT) {
		refuse(s, e, a.why.why, a.why.text);
		return RC_END;
	}
	if (c->of.anew)
		rc = make(s, sale, e, &a);
	if (rc == RC_OK && c->what == CORRECT_CREDIT)
		rc = credit(s, e, &c->of);
	else if (rc == RC_OK && sale->kind == SALE_REFUND)
		rc = back_again(s, sale, e);
	if (rc != RC_OK || !c->of.anew) {
		document_wipe(s->doc);
		return rc;
	}
	takeback_reference(s->t, &c->of, c->revision, s->doc->reference);
	store_sale_key(s->store, sale->source, sale->kind, sale->id,
	    c->revision, &e->key);
	e->intent.revision = (int32_t)c->revision;
	e->had_error = true;
	return hand_over(s, sale, e);
}

/* A booked sale that is offered again.  Where it changed, a person is told
 * once per change, or it is corrected: at the end, since a version that comes
 * later in the stream is the newer one.  RC_UNSURE: it waits for that. */
static enum rc
compare(struct intake *s, const struct sale *sale, struct entry *e)
{
	struct correct c;
	enum rc rc = correct_plan(&s->back, sale, &c);

	if (rc != RC_OK)
		return rc;
	if (!s->last)
		later_drop(&s->later, sale);
	switch (c.what) {
	case CORRECT_NOTHING:
		if (e->had_error && s->once != NULL)
			once_mended(s->once, e);
		s->skipped++;
		break;
	case CORRECT_REPORT:
		s->changed++;
		refuse(s, e, M_CHANGED, "");
		break;
	case CORRECT_WAIT:
		rc = takeback_finish(&s->back, &c.of);
		return rc == RC_OK ? RC_UNSURE : rc;
	case CORRECT_CREDIT:
	case CORRECT_BOOK:
		if (!s->last && !c.sent &&
		    (!s->undone || later_room(&s->later)))
			return RC_UNSURE;
		rc = correct(s, sale, e, &c);
		break;
	}
	return rc == RC_END ? RC_OK : rc;
}

/* Booked with these amounts, and nothing else is going on: as a rule. */
static bool
as_booked(struct intake *s, const struct entry *e, const struct record *r)
{
	if (e->had_error || (s->once != NULL && once_revises(s->once)) ||
	    !money_eq(r->excl, e->intent.amounts.excl) ||
	    !money_eq(r->incl, e->intent.amounts.incl) || s->later.n > 0)
		return false;
	s->skipped++;
	return true;
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

	entry_fill(&e, sale, s->store, digest);
	s->undone = false;
	if (s->store != NULL && sale->kind != SALE_REFUND)
		original_note(&s->notes, sale, &e.key);
	if (known_error(s, sale, &e))
		return RC_OK;
	if (s->store != NULL)
		rc = store_sale_get(s->store, &e.key, &r);
	if (rc == RC_OK) {
		rc = as_booked(s, &e, &r) ? RC_OK : compare(s, sale, &e);
		if (rc == RC_UNSURE)
			s->blocked |= !later_put(&s->later, sale, digest);
		return rc == RC_UNSURE ? RC_OK : rc;
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
		s->blocked |= !later_put(&s->later, sale, digest);
	if (rc == RC_OK)
		return book(s, sale, &e, &a);
	return rc <= RC_UNSURE ? RC_OK : rc;
}

void
intake_refused(struct intake *s, const struct item *it, uint64_t digest)
{
	struct entry e;

	entry_fill(&e, &it->sale, s->store, digest);
	if (!known_error(s, &it->sale, &e))
		refuse(s, &e, it->why, it->why_text);
}

/* A sale that waited, now.  Of a stream that broke off the newest version may
 * not have come. */
static enum rc
once_more(struct intake *s, const struct sale *sale, uint64_t digest,
    bool whole)
{
	struct admit a;
	struct entry e;
	struct record r;
	enum rc rc;

	entry_fill(&e, sale, s->store, digest);
	if (known_error(s, sale, &e))
		return RC_OK;
	if (s->store != NULL && store_sale_get(s->store, &e.key, &r) == RC_OK)
		return whole ? compare(s, sale, &e) : RC_UNSURE;
	rc = admitted(s, sale, &e, &a);
	return rc == RC_OK ? book(s, sale, &e, &a) : rc;
}

enum rc
intake_later(struct intake *s, bool whole)
{
	struct later *l = &s->later;
	enum rc rc = RC_OK;

	s->last = true;
	for (size_t i = 0; i < l->n && rc <= RC_UNSURE; i++) {
		if (l->sale[i] == NULL)
			continue;
		rc = once_more(s, l->sale[i], l->digest[i], whole);
		if (rc != RC_UNSURE)
			later_drop(l, l->sale[i]);
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
		one = rc == RC_OK ? hand_over(s, sale, &e) : RC_OK;
		if (rc == RC_REJECT)
			refuse_with(s, &e, why.why, why.text, why.detail);
		free(sale);
		if (one != RC_OK)
			return one;
	} while (rc == RC_OK || rc == RC_REJECT);
	s->blocked = s->blocked || s->days.blocked;
	return rc == RC_END ? RC_OK : rc;
}
