/*
 * folder_rows.h - the rows of a CSV file, sale by sale.
 *
 * Rows that stand together and bear the same id and kind are one sale.
 */
#ifndef FOLDER_ROWS_H
#define FOLDER_ROWS_H

#include <stddef.h>

#include "rc.h"

enum column {
	/* of the sale: the same on all its rows, or empty after the first */
	COL_ID, COL_NUMBER, COL_KIND, COL_REFUND_OF, COL_PLACED, COL_PAID,
	COL_SHIPPED, COL_STATUS, COL_CHANNEL, COL_TAGS, COL_CURRENCY, COL_RATE,
	COL_RATE_SOURCE,
	COL_DEBTOR_ID, COL_EMAIL, COL_COMPANY, COL_NAME, COL_ADDRESS,
	COL_POSTCODE, COL_CITY, COL_COUNTRY, COL_VAT_NUMBER, COL_PAYMENT,
	COL_SALE_EXCL, COL_SALE_INCL,
	/* of the line */
	COL_LINE_KIND, COL_ARTICLE, COL_EAN, COL_DESCRIPTION, COL_QUANTITY,
	COL_EXCL, COL_VAT, COL_VAT_RATE, COL_VAT_COUNTRY, COL_INCL,
	COLUMNS
};
#define COL_OF_LINE COL_LINE_KIND

struct folder_rows;

/*
 * Open a file and read its header.  RC_REJECT: it can't be used, text says
 * why, without a word of the file's own.  RC_END: no such file.
 */
MUST enum rc folder_rows_open(const char *path, char delimiter,
    struct folder_rows **out, char *text, size_t size);
void folder_rows_close(struct folder_rows *f);	/* NULL is fine */

/* Go to the first row of the next sale; RC_REJECT: that row is broken, its
 * first cells may be there.  RC_END: no more. */
MUST enum rc folder_rows_sale(struct folder_rows *f);
/* Go to the sale's next row; RC_REJECT: it is broken.  RC_END: the sale has
 * no more, and folder_rows_fault tells whether it is whole. */
MUST enum rc folder_rows_next(struct folder_rows *f);
/* Why this sale can't be trusted to be whole; NULL: it can. */
const char *folder_rows_fault(const struct folder_rows *f);

/* A cell of the row, or of the sale's first row; "" when it is not there. */
const char *folder_rows_cell(const struct folder_rows *f, enum column c);
const char *folder_rows_first(const struct folder_rows *f, enum column c);
size_t folder_rows_line(const struct folder_rows *f);
const char *folder_rows_name(enum column c);

#endif
