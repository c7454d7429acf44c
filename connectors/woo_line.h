/*
 * woo_line.h - the lines and VAT rates of WooCommerce's orders and refunds.
 *
 * Pure: no requests are made here.  What is wrong with a sale goes to
 * connector_fail, as the name of a member, never its value.
 */
#ifndef WOO_LINE_H
#define WOO_LINE_H

#include "connector.h"

#define WOO_RATES 64		/* most VAT rates that are asked for */

struct woo_rate {
	char id[24];
	char country[3];
	int32_t rate_e4;	/* -1: the shop does not tell */
};

struct woo_rates {		/* of orders that do not hold them themselves */
	struct woo_rate rate[WOO_RATES];
	size_t n;
};

struct woo_order;

struct woo_reading {		/* an order or refund being read */
	struct connection *c;
	struct woo_order *w;		/* woo_order.c's */
	const struct woo_rates *rates;
	const struct json *order;	/* the order, or a refund's order */
	const struct json *json;	/* the order or refund itself */
	struct sale *out;
	bool exact;			/* VAT as in "taxes", not rounded */
};

/* Refuse the sale. */
enum rc woo_line_fail(const struct woo_reading *r, enum msg why,
    const char *text);

/* A text on one line, without white space around it; false when cut. */
bool woo_line_text(char *dst, size_t size, const struct json *v,
    const char *path);
/* A country's two capitals; anything else leaves dst as it is. */
void woo_line_country(char dst[3], const char *text);
MUST enum rc woo_line_amount(const struct woo_reading *r,
    const struct json *v, const char *key, struct money *out);
/* True for "0", "0.00" and the like. */
bool woo_line_zero(const char *text);

/* The id of a rate that an order needs and nobody told yet, or NULL. */
const char *woo_line_rate_wanted(const struct woo_rates *known,
    const struct json *order);
/* Remember a rate by the shop's answer; NULL: it does not tell. */
void woo_line_rate_add(struct woo_rates *known, const char *id,
    const struct json *tax);

/* Add a line to a sale, or its amounts to a line of the same VAT from
 * `first` on. */
MUST enum rc woo_line_keep(const struct woo_reading *r, struct sale *out,
    const struct sale_line *l);
MUST enum rc woo_line_merge(const struct woo_reading *r, struct sale *out,
    size_t first, const struct sale_line *l);

/* All lines of the order or refund, into r->out, whose total is known. */
MUST enum rc woo_line_read(const struct woo_reading *r);

#endif
