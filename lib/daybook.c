/*
 * daybook.c - gathers receipts by business day.
 *
 * It must never depend on the order in which receipts come, and never take
 * one twice.
 */
#include "daybook.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "map.h"
#include "secret.h"
#include "str.h"

#define GRACE_S 3600		/* for receipts that a till sends late */
#define AHEAD_S 86400		/* a till's clock or zone may be so wrong */

void
daybook_init(struct daybook *b, const struct config *cfg,
    const struct tenant *t, bool retry)
{
	memset(b, 0, sizeof(*b));
	b->cfg = cfg;
	b->t = t;
	b->retry = retry;
	b->now = clock_now();
	b->open_until = mem_alloc(t->sources_n * sizeof(*b->open_until));
}

void
daybook_free(struct daybook *b)
{
	for (size_t i = 0; i < b->days_n; i++) {
		struct daybook_day *d = &b->days[i];

		summary_free(&d->sum);
		if (d->receipts != NULL)
			secret_zero(d->receipts, d->cap * sizeof(*d->receipts));
		free(d->receipts);
	}
	if (b->days != NULL)
		secret_zero(b->days, b->days_cap * sizeof(*b->days));
	free(b->days);
	free(b->open_until);
	fate_free(&b->gathered);
	tied_free(&b->sent);
}

/* ---- business days ---- */

int64_t
daybook_start(struct day d, int64_t starts_s, const char *zone)
{
	return clock_day_time(d, starts_s, zone);
}

struct day
daybook_day_of(int64_t at, int64_t starts_s, const char *zone)
{
	struct day d = clock_day_of(at, zone);

	if (at < daybook_start(d, starts_s, zone))
		return clock_day_add(d, -1);
	/* Where clocks go back over midnight, a date comes twice. */
	if (at >= daybook_start(clock_day_add(d, 1), starts_s, zone))
		return clock_day_add(d, 1);
	return d;
}

/* The day of a sale, without what else tells it apart. */
static void
day_fill(const struct daybook *b, const struct sale *s,
    struct daybook_day *out)
{
	const struct config_connection *k = config_connection(b->t, s->source);
	const char *zone = config_zone(b->cfg, b->t, s->source);
	int64_t starts_s = k->day_starts_s;

	memset(out, 0, sizeof(*out));
	out->source = k;
	out->day = daybook_day_of(s->placed_at, starts_s, zone);
	out->start_at = daybook_start(out->day, starts_s, zone);
	out->end_at = daybook_start(clock_day_add(out->day, 1), starts_s,
	    zone);
}

bool
daybook_over(const struct daybook *b, const struct daybook_day *d)
{
	return b->now >= d->end_at + GRACE_S;
}

static bool
is_ahead(const struct daybook *b, const struct daybook_day *d)
{
	return d->start_at > b->now + AHEAD_S;
}

static void
note_open(struct daybook *b, const struct daybook_day *d)
{
	int64_t *until = &b->open_until[d->source - b->t->sources];

	if (!daybook_over(b, d) && !is_ahead(b, d) && *until < d->end_at + GRACE_S)
		*until = d->end_at + GRACE_S;
}

int64_t
daybook_open(const struct daybook *b, const char *source)
{
	const struct config_connection *k = config_connection(b->t, source);

	return b->open_until[k - b->t->sources];
}

void
daybook_id(const struct tenant *t, struct day day, const char *currency,
    unsigned revision, char out[SALE_ID])
{
	bool own = str_eq(currency, t->rules.currency);
	char text[CLOCK_DAY], more[16] = "";

	clock_day_print(text, day);
	if (revision > 1)
		(void)str_fmt(more, sizeof(more), "-%u", revision);
	(void)str_fmt(out, SALE_ID, "%s%s%s%s", text, own ? "" : "_",
	    own ? "" : currency, more);
}

/* ---- gathering ---- */

int
daybook_base_cmp(const struct daybook_day *a, const struct daybook_day *b)
{
	int cmp = strcmp(a->source->name, b->source->name);

	if (cmp == 0)
		cmp = clock_day_cmp(a->day, b->day);
	return cmp != 0 ? cmp : strcmp(a->currency, b->currency);
}

static int
day_cmp(const struct daybook_day *a, const struct daybook_day *b)
{
	int cmp = daybook_base_cmp(a, b);

	if (cmp == 0)
		cmp = strcmp(a->tie, b->tie);
	if (cmp == 0)
		cmp = (a->rate.e6 > b->rate.e6) - (a->rate.e6 < b->rate.e6);
	return cmp != 0 ? cmp : strcmp(a->rate_source, b->rate_source);
}

/* The one that is like it, made where there is none. */
static struct daybook_day *
day_get(struct daybook *b, const struct daybook_day *like)
{
	size_t low = 0, high = b->days_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int cmp = day_cmp(&b->days[mid], like);

		if (cmp == 0)
			return &b->days[mid];
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (b->days_n == b->days_cap) {
		b->days_cap = b->days_cap == 0 ? 8 : b->days_cap * 2;
		b->days = mem_move(b->days, b->days_n * sizeof(*b->days),
		    b->days_cap * sizeof(*b->days));
	}
	memmove(&b->days[low + 1], &b->days[low],
	    (b->days_n++ - low) * sizeof(*b->days));
	b->days[low] = *like;
	return &b->days[low];
}

static void
receipt_add(struct daybook_day *d, const struct entry *e)
{
	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 64 : d->cap * 2;
		d->receipts = mem_move(d->receipts,
		    d->n * sizeof(*d->receipts),
		    d->cap * sizeof(*d->receipts));
	}
	d->receipts[d->n++] = (struct tied){ e->key, e->intent.of,
	    e->intent.amounts };
	d->digest += e->digest;
}

/* Its debtor must be named where another accounts for the VAT. */
static bool
is_named(const struct document *d)
{
	for (size_t i = 0; i < d->lines_n; i++)
		if (d->lines[i].vat_kind == VAT_REVERSE_CHARGE)
			return true;
	return false;
}

static void
day_add(struct daybook *b, struct daybook_day *like, const struct entry *e,
    const struct document *d, const struct intent *sent)
{
	const struct record *r = &e->intent.amounts;
	struct daybook_day *day;

	(void)str_copy(like->currency, sizeof(like->currency), d->currency);
	like->rate = d->rate;
	(void)str_copy(like->rate_source, SALE_NAME, d->rate_source);
	if (sent != NULL)
		(void)str_copy(like->tie, REF_MAX, sent->reference);
	day = day_get(b, like);
	if (sent != NULL && (!money_eq(sent->amounts.excl, r->excl) ||
	    !money_eq(sent->amounts.incl, r->incl)))
		day->differs = true;
	summary_add(&day->sum, d);
	receipt_add(day, e);
}

enum rc
daybook_take(struct daybook *b, const struct sale *s, const struct entry *e,
    bool of_order, struct document *d, struct map_why *why)
{
	bool by_day = config_by_day(b->t, s->source);
	struct daybook_day like;
	struct money paid_out;
	struct intent sent;
	char date[CLOCK_DAY];
	enum rc rc = RC_END, was = RC_END;

	if (b->store != NULL)
		was = store_intent_get(b->store, &e->key, &sent);
	if (was > RC_END)
		return was;
	if (was == RC_END && by_day && s->kind == SALE_SUMMARY &&
	    !sale_payout(s, &paid_out))
		return why_refuse(why, M_DAY_OWN, "");
	if (was == RC_OK ? !tied_is(&sent) : !by_day || of_order ||
	    (s->kind != SALE_RECEIPT && s->kind != SALE_REFUND))
		return RC_END;
	if (was == RC_OK && (!by_day || (sent.held && !b->retry))) {
		fate_set(&b->gathered, s, FATE_BOOKED);
		b->blocked = b->blocked || !sent.held;
		return RC_UNSURE;
	}
	day_fill(b, s, &like);
	clock_day_print(date, like.day);
	if (is_ahead(b, &like))
		return why_refuse(why, M_DAY_AHEAD, date);
	note_open(b, &like);
	rc = map_receipt(b->t, config_zone(b->cfg, b->t, s->source), s, d,
	    why);
	if (rc == RC_OK && was == RC_END && is_named(d))
		return RC_END;
	if (rc != RC_OK)
		return rc;
	day_add(b, &like, e, d, was == RC_OK ? &sent : NULL);
	fate_set(&b->gathered, s, FATE_BOOKED);
	/* What was sent is counted from the store. */
	if (s->kind == SALE_REFUND && was == RC_END)
		fate_back(&b->gathered, s, SALE_RECEIPT);
	return RC_OK;
}

bool
daybook_has(const struct daybook *b, const char *source, enum sale_kind kind,
    const char *id)
{
	return fate_of(&b->gathered, source, kind, id) == FATE_BOOKED;
}

bool
daybook_mended(struct daybook *b, const struct sale *s, enum msg why,
    struct document *d)
{
	const char *zone = config_zone(b->cfg, b->t, s->source);
	struct map_why again = { .why = M_NONE };
	enum rc rc;

	if (!config_by_day(b->t, s->source) || (why != M_VAT_RULE &&
	    why != M_VAT_CHOICE && why != M_ACCOUNT_RULE &&
	    why != M_PAYMENT_RULE && why != M_EXCHANGE))
		return false;
	rc = map_receipt(b->t, zone, s, d, &again);
	document_wipe(d);
	return rc == RC_OK;
}
