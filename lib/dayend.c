/*
 * dayend.c - makes the days that are over into summaries.
 *
 * It must never give out a receipt twice, nor use the id of a summary again
 * that was booked.
 */
#include "dayend.h"

#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "buf.h"
#include "map.h"
#include "str.h"

static struct sale *
head_make(const struct daybook *b, const struct daybook_day *d,
    unsigned revision)
{
	struct sale *s = mem_alloc(offsetof(struct sale, lines));

	(void)str_copy(s->tenant, SALE_NAME, b->t->name);
	(void)str_copy(s->source, SALE_NAME, d->source->name);
	daybook_id(b->t, d->day, d->currency, revision, s->id);
	(void)str_copy(s->number, SALE_ID, s->id);
	s->kind = SALE_SUMMARY;
	s->placed_at = d->start_at;
	(void)str_copy(s->currency, sizeof(s->currency), d->currency);
	s->rate = d->rate;
	(void)str_copy(s->rate_source, SALE_NAME, d->rate_source);
	return s;
}

static void
note_print(const struct daybook *b, const struct daybook_day *d, bool late,
    char *out, size_t size)
{
	static const char *const words[2][2][2] = {
		{ { "receipt", "receipts" }, { "late receipt",
		    "late receipts" } },
		{ { "bon", "bonnen" }, { "late bon", "late bonnen" } },
	};
	bool nl = config_language(b->cfg, b->t) == LANGUAGE_NL;
	char day[CLOCK_DAY];

	clock_day_print(day, d->day);
	(void)str_fmt(out, size, nl ? "%zu %s van %s" : "%zu %s of %s", d->n,
	    words[nl][late][d->n != 1], day);
}

/* The document of a day; s has its head and gets its sums. */
static enum rc
document_make(const struct daybook *b, const struct daybook_day *d,
    struct sale *s, struct document *doc, struct map_why *why)
{
	enum rc rc;

	memset(doc, 0, offsetof(struct document, lines));
	rc = summary_document(&d->sum, config_language(b->cfg, b->t), doc,
	    why);
	if (rc != RC_OK)
		return rc;
	s->excl = doc->excl;
	s->incl = doc->incl;
	return map_summary(b->t, config_zone(b->cfg, b->t, s->source), s,
	    d->sum.mapped, doc, why);
}

/* What is known of a summary of this key: RC_OK it may be booked, RC_END it is
 * booked or held, RC_UNSURE its outcome is not known, RC_LATER it was refused
 * and is not asked again. */
static enum rc
standing(const struct daybook *b, struct entry *e)
{
	struct error_row error;
	struct intent i;
	struct record r;

	switch (b->once == NULL ? ONCE_NOWHERE : once_where(b->once, &e->key)) {
	case ONCE_IN_WINDOW:
	case ONCE_BOOKED:
		return RC_END;
	case ONCE_REFUSED:
		return RC_LATER;
	case ONCE_WAITS:
		return RC_UNSURE;
	case ONCE_NOWHERE:
		break;
	}
	if (b->store == NULL)
		return RC_OK;
	if (store_sale_get(b->store, &e->key, &r) == RC_OK)
		return RC_END;
	if (store_intent_get(b->store, &e->key, &i) == RC_OK)
		return i.held ? RC_END : RC_UNSURE;
	if (store_error_get(b->store, &e->key, &error) != RC_OK)
		return RC_OK;
	e->had_error = true;
	return b->retry ? RC_OK : RC_LATER;
}

/* A day that is over, under the first id that is free. */
static enum rc
take_day(struct daybook *b, struct daybook_day *d, struct sale **sale,
    struct document *doc, struct entry *e, struct map_why *why)
{
	struct admit a;
	enum rc rc = RC_END;

	if (!daybook_over(b, d)) {
		b->waiting += d->n;
		return RC_END;
	}
	if (d == b->days || daybook_base_cmp(d - 1, d) != 0)
		b->revision = 0;
	while (rc == RC_END) {
		*sale = head_make(b, d, ++b->revision);
		entry_fill(e, *sale, b->store, 0);
		rc = standing(b, e);
		if (rc == RC_OK)
			break;
		free(*sale);
		*sale = NULL;
	}
	if (rc != RC_OK) {
		b->blocked = b->blocked || rc == RC_UNSURE;
		*(rc == RC_UNSURE ? &b->waiting : &b->refused) += d->n;
		return RC_END;
	}
	rc = document_make(b, d, *sale, doc, why);
	if (rc != RC_OK)
		return rc;
	note_print(b, d, b->revision > 1, doc->note, sizeof(doc->note));
	rc = admit_day(b->cfg, b->t, d->day, &a);
	if (rc == RC_REJECT)
		*why = a.why;
	(void)str_copy(doc->date, sizeof(doc->date), a.date);
	if (a.note[0] != '\0')
		(void)str_copy(doc->note, sizeof(doc->note), a.note);
	return rc;
}

/* These are all that were sent then, and as they were. */
static bool
is_as_sent(const struct daybook *b, const struct daybook_day *d,
    const struct document *doc, const struct intent *sent)
{
	return !d->differs && str_eq(sent->reference, d->tie) &&
	    d->n == tied_count(&b->sent, d->tie) &&
	    money_eq(doc->excl, sent->amounts.excl) &&
	    money_eq(doc->incl, sent->amounts.incl);
}

/* The receipts of a summary that was sent: as they were then, it may be sent
 * again, should it not be there.  Else only its outcome tells what is left of
 * them. */
static enum rc
take_tied(struct daybook *b, struct daybook_day *d, struct sale **sale,
    struct document *doc, struct entry *e, struct map_why *why)
{
	struct intent i = { .at = 0 };
	enum rc rc = RC_OK;

	if (!b->sent_loaded)
		rc = tied_load(b->store, &b->sent);
	if (rc != RC_OK)
		return rc;
	b->sent_loaded = true;
	b->revision = 0;
	do {
		free(*sale);
		*sale = head_make(b, d, ++b->revision);
		entry_fill(e, *sale, b->store, 0);
		rc = standing(b, e);
	} while (store_intent_get(b->store, &e->key, &i) == RC_OK ?
	    !str_eq(i.reference, d->tie) : rc == RC_END);
	rc = document_make(b, d, *sale, doc, why);
	if (rc == RC_OK && is_as_sent(b, d, doc, &i)) {
		note_print(b, d, b->revision > 1, doc->note,
		    sizeof(doc->note));
		return RC_OK;
	}
	document_wipe(doc);
	free(*sale);
	*sale = NULL;
	b->blocked = true;
	b->waiting += d->n;
	return rc > RC_REJECT ? rc : RC_END;
}

enum rc
dayend_next(struct daybook *b, bool tied, struct sale **sale,
    struct document *d, struct entry *e, struct map_why *why)
{
	*sale = NULL;
	while (b->at < b->days_n) {
		struct daybook_day *day = &b->days[b->at++];
		enum rc rc;

		if ((day->tie[0] != '\0') != tied)
			continue;
		rc = tied ? take_tied(b, day, sale, d, e, why) :
		    take_day(b, day, sale, d, e, why);
		if (rc == RC_END)
			continue;
		e->digest = day->digest;
		e->intent.amounts = (struct record){ d->excl, d->incl };
		if (rc == RC_OK && !tied) {
			e->tied = day->receipts;
			e->tied_n = day->n;
			day->receipts = NULL;
		}
		return rc;
	}
	b->at = 0;
	return RC_END;
}
