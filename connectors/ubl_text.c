/*
 * ubl_text.c - a document as a UBL 2.1 Invoice or CreditNote that the rules of
 * EN 16931 accept, and those of NLCIUS where a Dutch seller can meet them.
 *
 * The elements stand in the order of UBL's schema.  Nothing is made up: what
 * the sale does not tell is left out, or the sale refused where the rules ask
 * for it.
 */
#include "ubl_text.h"

#include <string.h>

#include "clock.h"
#include "money.h"
#include "str.h"
#include "ubl_code.h"
#include "ubl_xml.h"
#include "vatid.h"
#include "vatrate.h"

#define SPACE "urn:oasis:names:specification:ubl:schema:xsd:"
#define EN16931 "urn:cen.eu:en16931:2017"
#define NLCIUS EN16931 "#compliant#urn:fdc:nen.nl:nlcius:v1.0"
#define NUMBER 40		/* VAT number, IBAN */

struct writer {
	struct connection *c;
	const struct document *d;
	const struct ubl_sums *s;
	struct ubl_xml *x;
	char buyer_country[3];
	char buyer_vat[NUMBER];	/* "": none, or not one that can be right */
};

/* --- the parties --- */

/* A VAT number or IBAN without what people write in between. */
static void
plain(char out[NUMBER], const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < NUMBER - 1; text++)
		if (strchr(" .-", *text) == NULL)
			out[n++] = *text >= 'a' && *text <= 'z' ?
			    (char)(*text - 'a' + 'A') : *text;
	out[n] = '\0';
}

static void
put_address(struct writer *w, const struct debtor *b, const char *country)
{
	ubl_xml_start(w->x, "cac:PostalAddress");
	ubl_xml_put(w->x, "cbc:StreetName", b->address);
	ubl_xml_put(w->x, "cbc:CityName", b->city);
	ubl_xml_put(w->x, "cbc:PostalZone", b->postcode);
	ubl_xml_put_in(w->x, "cac:Country", "cbc:IdentificationCode", country);
	ubl_xml_end(w->x, "cac:PostalAddress");
}

/* Beside O no VAT number may stand (BR-O-02). */
static void
put_vat_number(struct writer *w, const char *number)
{
	if (number[0] == '\0' || (w->s->tax_n > 0 &&
	    str_eq(w->s->tax[0].category, "O")))
		return;
	ubl_xml_start(w->x, "cac:PartyTaxScheme");
	ubl_xml_put(w->x, "cbc:CompanyID", number);
	ubl_xml_put_in(w->x, "cac:TaxScheme", "cbc:ID", "VAT");
	ubl_xml_end(w->x, "cac:PartyTaxScheme");
}

static void
put_seller(struct writer *w)
{
	const struct connection *c = w->c;
	struct debtor a = { .id = "" };
	char number[NUMBER];

	(void)str_copy(a.address, sizeof(a.address),
	    connector_setting(c, "address"));
	(void)str_copy(a.postcode, sizeof(a.postcode),
	    connector_setting(c, "postcode"));
	(void)str_copy(a.city, sizeof(a.city), connector_setting(c, "city"));
	plain(number, connector_setting(c, "vat_number"));
	ubl_xml_start(w->x, "cac:AccountingSupplierParty");
	ubl_xml_start(w->x, "cac:Party");
	put_address(w, &a, ubl_tax_home(c));
	put_vat_number(w, number);
	ubl_xml_start(w->x, "cac:PartyLegalEntity");
	ubl_xml_put(w->x, "cbc:RegistrationName", connector_setting(c, "name"));
	ubl_xml_put_with(w->x, "cbc:CompanyID", "schemeID=\"0106\"",
	    connector_setting(c, "kvk"));
	ubl_xml_end(w->x, "cac:PartyLegalEntity");
	ubl_xml_end(w->x, "cac:Party");
	ubl_xml_end(w->x, "cac:AccountingSupplierParty");
}

static void
put_buyer(struct writer *w)
{
	const struct debtor *b = &w->d->buyer;
	bool company = !ubl_xml_blank(b->company), person = !ubl_xml_blank(b->name);

	ubl_xml_start(w->x, "cac:AccountingCustomerParty");
	ubl_xml_start(w->x, "cac:Party");
	put_address(w, b, w->buyer_country);
	put_vat_number(w, w->buyer_vat);
	ubl_xml_put_in(w->x, "cac:PartyLegalEntity", "cbc:RegistrationName", company ?
	    b->company : person ? b->name : connector_setting(w->c, "guest"));
	if ((company && person) || !ubl_xml_blank(b->email)) {
		ubl_xml_start(w->x, "cac:Contact");
		ubl_xml_put(w->x, "cbc:Name", company ? b->name : "");
		ubl_xml_put(w->x, "cbc:ElectronicMail", b->email);
		ubl_xml_end(w->x, "cac:Contact");
	}
	ubl_xml_end(w->x, "cac:Party");
	ubl_xml_end(w->x, "cac:AccountingCustomerParty");
}

/* --- the head --- */

/* Who a sale is to need not be told; where it was taxed is. */
static enum rc
find_buyer(struct writer *w)
{
	const struct document *d = w->d;
	const char *country = d->buyer.country;

	if (!ubl_code_country(country))		/* UK is GB */
		country = vatrate_country(country);
	if (country[0] == '\0')
		country = d->lines[0].vat_country;
	if (country[0] == '\0')
		country = ubl_tax_home(w->c);
	(void)str_copy(w->buyer_country, sizeof(w->buyer_country), country);
	if (!ubl_code_country(country))
		return connector_fail(w->c, RC_REJECT, M_UBL_SALE,
		    "the buyer's country is none of ISO 3166");
	/* In no member state is a number of no known country right. */
	if (vatid_ok(d->buyer.vat_number, "NL"))
		plain(w->buyer_vat, d->buyer.vat_number);
	for (size_t i = 0; i < w->s->tax_n && w->buyer_vat[0] == '\0'; i++)
		if (str_eq(w->s->tax[i].category, "AE") ||
		    str_eq(w->s->tax[i].category, "K"))
			return connector_fail(w->c, RC_REJECT, M_UBL_SALE,
			    "VAT is reverse charged without a VAT number of "
			    "the buyer that can be right");
	return RC_OK;
}

/* Of an NL buyer NLCIUS wants the number at the chamber of commerce, which no
 * shop tells (BR-NL-10). */
static bool
is_nlcius(const struct writer *w)
{
	return str_eq(ubl_tax_home(w->c), "NL") &&
	    !str_eq(w->buyer_country, "NL") &&
	    connector_setting(w->c, "kvk")[0] != '\0' && (w->d->credit ||
	    w->s->due.e6 <= 0 || connector_setting(w->c, "iban")[0] != '\0');
}

static void
put_note(struct writer *w)
{
	const struct document *d = w->d;
	char text[300], rate[MONEY_TEXT];

	(void)str_copy(text, sizeof(text), d->note);
	if (!money_is_zero(d->rate)) {
		money_print(rate, d->rate, 0);
		(void)str_fmt(text, sizeof(text), "%s%sExchange rate %s (%s)",
		    d->note, d->note[0] != '\0' ? "; " : "", rate,
		    d->rate_source);
	}
	ubl_xml_put(w->x, "cbc:Note", text);
}

static void
day_due(const struct writer *w, char out[CLOCK_DAY])
{
	struct day day;

	out[0] = '\0';
	if (w->s->due.e6 > 0 && clock_day_parse(w->d->date, &day) == RC_OK)
		clock_day_print(out, clock_day_add(day,
		    (int)(connector_number(w->c, "due") / 86400)));
}

static void
put_head(struct writer *w)
{
	const struct document *d = w->d;
	char due[CLOCK_DAY];

	day_due(w, due);
	ubl_xml_put(w->x, "cbc:CustomizationID", is_nlcius(w) ? NLCIUS : EN16931);
	ubl_xml_put(w->x, "cbc:ID", d->reference);
	ubl_xml_put(w->x, "cbc:IssueDate", d->date);
	if (!d->credit)
		ubl_xml_put(w->x, "cbc:DueDate", due);
	if (d->credit)
		ubl_xml_put(w->x, "cbc:CreditNoteTypeCode", "381");
	else
		ubl_xml_put(w->x, "cbc:InvoiceTypeCode", "380");
	put_note(w);
	ubl_xml_put(w->x, "cbc:DocumentCurrencyCode", d->currency);
	ubl_xml_put_in(w->x, "cac:OrderReference", "cbc:ID", d->original[0] != '\0' ?
	    d->original : d->reference);
	if (d->original[0] != '\0') {
		ubl_xml_start(w->x, "cac:BillingReference");
		ubl_xml_put_in(w->x, "cac:InvoiceDocumentReference", "cbc:ID",
		    d->original);
		ubl_xml_end(w->x, "cac:BillingReference");
	}
}

/* Behind the parties: where goods went, and how the rest is paid. */
static void
put_terms(struct writer *w)
{
	char due[CLOCK_DAY], iban[NUMBER];

	day_due(w, due);
	plain(iban, connector_setting(w->c, "iban"));
	for (size_t i = 0; i < w->s->tax_n; i++) {
		if (!str_eq(w->s->tax[i].category, "K"))
			continue;
		ubl_xml_start(w->x, "cac:Delivery");
		ubl_xml_put(w->x, "cbc:ActualDeliveryDate", w->d->date);
		ubl_xml_start(w->x, "cac:DeliveryLocation");
		ubl_xml_start(w->x, "cac:Address");
		ubl_xml_put_in(w->x, "cac:Country", "cbc:IdentificationCode",
		    w->buyer_country);
		ubl_xml_end(w->x, "cac:Address");
		ubl_xml_end(w->x, "cac:DeliveryLocation");
		ubl_xml_end(w->x, "cac:Delivery");
	}
	if (!w->d->credit && due[0] != '\0' && iban[0] != '\0') {
		ubl_xml_start(w->x, "cac:PaymentMeans");
		ubl_xml_put(w->x, "cbc:PaymentMeansCode", "30");
		ubl_xml_put(w->x, "cbc:PaymentID", w->d->reference);
		ubl_xml_put_in(w->x, "cac:PayeeFinancialAccount", "cbc:ID", iban);
		ubl_xml_end(w->x, "cac:PaymentMeans");
	}
	if (w->d->credit && due[0] != '\0')
		ubl_xml_put_in(w->x, "cac:PaymentTerms", "cbc:Note", due);
}

/* --- the figures --- */

static void
put_category(struct writer *w, const char *name, const struct ubl_tax *t,
    const char *reason)
{
	char rate[MONEY_TEXT];

	money_print_rate(rate, t->rate_e4);
	ubl_xml_start(w->x, name);
	ubl_xml_put(w->x, "cbc:ID", t->category);
	if (!str_eq(t->category, "O"))
		ubl_xml_put(w->x, "cbc:Percent", rate);
	ubl_xml_put(w->x, "cbc:TaxExemptionReason", reason);
	ubl_xml_put_in(w->x, "cac:TaxScheme", "cbc:ID", "VAT");
	ubl_xml_end(w->x, name);
}

static void
put_totals(struct writer *w)
{
	const struct ubl_sums *s = w->s;

	ubl_xml_start(w->x, "cac:TaxTotal");
	ubl_xml_amount(w->x, "cbc:TaxAmount", s->vat);
	for (size_t i = 0; i < s->tax_n; i++) {
		ubl_xml_start(w->x, "cac:TaxSubtotal");
		ubl_xml_amount(w->x, "cbc:TaxableAmount", s->tax[i].base);
		ubl_xml_amount(w->x, "cbc:TaxAmount", s->tax[i].vat);
		put_category(w, "cac:TaxCategory", &s->tax[i],
		    s->tax[i].reason);
		ubl_xml_end(w->x, "cac:TaxSubtotal");
	}
	ubl_xml_end(w->x, "cac:TaxTotal");
	ubl_xml_start(w->x, "cac:LegalMonetaryTotal");
	ubl_xml_amount(w->x, "cbc:LineExtensionAmount", s->base);
	ubl_xml_amount(w->x, "cbc:TaxExclusiveAmount", s->base);
	ubl_xml_amount(w->x, "cbc:TaxInclusiveAmount", money_add(s->base, s->vat));
	if (!money_is_zero(s->prepaid))
		ubl_xml_amount(w->x, "cbc:PrepaidAmount", s->prepaid);
	if (!money_is_zero(s->rounding))
		ubl_xml_amount(w->x, "cbc:PayableRoundingAmount", s->rounding);
	ubl_xml_amount(w->x, "cbc:PayableAmount", s->due);
	ubl_xml_end(w->x, "cac:LegalMonetaryTotal");
}

/* A price is never negative: the quantity is.  One that is no exact decimal is
 * that of the whole quantity. */
static void
put_price(struct writer *w, struct money excl, struct money quantity)
{
	const struct money one = { 1000000 };
	struct money all = money_abs(excl), price;

	price = money_scale(all, one, quantity, 6);
	ubl_xml_start(w->x, "cac:Price");
	if (money_eq(money_scale(price, quantity, one, 6), all)) {
		ubl_xml_amount(w->x, "cbc:PriceAmount", price);
	} else {
		ubl_xml_amount(w->x, "cbc:PriceAmount", all);
		ubl_xml_quantity(w->x, "cbc:BaseQuantity", quantity);
	}
	ubl_xml_end(w->x, "cac:Price");
}

static void
put_item(struct writer *w, const struct document_line *l,
    const struct ubl_tax *t)
{
	ubl_xml_start(w->x, "cac:Item");
	ubl_xml_put(w->x, "cbc:Name", !ubl_xml_blank(l->description) ? l->description :
	    !ubl_xml_blank(l->article) ? l->article : line_kind_name(l->kind));
	if (!ubl_xml_blank(l->article))
		ubl_xml_put_in(w->x, "cac:SellersItemIdentification", "cbc:ID",
		    l->article);
	put_category(w, "cac:ClassifiedTaxCategory", t, "");
	ubl_xml_end(w->x, "cac:Item");
}

static void
put_line(struct writer *w, size_t i, size_t number)
{
	const struct document_line *l = &w->d->lines[i];
	struct money excl = ubl_tax_turn(w->d, l->excl);
	struct money quantity = l->quantity;
	const char *name = w->d->credit ? "cac:CreditNoteLine" :
	    "cac:InvoiceLine";
	char id[16];

	if (money_is_zero(quantity))
		quantity.e6 = 1000000;
	(void)str_fmt(id, sizeof(id), "%zu", number);
	ubl_xml_start(w->x, name);
	ubl_xml_put(w->x, "cbc:ID", id);
	ubl_xml_quantity(w->x, w->d->credit ? "cbc:CreditedQuantity" :
	    "cbc:InvoicedQuantity", excl.e6 < 0 ? money_neg(quantity) :
	    quantity);
	ubl_xml_amount(w->x, "cbc:LineExtensionAmount", excl);
	put_item(w, l, w->s->of[i]);
	put_price(w, excl, quantity);
	ubl_xml_end(w->x, name);
}

enum rc
ubl_text_put(struct connection *c, const struct document *d,
    const struct ubl_sums *s, struct buf *out)
{
	struct ubl_xml x = { .out = out, .currency = d->currency };
	struct writer w = { .c = c, .d = d, .s = s, .x = &x };
	const char *root = d->credit ? "CreditNote" : "Invoice";
	size_t number = 0;
	enum rc rc;

	if (!ubl_code_currency(d->currency))
		return connector_fail(c, RC_REJECT, M_UBL_SALE,
		    "the currency is none of ISO 4217");
	rc = find_buyer(&w);
	if (rc != RC_OK)
		return rc;
	buf_fmt(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<%s xmlns=\"" SPACE "%s-2\"\n"
	    "    xmlns:cac=\"" SPACE "CommonAggregateComponents-2\"\n"
	    "    xmlns:cbc=\"" SPACE "CommonBasicComponents-2\">\n",
	    root, root);
	x.depth = 1;
	put_head(&w);
	put_seller(&w);
	put_buyer(&w);
	put_terms(&w);
	put_totals(&w);
	for (size_t i = 0; i < d->lines_n; i++)
		if (s->of[i] != NULL)
			put_line(&w, i, ++number);
	ubl_xml_end(&x, root);
	return out->over ? connector_fail(c, RC_REJECT, M_TOO_LARGE,
	    "the document") : RC_OK;
}
