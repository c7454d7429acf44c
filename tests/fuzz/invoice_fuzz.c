/*
 * invoice_fuzz.c - libFuzzer over invoice_read: any bytes as CSV, JSON or UBL;
 * an invoice that is taken adds up and fits its row.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "invoice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc
take(void *arg, const struct invoice_text *t, const char *fault)
{
	struct customer_row customer;
	struct invoice_row row;
	const char *why = NULL;

	(void)arg;
	memset(&customer, 0, sizeof(customer));
	if (t->line == 0)
		abort();
	if (fault != NULL)
		return RC_OK;
	if (invoice_rows(t, &row, &customer, &why) != RC_OK) {
		if (why == NULL)
			abort();
	} else if (!money_eq(money_add(row.excl, row.vat), row.incl) ||
	    row.number[0] == '\0' || row.date.year == 0) {
		abort();
	}
	return RC_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct invoice_fault fault = { 0, "" };
	struct buf b;

	/* NUL-terminated, as what is read from a file. */
	buf_init(&b, SIZE_MAX / 4);
	buf_puts(&b, "");
	buf_add(&b, data, size);
	if (invoice_read(b.data, b.len, take, NULL, &fault) != RC_OK &&
	    (fault.line == 0 || fault.text[0] == '\0'))
		abort();
	buf_free(&b);
	return 0;
}
