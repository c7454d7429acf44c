/*
 * admit.c - the tenant's filters, when a sale is due, and the closed period.
 *
 * It must never look at what was booked before: intake.c tells it.  So the
 * same sale under the same rules is always judged alike, and a sale that is
 * left out is simply asked again when it comes again.
 */
#include "admit.h"

#include <string.h>

#include "log.h"
#include "str.h"

static bool
word_holds(const struct condition_word *w, const struct sale *s,
    enum sale_kind kind)
{
	switch (w->key) {
	case ON_STATUS:
		return str_eq_nocase(w->text, s->status);
	case ON_CHANNEL:
		return str_eq_nocase(w->text, s->channel);
	case ON_COUNTRY:
		return str_eq(w->text, s->debtor.country);
	case ON_KIND:
		return str_eq(w->text, sale_kind_name(kind));
	case ON_SOURCE:
		return str_eq(w->text, s->source);
	case ON_TAG:
		break;
	}
	for (size_t i = 0; i < s->tags_n; i++)
		if (str_eq_nocase(w->text, s->tags[i]))
			return true;
	return false;
}

/* Of each of its keys, one word. */
static bool
condition_holds(const struct condition *c, const struct sale *s,
    enum sale_kind kind)
{
	for (size_t i = 0; i < c->n; i++) {
		bool one = false;

		for (size_t k = 0; k < c->n && !one; k++)
			one = c->words[k].key == c->words[i].key &&
			    word_holds(&c->words[k], s, kind);
		if (!one)
			return false;
	}
	return true;
}

static bool
names_kind(const struct condition *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->words[i].key == ON_KIND)
			return true;
	return false;
}

/* RC_END: a sale of this kind, and otherwise like s, is left out. */
static enum rc
filter(const struct rules *r, const struct sale *s, enum sale_kind kind,
    size_t *left)
{
	for (size_t i = 0; i < r->skip.n; i++)
		if (condition_holds(&r->skip.c[i], s, kind)) {
			*left = ADMIT_SKIP + i;
			return RC_END;
		}
	*left = ADMIT_ONLY;
	for (size_t i = 0; i < r->only.n; i++)
		if (condition_holds(&r->only.c[i], s, kind))
			return RC_OK;
	return r->only.n > 0 ? RC_END : RC_OK;
}

/* A refund by itself: was it named? */
static enum rc
filter_refund(const struct rules *r, const struct sale *s, size_t *left)
{
	for (size_t i = 0; i < r->skip.n; i++)
		if (names_kind(&r->skip.c[i]) &&
		    condition_holds(&r->skip.c[i], s, SALE_REFUND)) {
			*left = ADMIT_SKIP + i;
			return RC_END;
		}
	return RC_OK;
}

/* A refund in its order's place, be that an order or a receipt. */
static enum rc
filter_lone(const struct rules *r, const struct sale *s, struct admit *out)
{
	size_t left;

	if (filter_refund(r, s, &out->left) == RC_END ||
	    (filter(r, s, SALE_RECEIPT, &left) == RC_END &&
	    filter(r, s, SALE_ORDER, &out->left) == RC_END))
		return RC_END;
	out->why.why = M_REFUND_LONE;
	return RC_REJECT;
}

static bool
is_paid(const struct sale *s)
{
	struct money sum = { 0 };

	for (size_t i = 0; i < s->payments_n; i++)
		sum = money_add(sum, s->payments[i].amount);
	return s->paid_at != 0 || sum.e6 >= s->incl.e6;
}

/* The moment that the document is of; RC_END: not yet.  A till's receipt is
 * paid and handed over as it is made. */
static enum rc
due_at(const struct rules *r, const struct sale *s, int64_t *at, size_t *left)
{
	*at = s->placed_at;
	if (s->kind != SALE_ORDER || r->book_on == BOOK_ON_ORDER)
		return RC_OK;
	if (r->book_on == BOOK_ON_SHIPPED) {
		*left = ADMIT_UNSHIPPED;
		*at = s->shipped_at;
		return s->shipped_at != 0 ? RC_OK : RC_END;
	}
	*left = ADMIT_UNPAID;
	if (s->paid_at != 0)
		*at = s->paid_at;
	return is_paid(s) ? RC_OK : RC_END;
}

/* The day, or the first one open behind it. */
static enum rc
open_day(const struct rules *r, struct day d, enum language language,
    struct admit *out)
{
	char until[CLOCK_DAY];

	clock_day_print(out->date, d);
	if (r->closed_until.year == 0 || clock_day_cmp(d, r->closed_until) > 0)
		return RC_OK;
	if (r->closed == CLOSED_REFUSE) {
		clock_day_print(until, r->closed_until);
		out->why.why = M_CLOSED;
		(void)str_copy(out->why.text, sizeof(out->why.text), until);
		return RC_REJECT;
	}
	(void)str_fmt(out->note, sizeof(out->note), language == LANGUAGE_NL ?
	    "Ware datum %s, in een afgesloten periode" :
	    "True date %s, in a closed period", out->date);
	clock_day_print(out->date, clock_day_add(r->closed_until, 1));
	return RC_OK;
}

enum rc
admit_sale(const struct config *cfg, const struct tenant *t,
    const struct sale *s, enum admit_case how, struct admit *out)
{
	const char *zone = config_zone(cfg, t, s->source);
	const struct rules *r = &t->rules;
	int64_t at = s->placed_at;
	enum rc rc = RC_OK;

	memset(out, 0, sizeof(*out));
	switch (how) {
	case ADMIT_NEW:
		rc = filter(r, s, s->kind, &out->left);
		if (rc == RC_OK)
			rc = due_at(r, s, &at, &out->left);
		break;
	case ADMIT_UNDER_WAY:
		if (due_at(r, s, &at, &out->left) != RC_OK)
			at = s->placed_at;
		clock_day_print(out->date, clock_day_of(at, zone));
		return RC_OK;
	case ADMIT_ORDER_BOOKED:
		rc = filter_refund(r, s, &out->left);
		break;
	case ADMIT_ORDER_LEFT:
		out->left = ADMIT_ITS_ORDER;
		return RC_END;
	case ADMIT_ORDER_UNKNOWN:
		return filter_lone(r, s, out);
	}
	return rc != RC_OK ? rc : open_day(r, clock_day_of(at, zone),
	    config_language(cfg, t), out);
}

enum rc
admit_day(const struct config *cfg, const struct tenant *t, struct day day,
    struct admit *out)
{
	memset(out, 0, sizeof(*out));
	return open_day(&t->rules, day, config_language(cfg, t), out);
}

enum rc
admit_today(const struct config *cfg, const struct tenant *t,
    const char *source, struct admit *out)
{
	memset(out, 0, sizeof(*out));
	return open_day(&t->rules, clock_day_of(clock_now(),
	    config_zone(cfg, t, source)), config_language(cfg, t), out);
}

size_t
admit_reasons(const struct tenant *t)
{
	return ADMIT_SKIP + t->rules.skip.n;
}

void
admit_words(size_t left, char *out, size_t size)
{
	static const char *const words[] = {
		[ADMIT_UNPAID] = "not paid yet",
		[ADMIT_UNSHIPPED] = "not shipped yet",
		[ADMIT_ITS_ORDER] = "a refund of an order that was left out",
		[ADMIT_ONLY] = "none of the conditions under only holds",
	};

	if (left < ADMIT_SKIP)
		(void)str_copy(out, size, words[left]);
	else
		(void)str_fmt(out, size, "condition %zu under skip holds",
		    left - ADMIT_SKIP + 1);
}

void
admit_say(const struct tenant *t, const uint64_t *left)
{
	char text[80];

	for (size_t i = 0; i < admit_reasons(t); i++) {
		if (left[i] == 0)
			continue;
		admit_words(i, text, sizeof(text));
		SAY(M_LEFT_OUT, F_INT("count", left[i]), F_WORD("text", text));
	}
}
