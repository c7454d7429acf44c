/*
 * woo_order.h - from WooCommerce's orders and refunds to sales.
 *
 * Pure: no requests are made here.
 */
#ifndef WOO_ORDER_H
#define WOO_ORDER_H

#include "connector.h"
#include "woo_line.h"

/* The order in hand, for its refunds.  All zero at the start. */
struct woo_order {
	const struct json *json;
	bool readable;		/* its sale is `sale` */
	struct sale sale;
	struct sale taken;	/* what the refunds so far took, per VAT rate */
	struct sale rest;	/* of a refund: more than its lines say */
	struct woo_rates rates;
};

/* The sale of an order; w keeps a copy.  RC_OK or RC_REJECT. */
MUST enum rc woo_order_sale(struct connection *c, struct woo_order *w,
    const struct json *order, struct sale *out);

/*
 * The sale of a refund of the order that was read last; refunds come oldest
 * first.  RC_OK, RC_REJECT, or RC_END: no money went back, nothing to book.
 */
MUST enum rc woo_order_refund(struct connection *c, struct woo_order *w,
    const struct json *refund, struct sale *out);

/* RC_REJECT for a refund that the order names and nothing more is known of. */
enum rc woo_order_missing(struct connection *c, struct woo_order *w,
    const struct json *named, struct sale *out);
void woo_order_wipe(struct woo_order *w);

#endif
