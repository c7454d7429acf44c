/*
 * invoice.h - the operator's own invoices as they come: CSV, JSON or UBL 2.1,
 * told apart by their first letter.
 *
 * CSV has a head that names its columns; JSON is an object, or an array of
 * them, with members of the same names.  Of UBL (Invoice and CreditNote) the
 * same fields are taken, a credit note's amounts with their sign turned.
 * Says nothing: the caller does, with file and line.
 */
#ifndef INVOICE_H
#define INVOICE_H

#include <stddef.h>

#include "operator.h"
#include "rc.h"

#define INVOICE_TEXT 256	/* longest value, with its NUL */

enum invoice_field { INVOICE_NUMBER, INVOICE_DATE, INVOICE_TENANT,
    INVOICE_CURRENCY, INVOICE_EXCL, INVOICE_VAT, INVOICE_INCL, INVOICE_TERM,
    INVOICE_DESCRIPTION, INVOICE_HOLD, INVOICE_NAME, INVOICE_ADDRESS,
    INVOICE_POSTCODE, INVOICE_CITY, INVOICE_COUNTRY, INVOICE_EMAIL,
    INVOICE_IBAN, INVOICE_VAT_NUMBER, INVOICE_FIELDS };

struct invoice_text {			/* one, as it stands there */
	char field[INVOICE_FIELDS][INVOICE_TEXT];	/* "": not given */
	size_t line;
};

struct invoice_fault { size_t line; char text[160]; };

/* take gets each in turn; with fault, the one that can't be read (number may
 * be known).  What it returns but RC_OK ends the reading and is returned.
 * RC_REJECT: *fault says why nothing of it can be read. */
MUST enum rc invoice_read(const char *bytes, size_t n,
    enum rc (*take)(void *arg, const struct invoice_text *t,
    const char *fault), void *arg, struct invoice_fault *fault);

/*
 * As rows: excl and vat make incl, the day exists, IBAN and VAT number can be
 * right, everything fits.  What is said of the customer goes over what is in
 * *customer already.  RC_REJECT: *why; the rows are then untouched.  *row has
 * no other byte than its values.
 */
MUST enum rc invoice_rows(const struct invoice_text *t,
    struct invoice_row *row, struct customer_row *customer,
    const char **why);

/* "ordinary", ...; and back: RC_REJECT. */
const char *invoice_term_name(enum invoice_term term);
MUST enum rc invoice_term_parse(const char *name, enum invoice_term *out);

/* ubl.c, for invoice.c: the one of a whole document. */
MUST enum rc invoice_read_ubl(const char *bytes, size_t n,
    struct invoice_text *t, struct invoice_fault *fault);

#endif
