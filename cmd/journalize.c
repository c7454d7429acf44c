/*
 * journalize.c - prints the postings that a document comes down to.  Debit
 * and credit each add up to the total; nothing of the debtor is shown.
 */
#include "journalize.h"

#include <stdio.h>

#include "money.h"

static void
posting(const char *account, const char *vat, struct money credit, int digits)
{
	char text[MONEY_TEXT];
	bool debit = credit.e6 < 0;

	if (money_is_zero(credit))
		return;
	money_print(text, money_abs(credit), digits);
	(void)printf("  %-34s %-16s %12s %12s\n", account, vat,
	    debit ? text : "", debit ? "" : text);
}

void
journalize(void *arg, const struct tenant *t, const struct document *d)
{
	int digits = money_digits(d->currency);

	(void)arg;
	(void)printf("%s  %s  %s  %s %s\n", d->date, t->name, d->reference,
	    d->credit ? "credit note" : "sales invoice", d->currency);
	(void)printf("  %-34s %-16s %12s %12s\n", "ledger account",
	    "VAT", "debit", "credit");
	posting("debtors", "", money_neg(d->incl), digits);
	for (size_t i = 0; i < d->lines_n; i++)
		posting(d->lines[i].account, d->lines[i].vat_key,
		    d->lines[i].excl, digits);
	posting("VAT", "", money_sub(d->incl, d->excl), digits);
	for (size_t i = 0; i < d->payments_n; i++) {
		posting(d->payments[i].account, d->payments[i].method,
		    money_neg(d->payments[i].amount), digits);
		posting("debtors", "", d->payments[i].amount, digits);
	}
	(void)putchar('\n');
}
