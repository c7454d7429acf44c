/*
 * days.c - holds the days of a till against their summaries.
 *
 * A day that lies partly outside the period is not judged: not all of its
 * receipts were read.
 */
#include "days.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "daybook.h"
#include "leave.h"
#include "original.h"
#include "report.h"
#include "secret.h"
#include "str.h"

struct days_day {
	char source[SALE_NAME];
	char id[SALE_ID];		/* of its first summary */
	bool whole;			/* it lies in the period */
	bool open;			/* and need not be booked yet */
	bool twice;
	size_t receipts, recorded, documents;
	struct record shop, record, books;
};

struct days_summary {
	size_t day;
	char id[SALE_ID];
	struct record amounts;
};

static struct record
plus(struct record a, struct record b)
{
	return (struct record){ money_add(a.excl, b.excl),
	    money_add(a.incl, b.incl) };
}

/* The first moment there of a day whose midnight at the operator's is
 * given. */
static int64_t
there(const struct days *days, int64_t at, const char *zone)
{
	return clock_day_start(clock_day_of(at, days->job->cfg->zone), zone);
}

static size_t
day_get(struct days *days, const struct config_connection *k, struct day day,
    const char *id)
{
	const struct compare_job *j = days->job;
	const char *zone = config_zone(j->cfg, j->tenant, k->name);
	int64_t start_at = daybook_start(day, k->day_starts_s, zone);
	struct daybook now = { .now = clock_now() };
	struct daybook_day d = { .end_at = daybook_start(clock_day_add(day,
	    1), k->day_starts_s, zone) };
	struct days_day *new;

	for (size_t i = 0; i < days->n; i++)
		if (str_eq(days->d[i].id, id) &&
		    str_eq(days->d[i].source, k->name))
			return i;
	days->d = mem_grow(days->d, (days->n + 1) * sizeof(*days->d));
	new = &days->d[days->n];
	memset(new, 0, sizeof(*new));
	(void)str_copy(new->source, SALE_NAME, k->name);
	(void)str_copy(new->id, SALE_ID, id);
	new->whole = start_at >= there(days, j->since_at, zone) &&
	    d.end_at <= there(days, j->until_at, zone);
	new->open = !daybook_over(&now, &d);
	return days->n++;
}

size_t
days_of(struct days *days, const struct sale *s)
{
	const struct compare_job *j = days->job;
	const struct config_connection *k = config_connection(j->tenant,
	    s->source);
	struct original o;
	struct day day;
	char id[SALE_ID];

	if (k == NULL || k->receipts != RECEIPTS_DAY ||
	    (s->kind != SALE_RECEIPT && s->kind != SALE_REFUND))
		return DAYS_NONE;
	if (s->kind == SALE_REFUND && original_recorded(days->store,
	    s->source, s->refund_of, &o) == RC_OK && o.kind == SALE_ORDER)
		return DAYS_NONE;
	day = daybook_day_of(s->placed_at, k->day_starts_s,
	    config_zone(j->cfg, j->tenant, s->source));
	daybook_id(j->tenant, day, s->currency, 1, id);
	return day_get(days, k, day, id);
}

/* SOURCE-2026-11-01_USD-2-S: the id of the first of that day (base), and its
 * own. */
static bool
read_reference(const struct config_connection *k, const char *reference,
    struct day *day, char base[SALE_ID], char id[SALE_ID])
{
	char text[REF_MAX];
	size_t n, first;

	sale_reference(k->name, SALE_ORDER, "1", "1", REF_MAX - 1, text);
	*(strrchr(text, '-') + 1) = '\0';
	n = strlen(reference);
	if (!str_starts(reference, text) || !str_ends(reference, "-S") ||
	    !str_copy_n(id, SALE_ID, reference + strlen(text),
	    n - strlen(text) - 2))
		return false;
	(void)str_copy_n(text, sizeof(text), id, strnlen(id, CLOCK_DAY - 1));
	if (clock_day_parse(text, day) != RC_OK)
		return false;
	first = CLOCK_DAY - 1;
	first += strcspn(id + first, "-");
	return str_copy_n(base, SALE_ID, id, first);
}

const char *
days_document(struct days *days, const struct posted *p)
{
	const struct tenant *t = days->job->tenant;

	for (size_t i = 0; i < t->sources_n; i++) {
		const struct config_connection *k = &t->sources[i];
		struct days_summary s = { .amounts = { p->excl, p->incl } };
		struct days_day *d;
		char base[SALE_ID];
		struct day day;

		if (k->receipts != RECEIPTS_DAY ||
		    !read_reference(k, p->reference, &day, base, s.id))
			continue;
		s.day = day_get(days, k, day, base);
		d = &days->d[s.day];
		for (size_t n = 0; n < days->s_n; n++)
			d->twice = d->twice || (days->s[n].day == s.day &&
			    str_eq(days->s[n].id, s.id));
		d->documents++;
		d->books = plus(d->books, s.amounts);
		days->s = mem_grow(days->s,
		    (days->s_n + 1) * sizeof(*days->s));
		days->s[days->s_n++] = s;
		return k->name;
	}
	return NULL;
}

void
days_add(struct days *days, size_t day, const struct record *shop,
    const struct record *record)
{
	struct days_day *d = &days->d[day];

	d->receipts++;
	d->shop = plus(d->shop, *shop);
	if (record == NULL)
		return;
	d->recorded++;
	d->record = plus(d->record, *record);
}

void
days_unsure(struct days *days, size_t day)
{
	days->d[day].whole = false;
}

bool
days_open(const struct days *days, size_t day)
{
	return days->d[day].open;
}

bool
days_agree(const struct days *days, size_t day)
{
	const struct days_day *d = &days->d[day];

	return d->documents > 0 && !d->twice && d->receipts > 0 &&
	    money_eq(d->books.incl, d->shop.incl);
}

static const char *
judge(const struct days *days, size_t day)
{
	const struct days_day *d = &days->d[day];

	if (!d->whole)
		return NULL;
	if (d->twice)
		return "booked twice";
	if (d->documents == 0)
		return d->recorded > 0 ? "recorded but gone" : NULL;
	if (d->receipts == 0)
		return leave_moves(days->job->tenant) ? NULL :
		    "booked, not in the shop";
	if (money_eq(d->books.incl, d->record.incl) && d->recorded > 0)
		return NULL;
	return d->recorded == 0 || days_agree(days, day) ?
	    "booked but not recorded" : "other amount in the books";
}

/* The record follows the books, where these have what the shop has. */
static bool
mend(struct days *days, size_t day)
{
	const struct days_day *d = &days->d[day];
	struct sale_key k;

	if (!days->job->repair || days->store == NULL ||
	    !days_agree(days, day))
		return false;
	for (size_t i = 0; i < days->s_n; i++) {
		if (days->s[i].day != day)
			continue;
		store_sale_key(days->store, d->source, SALE_SUMMARY,
		    days->s[i].id, 0, &k);
		store_sale_put(days->store, &k, &days->s[i].amounts);
		store_intent_del(days->store, &k);
		store_error_del(days->store, &k);
	}
	return true;
}

size_t
days_report(struct days *days)
{
	struct report *r = days->job->report;
	size_t found = 0;

	for (size_t i = 0; i < days->n; i++) {
		const struct days_day *d = &days->d[i];
		const char *finding = judge(days, i);
		bool mended = finding != NULL && mend(days, i);

		found += finding != NULL;
		if (finding == NULL || days->job->totals)
			continue;
		report_text(r, days->job->tenant->name);
		report_text(r, d->source);
		report_text(r, sale_kind_name(SALE_SUMMARY));
		report_text(r, d->id);
		report_text(r, finding);
		report_money(r, d->receipts > 0, d->shop.incl);
		report_money(r, d->recorded > 0, d->record.incl);
		report_money(r, d->documents > 0, d->books.incl);
		report_bool(r, mended);
	}
	return found;
}

void
days_free(struct days *days)
{
	if (days->d != NULL)
		secret_zero(days->d, days->n * sizeof(*days->d));
	if (days->s != NULL)
		secret_zero(days->s, days->s_n * sizeof(*days->s));
	free(days->d);
	free(days->s);
}
