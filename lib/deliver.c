/*
 * deliver.c - the requests that bring one document into the books.
 *
 * Nothing in here writes to the store: once.c has done so before, and does
 * so after.
 */
#include "deliver.h"

#include <string.h>

#include "file.h"
#include "log.h"
#include "secret.h"
#include "str.h"

enum rc
deliver_news(struct deliver *d, struct store *s)
{
	struct cursor_row row;

	for (size_t i = 0; i < d->tenant->sources_n; i++) {
		enum rc rc = store_cursor_get(s, d->tenant->sources[i].name,
		    &row);

		if (rc > RC_END)
			return rc;
		if (rc == RC_OK && row.at > d->last_at)
			d->last_at = row.at;
	}
	return RC_OK;
}

/* The booked document must be what the debtor paid; the connector read it
 * back from the books' answer. */
static bool
same_total(const struct deliver *d, const struct entry *e,
    const struct posted *p)
{
	size_t lines = e->doc != NULL ? e->doc->lines_n : 0;
	/* Books may round each line's VAT on its own. */
	int64_t slack = d->tenant->rules.rounding.e6 + (int64_t)lines *
	    money_step(e->doc != NULL ? money_digits(e->doc->currency) : 2).e6 /
	    2;
	struct money excl = e->doc != NULL ? e->doc->excl :
	    e->intent.amounts.excl;
	struct money incl = e->doc != NULL ? e->doc->incl :
	    e->intent.amounts.incl;

	return money_eq(p->incl, incl) &&
	    str_eq(p->reference, e->intent.reference) &&
	    money_abs(money_sub(p->excl, excl)).e6 <= slack;
}

/* Steps that are left, one request each.  *p says how far it is. */
static enum rc
carry_out(struct deliver *d, struct entry *e, struct posted *p)
{
	const struct books_ops *ops = d->books->connector->books;
	enum rc rc = RC_OK;

	if (p->done > 0 && !same_total(d, e, p))
		return connector_fail(d->books, RC_REJECT, M_READ_BACK, "");
	while (p->done < e->intent.steps) {
		int step = p->done;

		if (e->doc == NULL)
			return RC_UNSURE;
		file_touch(d->lock_path);
		rc = ops->book(d->books, e->doc, step, p);
		if (rc != RC_OK)
			return rc;
		if (p->done <= step)
			p->done = step + 1;
		if (step == 0 && !same_total(d, e, p))
			return connector_fail(d->books, RC_REJECT,
			    M_READ_BACK, "");
	}
	return RC_OK;
}

/* What was said of the sale before is not this one's. */
static void
forget(struct connection *books)
{
	books->why = M_NONE;
	books->why_text[0] = '\0';
	secret_zero(books->why_debtor, sizeof(books->why_debtor));
}

/* Delete the draft that the entry is to take back; once it is gone, it was. */
static enum rc
drop(struct deliver *d, struct entry *e)
{
	const struct books_ops *ops = d->books->connector->books;
	struct posted p = { .found = 0 };
	enum rc rc = ops->find(d->books, e->intent.reference, &p);

	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	if (p.found > 1 || !p.draft || !money_eq(money_neg(p.incl),
	    e->intent.amounts.incl))
		return connector_fail(d->books, RC_REJECT, M_BY_HAND,
		    "its draft was changed in the books");
	file_touch(d->lock_path);
	rc = ops->drop(d->books, &p);
	return rc == RC_END ? RC_OK : rc;
}

/* Look the entry up, adopting what is there: RC_END when nothing is. */
enum rc
deliver_again(struct deliver *d, struct entry *e, struct posted *p)
{
	const struct books_ops *ops = d->books->connector->books;
	char count[16];
	enum rc rc;

	forget(d->books);
	if (ops->find == NULL)
		return connector_fail(d->books, RC_REJECT, M_HELD, "");
	if (e->intent.drop)
		return drop(d, e);
	rc = ops->find(d->books, e->intent.reference, p);
	if (rc != RC_OK)
		return rc;
	if (p->found < 1)
		p->found = 1;
	(void)str_fmt(count, sizeof(count), "%d", p->found);
	if (p->found > 1)
		return connector_fail(d->books, RC_REJECT, M_TWICE, count);
	SAY0(M_ADOPTED);
	return carry_out(d, e, p);
}

/*
 * Two entries of a run find out whether the record is older than the books:
 * then a restored backup is at work, whatever the counters say.  The first one
 * may be an old order that was only now paid; so the first that was placed
 * after the last run with news is asked for too.
 */
static bool
probes(const struct deliver *d, const struct entry *e)
{
	return d->ask || !d->probed ||
	    (!d->probed_new && e->placed_at > d->last_at);
}

static enum rc
probe(struct deliver *d, struct entry *e, struct posted *p)
{
	enum rc rc = deliver_again(d, e, p);

	d->probed = true;
	d->probed_new = d->probed_new || e->placed_at > d->last_at;
	if (p->found > 0 && !d->ask) {
		d->ask = true;
		SAY0(M_STORE_RESTORED);
	}
	return rc;
}

enum rc
deliver_entry(struct deliver *d, struct entry *e, struct posted *p)
{
	const struct books_ops *ops = d->books->connector->books;
	enum rc rc = RC_END;

	memset(p, 0, sizeof(*p));
	forget(d->books);
	if (e->intent.drop)
		return drop(d, e);
	if (probes(d, e) && ops->find != NULL && e->intent.attempt == 0)
		rc = probe(d, e, p);
	if (rc != RC_END)
		return rc;
	file_touch(d->lock_path);
	rc = contact_resolve(d->contacts, d->books, &e->contact);
	if (rc != RC_OK)
		return rc;
	(void)str_copy(e->doc->debtor, sizeof(e->doc->debtor),
	    e->contact.code);
	return carry_out(d, e, p);
}
