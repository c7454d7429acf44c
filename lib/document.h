/*
 * document.h - what gets booked, in the books' own codes, as a value.
 *
 * The engine (map.c) makes a document from a sale by the tenant's rules; a
 * books connector only writes it down.  Like a sale it holds no pointers and
 * counts only its first lines_n lines.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"
#include "rc.h"
#include "sale.h"

#define REF_MAX (SALE_ID + SALE_NAME)	/* longest reference, with NUL */
#define CODE_MAX 64			/* VAT code, ledger account, contact */

/* Why a line bears the VAT that it bears. */
enum vat_kind {
	VAT_DOMESTIC,		/* the tenant's own country, any rate above 0 */
	VAT_OSS,		/* another member state's, by destination */
	VAT_ZERO,		/* 0 %, of any country */
	VAT_EXEMPT, VAT_REVERSE_CHARGE, VAT_EXPORT, VAT_MARGIN,
	VAT_NONE		/* no turnover, outside the scope of VAT */
};

/* A line of a document, ready to book: codes are the books' own. */
struct document_line {
	enum line_kind kind;
	enum vat_kind vat_kind;
	char vat_country[3];		/* whose VAT */
	int32_t vat_rate_e4;
	char vat_key[CODE_MAX];		/* "NL 21": for people */
	char vat_code[CODE_MAX];	/* the books' VAT code */
	char account[CODE_MAX];		/* the books' ledger account */
	char article[64];
	char description[160];
	struct money quantity;		/* always positive */
	struct money excl, vat;		/* whole line, in cents */
	bool unruled;			/* the rules have articles, not this */
};

struct document_payment {
	char method[48];
	char account[CODE_MAX];
	struct money amount;
};

struct document {
	enum sale_kind kind;		/* of the sale */
	char reference[REF_MAX];
	char original[REF_MAX];		/* credit note: the invoice's; or "" */
	bool credit;			/* amounts are negative then */
	bool drop;			/* the draft of this reference is to be
					 * deleted: its amounts, turned */
	bool incl_prices;		/* the VAT inside the price agrees with
					 * the shop, the VAT on top does not */
	char date[11];			/* civil date of the sale */
	char note[160];			/* for the document's text; or "" */
	char currency[4];
	char own[4];			/* the currency of the books */
	struct money rate;		/* of one unit, in the books' currency;
					 * 0: theirs, or not known */
	char rate_source[SALE_NAME];
	struct debtor buyer;		/* for books that print it */
	char debtor[CODE_MAX];		/* the books' contact, from debtor_* */
	struct money excl, vat, incl;
	size_t payments_n;
	struct document_payment payments[SALE_PAYMENTS];
	size_t lines_n;
	struct document_line lines[SALE_LINES + 1];
};

#define POSTED_VATS 8

/* What the books say of a document. */
struct posted {
	char id[CODE_MAX];		/* the books' own id */
	char reference[REF_MAX];
	struct money excl, incl;
	int found;			/* how many bear the reference */
	bool draft;			/* it does not count in the books yet */
	int done;			/* steps that are done, see `steps` */
	char currency[4];
	size_t vat_n;			/* 0: the books do not tell */
	struct posted_vat {
		char code[CODE_MAX];	/* theirs, or the key of the rule */
		struct money excl, vat;
	} vat[POSTED_VATS];
};

/* Add to what it has of this VAT code; true when there is room. */
bool posted_vat_add(struct posted *p, const char *code, struct money excl,
    struct money vat);

struct option {			/* for `check` */
	enum { OPTION_VAT, OPTION_ACCOUNT } kind;
	char code[CODE_MAX];
	char name[128];
	int32_t rate_e4;		/* VAT; -1 unknown */
	bool active;
};

/* Fill in its description: the sale's, or the article's number, or what it is:
 * books want a text for each line, and a till does not always tell one. */
void document_line_describe(struct document_line *l,
    const struct sale_line *from);
/* What people call it: "sales invoice", "credit note", "receipt", "summary" or
 * "payout", see sale_payout. */
const char *document_word(const struct document *d);
/* Wipe what was in use. */
void document_wipe(struct document *d);
/* A copy of its used size; free it. */
struct document *document_pack(const struct document *d);

#endif
