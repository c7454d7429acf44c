/*
 * invoice.c - own invoices out of CSV and JSON, and whether one can be kept.
 *
 * An invoice is taken whole or not at all.  It must never guess: a column
 * that is not known, or a value that does not fit, is a fault.
 */
#include "invoice.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "csv.h"
#include "iban.h"
#include "json.h"
#include "str.h"
#include "typed.h"
#include "vatid.h"

#define TOO_LONG "a value is too long"

/* A field's name, and the text of a row that it becomes. */
#define OF(s, m) offsetof(struct s, m), sizeof(((struct s *)0)->m)
static const struct {
	const char *name;
	bool required;
	size_t at, size;		/* in its row; 0: not a text */
} fields[INVOICE_FIELDS] = {
	[INVOICE_NUMBER] = { "number", true, OF(invoice_row, number) },
	[INVOICE_DATE] = { "date", true, 0, 0 },
	[INVOICE_TENANT] = { "tenant", false, OF(invoice_row, tenant) },
	[INVOICE_CURRENCY] = { "currency", true, OF(invoice_row, currency) },
	[INVOICE_EXCL] = { "excl", true, 0, 0 },
	[INVOICE_VAT] = { "vat", true, 0, 0 },
	[INVOICE_INCL] = { "incl", true, 0, 0 },
	[INVOICE_TERM] = { "term", false, 0, 0 },
	[INVOICE_DESCRIPTION] = { "description", false,
	    OF(invoice_row, description) },
	[INVOICE_HOLD] = { "hold", false, OF(invoice_row, hold) },
	[INVOICE_NAME] = { "name", false, OF(customer_row, name) },
	[INVOICE_ADDRESS] = { "address", false, OF(customer_row, address) },
	[INVOICE_POSTCODE] = { "postcode", false, OF(customer_row, postcode) },
	[INVOICE_CITY] = { "city", false, OF(customer_row, city) },
	[INVOICE_COUNTRY] = { "country", false, OF(customer_row, country) },
	[INVOICE_EMAIL] = { "email", false, OF(customer_row, email) },
	[INVOICE_IBAN] = { "iban", false, OF(customer_row, iban) },
	[INVOICE_VAT_NUMBER] = { "vat_number", false,
	    OF(customer_row, vat_number) },
};

static const char *const terms[] = {
	[INVOICE_ORDINARY] = "ordinary",
	[INVOICE_OSS] = "oss",
	[INVOICE_PROPERTY] = "immovable",
};

const char *
invoice_term_name(enum invoice_term term)
{
	return terms[term];
}

enum rc
invoice_term_parse(const char *name, enum invoice_term *out)
{
	for (size_t i = 0; i < COUNT(terms); i++)
		if (str_eq(terms[i], name)) {
			*out = (enum invoice_term)i;
			return RC_OK;
		}
	return RC_REJECT;
}

/* --- as rows --- */

static bool
amount(const char *text, const char *currency, struct money *out)
{
	return money_parse(text, out) == RC_OK && money_eq(*out,
	    money_round(*out, money_digits(currency)));
}

static const char *
amounts_fault(const struct invoice_text *t, struct invoice_row *r)
{
	if (!money_currency_ok(r->currency))
		return "currency is not a code of three capitals";
	if (!amount(t->field[INVOICE_EXCL], r->currency, &r->excl) ||
	    !amount(t->field[INVOICE_VAT], r->currency, &r->vat) ||
	    !amount(t->field[INVOICE_INCL], r->currency, &r->incl))
		return "excl, vat or incl is not an amount in its currency";
	if (!money_eq(money_add(r->excl, r->vat), r->incl))
		return "excl and vat do not make incl";
	return NULL;
}

/* Of what this invoice says; what is known from elsewhere is not its fault. */
static const char *
customer_fault(const struct invoice_text *t, const struct customer_row *c)
{
	const char *country = t->field[INVOICE_COUNTRY];
	const char *iban = t->field[INVOICE_IBAN];
	const char *vat = t->field[INVOICE_VAT_NUMBER];

	if (country[0] != '\0' && (strlen(country) != 2 || strspn(country,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
		return "country is not a code of two capitals";
	if (iban[0] != '\0' && !iban_ok(iban))
		return "iban can't be right: compare its digits";
	if (vat[0] != '\0' && !vatid_ok(vat, c->country))
		return "vat_number can't be right: compare its digits";
	return NULL;
}

static const char *
texts_fault(const struct invoice_text *t, struct invoice_row *row,
    struct customer_row *customer)
{
	for (int i = 0; i < INVOICE_FIELDS; i++) {
		void *base = i < INVOICE_NAME ? (void *)row : customer;

		if (!typed_one_line(t->field[i]))
			return "a value is not on one line";
		if (fields[i].required && t->field[i][0] == '\0')
			return "number, date, currency, excl, vat or incl is "
			    "not given";
		if (fields[i].size > 0 && t->field[i][0] != '\0' &&
		    !str_copy((char *)base + fields[i].at, fields[i].size,
		    t->field[i]))
			return TOO_LONG;
	}
	if (row->tenant[0] != '\0' && !typed_name_ok(row->tenant))
		return "tenant is not a tenant's name";
	return NULL;
}

enum rc
invoice_rows(const struct invoice_text *t, struct invoice_row *row,
    struct customer_row *customer, const char **why)
{
	struct invoice_row r;
	struct customer_row c = *customer;
	const char *term = t->field[INVOICE_TERM], *fault;

	memset(&r, 0, sizeof(r));
	fault = texts_fault(t, &r, &c);
	/* One of the year 26 would be past its term at once. */
	if (fault == NULL && (clock_day_parse(t->field[INVOICE_DATE],
	    &r.date) != RC_OK || r.date.year < 1970))
		fault = "date is not a day such as 2026-11-30";
	if (fault == NULL && term[0] != '\0' &&
	    invoice_term_parse(term, &r.term) != RC_OK)
		fault = "term is not ordinary, oss or immovable";
	if (fault == NULL)
		fault = amounts_fault(t, &r);
	if (fault == NULL)
		fault = customer_fault(t, &c);
	if (fault != NULL) {
		*why = fault;
		return RC_REJECT;
	}
	memcpy(row, &r, sizeof(r));
	memcpy(customer, &c, sizeof(c));
	return RC_OK;
}

/* --- reading --- */

struct reader {
	enum rc (*take)(void *arg, const struct invoice_text *t,
	    const char *fault);
	void *arg;
	struct invoice_text *t;
	struct invoice_fault *fault;
};

static enum rc
whole_fault(struct reader *r, size_t line, const char *text)
{
	r->fault->line = line;
	(void)str_copy(r->fault->text, sizeof(r->fault->text), text);
	return RC_REJECT;
}

/* INVOICE_FIELDS: not known; then near is what may be meant, or NULL. */
static enum invoice_field
find_field(const char *name, const char **near)
{
	const char *names[INVOICE_FIELDS];

	for (int i = 0; i < INVOICE_FIELDS; i++) {
		names[i] = fields[i].name;
		if (str_eq(name, names[i]))
			return (enum invoice_field)i;
	}
	*near = str_nearest(name, names, INVOICE_FIELDS);
	return INVOICE_FIELDS;
}

/* Which field each column is; a name is not echoed, as it may be a value. */
static enum rc
csv_head(struct reader *r, const struct csv_row *head,
    enum invoice_field *columns)
{
	bool there[INVOICE_FIELDS] = { false };
	const char *near = NULL;
	char text[160];

	for (size_t i = 0; i < head->n; i++) {
		columns[i] = find_field(csv_field(head, i), &near);
		(void)str_fmt(text, sizeof(text), "column %zu of the head is "
		    "not known%s%s%s", i + 1, near != NULL ?
		    "; did you mean " : "", near != NULL ? near : "",
		    near != NULL ? "?" : "");
		if (columns[i] == INVOICE_FIELDS)
			return whole_fault(r, head->line, text);
		if (there[columns[i]])
			return whole_fault(r, head->line,
			    "a column of the head stands twice");
		there[columns[i]] = true;
	}
	for (int i = 0; i < INVOICE_FIELDS; i++) {
		(void)str_fmt(text, sizeof(text), "the head lacks the column "
		    "%s", fields[i].name);
		if (fields[i].required && !there[i])
			return whole_fault(r, head->line, text);
	}
	return RC_OK;
}

/* good: the row could be read to its end. */
static enum rc
csv_take(struct reader *r, const struct csv_row *row, size_t columns_n,
    const enum invoice_field *columns, bool good)
{
	const char *fault = !good ? "its quotes, length or letters (UTF-8) are "
	    "wrong" : row->n != columns_n ?
	    "it has not as many fields as the head" : NULL;

	memset(r->t, 0, sizeof(*r->t));
	r->t->line = row->line;
	for (size_t i = 0; i < row->n && i < columns_n; i++) {
		char *to = r->t->field[columns[i]];

		if (!str_copy(to, INVOICE_TEXT, csv_field(row, i)) &&
		    fault == NULL)
			fault = TOO_LONG;
		str_trim(to);
	}
	return r->take(r->arg, r->t, fault);
}

static enum rc
read_csv(struct reader *r, const char *bytes, size_t n)
{
	const char *semicolon = memchr(bytes, ';', n);
	const char *comma = memchr(bytes, ',', n);
	struct csv *csv = csv_of(bytes, n, semicolon != NULL &&
	    (comma == NULL || semicolon < comma) ? ';' : ',');
	enum invoice_field columns[CSV_FIELDS];
	struct csv_row row;
	size_t columns_n;
	enum rc rc;

	csv_row_init(&row);
	rc = csv_next(csv, &row);
	columns_n = row.n;
	if (rc == RC_OK)
		rc = csv_head(r, &row, columns);
	else
		rc = whole_fault(r, 1, "it is not CSV, JSON or UBL");
	while (rc == RC_OK) {
		rc = csv_next(csv, &row);
		if (rc == RC_OK || rc == RC_REJECT)
			rc = csv_take(r, &row, columns_n, columns,
			    rc == RC_OK);
	}
	csv_row_free(&row);
	csv_close(csv);
	return rc == RC_END ? RC_OK : rc;
}

/* Where the next object of the array, or the one that is all, begins. */
struct where { const char *p; size_t line; int depth; bool array; };

static void
next_object(struct where *w)
{
	bool text = false;

	for (; *w->p != '\0'; w->p++) {
		w->line += *w->p == '\n';
		if (text && *w->p == '\\')
			w->p++;
		else if (*w->p == '"')
			text = !text;
		else if (!text && (*w->p == '}' || *w->p == ']'))
			w->depth--;
		else if (!text && (*w->p == '{' || *w->p == '['))
			w->depth++;
		if (!text && *w->p == '{' && w->depth == (w->array ? 2 : 1)) {
			w->p++;
			return;
		}
	}
}

static enum rc
json_take(struct reader *r, const struct json *object, size_t line)
{
	const char *fault = json_is_object(object) ? NULL :
	    "it is not an object", *near;

	memset(r->t, 0, sizeof(*r->t));
	r->t->line = line;
	for (const struct json *v = json_first(object); fault == NULL &&
	    v != NULL; v = json_next(v)) {
		enum invoice_field i = find_field(json_key(v), &near);

		if (i == INVOICE_FIELDS)
			fault = "it has a member that is not known";
		else if (!json_is_null(v) && json_text(v) == NULL)
			fault = "a member is neither text nor a number";
		else if (!str_copy(r->t->field[i], INVOICE_TEXT, json_text(v)))
			fault = TOO_LONG;
	}
	return r->take(r->arg, r->t, fault);
}

static enum rc
read_json(struct reader *r, const char *bytes, size_t n)
{
	struct json_doc *d = json_doc_new();
	struct where w = { .p = bytes, .line = 1 };
	const struct json *root = NULL;
	enum rc rc = json_parse(d, bytes, n, &root);

	if (rc != RC_OK)
		rc = whole_fault(r, 1, json_fault(d));
	w.array = json_is_array(root);
	if (rc == RC_OK && !w.array) {
		next_object(&w);
		rc = json_take(r, root, w.line);
	}
	for (const struct json *v = w.array ? json_first(root) : NULL;
	    rc == RC_OK && v != NULL; v = json_next(v)) {
		if (json_is_object(v))
			next_object(&w);
		rc = json_take(r, v, w.line);
	}
	json_doc_free(d);
	return rc;
}

enum rc
invoice_read(const char *bytes, size_t n,
    enum rc (*take)(void *arg, const struct invoice_text *t,
    const char *fault), void *arg, struct invoice_fault *fault)
{
	struct invoice_text *t = mem_alloc(sizeof(*t));
	struct reader r = { take, arg, t, fault };
	size_t mark = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	size_t at = 0;
	enum rc rc;

	bytes += mark;
	n -= mark;
	while (at < n && strchr(" \t\r\n", bytes[at]) != NULL)
		at++;
	if (at < n && bytes[at] == '<') {
		rc = invoice_read_ubl(bytes, n, t, fault);
		if (rc == RC_OK)
			rc = take(arg, t, NULL);
	} else if (at < n && (bytes[at] == '{' || bytes[at] == '[')) {
		rc = read_json(&r, bytes, n);
	} else {
		rc = read_csv(&r, bytes, n);
	}
	secret_zero(t, sizeof(*t));
	free(t);
	return rc;
}
