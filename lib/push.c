/*
 * push.c - reads the stream, line by line and tenant by tenant, and hands
 * each item to the tenant's session.  It waits for input only when nothing
 * is left to send.
 */
#include "push.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "str.h"
#include "stream.h"

#define READ_STEP (64u << 10)

struct push {
	const struct push_job *job;
	struct json_doc *json;
	struct buf in;
	size_t pos;			/* consumed of in */
	size_t scanned;			/* searched for a line feed */
	uint64_t line;
	bool eof;
	struct item *item;		/* large: one for all */
	struct session *session;	/* the tenant that is open, or NULL */
	const struct tenant *tenant;
	enum rc worst;
};

static bool
input_waits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static enum rc
bad_line(struct push *p, const char *why)
{
	SAY(M_LINE_BAD, F_INT("line", p->line), F_WORD("text", why));
	return RC_FATAL;
}

/* Read more, sending what is there first when the input is slow. */
static enum rc
fill(struct push *p)
{
	char *room;
	ssize_t n;
	enum rc rc = RC_OK;

	if (p->session != NULL && !input_waits(p->job->fd))
		rc = session_flush(p->session);
	if (rc != RC_OK)
		return rc;
	buf_shift(&p->in, p->pos);
	p->scanned -= p->pos;
	p->pos = 0;
	room = buf_room(&p->in, READ_STEP);
	if (room == NULL) {
		p->line++;
		return bad_line(p, "it is too long");
	}
	do
		n = read(p->job->fd, room, READ_STEP);
	while (n < 0 && errno == EINTR &&
	    (p->job->stop == NULL || *p->job->stop == 0));
	if (n <= 0)
		p->eof = true;
	else
		p->in.len += (size_t)n;
	return RC_OK;
}

/* The next line, borrowed until the next call; RC_END at the end. */
static enum rc
next_line(struct push *p, char **line, size_t *len)
{
	enum rc rc;

	for (;;) {
		char *from = p->in.data + p->scanned, *lf = NULL;

		if (p->in.len > p->scanned)
			lf = memchr(from, '\n', p->in.len - p->scanned);
		if (lf == NULL)
			p->scanned = p->in.len;
		if (lf == NULL && p->eof && p->in.len == p->pos)
			return RC_END;
		if (lf == NULL && !p->eof) {
			if ((rc = fill(p)) != RC_OK)
				return rc;
			continue;
		}
		*line = p->in.data + p->pos;
		*len = lf != NULL ? (size_t)(lf - *line) :
		    p->in.len - p->pos;
		p->pos += *len + (lf != NULL);
		p->scanned = p->pos;
		p->line++;
		return RC_OK;
	}
}

/* Close the tenant that is open; without its end line nothing counts as
 * read. */
static void
end_tenant(struct push *p, bool whole, bool say)
{
	enum rc rc;

	if (p->session == NULL)
		return;
	rc = session_end(p->session, whole);
	p->session = NULL;
	if (!whole && rc == RC_OK)
		rc = RC_END;
	if (!whole && say && !p->job->paired)
		SAY(M_NO_END, F_WORD("tenant", p->tenant->name));
	p->worst = rc_worse(p->worst, rc);
}

/* Make the item's tenant the one that is open. */
static enum rc
turn_to(struct push *p, const char *tenant)
{
	const struct tenant *t = config_tenant(p->job->cfg, tenant);

	if (t == NULL || (p->job->only != NULL && p->job->only != t))
		return bad_line(p, "it is of another tenant");
	if (p->session != NULL && p->tenant == t)
		return RC_OK;
	end_tenant(p, false, true);
	p->tenant = t;
	return session_open(p->job, t, &p->session);
}

static bool
knows_source(const struct tenant *t, const struct item *it)
{
	const struct config_connection *c = it->type == ITEM_END ? &t->books :
	    config_connection(t, it->source);

	return c != NULL && (it->type == ITEM_END || c != &t->books);
}

static enum rc
take_line(struct push *p, const char *line, size_t len)
{
	const char *fault = NULL;
	enum rc rc;

	rc = stream_parse(p->json, line, len, p->item, &fault);
	if (rc == RC_FATAL)
		return bad_line(p, fault);
	if (rc == RC_REJECT)
		p->item->type = ITEM_REFUSED;
	if ((rc = turn_to(p, p->item->tenant)) != RC_OK)
		return rc;
	if (!knows_source(p->tenant, p->item))
		return bad_line(p, "the tenant has no such source");
	rc = session_take(p->session, p->item, line, len);
	if (rc == RC_OK && p->item->type == ITEM_END)
		end_tenant(p, true, true);
	return rc;
}

static enum rc
read_all(struct push *p)
{
	char *line = NULL;
	size_t len = 0;
	enum rc rc;

	while ((rc = next_line(p, &line, &len)) == RC_OK) {
		if (p->job->stop != NULL && *p->job->stop != 0)
			return RC_LATER;
		if (len == 0)
			continue;
		if (len > STREAM_LINE)
			return bad_line(p, "it is too long");
		rc = take_line(p, line, len);
		sale_wipe(&p->item->sale);
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_END ? RC_OK : rc;
}

enum rc
push_run(const struct push_job *job)
{
	struct push p = { .job = job, .worst = RC_OK };
	enum rc rc;

	p.json = json_doc_new();
	p.item = mem_alloc(sizeof(*p.item));
	buf_init(&p.in, STREAM_LINE + 2 * READ_STEP);
	rc = read_all(&p);
	/* What broke the stream off was said. */
	end_tenant(&p, false, rc == RC_OK);
	buf_free(&p.in);
	free(p.item);
	json_doc_free(p.json);
	return rc_worse(rc, p.worst);
}
