/*
 * correct.c - decides what becomes of a booked sale that is offered again.
 *
 * It only looks: intake.c and takeback.c do.
 */
#include "correct.h"

#include <string.h>

#include "clock.h"
#include "str.h"

static bool
same_amounts(const struct record *a, const struct sale *s)
{
	return money_eq(a->excl, s->excl) && money_eq(a->incl, s->incl);
}

/* The next revision was sent, with other amounts than the sale has now: then
 * it must first be known whether the books have those. */
static bool
other_sent(struct takeback *t, const struct correct *c, const struct sale *s)
{
	struct sale_key k;
	struct intent i;
	bool other;

	store_sale_key(t->store, s->source, s->kind, s->id, c->revision, &k);
	other = store_intent_get(t->store, &k, &i) == RC_OK &&
	    !same_amounts(&i.amounts, s);
	secret_zero(&i, sizeof(i));
	return other;
}

/* A version of the same sale is in the window: what becomes of it must be
 * known before another one is made. */
static enum rc
send_earlier(struct takeback *t, const struct sale *s)
{
	size_t n = 0;
	const struct entry *e = t->once != NULL ? once_window(t->once, &n) :
	    NULL;

	for (size_t i = 0; i < n; i++)
		if (e[i].intent.kind == s->kind &&
		    str_eq(e[i].intent.source, s->source) &&
		    str_eq(e[i].intent.id, s->id))
			return once_send(t->once);
	return RC_OK;
}

enum rc
correct_plan(struct takeback *t, const struct sale *s, struct correct *out)
{
	enum rc rc = send_earlier(t, s);
	struct record now;
	/* A receipt in the summary of its day has no document of its own. */
	bool stands, may = t->tenant->rules.on_change == CHANGE_CORRECT &&
	    (s->kind == SALE_ORDER || (s->kind == SALE_RECEIPT &&
	    !config_by_day(t->tenant, s->source)));

	memset(out, 0, sizeof(*out));
	(void)str_copy(out->of.source, SALE_NAME, s->source);
	(void)str_copy(out->of.id, SALE_ID, s->id);
	(void)str_copy(out->of.number, SALE_ID, s->number);
	out->of.kind = s->kind;
	out->of.anew = !money_is_zero(s->incl) || !money_is_zero(s->excl);
	out->of.revision = takeback_revision(t, &out->of, &now);
	stands = out->of.revision % 2 == 0;
	out->revision = out->of.revision + (stands ? 2 : 1);
	out->sent = takeback_under_way(t, &out->of, out->of.revision);
	if (!out->sent && same_amounts(&now, s))
		out->what = CORRECT_NOTHING;
	/* A dry run can't find out what became of it. */
	else if (out->sent && (t->once == NULL || (!stands && other_sent(t, out,
	    s))))
		out->what = CORRECT_WAIT;
	else if (!stands)
		out->what = CORRECT_BOOK;
	else
		out->what = out->sent || may ? CORRECT_CREDIT : CORRECT_REPORT;
	return rc;
}

bool
correct_half(struct takeback *t, const struct sale *s)
{
	struct correct c;
	struct sale_key k;

	if (!once_revises(t->once))
		return false;
	if (correct_plan(t, s, &c) != RC_OK)
		return false;
	store_sale_key(t->store, s->source, s->kind, s->id,
	    c.of.revision + 1, &k);
	return once_where(t->once, &k) == ONCE_WAITS;
}

enum rc
correct_day(const struct takeback *t, const struct sale *s, struct admit *out)
{
	const char *zone = config_zone(t->cfg, t->tenant, s->source);
	bool dutch = config_language(t->cfg, t->tenant) == LANGUAGE_NL;
	enum rc rc = admit_today(t->cfg, t->tenant, s->source, out);
	char placed[CLOCK_DAY], closed[sizeof(out->note)];

	clock_day_print(placed, clock_day_of(s->placed_at, zone));
	(void)str_copy(closed, sizeof(closed), out->note);
	(void)str_fmt(out->note, sizeof(out->note), dutch ?
	    "Verbeterd; verkoop van %s%s%s" : "Corrected; sale of %s%s%s",
	    placed, closed[0] != '\0' ? "; " : "", closed);
	return rc;
}
