/*
 * pull.c - reads sources and writes the stream.
 *
 * This process holds the credentials of the shops and never those of the
 * books: it reads one source's secrets, closes the store, and only then
 * speaks to the shop.  It stores nothing.
 */
#include "pull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conn.h"
#include "log.h"
#include "store.h"
#include "str.h"
#include "stream.h"

#define OUT_MAX (2 * STREAM_LINE)
#define OUT_FLUSH (16u << 10)

struct wanted {			/* a sale to fetch again */
	char id[SALE_ID];	/* of the order, also for its refund */
	struct day day;		/* or a business day; year 0: none */
	struct wanted *next;
};

struct pull {
	const struct pull_job *job;
	struct buf out;
	struct sale *sale;		/* large: one for all */
	uint64_t written;
	bool gone;			/* the reader went away */
	bool with_day;			/* the order asked for is a receipt */
	struct needs *listed;		/* of the source whose list is read */
	bool news;			/* push must hear of it */
	uint64_t lines;			/* digests of the list's lines */
};

/* What a source needs from the store, so that the store can be closed. */
struct needs {
	struct vault_set secrets;
	struct cursor_row cursor;
	struct wanted *wanted;
	const struct config_connection *source;
	bool settled;			/* nothing waits in the store */
	struct crypt_key *digest;	/* NULL: there is none */
};

static enum rc
flush(struct pull *p, size_t keep)
{
	size_t done = 0;

	while (p->out.len - done > keep) {
		ssize_t n = write(p->job->fd, p->out.data + done,
		    p->out.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE) {
			p->gone = true;
			if (!p->job->paired)
				SAY(M_OUTPUT, F_WORD("text",
				    "the reader went away"));
			return RC_END;
		}
		if (n < 0) {
			SAY(M_OUTPUT, F_WORD("text", strerror(errno)));
			return RC_FATAL;
		}
		done += (size_t)n;
	}
	buf_shift(&p->out, done);
	return RC_OK;
}

static enum rc
take_wanted(void *arg, const struct sale_key *k, const struct error_row *r)
{
	struct needs *n = arg;
	const char *id = r->refund_of[0] != '\0' ? r->refund_of : r->id;
	struct day day = { .year = 0 };
	char text[CLOCK_DAY];
	struct wanted *w = n->wanted;

	(void)k;
	if (!str_eq(r->source, n->source->name))
		return RC_OK;
	/* The shop knows no summary of ours, but the receipts of its day. */
	(void)str_copy_n(text, sizeof(text), id, strnlen(id, CLOCK_DAY - 1));
	if (r->kind == SALE_SUMMARY && n->source->receipts == RECEIPTS_DAY &&
	    clock_day_parse(text, &day) == RC_OK)
		id = text;
	while (w != NULL && !str_eq(w->id, id))
		w = w->next;
	if (w != NULL)
		return RC_OK;
	w = mem_alloc(sizeof(*w));
	(void)str_copy(w->id, sizeof(w->id), id);
	w->day = day;
	w->next = n->wanted;
	n->wanted = w;
	return RC_OK;
}

static void
wanted_free(struct wanted **at)
{
	struct wanted *w = *at;

	*at = w->next;
	secret_zero(w, sizeof(*w));
	free(w);
}

static void
needs_free(struct needs *n)
{
	while (n->wanted != NULL)
		wanted_free(&n->wanted);
	crypt_key_free(n->digest);
	vault_wipe(&n->secrets);
}

/* An order that the list delivers need not be fetched behind it. */
static void
came(struct needs *n, const struct sale *s)
{
	struct wanted **w = &n->wanted;

	while (*w != NULL && (s->kind == SALE_REFUND || (*w)->day.year != 0 ||
	    !str_eq((*w)->id, s->id)))
		w = &(*w)->next;
	if (*w != NULL)
		wanted_free(w);
}

/* Whether push has nothing to do but what is read now. */
static enum rc
settled(struct store *s, struct needs *n)
{
	struct store_counts counts;
	enum rc rc = store_counts(s, &counts);

	if (rc != RC_OK)
		return rc;
	n->settled = counts.intents == 0 && !store_restored(s) &&
	    (n->cursor.next_at == 0 || clock_now() < n->cursor.next_at);
	n->digest = store_digest_key(s);
	return RC_OK;
}

static enum rc
read_needs(const struct pull_job *job, const struct config_connection *c,
    struct needs *n)
{
	struct store_place place = store_place_of(job->cfg, job->master,
	    job->tenant->name);
	struct store *s = NULL;
	enum rc rc;

	memset(n, 0, sizeof(*n));
	n->source = c;
	rc = store_open(&place, STORE_READ, &s);
	if (rc > RC_END)
		return rc;
	if (s != NULL)
		rc = store_cursor_get(s, c->name, &n->cursor);
	if (rc <= RC_END && s != NULL && job->retry)
		rc = store_error_each(s, take_wanted, n);
	if (rc <= RC_END && s != NULL)
		rc = settled(s, n);
	if (rc <= RC_END)
		rc = vault_load(s, job->tenant->name, c, &n->secrets);
	store_close(s);
	return rc;
}

/* Note a line of the list, without its end. */
static void
digest(struct pull *p, const char *line, size_t len)
{
	if (!p->news && p->listed != NULL && p->listed->digest != NULL)
		p->lines += crypt_digest(p->listed->digest, line, len - 1);
}

/* One receipt can't be booked where its day is booked as a whole. */
static bool
with_day(struct pull *p, const struct connection *c)
{
	const struct sale *s = p->sale;

	if (p->job->order == NULL || !config_by_day(p->job->tenant, c->name) ||
	    (s->kind != SALE_RECEIPT && !p->with_day))
		return false;
	if (!p->with_day)
		SAY(M_WITH_DAY, F_ORDER("order", s->number));
	p->with_day = true;
	sale_wipe(p->sale);
	return true;
}

static enum rc
put(struct pull *p, const struct connection *c, enum rc rc)
{
	struct sale *s = p->sale;
	size_t from = p->out.len;

	if (with_day(p, c))
		return RC_OK;
	(void)str_copy(s->tenant, sizeof(s->tenant), c->tenant);
	(void)str_copy(s->source, sizeof(s->source), c->name);
	if (rc == RC_REJECT)
		stream_put_refused(&p->out, s, c->why, c->why_text);
	else
		stream_put_sale(&p->out, s);
	p->written++;
	if (p->job->seen != NULL)
		(*p->job->seen)++;
	if (p->listed != NULL)
		came(p->listed, s);
	sale_wipe(s);
	if (p->out.over) {
		SAY(M_INTERNAL, F_WORD("text", "a stream line is too long"));
		return RC_FATAL;
	}
	digest(p, p->out.data + from, p->out.len - from);
	if (p->out.len < OUT_FLUSH)
		return RC_OK;
	p->news = true;
	return flush(p, 0);
}

/* All that next delivers.  RC_OK: to its end. */
static enum rc
drain(struct pull *p, struct connection *c)
{
	const struct source_ops *ops = c->connector->source;
	enum rc rc;

	for (;;) {
		if (p->job->stop != NULL && *p->job->stop != 0)
			return RC_LATER;
		sale_init(p->sale);
		rc = ops->next(c, p->sale);
		if (rc == RC_END)
			return RC_OK;
		if (rc > RC_REJECT) {
			conn_say(c, rc);
			return rc;
		}
		if ((rc = put(p, c, rc)) != RC_OK)
			return rc;
	}
}

static enum rc
fetch(struct pull *p, struct connection *c, const char *id)
{
	enum rc rc = c->connector->source->fetch(c, id);

	if (rc == RC_END) {
		SAY(M_SALE_ABSENT, F_ORDER("order", id));
		return RC_OK;
	}
	if (rc != RC_OK) {
		conn_say(c, rc);
		return rc;
	}
	return drain(p, c);
}

/* The midnight where the source is, of a day whose midnight at the operator's
 * is given. */
static int64_t
there(const struct pull_job *job, const struct connection *conn, int64_t at)
{
	return at == 0 ? 0 : clock_day_start(clock_day_of(at, job->cfg->zone),
	    conn->zone);
}

/* From when to when a source is read: its own since, the contract's days,
 * and what the command line says. */
static void
bounds(const struct pull_job *job, const struct config_connection *c,
    struct connection *conn)
{
	const struct tenant *t = job->tenant;
	const char *zone = job->cfg->zone;
	int64_t from_at = there(job, conn, job->since_at), since;
	int64_t until_at = there(job, conn, job->until_at);

	conn->since_at = clock_day_start(t->start, zone);
	if (c->has_since) {
		since = clock_day_start(c->since, conn->zone);
		if (since > conn->since_at)
			conn->since_at = since;
	}
	if (from_at > conn->since_at)
		conn->since_at = from_at;
	if (t->has_end)
		conn->until_at = clock_day_start(clock_day_add(t->end, 1),
		    zone);
	if (until_at != 0 &&
	    (conn->until_at == 0 || until_at < conn->until_at))
		conn->until_at = until_at;
	conn->overlap_s = c->overlap_s;
}

/* The sales that are named: on the command line, or refused before. */
static enum rc
read_some(struct pull *p, const struct needs *n, struct connection *c)
{
	enum rc rc = RC_OK;

	if (p->job->order != NULL)
		return fetch(p, c, p->job->order);
	for (const struct wanted *w = n->wanted; w != NULL && rc == RC_OK;
	    w = w->next)
		if (w->day.year == 0)
			rc = fetch(p, c, w->id);
	return rc;
}

/* A list of a business day alone. */
static void
bounds_of_day(const struct config_connection *conf, struct day d,
    struct connection *c)
{
	int64_t from_at = clock_day_time(d, conf->day_starts_s, c->zone);
	int64_t to_at = clock_day_time(clock_day_add(d, 1),
	    conf->day_starts_s, c->zone);

	if (from_at > c->since_at)
		c->since_at = from_at;
	if (c->until_at == 0 || to_at < c->until_at)
		c->until_at = to_at;
}

static bool
one_off(const struct pull_job *job)
{
	return job->order != NULL || job->since_at != 0 || job->until_at != 0;
}

static enum rc
read_list(struct pull *p, struct needs *n, struct connection *c)
{
	enum rc rc;

	p->listed = n;
	p->lines = 0;
	rc = drain(p, c);
	p->listed = NULL;
	if (rc != RC_OK || one_off(p->job) || c->cursor_next[0] == '\0')
		return rc;
	stream_put_cursor(&p->out, c->tenant, c->name, c->cursor_next);
	if (!str_eq(c->cursor_next, n->cursor.value) ||
	    p->lines != n->cursor.digest)
		p->news = true;
	return RC_OK;
}

enum reading { READ_LIST, READ_SOME, READ_DAY };

/* Through a connection of its own: one that fetched gives no list. */
static enum rc
read_source(struct pull *p, struct needs *n, enum reading what, struct day day)
{
	const struct config_connection *conf = n->source;
	const struct pull_job *job = p->job;
	struct connection *c = NULL;
	struct renew_place renewing = { .cfg = job->cfg,
	    .master = job->master, .locked = job->locked };
	enum rc rc;

	rc = conn_make(job->cfg, job->tenant, conf, &n->secrets, &c);
	if (rc != RC_OK)
		return rc;
	conn_renews(c, &renewing);
	bounds(job, conf, c);
	if (what == READ_DAY)
		bounds_of_day(conf, day, c);
	/* before it starts, since that is where it begins to read */
	if (what == READ_LIST && !one_off(job))
		(void)str_copy(c->cursor, sizeof(c->cursor), n->cursor.value);
	rc = conn_start(c, clock_now());
	if (rc == RC_OK && what == READ_LIST)
		rc = read_list(p, n, c);
	else if (rc == RC_OK)
		rc = what == READ_DAY ? drain(p, c) : read_some(p, n, c);
	conn_close(c);
	return rc;
}

static enum rc
read_days(struct pull *p, struct needs *n)
{
	enum rc rc = RC_OK;

	for (const struct wanted *w = n->wanted; w != NULL && rc == RC_OK;
	    w = w->next)
		if (w->day.year != 0)
			rc = read_source(p, n, READ_DAY, w->day);
	return rc;
}

static enum rc
pull_source(struct pull *p, const struct config_connection *conf)
{
	const struct day none = { .year = 0 };
	bool order = p->job->order != NULL;
	struct needs n;
	enum rc rc;

	log_about(p->job->tenant->name, conf->name);
	rc = read_needs(p->job, conf, &n);
	if (rc == RC_OK && !order)
		rc = read_source(p, &n, READ_LIST, none);
	if (rc == RC_OK && (order || n.wanted != NULL))
		rc = read_source(p, &n, READ_SOME, none);
	if (rc == RC_OK && !order)
		rc = read_days(p, &n);
	if (!n.settled)
		p->news = true;
	if (rc == RC_OK && p->news)
		rc = flush(p, 0);
	needs_free(&n);
	log_about(p->job->tenant->name, NULL);
	return rc;
}

enum rc
pull_run(const struct pull_job *job)
{
	struct pull p = { .job = job, .news = job->idle == NULL ||
	    job->retry || one_off(job) };
	const struct tenant *t = job->tenant;
	enum rc worst = RC_OK, rc;

	p.sale = mem_alloc(sizeof(*p.sale));
	buf_init(&p.out, OUT_MAX);
	for (size_t i = 0; i < t->sources_n && !p.gone; i++) {
		if (job->source != NULL &&
		    !str_eq(job->source, t->sources[i].name))
			continue;
		rc = pull_source(&p, &t->sources[i]);
		worst = rc_worse(worst, rc);
	}
	if (worst == RC_OK)
		stream_put_end(&p.out, t->name, p.written);
	if (worst == RC_OK && !p.news)
		*job->idle = true;
	else if (!p.gone) {
		rc = flush(&p, 0);
		worst = rc_worse(worst, rc);
	}
	buf_free(&p.out);
	free(p.sale);
	return worst;
}
