/*
 * folder_rows.c - the rows of a CSV file, sale by sale.
 *
 * Half a sale must never be booked.  So a row whose id can't be read spoils
 * the sale on either side of it, to which it may belong, and a sale whose
 * rows do not stand together is refused everywhere: the file is read once
 * beforehand, only to find those.  Of the header only numbers are repeated: a
 * file without one has a debtor's data there.
 */
#include "folder_rows.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "csv.h"
#include "str.h"

static const char *const names[COLUMNS] = {
	[COL_ID] = "id",
	[COL_NUMBER] = "number",
	[COL_KIND] = "kind",
	[COL_REFUND_OF] = "refund_of",
	[COL_PLACED] = "placed",
	[COL_PAID] = "paid",
	[COL_SHIPPED] = "shipped",
	[COL_STATUS] = "status",
	[COL_CHANNEL] = "channel",
	[COL_TAGS] = "tags",
	[COL_CURRENCY] = "currency",
	[COL_RATE] = "rate",
	[COL_RATE_SOURCE] = "rate_source",
	[COL_DEBTOR_ID] = "debtor_id",
	[COL_EMAIL] = "email",
	[COL_COMPANY] = "company",
	[COL_NAME] = "name",
	[COL_ADDRESS] = "address",
	[COL_POSTCODE] = "postcode",
	[COL_CITY] = "city",
	[COL_COUNTRY] = "country",
	[COL_VAT_NUMBER] = "vat_number",
	[COL_PAYMENT] = "payment",
	[COL_SALE_EXCL] = "sale_excl",
	[COL_SALE_INCL] = "sale_incl",
	[COL_LINE_KIND] = "line_kind",
	[COL_ARTICLE] = "article",
	[COL_EAN] = "ean",
	[COL_DESCRIPTION] = "description",
	[COL_QUANTITY] = "quantity",
	[COL_EXCL] = "excl",
	[COL_VAT] = "vat",
	[COL_VAT_RATE] = "vat_rate",
	[COL_VAT_COUNTRY] = "vat_country",
	[COL_INCL] = "incl",
};

struct folder_rows {
	struct csv *csv;
	int at[COLUMNS];	/* the column's place in a row; -1: none */
	size_t fields;
	struct csv_row rows[2];
	struct csv_row *first;	/* of the sale */
	struct csv_row *ahead;	/* the row after it, or the next sale's */
	struct csv_row *row;	/* where we are: one of the two */
	enum rc ahead_rc;
	bool has_ahead;
	bool lost_row;		/* the row before the sale had no id */
	bool broken;		/* the sale's first row is */
	const char *fault;
	uint64_t *torn;		/* hashes of sales whose rows are apart */
	size_t torn_n;
};

const char *
folder_rows_name(enum column c)
{
	return names[c];
}

static const char *
cell(const struct folder_rows *f, const struct csv_row *r, enum column c)
{
	if (f->at[c] < 0 || (size_t)f->at[c] >= r->n)
		return "";
	return csv_field(r, (size_t)f->at[c]);
}

const char *
folder_rows_cell(const struct folder_rows *f, enum column c)
{
	return cell(f, f->row, c);
}

const char *
folder_rows_first(const struct folder_rows *f, enum column c)
{
	return cell(f, f->first, c);
}

size_t
folder_rows_line(const struct folder_rows *f)
{
	return f->row->line;
}

const char *
folder_rows_fault(const struct folder_rows *f)
{
	return f->fault;
}

static bool
blank(const struct csv_row *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (csv_field(r, i)[0] != '\0')
			return false;
	return true;
}

/* Look one row ahead.  RC_REJECT: it is there but broken. */
static enum rc
look(struct folder_rows *f)
{
	while (!f->has_ahead) {
		f->ahead_rc = csv_next(f->csv, f->ahead);
		if (f->ahead_rc == RC_OK && blank(f->ahead))
			continue;
		if (f->ahead_rc == RC_OK && f->ahead->n != f->fields)
			f->ahead_rc = RC_REJECT;
		f->has_ahead = true;
	}
	return f->ahead_rc;
}

/* The sale's kind; order where none is given. */
static const char *
first_kind(const struct folder_rows *f)
{
	const char *kind = folder_rows_first(f, COL_KIND);

	return kind[0] != '\0' ? kind : "order";
}

/* Over the kind and id of a sale's first row. */
static uint64_t
row_hash(const struct folder_rows *f)
{
	return str_hash(str_hash(STR_HASH, first_kind(f)),
	    folder_rows_first(f, COL_ID));
}

static int
hash_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

enum rc
folder_rows_sale(struct folder_rows *f)
{
	struct csv_row *r;
	enum rc rc;
	uint64_t h;

	rc = look(f);
	if (rc == RC_END || rc > RC_REJECT)
		return rc;
	r = f->ahead;
	f->ahead = f->first;
	f->first = f->row = r;
	f->has_ahead = false;
	f->fault = f->lost_row ? "the row before it can't be read" : NULL;
	f->lost_row = cell(f, r, COL_ID)[0] == '\0';
	f->broken = rc == RC_REJECT;
	h = row_hash(f);
	if (f->torn_n > 0 && bsearch(&h, f->torn, f->torn_n, sizeof(h),
	    hash_cmp) != NULL)
		f->fault = "its rows do not stand together";
	return rc;
}

enum rc
folder_rows_next(struct folder_rows *f)
{
	const char *kind;
	enum rc rc;

	rc = look(f);
	if (rc == RC_END || rc > RC_REJECT)
		return rc;
	if (cell(f, f->ahead, COL_ID)[0] == '\0') {
		f->fault = "the row behind it can't be read";
		return RC_END;
	}
	kind = cell(f, f->ahead, COL_KIND);
	if (!str_eq(cell(f, f->ahead, COL_ID), cell(f, f->first, COL_ID)))
		return RC_END;
	if (kind[0] != '\0' && !f->broken && !str_eq(kind, first_kind(f)))
		return RC_END;
	f->row = f->ahead;
	f->has_ahead = false;
	return rc;
}

static bool
need(const struct folder_rows *f, enum column c, char *text, size_t size)
{
	if (f->at[c] >= 0)
		return true;
	(void)str_fmt(text, size, "the header has no column %s", names[c]);
	return false;
}

/* One name of the header. */
static enum rc
header_name(struct folder_rows *f, size_t i, const char *name, char *text,
    size_t size)
{
	const char *near;

	for (enum column c = 0; c < COLUMNS; c++) {
		if (!str_eq_nocase(name, names[c]))
			continue;
		if (f->at[c] < 0) {
			f->at[c] = (int)i;
			return RC_OK;
		}
		(void)str_fmt(text, size, "the header has column %s twice",
		    names[c]);
		return RC_REJECT;
	}
	near = str_nearest(name, names, COLUMNS);
	(void)str_fmt(text, size, "column %zu of the header is not known%s%s",
	    i + 1, near != NULL ? "; the nearest is " : "",
	    near != NULL ? near : "");
	return RC_REJECT;
}

static enum rc
header(struct folder_rows *f, char *text, size_t size)
{
	struct csv_row *r = f->ahead;
	char name[32];
	enum rc rc;

	rc = csv_next(f->csv, r);
	if (rc == RC_END || rc == RC_REJECT) {
		(void)str_copy(text, size, "the file has no header");
		return RC_REJECT;
	}
	for (size_t i = 0; rc == RC_OK && i < r->n; i++) {
		(void)str_copy(name, sizeof(name), csv_field(r, i));
		str_trim(name);
		rc = header_name(f, i, name, text, size);
	}
	if (rc != RC_OK)
		return rc;
	f->fields = r->n;
	if (!need(f, COL_ID, text, size) || !need(f, COL_PLACED, text, size) ||
	    !need(f, COL_CURRENCY, text, size) ||
	    !need(f, COL_VAT_RATE, text, size))
		return RC_REJECT;
	if (f->at[COL_EXCL] < 0 && !need(f, COL_INCL, text, size))
		return RC_REJECT;
	return RC_OK;
}

/* Keep the hashes that occur more than once, sorted. */
static void
keep_torn(struct folder_rows *f, uint64_t *all, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(all, n, sizeof(*all), hash_cmp);
	for (size_t i = 1; i < n; i++)
		if (all[i] == all[i - 1])
			all[kept++] = all[i];
	f->torn = all;
	f->torn_n = kept;
}

/* Read all rows, to learn which sales are torn. */
static enum rc
scan(struct folder_rows *f)
{
	uint64_t *all = NULL;
	size_t n = 0, cap = 0;
	enum rc rc;

	for (;;) {
		rc = folder_rows_sale(f);
		if (rc == RC_END || rc > RC_REJECT)
			break;
		if (n == cap) {
			cap = cap == 0 ? 256 : 2 * cap;
			all = mem_grow(all, cap * sizeof(*all));
		}
		if (!f->lost_row)
			all[n++] = row_hash(f);
		do {
			rc = folder_rows_next(f);
		} while (rc == RC_OK || rc == RC_REJECT);
		if (rc != RC_END)
			break;
	}
	keep_torn(f, all, n);
	return rc == RC_END ? RC_OK : rc;
}

static struct folder_rows *
rows_new(void)
{
	struct folder_rows *f = mem_alloc(sizeof(*f));

	for (int i = 0; i < COLUMNS; i++)
		f->at[i] = -1;
	for (int i = 0; i < 2; i++)
		csv_row_init(&f->rows[i]);
	f->first = f->row = &f->rows[0];
	f->ahead = &f->rows[1];
	return f;
}

enum rc
folder_rows_open(const char *path, char delimiter, struct folder_rows **out,
    char *text, size_t size)
{
	struct folder_rows *f = rows_new();
	enum rc rc;

	rc = csv_open(path, delimiter, &f->csv);
	if (rc == RC_OK)
		rc = header(f, text, size);
	if (rc == RC_OK)
		rc = scan(f);
	if (rc != RC_OK)
		goto out;
	/* and from the start again, for the sales themselves */
	csv_close(f->csv);
	f->csv = NULL;
	f->has_ahead = f->lost_row = false;
	rc = csv_open(path, delimiter, &f->csv);
	if (rc == RC_OK)
		rc = csv_next(f->csv, f->ahead);
	if (rc == RC_OK) {
		*out = f;
		f = NULL;
	}
out:
	folder_rows_close(f);
	return rc;
}

void
folder_rows_close(struct folder_rows *f)
{
	if (f == NULL)
		return;
	csv_close(f->csv);
	csv_row_free(&f->rows[0]);
	csv_row_free(&f->rows[1]);
	free(f->torn);
	free(f);
}
