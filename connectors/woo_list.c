/*
 * woo_list.c - reads WooCommerce's list of orders without missing one.
 *
 * Orders come by modification date, in pages, sorted by id.  An order that
 * goes to the trash between two pages moves those behind it up, so that one
 * slips by unseen, and the shop's count need not show it: another may have
 * come in.  So every page is chosen to begin with orders that were seen
 * already; when it does not hold the last of them, the list is read again.
 *
 * The cursor is the shop's own greatest date_modified_gmt, and never later
 * than the shop's clock at the first page: what changes while the list is
 * read is seen again by the next run.
 */
#include "woo_list.h"

#include <string.h>

#include "str.h"

#define PAGE_SMALL 10		/* when a page of 100 is more than we take */
#define BODY_LARGE (1u << 20)	/* garbage of this size was a large page */
#define RELOADS 3		/* times that a changing list is read again */
#define JOINED 2		/* readings whose pages overlap */
#define PATH_LEN 1024

void
woo_list_init(struct woo_list *l)
{
	memset(l, 0, sizeof(*l));
	buf_init(&l->path, PATH_LEN);
	buf_init(&l->url, HTTP_URL_MAX);
	buf_puts(&l->path, "");
}

void
woo_list_free(struct woo_list *l)
{
	buf_free(&l->path);
	buf_free(&l->url);
}

enum rc
woo_list_get(struct connection *c, struct woo_list *l, struct json_doc *doc,
    struct http_answer *a, const struct json **v)
{
	struct json_doc *own = c->json;
	struct http_request q = { .method = "GET",
	    .user = connector_secret(c, "consumer_key"),
	    .password = connector_secret(c, "consumer_secret") };
	enum rc rc;

	connector_url(c, &l->url, l->path.data);
	q.url = l->url.data;
	c->json = doc;
	rc = connector_call(c, &q, a, v);
	c->json = own;
	return rc;
}

enum rc
woo_list_failed(struct connection *c, enum rc rc, const char *what)
{
	char text[200];

	if (rc == RC_END)
		(void)str_fmt(text, sizeof(text), "%s; is the WooCommerce "
		    "REST API at this url, and are pretty permalinks on?",
		    what);
	else if (rc == RC_REJECT)
		(void)str_fmt(text, sizeof(text), "%s (%.100s)", what,
		    c->why_text);
	else
		return rc;
	return connector_fail(c, RC_LATER, M_SHOP_STATUS, text);
}

enum rc
woo_list_garbage(struct connection *c, const char *text)
{
	return connector_fail(c, RC_LATER, M_SHOP_GARBAGE, text);
}

uint64_t
woo_list_id(const struct json *v)
{
	uint64_t id;

	if (str_u64(json_str(v, "id"), INT64_MAX, &id) != RC_OK)
		return 0;
	return id;
}

static void
restart(struct woo_list *l)
{
	l->end = 0;
	l->total = -1;
	l->last_id = 0;
	l->at = NULL;
	l->last = false;
}

enum rc
woo_list_start(struct connection *c, struct woo_list *l)
{
	int64_t at = c->since_at;

	if (c->cursor[0] != '\0') {
		if (clock_parse(c->cursor, &at) != RC_OK)
			return connector_fail(c, RC_FATAL, M_INTERNAL,
			    "the cursor is not a date");
		at -= c->overlap_s;
	}
	l->after[0] = '\0';
	if (at > 1) {
		/* modified_after means "later than", to the second. */
		clock_iso(l->after, at - 1);
		/* With its Z and dates_are_gmt together the shop finds
		 * nothing. */
		l->after[strlen(l->after) - 1] = '\0';
	}
	l->size = WOO_PAGE;
	l->reloads = 0;
	l->newest_at = l->frozen_at = 0;
	restart(l);
	return RC_OK;
}

/* Orders moved while the list was read: one may have slipped by. */
static enum rc
drift(struct connection *c, struct woo_list *l)
{
	if (l->reloads++ == RELOADS)
		return connector_fail(c, RC_LATER, M_SHOP_DRIFT, "");
	restart(l);
	return RC_OK;
}

/*
 * Which page comes next.  The sizes are chosen so that it holds the last
 * order seen and as many new ones as can be.  A shop that gives pages of its
 * own size fails that twice; then pages are asked for side by side.
 */
static void
choose(const struct woo_list *l, int64_t *size, int64_t *page)
{
	int64_t best = 0;

	*size = l->size;
	*page = l->end / l->size + 1;
	if (l->end == 0 || l->reloads >= JOINED)
		return;
	for (int64_t n = l->size; n > 0; n--) {
		int64_t row = (l->end - 1) / n * n;

		if (row + n > best) {
			best = row + n;
			*size = n;
			*page = row / n + 1;
		}
	}
	if (best <= l->end) {		/* too small to overlap: side by side */
		*size = l->size;
		*page = l->end / l->size + 1;
	}
}

/* What a page holds. */
struct page {
	int64_t row, size;		/* where it starts; what was asked */
	int64_t n;			/* orders */
	uint64_t first, last;		/* ids */
	bool seen;			/* it holds the last order seen */
	bool mixed;			/* its ids do not rise */
	const struct json *fresh;	/* the first order not seen before */
};

static enum rc
page_scan(struct connection *c, struct woo_list *l, const struct json *v,
    struct page *p)
{
	int64_t at;

	if (!json_is_array(v))
		return woo_list_garbage(c, "it is not a list of orders");
	for (v = json_first(v); v != NULL; v = json_next(v), p->n++) {
		uint64_t id = woo_list_id(v);

		if (id == 0)
			return woo_list_garbage(c, "an order has no id");
		if (p->n == 0)
			p->first = id;
		p->mixed = p->mixed || id <= p->last;
		p->last = id;
		p->seen = p->seen || id == l->last_id;
		if (id > l->last_id && p->fresh == NULL)
			p->fresh = v;
		if (clock_parse(json_str(v, "date_modified_gmt"), &at) ==
		    RC_OK && at > l->newest_at)
			l->newest_at = at;
	}
	return RC_OK;
}

/* True when nothing can have slipped by between this page and the last. */
static bool
page_joins(const struct woo_list *l, const struct page *p, int64_t total)
{
	if (l->end == 0)
		return true;
	if (p->row < l->end)
		return p->seen;
	return (p->n == 0 || p->first > l->last_id) && total >= l->total;
}

/* A shop that takes no per_page gives this page right behind the last one:
 * from here on its pages stand side by side. */
static void
own_size(struct woo_list *l, struct page *p)
{
	if (p->n <= p->size || l->end == 0 ||
	    p->row / p->size * p->n != l->end)
		return;
	if (l->reloads < JOINED)
		l->reloads = JOINED;
	l->size = p->size = p->n;
	p->row = l->end;
}

static enum rc
page_take(struct connection *c, struct woo_list *l, const struct json *v,
    struct page *p, const struct http_answer *a)
{
	enum rc rc = page_scan(c, l, v, p);
	int64_t end;
	bool last;

	if (rc != RC_OK)
		return rc;
	own_size(l, p);
	end = p->row + p->n;
	/* Without a total a short first page may be all that the shop gives
	 * at a time. */
	last = a->total >= 0 ? end >= a->total : a->link_next == NULL &&
	    (p->n == 0 || (l->end > 0 && p->n < p->size));
	/* A list of one page can't shift, in whatever order it comes. */
	if ((l->end > 0 || !last) && (p->mixed ||
	    !page_joins(l, p, a->total) || (p->fresh == NULL && !last)))
		return drift(c, l);
	if (p->n < p->size && !last)
		l->size = p->n;		/* the shop's own limit */
	l->end = end;
	l->total = a->total;
	l->last = last;
	l->at = p->fresh;
	return RC_OK;
}

static enum rc
page_read(struct connection *c, struct woo_list *l, const char *fields)
{
	struct http_answer a;
	struct page p = { 0 };
	const struct json *v;
	int64_t page;
	enum rc rc;

	choose(l, &p.size, &page);
	p.row = (page - 1) * p.size;
	buf_clear(&l->path);
	buf_fmt(&l->path, WOO_API "orders?per_page=%lld&page=%lld&orderby=id"
	    "&order=asc&status=any&dates_are_gmt=true",
	    (long long)p.size, (long long)page);
	if (l->after[0] != '\0')
		buf_fmt(&l->path, "&modified_after=%s", l->after);
	buf_fmt(&l->path, "&_fields=%s", fields);
	rc = woo_list_get(c, l, c->json, &a, &v);
	if (rc == RC_LATER && c->why == M_SHOP_GARBAGE &&
	    a.body_len > BODY_LARGE && l->size > PAGE_SMALL) {
		l->size = PAGE_SMALL;
		restart(l);
		return RC_OK;
	}
	if (rc != RC_OK)
		return woo_list_failed(c, rc, "the list of orders");
	if (l->frozen_at == 0)
		l->frozen_at = a.date_at != 0 ? a.date_at : c->started_at;
	return page_take(c, l, v, &p, &a);
}

enum rc
woo_list_next(struct connection *c, struct woo_list *l, const char *fields,
    const struct json **order)
{
	enum rc rc;

	while (l->at == NULL) {
		if (l->last)
			return RC_END;
		if ((rc = page_read(c, l, fields)) != RC_OK)
			return rc;
	}
	*order = l->at;
	l->last_id = woo_list_id(l->at);
	l->at = json_next(l->at);
	return RC_OK;
}

void
woo_list_cursor(struct connection *c, const struct woo_list *l)
{
	int64_t at = l->newest_at;

	if (l->frozen_at != 0 && at > l->frozen_at)
		at = l->frozen_at;
	if (at == 0)
		(void)str_copy(c->cursor_next, sizeof(c->cursor_next),
		    c->cursor);
	else
		clock_iso(c->cursor_next, at);
}
