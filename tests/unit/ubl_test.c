/*
 * ubl_test.c - the connector that writes UBL files.
 *
 * What a document's rules are is judged by tests/ubl; here stands what the
 * connector itself must do.  UBL_KEEP names a folder where the files of
 * test_kinds stay for that judge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "connector.h"
#include "file.h"
#include "str.h"

extern const struct connector ubl_connector;
static const struct books_ops *ops;

static char dir[FILE_PATH];
static struct buf text;			/* of the last file looked at */
static const struct { const char *name, *value; } usual[] = {
	{ "folder", dir }, { "name", "Acme & B.V." },
	{ "address", "Dorpsstraat 1" }, { "postcode", "1234 AB" },
	{ "city", "Utrecht" }, { "vat_number", "NL000099998B57" },
	{ "kvk", "12345678" }, { "iban", "NL91 ABNA 0417 1643 00" },
};
static const char *other, *value;	/* one that differs */

static const char *
item(const struct connection *c, const char *name, size_t i)
{
	(void)c;
	if (i > 0)
		return NULL;
	if (other != NULL && str_eq(other, name))
		return value;
	for (i = 0; i < COUNT(usual); i++)
		if (str_eq(usual[i].name, name))
			return usual[i].value;
	return NULL;
}

static struct connection
make(const char *setting, const char *as)
{
	struct connection c = { .connector = &ubl_connector, .name = "books",
		.country = "NL", .item = item, .started_at = 1 };

	other = setting;
	value = as;
	return c;
}

static struct money
cents(int64_t n)
{
	return (struct money){ n * 10000 };
}

static void
add_line(struct document *d, enum vat_kind kind, int64_t excl, int64_t vat)
{
	struct document_line *l = &d->lines[d->lines_n++];

	l->vat_kind = kind;
	l->kind = kind == VAT_NONE ? LINE_GIFTCARD : LINE_ARTICLE;
	l->vat_rate_e4 = vat != 0 ? 210000 : 0;
	(void)str_copy(l->vat_country, sizeof(l->vat_country), "NL");
	(void)str_copy(l->description, sizeof(l->description), "Mug");
	l->quantity.e6 = 1000000;
	l->excl = cents(excl);
	l->vat = cents(vat);
	d->excl = money_add(d->excl, l->excl);
	d->vat = money_add(d->vat, l->vat);
	d->incl = money_add(d->excl, d->vat);
}

/* Of a buyer in this country; "": a guest.  Without lines. */
static struct document *
document(const char *reference, const char *country)
{
	static struct document d;

	memset(&d, 0, sizeof(d));
	(void)str_copy(d.reference, sizeof(d.reference), reference);
	(void)str_copy(d.date, sizeof(d.date), "2026-11-01");
	(void)str_copy(d.currency, sizeof(d.currency), "EUR");
	if (country[0] == '\0')
		return &d;
	(void)str_copy(d.buyer.country, sizeof(d.buyer.country), country);
	(void)str_copy(d.buyer.name, sizeof(d.buyer.name), "A. Jansen");
	return &d;
}

static const char *
path(const char *reference)
{
	static char out[FILE_PATH];

	(void)str_fmt(out, sizeof(out), "%s/%s.xml", dir, reference);
	return out;
}

static void
look(const char *reference)
{
	buf_free(&text);
	buf_init(&text, 1u << 20);
	assert_int_equal(file_read(path(reference), &text), RC_OK);
}

static bool
has(const char *part)
{
	return strstr(text.data, part) != NULL;
}

static void
book(struct connection *c, const struct document *d)
{
	struct posted p = { .done = 0 };

	assert_int_equal(ops->steps(c, d), 1);
	assert_int_equal(ops->book(c, d, 0, &p), RC_OK);
	assert_string_equal(p.reference, d->reference);
	assert_int_equal(p.excl.e6, d->excl.e6);
	assert_int_equal(p.incl.e6, d->incl.e6);
	look(d->reference);
}

static void
refuse(struct connection *c, const struct document *d, const char *why)
{
	struct posted p = { .done = 0 };

	assert_int_equal(ops->book(c, d, 0, &p), RC_REJECT);
	assert_int_equal(c->why, M_UBL_SALE);
	assert_non_null(strstr(c->why_text, why));
	assert_int_not_equal(access(path(d->reference), F_OK), 0);
}

static void
test_text(void **state)
{
	static const char tail[] =
	    "\t<cac:InvoiceLine>\n"
	    "\t\t<cbc:ID>1</cbc:ID>\n"
	    "\t\t<cbc:InvoicedQuantity unitCode=\"C62\">-3"
	    "</cbc:InvoicedQuantity>\n"
	    "\t\t<cbc:LineExtensionAmount currencyID=\"EUR\">-10.00"
	    "</cbc:LineExtensionAmount>\n"
	    "\t\t<cac:Item>\n"
	    "\t\t\t<cbc:Name>a&lt;b&gt; &amp; &quot; c</cbc:Name>\n"
	    "\t\t\t<cac:ClassifiedTaxCategory>\n"
	    "\t\t\t\t<cbc:ID>S</cbc:ID>\n"
	    "\t\t\t\t<cbc:Percent>21</cbc:Percent>\n"
	    "\t\t\t\t<cac:TaxScheme>\n"
	    "\t\t\t\t\t<cbc:ID>VAT</cbc:ID>\n"
	    "\t\t\t\t</cac:TaxScheme>\n"
	    "\t\t\t</cac:ClassifiedTaxCategory>\n"
	    "\t\t</cac:Item>\n"
	    "\t\t<cac:Price>\n"
	    "\t\t\t<cbc:PriceAmount currencyID=\"EUR\">10.00"
	    "</cbc:PriceAmount>\n"
	    "\t\t\t<cbc:BaseQuantity unitCode=\"C62\">3</cbc:BaseQuantity>\n"
	    "\t\t</cac:Price>\n"
	    "\t</cac:InvoiceLine>\n"
	    "</Invoice>\n";
	struct connection c = make(NULL, NULL);
	struct document *d = document("shop-1", "NL");

	(void)state;
	add_line(d, VAT_DOMESTIC, -1000, -210);
	d->lines[0].quantity.e6 = 3000000;
	(void)str_copy(d->lines[0].description, 160,
	    "\x01" "a<b>\n& \"\x7f" "c\xef\xbf\xbf");
	(void)str_copy(d->note, sizeof(d->note), "closed period");
	d->rate.e6 = 923100;
	(void)str_copy(d->rate_source, sizeof(d->rate_source), "ecb");
	book(&c, d);
	assert_true(str_ends(text.data, tail));
	assert_true(has("<cbc:Note>closed period; Exchange rate 0.9231 (ecb)"));
	assert_true(has("PayableAmount currencyID=\"EUR\">-12.10<"));
	assert_false(has("PaymentMeans") || has("DueDate"));
}

/* Each file's categories and reasons; the judge looks at the rest. */
static void
test_kinds(void **state)
{
	static const char *const none[] = { "<cbc:ID>E<", ">Geen btw: geen "
	    "omzet<" };
	struct connection c = make(NULL, NULL);
	struct document *d = document("mixed", "NL");

	(void)state;
	add_line(d, VAT_DOMESTIC, 1000, 210);
	add_line(d, VAT_EXEMPT, 500, 0);
	add_line(d, VAT_MARGIN, 700, 0);
	add_line(d, VAT_NONE, 5000, 0);
	add_line(d, VAT_EXEMPT, 300, 0);
	book(&c, d);
	assert_true(has(">Vrijgesteld van btw; Bijzondere regeling (marge); "
	    "Geen btw: geen omzet<"));
	assert_true(has("TaxableAmount currencyID=\"EUR\">65.00<"));
	assert_false(has("nlcius"));	/* no number of a Dutch buyer */

	d = document("domestic-reverse", "NL");
	(void)str_copy(d->buyer.vat_number, 32, "nl 0000.99998.b57");
	add_line(d, VAT_REVERSE_CHARGE, 500, 0);
	book(&c, d);
	assert_true(has("<cbc:ID>AE<") && has(">Btw verlegd<"));
	assert_true(has("<cbc:CompanyID>NL000099998B57<"));

	d = document("goods", "BE");
	(void)str_copy(d->buyer.vat_number, 32, "BE0404616494");
	add_line(d, VAT_REVERSE_CHARGE, 500, 0);
	book(&c, d);
	assert_true(has("<cbc:ID>K<") && has("nlcius"));
	assert_true(has(">Intracommunautaire levering<"));
	c = make("services", "true");
	(void)str_copy(d->reference, REF_MAX, "services");
	book(&c, d);
	assert_true(has("<cbc:ID>AE<") && !has("<cac:Delivery>"));

	c = make(NULL, NULL);
	d = document("none", "");
	add_line(d, VAT_NONE, 5000, 0);
	book(&c, d);
	assert_true(has("<cbc:ID>O<") && !has("Percent") && !has("NL0000"));
	assert_true(has(">Not named<"));
	c = make("kvk", "");
	(void)str_copy(d->reference, REF_MAX, "none-bare");
	book(&c, d);
	for (size_t i = 0; i < COUNT(none); i++)
		assert_true(has(none[i]));

	c = make("country", "DE");
	d = document("german", "US");
	add_line(d, VAT_EXPORT, 5000, 0);
	d->credit = true;
	(void)str_copy(d->original, REF_MAX, "shop-7");
	d->excl = d->incl = cents(-5000);
	d->lines[0].excl = cents(-5000);
	book(&c, d);
	assert_true(has("<cbc:ID>G<") && has(">Export outside the EU<"));
	assert_true(has("<CreditNote") && has("CreditedQuantity"));
	assert_true(has("<cbc:ID>shop-7<") && has("InvoiceDocumentReference"));
	assert_true(has("<cbc:Note>2026-11-15<"));	/* due after 14d */
	assert_false(has("nlcius"));
}

static void
test_totals(void **state)
{
	struct connection c = make(NULL, NULL);
	struct document *d = document("shop-3", "US");

	(void)state;
	add_line(d, VAT_DOMESTIC, 1001, 210);
	add_line(d, VAT_NONE, -1, 0);
	d->lines[1].kind = LINE_ROUNDING;
	d->payments_n = 1;
	d->payments[0].amount = cents(200);
	book(&c, d);
	assert_true(has("TaxExclusiveAmount currencyID=\"EUR\">10.01<"));
	assert_true(has("TaxInclusiveAmount currencyID=\"EUR\">12.11<"));
	assert_true(has("PrepaidAmount currencyID=\"EUR\">2.00<"));
	assert_true(has("PayableRoundingAmount currencyID=\"EUR\">-0.01<"));
	assert_true(has("PayableAmount currencyID=\"EUR\">10.10<"));
	assert_true(has("<cbc:DueDate>2026-11-15<"));
	assert_true(has("<cbc:ID>NL91ABNA0417164300<") && has("nlcius"));
	assert_false(has("InvoiceLine>\n\t\t<cbc:ID>2<"));
	c = make("iban", "");
	(void)str_copy(d->reference, REF_MAX, "shop-4");
	book(&c, d);
	assert_false(has("PaymentMeans") || has("nlcius"));
	(void)str_copy(d->currency, sizeof(d->currency), "JPY");
	(void)str_copy(d->reference, REF_MAX, "shop-5");
	d->lines_n = d->payments_n = 0;
	d->excl = d->vat = cents(0);
	add_line(d, VAT_DOMESTIC, 100000, 21000);
	book(&c, d);
	assert_true(has("PayableAmount currencyID=\"JPY\">1210<"));
}

static void
test_refused(void **state)
{
	struct connection c = make(NULL, NULL);
	struct document *d = document("bad", "BE");

	(void)state;
	add_line(d, VAT_REVERSE_CHARGE, 500, 0);
	refuse(&c, d, "VAT number");
	(void)str_copy(d->buyer.vat_number, 32, "BE0404616495");
	refuse(&c, d, "VAT number");
	d->lines[0].vat_kind = VAT_EXEMPT;
	d->lines[0].vat = cents(1);
	refuse(&c, d, "bears none");
	d->lines[0].vat_kind = VAT_DOMESTIC;
	d->lines[0].vat_rate_e4 = 210000;
	d->lines[0].vat = cents(205);		/* 1.05 and 1.00 more */
	refuse(&c, d, "the VAT of 21 %");
	d->lines[0].vat = cents(5);
	refuse(&c, d, "the VAT of 21 %");
	d->lines[0].vat.e6 = 1050001;
	refuse(&c, d, "decimals");
	d->lines[0].vat = cents(204);
	d->payments_n = 1;
	d->payments[0].amount.e6 = 1;
	refuse(&c, d, "decimals");
	d->payments_n = 0;
	(void)str_copy(d->buyer.country, 3, "XQ");
	refuse(&c, d, "country");
	(void)str_copy(d->buyer.country, 3, "GB");
	(void)str_copy(d->currency, 4, "ABC");
	refuse(&c, d, "currency");
	(void)str_copy(d->currency, 4, "GBP");
	d->vat = cents(204);
	d->incl = cents(704);
	book(&c, d);
}

/* A name that is taken is never written again. */
static void
test_once(void **state)
{
	struct connection c = make(NULL, NULL);
	struct document *d = document("shop-9", "NL");
	struct posted p = { .found = 0 };
	struct stat st;

	(void)state;
	assert_int_equal(ops->find(&c, "shop-9", &p), RC_END);
	add_line(d, VAT_DOMESTIC, 1000, 210);
	book(&c, d);
	assert_int_equal(stat(path("shop-9"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	d->lines[0].excl = cents(2000);
	d->lines[0].vat = cents(420);
	assert_int_equal(ops->book(&c, d, 0, &p), RC_UNSURE);
	assert_int_equal(ops->find(&c, "shop-9", &p), RC_OK);
	assert_int_equal(p.incl.e6, cents(1210).e6);
	assert_int_equal(p.found, 1);

	/* Somebody else's, and one that was cut. */
	assert_int_equal(file_write(path("shop-8"), text.data, text.len,
	    0640), RC_OK);
	assert_int_equal(ops->find(&c, "shop-8", &p), RC_REJECT);
	assert_int_equal(c.why, M_UBL_FILE);
	assert_int_equal(file_write(path("shop-8"), text.data, text.len - 20,
	    0640), RC_OK);
	assert_int_equal(ops->find(&c, "shop-8", &p), RC_REJECT);
	(void)str_copy(d->reference, REF_MAX, "shop-8");
	assert_int_equal(ops->book(&c, d, 0, &p), RC_UNSURE);
}

static enum rc
count(void *arg, const struct posted *p)
{
	int64_t *sum = arg;

	*sum += p->incl.e6 / 10000;
	return RC_OK;
}

static void
test_list(void **state)
{
	struct connection c = make(NULL, NULL);
	struct document *d;
	int64_t sum = 0;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		char reference[] = "list-0";

		reference[5] = (char)('0' + i);
		d = document(reference, "NL");
		d->date[9] = reference[5];
		d->credit = i == 3;
		add_line(d, VAT_DOMESTIC, i == 3 ? -1000 : 1000 * i, 0);
		d->lines[0].vat_rate_e4 = 0;
		book(&c, d);
	}
	assert_int_equal(file_write(path("not-ours"), "<Invoice/>", 10, 0640),
	    RC_OK);
	assert_int_equal(ops->list(&c, "2026-11-02", "2026-11-03", count,
	    &sum), RC_OK);
	assert_int_equal(sum, 2000 - 1000);
	sum = 0;
	assert_int_equal(ops->list(&c, "2026-01-01", "2026-11-01", count,
	    &sum), RC_OK);
	assert_int_equal(sum, 1000);
}

static void
test_open(void **state)
{
	static const struct { const char *name, *value; } wrong[] = {
		{ "vat_number", "NL000099998B58" }, { "kvk", "1234567" },
		{ "kvk", "1234567x" }, { "iban", "NL91ABNA0417164301" },
		{ "country", "XQ" },
	};
	struct connection c = make(NULL, NULL);

	(void)state;
	assert_int_equal(ops->open(&c), RC_OK);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		c = make(wrong[i].name, wrong[i].value);
		assert_int_equal(ops->open(&c), RC_CONFIG);
		assert_int_equal(c.why, M_UBL_SELLER);
		assert_string_equal(c.why_text, wrong[i].name);
	}
	c = make("vat_number", "12-3456789");
	(void)str_copy(c.country, sizeof(c.country), "US");
	assert_int_equal(ops->open(&c), RC_CONFIG);
	c = make("vat_number", "EL094259216");
	(void)str_copy(c.country, sizeof(c.country), "GR");
	assert_int_equal(ops->open(&c), RC_OK);
	c = make("folder", "/nowhere");
	assert_int_equal(ops->open(&c), RC_CONFIG);
	assert_int_equal(c.why, M_NONE);	/* file.c has said it */
	c = make("folder", "/etc/passwd");
	assert_int_equal(ops->open(&c), RC_CONFIG);
}

static int
setup(void **state)
{
	(void)state;
	(void)str_copy(dir, sizeof(dir), "/tmp/ubl_test.XXXXXX");
	buf_init(&text, 1u << 20);
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&text);
	return file_remove(dir) == RC_OK ? 0 : 1;
}

/* The judge's folder, where it is there. */
static int
setup_kept(void **state)
{
	const char *keep = getenv("UBL_KEEP");

	if (keep == NULL)
		return setup(state);
	buf_init(&text, 1u << 20);
	return !str_copy(dir, sizeof(dir), keep);
}

static int
teardown_kept(void **state)
{
	if (getenv("UBL_KEEP") == NULL)
		return teardown(state);
	buf_free(&text);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kinds, setup_kept,
		    teardown_kept),
		cmocka_unit_test_setup_teardown(test_totals, setup_kept,
		    teardown_kept),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
	};

	ops = ubl_connector.books;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
