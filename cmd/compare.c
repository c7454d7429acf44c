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
#include "refs.h"
#include "refunded.h"
#include "shares.h"
#include "store.h"
#include "str.h"
#include "stream.h"
#include "takeback.h"

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
	bool twice;		/* two documents bear one reference */
};

struct lines {
	const struct compare_job *job;
	struct store *store;
	struct line *l;
	size_t n, cap;
	struct refs refs;	/* of all that the shop's should have */
	bool revised;		/* one of them was corrected, or may be */
	bool beyond;		/* behind the period's last day */
	size_t found;
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

/* Its references; of a corrected sale also those of its later documents, and
 * of two more that the record may have missed. */
static void
expect_references(struct lines *a, const struct sale *s, struct line *l)
{
	const struct tenant *t = a->job->tenant;
	struct takeback back = { .store = a->store };
	struct takeback_of of = { .kind = s->kind };
	char reference[REF_MAX];
	unsigned last = 0;

	(void)str_copy(of.source, sizeof(of.source), s->source);
	(void)str_copy(of.id, sizeof(of.id), s->id);
	(void)str_copy(of.number, sizeof(of.number), s->number);
	takeback_reference(t, &of, 0, l->reference);
	if (l->recorded) {
		last = takeback_revision(&back, &of, NULL);
		l->under_way = takeback_under_way(&back, &of, last);
	}
	if (last > 0 || t->rules.on_change == CHANGE_CORRECT)
		last += 2;
	a->revised = a->revised || last > 0;
	for (unsigned i = 0; i <= last; i++) {
		takeback_reference(t, &of, i, reference);
		refs_add(&a->refs, reference, (size_t)(l - a->l));
	}
}

static void
take_sale(void *arg, const struct sale *s)
{
	struct lines *a = arg;
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
	if (a->store != NULL) {
		store_sale_key(a->store, s->source, s->kind, s->id, 0,
		    &l->key);
		l->recorded = store_sale_get(a->store, &l->key, &l->record) ==
		    RC_OK;
	}
	expect_references(a, s, l);
	l->left = !l->recorded && leave_out(&a->leave, s);
	if (a->store == NULL)
		return;
	if (store_intent_get(a->store, &l->key, &i) == RC_OK) {
		l->held = i.held;
		l->under_way = l->under_way || !i.held;
	}
}

/* A document of no sale that the shop named.  NULL: it is not ours, or of a
 * sale outside the period. */
static struct line *
take_lone(struct lines *a, const struct posted *p)
{
	const char *source = refs_source(a->job->tenant, p->reference);
	struct line *l;

	if (source == NULL || (a->job->source != NULL &&
	    !str_eq(source, a->job->source)))
		return NULL;
	if (a->beyond || leave_moves(a->job->tenant) ||
	    (a->revised && sale_revised(p->reference)))
		return NULL;
	l = line_add(a);
	(void)str_copy(l->source, sizeof(l->source), source);
	(void)str_copy(l->reference, REF_MAX, p->reference);
	return l;
}

static enum rc
take_document(void *arg, const struct posted *p)
{
	struct lines *a = arg;
	struct ref *ref = refs_find(&a->refs, p->reference);
	const char *day = ref == NULL ? days_document(&a->days, p) : NULL;
	struct line of_day = { .documents = 0 };
	struct line *l = ref != NULL ? &a->l[ref->of] :
	    day != NULL ? &of_day : take_lone(a, p);
	struct shares_part vat;
	bool again;

	if (l == NULL)
		return RC_OK;
	if (day != NULL)
		(void)str_copy(l->source, sizeof(l->source), day);
	again = ref != NULL && ++ref->documents > 1;
	l->twice = l->twice || again;
	l->draft = l->draft || p->draft;
	if (!again) {
		l->books.excl = money_add(l->books.excl, p->excl);
		l->books.incl = money_add(l->books.incl, p->incl);
	}
	vat = shares_of_posted(&a->shares, a->job->tenant, p);
	if (l->currency[0] == '\0')
		(void)str_copy(l->currency, sizeof(l->currency), p->currency);
	totals_add(a->totals, l->source, l->currency, "", TOTALS_BOOKS,
	    (struct record){ p->excl, p->incl });
	shares_total(&a->shares, vat, a->totals, l->source, l->currency,
	    TOTALS_BOOKS);
	l->books_vat = l->documents++ == 0 ? vat :
	    shares_join(&a->shares, l->books_vat, vat);
	return RC_OK;
}

/* What corrects a sale of the period is of the day on which it was made. */
static enum rc
read_beyond(struct lines *a, struct connection *c, struct day last)
{
	struct day today = clock_day_of(clock_now(), a->job->cfg->zone);
	char from[CLOCK_DAY], to[CLOCK_DAY];

	if (!a->revised || clock_day_cmp(today, last) <= 0)
		return RC_OK;
	a->beyond = true;
	clock_day_print(from, clock_day_add(last, 1));
	clock_day_print(to, today);
	return c->connector->books->list(c, from, to, take_document, a);
}

static enum rc
read_books(struct lines *a)
{
	const struct compare_job *j = a->job;
	struct vault_set secrets = { .n = 0 };
	struct connection *c = NULL;
	char from[CLOCK_DAY], to[CLOCK_DAY];
	struct day last = leave_until(&a->leave,
	    clock_day_of(j->until_at - 1, j->cfg->zone));
	enum rc rc;

	clock_day_print(from, clock_day_of(j->since_at, j->cfg->zone));
	clock_day_print(to, last);
	refs_sort(&a->refs);
	rc = vault_load(a->store, j->tenant->name, &j->tenant->books,
	    &secrets);
	if (rc == RC_OK)
		rc = conn_open(j->cfg, j->tenant, &j->tenant->books, &secrets,
		    &c);
	if (rc == RC_OK) {
		rc = c->connector->books->list(c, from, to, take_document, a);
		if (rc == RC_OK)
			rc = read_beyond(a, c, last);
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
	if (l->twice)
		return "booked twice";
	if (!l->in_shop)
		return "booked, not in the shop";
	if (l->documents > 0 && !l->recorded)
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
	    l->documents == 0 || l->twice || (l->draft && !l->recorded) ||
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

/* The shop offered the sale again, as it is now: files keep their versions. */
static bool
is_older(struct lines *a, size_t i)
{
	const struct ref *ref = refs_find(&a->refs, a->l[i].reference);

	return a->l[i].in_shop && ref != NULL && ref->of != i;
}

static void
drop_older(struct lines *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		if (!is_older(a, i))
			a->l[n++] = a->l[i];
	a->n = n;
}

static void
judge_all(struct lines *a)
{
	struct report *r = a->job->report;

	drop_older(a);
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
	enum rc rc = reading_shop(a->job, take_sale, a);

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
	refs_free(&a.refs);
	store_close(a.store);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
