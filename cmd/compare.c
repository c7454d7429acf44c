/*
 * compare.c - what the shop sold, what the record says, what stands in the
 * books, joined by reference.
 *
 * The shop is read by a process of its own, as in sync, so that the books'
 * credentials stay away from it.  Amounts and numbers are held in memory for
 * the comparison and wiped behind it.
 */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conn.h"
#include "days.h"
#include "leave.h"
#include "lock.h"
#include "log.h"
#include "map.h"
#include "original.h"
#include "reading.h"
#include "refunded.h"
#include "shares.h"
#include "store.h"
#include "str.h"
#include "stream.h"

#define HALF_CENT 5000

const char *const compare_columns[] = { "tenant", "source", "kind", "id",
    "finding", "shop_incl", "record_incl", "books_incl", "repaired", NULL };

struct line {			/* a sale of the shop, or a lone document */
	char source[SALE_NAME], id[SALE_ID], reference[REF_MAX];
	char refund_of[SALE_ID];
	enum sale_kind kind;
	struct sale_key key;
	struct record shop, record, books;
	struct shares_part shop_vat, books_vat;
	int64_t slack_e6;	/* what their VAT may differ by */
	char currency[4];
	bool in_shop, recorded, held;
	bool left;		/* not recorded: the rules leave it out */
	bool draft;		/* its document counts for nothing yet */
	bool under_way;		/* a run has it, or had it and will again */
	size_t day;		/* that it is booked with; DAYS_NONE */
	int documents;
};

struct lines {
	const struct compare_job *job;
	struct store *store;
	struct line *l;
	size_t n, cap;
	size_t *index;		/* the shop's, sorted by reference */
	size_t index_n;
	size_t found;
	bool whole;		/* the shop's list came to its end */
	struct leave leave;
	struct days days;
	struct shares shares;
	struct totals *totals;
	struct document *doc;	/* the shop's sale as it would be booked */
};

static struct line *
line_add(struct lines *a)
{
	if (a->n == a->cap) {
		a->cap = a->cap == 0 ? 256 : a->cap * 2;
		a->l = mem_move(a->l, a->n * sizeof(*a->l),
		    a->cap * sizeof(*a->l));
	}
	memset(&a->l[a->n], 0, sizeof(a->l[a->n]));
	a->l[a->n].day = DAYS_NONE;
	return &a->l[a->n++];
}

/* What its VAT should be in the books; a sale that can't be mapped has none
 * there. */
static void
expect_vat(struct lines *a, const struct sale *s, struct line *l)
{
	const struct tenant *t = a->job->tenant;
	const char *zone = config_zone(a->job->cfg, t, s->source);
	struct map_why why;

	if (map_sale(t, zone, s, a->doc, &why) == RC_OK) {
		l->shop_vat = shares_of_document(&a->shares, t, a->doc);
		/* Books may round each line's VAT on its own. */
		l->slack_e6 = t->rules.rounding.e6 +
		    (int64_t)a->doc->lines_n * HALF_CENT;
	}
	document_wipe(a->doc);
}

static void
take_sale(struct lines *a, const struct sale *s)
{
	const struct connector *k = a->job->tenant->books.connector;
	struct line *l = line_add(a);
	struct intent i;

	(void)str_copy(l->source, sizeof(l->source), s->source);
	(void)str_copy(l->id, sizeof(l->id), s->id);
	(void)str_copy(l->refund_of, sizeof(l->refund_of), s->refund_of);
	l->kind = s->kind;
	l->day = days_of(&a->days, s);
	l->in_shop = true;
	l->shop = (struct record){ s->excl, s->incl };
	(void)str_copy(l->currency, sizeof(l->currency), s->currency);
	expect_vat(a, s, l);
	sale_reference(s->source, s->kind, s->id, s->number,
	    k->reference_max > 0 && k->reference_max < REF_MAX ?
	    (size_t)k->reference_max : REF_MAX - 1, l->reference);
	if (a->store != NULL) {
		store_sale_key(a->store, s->source, s->kind, s->id, 0,
		    &l->key);
		l->recorded = store_sale_get(a->store, &l->key, &l->record) ==
		    RC_OK;
	}
	l->left = !l->recorded && leave_out(&a->leave, s);
	if (a->store == NULL)
		return;
	if (store_intent_get(a->store, &l->key, &i) == RC_OK) {
		l->held = i.held;
		l->under_way = !i.held;
	}
}

static enum rc
read_stream(struct lines *a, FILE *f)
{
	struct json_doc *json = json_doc_new();
	struct item *it = mem_alloc(sizeof(*it));
	const char *fault = NULL;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	enum rc rc = RC_OK;

	while (rc <= RC_REJECT && (n = getline(&line, &cap, f)) > 1) {
		rc = stream_parse(json, line, (size_t)n - 1, it, &fault);
		if (rc == RC_OK && it->type == ITEM_SALE)
			take_sale(a, &it->sale);
		if (rc == RC_OK && it->type == ITEM_END)
			a->whole = true;
		sale_wipe(&it->sale);
	}
	if (line != NULL)
		secret_zero(line, cap);
	free(line);
	free(it);
	json_doc_free(json);
	return rc > RC_REJECT ? RC_FATAL : RC_OK;
}

/* RC_LATER when the shop could not be read whole; it was said there. */
static enum rc
read_shop(struct lines *a)
{
	struct reading r;
	enum rc rc = reading_start(a->job, &r);

	if (rc != RC_OK)
		return rc;
	rc = read_stream(a, r.f);
	reading_end(&r);
	return rc == RC_OK && !a->whole ? RC_LATER : rc;
}

static int
by_reference(const void *x, const void *y, void *arg)
{
	const struct line *l = arg;

	return strcmp(l[*(const size_t *)x].reference,
	    l[*(const size_t *)y].reference);
}

static void
sort_index(struct lines *a)
{
	a->index = mem_alloc((a->n + 1) * sizeof(*a->index));
	for (a->index_n = 0; a->index_n < a->n; a->index_n++)
		a->index[a->index_n] = a->index_n;
	qsort_r(a->index, a->n, sizeof(*a->index), by_reference, a->l);
}

static struct line *
find_reference(struct lines *a, const char *reference)
{
	size_t low = 0, high = a->index_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct line *l = &a->l[a->index[mid]];
		int cmp = strcmp(l->reference, reference);

		if (cmp == 0)
			return l;
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Whose a lone document is: the source that its reference begins with. */
static const char *
source_of(const struct tenant *t, const char *reference)
{
	for (size_t i = 0; i < t->sources_n; i++) {
		char prefix[REF_MAX];

		sale_reference(t->sources[i].name, SALE_ORDER, "1", "1",
		    REF_MAX - 1, prefix);
		*(strrchr(prefix, '-') + 1) = '\0';
		if (str_starts(reference, prefix))
			return t->sources[i].name;
	}
	return NULL;
}

static enum rc
take_document(void *arg, const struct posted *p)
{
	struct lines *a = arg;
	struct line *l = find_reference(a, p->reference);
	const char *source = l == NULL ? days_document(&a->days, p) : NULL;
	struct line of_day = { .documents = 0 };

	if (source != NULL) {
		l = &of_day;
		(void)str_copy(l->source, sizeof(l->source), source);
	} else if (l == NULL) {
		source = source_of(a->job->tenant, p->reference);
		if (source == NULL || (a->job->source != NULL &&
		    !str_eq(source, a->job->source)))
			return RC_OK;	/* booked by hand: not ours */
		if (leave_moves(a->job->tenant))
			return RC_OK;	/* of a sale outside the period? */
		l = line_add(a);
		(void)str_copy(l->source, sizeof(l->source), source);
		(void)str_copy(l->reference, REF_MAX, p->reference);
	}
	l->documents++;
	l->draft = l->draft || p->draft;
	l->books = (struct record){ p->excl, p->incl };
	l->books_vat = shares_of_posted(&a->shares, a->job->tenant, p);
	if (l->currency[0] == '\0')
		(void)str_copy(l->currency, sizeof(l->currency), p->currency);
	totals_add(a->totals, l->source, l->currency, "", TOTALS_BOOKS,
	    l->books);
	shares_total(&a->shares, l->books_vat, a->totals, l->source,
	    l->currency, TOTALS_BOOKS);
	return RC_OK;
}

static enum rc
read_books(struct lines *a)
{
	const struct compare_job *j = a->job;
	struct vault_set secrets = { .n = 0 };
	struct connection *c = NULL;
	char from[CLOCK_DAY], to[CLOCK_DAY];
	enum rc rc;

	clock_day_print(from, clock_day_of(j->since_at, j->cfg->zone));
	clock_day_print(to, leave_until(&a->leave,
	    clock_day_of(j->until_at - 1, j->cfg->zone)));
	sort_index(a);
	rc = vault_load(a->store, j->tenant->name, &j->tenant->books,
	    &secrets);
	if (rc == RC_OK)
		rc = conn_open(j->cfg, j->tenant, &j->tenant->books, &secrets,
		    &c);
	if (rc == RC_OK) {
		rc = c->connector->books->list(c, from, to, take_document, a);
		if (rc != RC_OK)
			conn_say(c, rc);
	}
	conn_close(c);
	vault_wipe(&secrets);
	return rc;
}

/* Not by itself in the books: they have it with its day, or not at all. */
static bool
is_of_day(const struct line *l)
{
	return l->day != DAYS_NONE && l->documents == 0 && !l->left;
}

/* Of a receipt that is booked with its day: the day's documents are judged
 * there. */
static const char *
judge_receipt(const struct lines *a, const struct line *l)
{
	if (!l->recorded)
		return days_open(&a->days, l->day) ||
		    days_agree(&a->days, l->day) ? NULL :
		    l->held ? "held" : "not booked";
	return money_eq(l->shop.incl, l->record.incl) ? NULL :
	    "other amount in the shop";
}

/* What is wrong with a line; NULL: nothing. */
static const char *
judge(const struct lines *a, const struct line *l)
{
	if (l->under_way || (l->left && l->documents == 0))
		return NULL;
	if (is_of_day(l))
		return judge_receipt(a, l);
	if (l->documents > 1)
		return "booked twice";
	if (!l->in_shop)
		return "booked, not in the shop";
	if (l->documents == 1 && !l->recorded)
		return l->draft ? "left as a draft" :
		    "booked but not recorded";
	if (l->documents == 0 && l->recorded)
		return "recorded but gone";
	if (l->documents == 0)
		return l->held ? "held" : "not booked";
	if (!money_eq(l->books.incl, l->record.incl))
		return "other amount in the books";
	if (!money_eq(l->shop.incl, l->record.incl))
		return "other amount in the shop";
	if (l->shop_vat.n > 0 && l->books_vat.n > 0 &&
	    !shares_agree(&a->shares, l->shop_vat, l->books_vat, l->slack_e6))
		return "other VAT in the books";
	return NULL;
}

/* What went back of its order follows as well. */
static void
mend_refunded(struct lines *a, const struct line *l, const struct record *to)
{
	struct record more = *to;
	struct original o;
	enum rc rc = original_recorded(a->store, l->source, l->refund_of, &o);

	if (l->recorded) {
		more.excl = money_sub(to->excl, l->record.excl);
		more.incl = money_sub(to->incl, l->record.incl);
	}
	if (rc == RC_OK)
		refunded_add(a->store, &o.key, &l->key, &more);
}

/* The record follows the books; what is gone from them is a person's to
 * forget, since booking it anew may be wrong. */
static bool
mend(struct lines *a, const struct line *l)
{
	const struct record *to = is_of_day(l) ||
	    money_eq(l->books.incl, l->shop.incl) ? &l->shop : &l->books;

	if (!a->job->repair || !l->in_shop)
		return false;
	if (is_of_day(l) ? l->recorded || !days_agree(&a->days, l->day) :
	    l->documents != 1 || (l->draft && !l->recorded) ||
	    (l->recorded && money_eq(l->books.incl, l->record.incl)))
		return false;
	store_sale_put(a->store, &l->key, to);
	if (l->kind == SALE_REFUND)
		mend_refunded(a, l, to);
	store_intent_del(a->store, &l->key);
	store_error_del(a->store, &l->key);
	return true;
}

/* The shop's side of the totals, and the record's. */
static void
total(struct lines *a, const struct line *l)
{
	if (l->in_shop && !l->left) {
		totals_add(a->totals, l->source, l->currency, "", TOTALS_SHOP,
		    l->shop);
		shares_total(&a->shares, l->shop_vat, a->totals, l->source,
		    l->currency, TOTALS_SHOP);
	}
	if (l->recorded)
		totals_add(a->totals, l->source, l->currency, "",
		    TOTALS_RECORD, l->record);
}

static void
add_to_day(struct lines *a, const struct line *l)
{
	if (is_of_day(l) && l->under_way)
		days_unsure(&a->days, l->day);
	else if (is_of_day(l))
		days_add(&a->days, l->day, &l->shop,
		    l->recorded ? &l->record : NULL);
}

static void
judge_all(struct lines *a)
{
	struct report *r = a->job->report;

	for (size_t i = 0; i < a->n; i++)
		add_to_day(a, &a->l[i]);
	for (size_t i = 0; i < a->n; i++) {
		const struct line *l = &a->l[i];
		const char *finding = judge(a, l);

		total(a, l);
		if (finding == NULL) {
			(void)(is_of_day(l) && mend(a, l));
			continue;
		}
		a->found++;
		if (a->job->totals) {
			(void)mend(a, l);
			continue;
		}
		report_text(r, a->job->tenant->name);
		report_text(r, l->source);
		report_text(r, l->in_shop ? sale_kind_name(l->kind) : NULL);
		report_text(r, l->in_shop ? l->id : l->reference);
		report_text(r, finding);
		report_money(r, l->in_shop, l->shop.incl);
		report_money(r, l->recorded, l->record.incl);
		report_money(r, l->documents > 0, l->books.incl);
		report_bool(r, mend(a, l));
	}
	a->found += days_report(&a->days);
}

static enum rc
compare(struct lines *a)
{
	enum rc rc = read_shop(a);

	if (rc == RC_OK)
		rc = read_books(a);
	if (rc != RC_OK)
		return rc;
	if (a->job->repair && a->store != NULL &&
	    (rc = store_begin(a->store)) != RC_OK)
		return rc;
	judge_all(a);
	if (a->job->totals)
		totals_report(a->totals, a->job->tenant->name,
		    a->job->report);
	if (!a->job->repair || a->store == NULL)
		return RC_OK;
	return store_commit(a->store);
}

enum rc
compare_tenant(const struct compare_job *job, size_t *found)
{
	struct lines a = { .job = job };
	struct store_place place = store_place_of(job->cfg, job->master,
	    job->tenant->name);
	int lock = -1;
	enum rc rc;

	/* Not while the store is open, and a comparison changes nothing. */
	rc = conn_refresh(job->cfg, job->master, job->tenant,
	    &job->tenant->books, false);
	if (rc == RC_END)
		rc = RC_OK;
	if (rc == RC_OK && job->repair)
		rc = lock_take(job->cfg, job->tenant->name, &lock);
	if (rc == RC_OK)
		rc = store_open(&place, job->repair ? STORE_MAKE : STORE_READ,
		    &a.store);
	a.totals = totals_new();
	a.days = (struct days){ .job = job, .store = a.store };
	a.leave = (struct leave){ .cfg = job->cfg, .t = job->tenant,
	    .store = a.store };
	a.doc = mem_alloc(sizeof(*a.doc));
	if (rc <= RC_END)
		rc = compare(&a);
	*found += a.found;
	totals_free(a.totals);
	fate_free(&a.leave.fates);
	days_free(&a.days);
	shares_free(&a.shares);
	free(a.doc);
	if (a.l != NULL)
		secret_zero(a.l, a.cap * sizeof(*a.l));
	free(a.l);
	free(a.index);
	store_close(a.store);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
