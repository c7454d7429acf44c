/*
 * salejson.h - one sale as a JSON object, in and out.
 *
 * The stream between pull and push and the sales of a folder have this form:
 *
 *	id, number	strings; the number is the id where it is absent
 *	kind		order, receipt, refund, summary
 *	refund_of	the order's id, or null
 *	placed		a moment, see clock_parse
 *	paid, shipped	moments, or null: not yet
 *	status, channel, tags	the shop's words; a list of them
 *	currency	three capitals
 *	rate, rate_source	of one unit in the books' currency, who says so
 *	debtor		id, email, company, name, address, postcode, city,
 *			country, vat_number: strings or null; or null
 *	lines		kind (article when absent), article, ean, description,
 *			quantity (1 when absent or 0), excl, vat, vat_rate,
 *			vat_country
 *	payments	method, amount
 *	excl, incl	what the debtor paid
 *
 * Amounts are decimal strings; numbers are taken too, by their text, and
 * decimals past the sixth are rounded.  null and absent are the same, other
 * members are not looked at.  A refund whose total is positive comes from a
 * till that writes them so: all its amounts are turned.
 */
#ifndef SALEJSON_H
#define SALEJSON_H

#include <stddef.h>

#include "catalog.h"
#include "json.h"
#include "rc.h"
#include "sale.h"

/*
 * Read the object v into *out, which is made empty first (tenant and source
 * too).  RC_FATAL: no id or no kind: nothing to call it by; *why and
 * text say so.  RC_REJECT: a
 * value that no sale can have: *why is its message and text names the member
 * ("lines.3.quantity"), never its value; out->id, number and kind are filled
 * in, an id that is too long as far as it fits.
 */
MUST enum rc salejson_read(const struct json *v, struct sale *out,
    enum msg *why, char *text, size_t size);

/* Write its members into an object that is open, from id to incl. */
void salejson_write(struct json_out *o, const struct sale *s);

#endif
