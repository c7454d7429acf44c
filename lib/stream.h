/*
 * stream.h - the JSON lines between pull and push; salesync-stream(5).
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdio.h>

#include "buf.h"
#include "catalog.h"
#include "connector.h"
#include "json.h"
#include "rc.h"
#include "sale.h"

#define STREAM_LINE (1u << 20)		/* longest line taken */

enum item_type { ITEM_SALE, ITEM_REFUSED, ITEM_CURSOR, ITEM_END };

struct item {
	enum item_type type;
	char tenant[SALE_NAME], source[SALE_NAME];
	char cursor[CURSOR_MAX];	/* ITEM_CURSOR */
	uint64_t sales;			/* ITEM_END: sales and refusals */
	/* ITEM_REFUSED: id, number, kind in sale; and why: */
	enum msg why;
	char why_text[200];
	struct sale sale;		/* ITEM_SALE whole */
};

/* Append one line, with its line feed, to out. */
void stream_put_sale(struct buf *out, const struct sale *s);
void stream_put_refused(struct buf *out, const struct sale *s, enum msg why,
    const char *text);
void stream_put_cursor(struct buf *out, const char *tenant,
    const char *source, const char *value);
void stream_put_end(struct buf *out, const char *tenant, uint64_t sales);

/*
 * Parse one line (without its line feed).  RC_FATAL: not a line of the
 * stream: not JSON, no or unknown type, a sale without tenant, source, id or
 * kind: the input is bad (exit 65); *fault says why, in our words.
 * RC_REJECT: a sale with an identity, but with a value that no sale can have
 * (amount, rate, currency, quantity, date, too many lines): item->sale has
 * its identity, item->why and ->why_text say which member.
 */
MUST enum rc stream_parse(struct json_doc *d, const char *line, size_t len,
    struct item *out, const char **fault);

#endif
