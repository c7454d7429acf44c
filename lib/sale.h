/*
 * sale.h - a sale as a value: no pointers inside, bounded, wiped after use.
 *
 * What does not fit is refused (RC_REJECT), never cut, but for descriptions,
 * which may be cut.  A sale with few lines is small in use: only the first
 * `lines_n` lines count.  sale_size says how many bytes that is; sale_wipe
 * wipes these.
 *
 * Signs: an order, receipt or summary has the sign of the turnover (positive,
 * discounts negative); a refund has negative amounts: money that goes back.
 */
#ifndef SALE_H
#define SALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"
#include "rc.h"

#define SALE_LINES 500
#define SALE_PAYMENTS 16
#define SALE_TAGS 16
#define SALE_ID 64
#define SALE_NAME 33		/* tenants, sources: 32 characters */

enum sale_kind { SALE_ORDER, SALE_RECEIPT, SALE_REFUND, SALE_SUMMARY };
/* From the gift card on it is no turnover: money of or for somebody else, or
 * none at all. */
enum line_kind { LINE_ARTICLE, LINE_SHIPPING, LINE_DISCOUNT, LINE_FEE,
    LINE_GIFTCARD, LINE_DEPOSIT, LINE_TIP, LINE_DONATION, LINE_DIFFERENCE,
    LINE_ROUNDING };

struct sale_line {
	enum line_kind kind;
	int32_t vat_rate_e4;		/* see money.h */
	char vat_country[3];		/* whose VAT, ISO 3166 alpha-2; "" */
	char article[64];
	char ean[20];			/* EAN, UPC, GTIN; "" */
	char description[160];
	struct money quantity;		/* millionths too */
	struct money excl, vat;		/* of the whole line, not a piece */
};

struct sale_payment {
	char method[48];
	struct money amount;
};

struct debtor {
	char id[SALE_ID];		/* the shop's customer number; "": guest */
	char email[255];
	char company[128];
	char name[128];
	char address[160];
	char postcode[20];
	char city[96];
	char country[3];
	char vat_number[32];
};

struct sale {
	char tenant[SALE_NAME], source[SALE_NAME];
	char id[SALE_ID];		/* the vendor's id */
	char number[SALE_ID];		/* what people call it */
	enum sale_kind kind;
	char refund_of[SALE_ID];	/* the order's vendor id; "": none */
	int64_t placed_at;
	int64_t paid_at, shipped_at;	/* 0: not yet, or not told */
	char status[SALE_NAME];		/* these three in the shop's words, for */
	char channel[SALE_NAME];	/* the tenant's filters; "" */
	char tags[SALE_TAGS][SALE_NAME];
	size_t tags_n;
	char currency[4];
	struct money rate;		/* of one unit, in the books' currency */
	char rate_source[SALE_NAME];	/* who says so; "": rate is 0 */
	struct debtor debtor;
	struct money excl, incl;	/* what the debtor paid (or got back) */
	size_t payments_n;
	struct sale_payment payments[SALE_PAYMENTS];
	size_t lines_n;
	struct sale_line lines[SALE_LINES];
};

/* Make *s empty; works on memory that holds anything. */
void sale_init(struct sale *s);
/* Wipe what was in use. */
void sale_wipe(struct sale *s);
/* Bytes in use from the start of *s. */
size_t sale_size(const struct sale *s);
/* A fresh zeroed line or payment at the end, or NULL when full. */
struct sale_line *sale_line_add(struct sale *s);
struct sale_payment *sale_payment_add(struct sale *s);

/* What the lines add up to, VAT included; *excl (may be NULL): without. */
struct money sale_lines_sum(const struct sale *s, struct money *excl);
/*
 * A payout: what a payment provider owed for earlier sales, less its costs.
 * A summary without turnover: nothing but fees without VAT (its costs; or no
 * line at all), and payments that go out of the method by which the debtors
 * paid (negative) and in where the money arrived; *sum is what they make.
 */
bool sale_payout(const struct sale *s, struct money *sum);
/* Change the sign of all amounts. */
void sale_turn(struct sale *s);
/* Turn a refund that was written without its minus.  False, and untouched,
 * where its lines, or goods in an exchange, say otherwise. */
bool sale_turn_refund(struct sale *s);
/* A country as two capitals, raised where they are small; "" gives "".  False,
 * and out untouched, when it is anything else. */
bool sale_country(char out[3], const char *text);

const char *sale_kind_name(enum sale_kind k);	/* "order", ... */
const char *line_kind_name(enum line_kind k);	/* "article", ... */
MUST enum rc sale_kind_parse(const char *text, enum sale_kind *out);
MUST enum rc line_kind_parse(const char *text, enum line_kind *out);

/*
 * The reference its document bears in the books: [A-Za-z0-9._-], at most max
 * characters, no debtor data, never the same for two sales of a tenant:
 *
 *	order		SOURCE-NUMBER, or SOURCE-NUMBER.ID where they differ
 *	refund		SOURCE-NUMBER-RID, where NUMBER is the order's
 *	receipt, summary	the same with T and S; SOURCE-NUMBER-T when the
 *			number is the id
 *
 * A character that may not stand there becomes "-", and "-" in the source's
 * name "_", so that it ends at the first "-".  Without a number the id is
 * the number.  Where an id was altered or could be read in two ways, or the
 * text is cut to max, it ends in "-" and ten characters of base 32 that stand
 * for the whole.
 */
void sale_reference(const char *source, enum sale_kind kind, const char *id,
    const char *number, size_t max, char out[SALE_ID + SALE_NAME]);
/* From it that of a later document of the sale, see takeback.h: -C1, -V2,
 * -C2, ... for the revisions 1, 2, 3; too long for max, it is cut as above. */
bool sale_revised(const char *reference);	/* it is one of these */
void sale_revise(char reference[SALE_ID + SALE_NAME], unsigned revision,
    size_t max);

#endif
