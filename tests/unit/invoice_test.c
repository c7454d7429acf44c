/*
 * invoice_test.c - own invoices out of CSV, JSON and UBL, and which are
 * refused.  Run from the top of the source tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "file.h"
#include "invoice.h"
#include "str.h"

#define HEAD "number,date,tenant,currency,excl,vat,incl\n"
#define GOOD "1,2026-01-31,acme,EUR,100,21,121\n"

struct read { struct buf text; int stop_at, n; struct invoice_text last; };

static enum rc
note(void *arg, const struct invoice_text *t, const char *fault)
{
	struct read *r = arg;

	buf_fmt(&r->text, "%zu:%s:%s;", t->line, t->field[INVOICE_NUMBER],
	    fault != NULL ? fault : "");
	r->last = *t;
	return ++r->n == r->stop_at ? RC_FATAL : RC_OK;
}

static enum rc
read_it(struct read *r, const char *bytes, size_t n, struct invoice_fault *f)
{
	*r = (struct read){ .stop_at = r->stop_at };
	buf_init(&r->text, 1 << 16);
	buf_puts(&r->text, "");
	return invoice_read(bytes, n, note, r, f);
}

static void
reads(const char *bytes, const char *want)
{
	struct invoice_fault f;
	struct read r = { .n = 0 };

	assert_int_equal(read_it(&r, bytes, strlen(bytes), &f), RC_OK);
	assert_string_equal(r.text.data, want);
	buf_free(&r.text);
}

static void
refuses(const char *bytes, size_t line, const char *want)
{
	struct invoice_fault f = { 0, "" };
	struct read r = { .n = 0 };

	assert_int_equal(read_it(&r, bytes, strlen(bytes), &f), RC_REJECT);
	assert_int_equal(r.n, 0);
	assert_int_equal(f.line, line);
	if (strstr(f.text, want) == NULL)
		fail_msg("%s, not %s", f.text, want);
	buf_free(&r.text);
}

static void
test_csv(void **state)
{
	struct read r = { .stop_at = 1 };
	struct invoice_fault f;

	(void)state;
	reads(HEAD GOOD "\n2,,,,,,\n", "2:1:;4:2:;");
	reads("\xef\xbb\xbfincl;vat;excl;currency;date;number\r\n"
	    "121,0;21;100;EUR;2026-01-31; 7 \r\n", "2:7:;");
	reads(HEAD, "");
	reads(HEAD "1,2\n2,3,4,5,6,7,8,9\n3,\"a\nb\",,,,,\n",
	    "2:1:it has not as many fields as the head;"
	    "3:2:it has not as many fields as the head;4:3:;");
	reads(HEAD "1,\"2\"x,,,,,\n\xff,,,,,,\n" GOOD,
	    "2:1:its quotes, length or letters (UTF-8) are wrong;"
	    "3::its quotes, length or letters (UTF-8) are wrong;4:1:;");
	assert_int_equal(read_it(&r, HEAD GOOD GOOD, strlen(HEAD GOOD GOOD),
	    &f), RC_FATAL);
	assert_int_equal(r.n, 1);
	buf_free(&r.text);
	refuses("", 1, "it is not CSV, JSON or UBL");
	refuses("number,date,currency,excl,vat\n", 1, "lacks the column incl");
	refuses("number,date,curency,excl,vat,incl\n", 1,
	    "column 3 of the head is not known; did you mean currency?");
	refuses("\nnumber,number\n", 2, "twice");
	refuses("NL91ABNA0417164300,Jansen\n", 1,
	    "column 1 of the head is not known");
}

static void
test_json(void **state)
{
	(void)state;
	reads("{\"number\":\"1\",\"excl\":100.5,\"vat\":null}", "1:1:;");
	reads("[]", "");
	reads("\xef\xbb\xbf\n{\"number\":\"1\"}", "2:1:;");
	reads(" [\n{\"number\":\"{[\\\"\"},\n\n{\"number\":2}, 3,\n"
	    "{\"description\":\"}\",\"number\":4}]",
	    "2:{[\":;4:2:;4::it is not an object;5:4:;");
	reads("{\"nummer\":1}", "1::it has a member that is not known;");
	reads("{\"number\":true}",
	    "1::a member is neither text nor a number;");
	reads("{\"number\":{\"a\":1}}",
	    "1::a member is neither text nor a number;");
	refuses("[{\"number\":1}", 1, "");
	refuses("{\"number\":1,\"number\":2}", 1, "duplicate");
}

/* An amount that is not there is not one without digits. */
static void
reads_credit(void)
{
	static const char text[] = "\xef\xbb\xbf<CreditNote xmlns='urn:oasis:"
	    "names:specification:ubl:schema:xsd:CreditNote-2'/>";
	struct invoice_fault f;
	struct read r = { .n = 0 };

	assert_int_equal(read_it(&r, text, strlen(text), &f), RC_OK);
	assert_string_equal(r.last.field[INVOICE_EXCL], "");
	buf_free(&r.text);
}

static void
test_ubl(void **state)
{
	static const char *const want[INVOICE_FIELDS] = {
		"2026-0042", "2026-03-31", "", "EUR", "100.00", "21.00",
		"121.00", "", "Webshop to books, March", "", "Acme B.V.",
		"Dorpsstraat 1", "1234 AB", "Utrecht", "NL",
		"books@acme.example", "", "NL000099998B57" };
	struct invoice_fault f;
	struct read r = { .n = 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	assert_int_equal(file_read("tests/data/invoices/invoice.xml", &b),
	    RC_OK);
	assert_int_equal(read_it(&r, b.data, b.len, &f), RC_OK);
	for (int i = 0; i < INVOICE_FIELDS; i++)
		assert_string_equal(r.last.field[i], want[i]);
	buf_free(&r.text);
	buf_clear(&b);
	assert_int_equal(file_read("tests/data/invoices/credit.xml", &b),
	    RC_OK);
	assert_int_equal(read_it(&r, b.data, b.len, &f), RC_OK);
	assert_string_equal(r.last.field[INVOICE_EXCL], "-50.00");
	assert_string_equal(r.last.field[INVOICE_VAT], "-0");
	assert_string_equal(r.last.field[INVOICE_INCL], "-50.00");
	assert_string_equal(r.last.field[INVOICE_NAME], "Acme B.V.");
	buf_free(&r.text);
	buf_free(&b);
	reads_credit();
	refuses("<Invoice/>", 1, "no UBL 2.1 Invoice or CreditNote");
	refuses("<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:"
	    "Order-2'/>", 1, "no UBL 2.1 Invoice or CreditNote");
	refuses("<Invoice>\n<ID>", 2, "no element");
}

/* --- as rows --- */

static struct invoice_text
good(void)
{
	struct invoice_text t;

	memset(&t, 0, sizeof(t));
	strcpy(t.field[INVOICE_NUMBER], "2026-1");
	strcpy(t.field[INVOICE_DATE], "2026-02-28");
	strcpy(t.field[INVOICE_CURRENCY], "EUR");
	strcpy(t.field[INVOICE_EXCL], "-100");
	strcpy(t.field[INVOICE_VAT], "-21");
	strcpy(t.field[INVOICE_INCL], "-121.00");
	return t;
}

static void
test_rows(void **state)
{
	struct customer_row c = { .name = "Old", .city = "Utrecht" };
	struct invoice_text t = good();
	struct invoice_row row;
	const char *why = NULL;

	(void)state;
	strcpy(t.field[INVOICE_TENANT], "acme");
	strcpy(t.field[INVOICE_TERM], "immovable");
	strcpy(t.field[INVOICE_NAME], "New");
	strcpy(t.field[INVOICE_VAT_NUMBER], "NL000099998B57");
	assert_int_equal(invoice_rows(&t, &row, &c, &why), RC_OK);
	assert_null(why);
	assert_string_equal(row.number, "2026-1");
	assert_string_equal(row.tenant, "acme");
	assert_int_equal(row.date.day, 28);
	assert_int_equal(row.incl.e6, -121000000);
	assert_int_equal(row.term, INVOICE_PROPERTY);
	assert_string_equal(c.name, "New");
	assert_string_equal(c.city, "Utrecht");
	assert_string_equal(c.vat_number, "NL000099998B57");
}

static void
test_row_faults(void **state)
{
	static const struct {
		enum invoice_field field;
		const char *value, *want;
	} rows[] = {
		{ INVOICE_NUMBER, "", "is not given" },
		{ INVOICE_NUMBER, "a\nb", "not on one line" },
		{ INVOICE_NUMBER, "123456789012345678901234567890123456789012"
		    "3456789012345678901234", "too long" },
		{ INVOICE_DATE, "2026-02-29", "date" },
		{ INVOICE_DATE, "28-02-2026", "date" },
		{ INVOICE_DATE, "0026-02-28", "date" },
		{ INVOICE_TENANT, "@operator", "tenant" },
		{ INVOICE_TENANT, "../x", "tenant" },
		{ INVOICE_CURRENCY, "eur", "currency" },
		{ INVOICE_EXCL, "-100,00", "not an amount" },
		{ INVOICE_EXCL, "-100.001", "not an amount" },
		{ INVOICE_CURRENCY, "JPY", "do not make" },
		{ INVOICE_VAT, "-21.01", "do not make" },
		{ INVOICE_INCL, "121", "do not make" },
		{ INVOICE_TERM, "Ordinary", "term" },
		{ INVOICE_COUNTRY, "nl", "country" },
		{ INVOICE_IBAN, "NL91ABNA0417164301", "iban" },
		{ INVOICE_VAT_NUMBER, "NL123456789B01", "vat_number" },
		{ INVOICE_VAT_NUMBER, "12-3456789", "vat_number" },
	};
	struct customer_row c = { .country = "NL" }, was = c;
	struct invoice_row row, before;
	struct invoice_text t;
	const char *why;

	(void)state;
	memset(&row, 'x', sizeof(row));
	before = row;
	for (size_t i = 0; i < COUNT(rows); i++) {
		t = good();
		strcpy(t.field[rows[i].field], rows[i].value);
		if (str_eq(rows[i].value, "JPY"))	/* has no cents */
			strcpy(t.field[INVOICE_INCL], "-122");
		why = "";
		assert_int_equal(invoice_rows(&t, &row, &c, &why), RC_REJECT);
		if (strstr(why, rows[i].want) == NULL)
			fail_msg("%s, not %s", why, rows[i].want);
		assert_memory_equal(&row, &before, sizeof(row));
		assert_memory_equal(&c, &was, sizeof(c));
	}
	t = good();
	memset(t.field[INVOICE_HOLD], 'h', OPERATOR_TEXT);
	assert_int_equal(invoice_rows(&t, &row, &c, &why), RC_REJECT);
	t.field[INVOICE_HOLD][OPERATOR_TEXT - 1] = '\0';
	assert_int_equal(invoice_rows(&t, &row, &c, &why), RC_OK);
}

static void
test_terms(void **state)
{
	enum invoice_term term;

	(void)state;
	for (int i = 0; i <= INVOICE_PROPERTY; i++) {
		assert_int_equal(invoice_term_parse(invoice_term_name(
		    (enum invoice_term)i), &term), RC_OK);
		assert_int_equal(term, i);
	}
	assert_int_equal(invoice_term_parse("", &term), RC_REJECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_ubl),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_row_faults),
		cmocka_unit_test(test_terms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
