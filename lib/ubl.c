/*
 * ubl.c - an own invoice or credit note out of UBL 2.1, the form that
 * EN 16931 (NLCIUS, Peppol BIS) prescribes.
 *
 * Only what stands in the table is looked at.  The buyer's name is that of the
 * legal entity, else the trading name.
 */
#include "invoice.h"

#include <string.h>

#include "str.h"
#include "xml.h"

#define SPACE "urn:oasis:names:specification:ubl:schema:xsd:"
#define BUYER "AccountingCustomerParty/Party/"

/* The first element of a path that is not empty counts. */
static const struct { const char *path; enum invoice_field field; } paths[] = {
	{ "ID", INVOICE_NUMBER },
	{ "IssueDate", INVOICE_DATE },
	{ "DocumentCurrencyCode", INVOICE_CURRENCY },
	{ "LegalMonetaryTotal/TaxExclusiveAmount", INVOICE_EXCL },
	{ "LegalMonetaryTotal/TaxInclusiveAmount", INVOICE_INCL },
	{ "InvoiceLine/Item/Name", INVOICE_DESCRIPTION },
	{ "CreditNoteLine/Item/Name", INVOICE_DESCRIPTION },
	{ BUYER "PartyLegalEntity/RegistrationName", INVOICE_NAME },
	{ BUYER "PostalAddress/StreetName", INVOICE_ADDRESS },
	{ BUYER "PostalAddress/PostalZone", INVOICE_POSTCODE },
	{ BUYER "PostalAddress/CityName", INVOICE_CITY },
	{ BUYER "PostalAddress/Country/IdentificationCode", INVOICE_COUNTRY },
	{ BUYER "Contact/ElectronicMail", INVOICE_EMAIL },
};

struct ubl {
	struct invoice_text *t;
	bool known, credit;
	char trading[INVOICE_TEXT];
	char number[INVOICE_TEXT];	/* of the tax scheme being read */
	char currency[8];		/* of the amount being read */
	bool fits;
};

static void
keep(struct ubl *u, enum invoice_field field, const char *text)
{
	char *to = u->t->field[field];

	if (to[0] != '\0')
		return;
	/* Of a description the beginning will do. */
	if (!str_copy(to, field == INVOICE_DESCRIPTION ? OPERATOR_TEXT :
	    INVOICE_TEXT, text) && field != INVOICE_DESCRIPTION)
		u->fits = false;
	for (; *to != '\0'; to++)
		if ((unsigned char)*to < ' ')
			*to = ' ';	/* a line break */
}

static void
take(void *arg, const char *path, const char *text)
{
	struct ubl *u = arg;
	const char *rest = strchr(path, '/');

	if (str_eq(path, "Invoice@xmlns") || str_eq(path, "CreditNote@xmlns")) {
		u->credit = path[0] == 'C';
		u->known = str_eq(text, u->credit ? SPACE "CreditNote-2" :
		    SPACE "Invoice-2");
	}
	if (rest == NULL)
		return;
	rest++;
	for (size_t i = 0; i < COUNT(paths); i++)
		if (str_eq(rest, paths[i].path))
			keep(u, paths[i].field, text);
	if (str_eq(rest, BUYER "PartyName/Name"))
		(void)str_copy(u->trading, sizeof(u->trading), text);
	if (str_eq(rest, BUYER "PartyTaxScheme/CompanyID"))
		(void)str_copy(u->number, sizeof(u->number), text);
	if (str_eq(rest, BUYER "PartyTaxScheme/TaxScheme/ID") &&
	    str_eq(text, "VAT"))
		keep(u, INVOICE_VAT_NUMBER, u->number);
	/* The tax may be given in the tax office's currency too. */
	if (str_eq(rest, "TaxTotal/TaxAmount@currencyID"))
		(void)str_copy(u->currency, sizeof(u->currency), text);
	if (str_eq(rest, "TaxTotal/TaxAmount") && str_eq(u->currency,
	    u->t->field[INVOICE_CURRENCY]))
		keep(u, INVOICE_VAT, text);
}

/* "5" and "-5" change places; what is not given stays so. */
static void
turn_sign(char *amount)
{
	char was[INVOICE_TEXT];

	if (amount[0] == '\0')
		return;
	(void)str_copy(was, sizeof(was), amount);
	(void)str_fmt(amount, INVOICE_TEXT, "%s%s", was[0] == '-' ? "" : "-",
	    was + (was[0] == '-'));
}

enum rc
invoice_read_ubl(const char *bytes, size_t n, struct invoice_text *t,
    struct invoice_fault *fault)
{
	static const enum invoice_field amounts[] = { INVOICE_EXCL,
	    INVOICE_VAT, INVOICE_INCL };
	struct ubl u = { .t = t, .fits = true };
	const char *why = NULL;
	size_t line = 1;
	enum rc rc;

	t->line = 1;
	rc = xml_read(bytes, n, take, &u, &why, &line);
	if (rc == RC_OK && !u.known)
		why = "it is no UBL 2.1 Invoice or CreditNote";
	else if (rc == RC_OK && !u.fits)
		why = "a value is too long";
	if (why != NULL) {
		fault->line = line;
		(void)str_copy(fault->text, sizeof(fault->text), why);
		return RC_REJECT;
	}
	if (t->field[INVOICE_NAME][0] == '\0')
		keep(&u, INVOICE_NAME, u.trading);
	/* Where no tax is due, some leave its total out. */
	keep(&u, INVOICE_VAT, "0");
	for (size_t i = 0; u.credit && i < COUNT(amounts); i++)
		turn_sign(t->field[amounts[i]]);
	return RC_OK;
}
