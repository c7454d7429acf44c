/*
 * woo_list.h - WooCommerce's list of orders, page by page, though it changes
 * while it is read.
 */
#ifndef WOO_LIST_H
#define WOO_LIST_H

#include "buf.h"
#include "clock.h"
#include "connector.h"

#define WOO_API "/wp-json/wc/v3/"
#define WOO_PAGE 100		/* the vendor's most */

struct woo_list {
	struct buf path, url;	/* of the request at hand */
	char after[CLOCK_ISO];	/* modified_after; "": all */
	int reloads;		/* times that it was read again */
	int64_t size;		/* orders to a page, at most */
	int64_t end;		/* rows read so far */
	int64_t total;		/* what the shop counts, -1: it does not say */
	uint64_t last_id;	/* of the order seen last, 0: none */
	int64_t newest_at;	/* greatest date_modified_gmt */
	int64_t frozen_at;	/* the shop's clock at the first page */
	const struct json *at;	/* the next order of the page in c->json */
	bool last;		/* the page is the last one */
};

void woo_list_init(struct woo_list *l);
void woo_list_free(struct woo_list *l);

/* GET l->path, parsed into doc. */
MUST enum rc woo_list_get(struct connection *c, struct woo_list *l,
    struct json_doc *doc, struct http_answer *a, const struct json **v);
/* What is a fault of the source, and not of a sale: 404 and 4xx become
 * RC_LATER with words about `what`; anything else is returned as it is. */
MUST enum rc woo_list_failed(struct connection *c, enum rc rc,
    const char *what);
MUST enum rc woo_list_garbage(struct connection *c, const char *text);
/* The id of an order or refund, 0: it has none. */
uint64_t woo_list_id(const struct json *v);

/* Begin at c->cursor, or at c->since_at.  No request. */
MUST enum rc woo_list_start(struct connection *c, struct woo_list *l);
/* The next order, by id, with these members; it lives until the next call
 * that follows it in the list.  RC_END: that was all. */
MUST enum rc woo_list_next(struct connection *c, struct woo_list *l,
    const char *fields, const struct json **order);
/* Put into c->cursor_next where the next run begins. */
void woo_list_cursor(struct connection *c, const struct woo_list *l);

#endif
