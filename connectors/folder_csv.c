/*
 * folder_csv.c - sales from a CSV file.
 *
 * What can't be read refuses its own sale and no other, and the rest of that
 * sale with it.  Nothing is guessed: an amount with a thousands separator, a
 * rate that is missing and a value that differs between a sale's rows are
 * faults.  Words about a fault name columns and lines, never a value.
 */
#include "folder_csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "folder_rows.h"
#include "money.h"
#include "str.h"

struct folder_csv {
	const struct folder_csv_how *how;
	struct folder_rows *rows;
	struct folder_csv_why *why;
};

/* Note a fault of the sale; the first one stays. */
static void
fault(struct folder_csv *f, enum msg why, const char *text)
{
	if (f->why->why != M_NONE)
		return;
	f->why->why = why;
	(void)str_fmt(f->why->text, sizeof(f->why->text), "%s (line %zu)",
	    text, folder_rows_line(f->rows));
}

static void
fault_at(struct folder_csv *f, enum msg why, enum column c)
{
	fault(f, why, folder_rows_name(c));
}

static const char *
cell(const struct folder_csv *f, enum column c)
{
	return folder_rows_cell(f->rows, c);
}

static bool
filled(const struct folder_csv *f, enum column c)
{
	return cell(f, c)[0] != '\0';
}

static bool
amount(struct folder_csv *f, enum column c, struct money *out)
{
	char text[48];
	bool ok = str_copy(text, sizeof(text), cell(f, c));

	str_trim(text);
	for (char *p = text; f->how->comma && *p != '\0'; p++) {
		if (*p == '.')
			ok = false;	/* thousands, or the wrong setting? */
		if (*p == ',')
			*p = '.';
	}
	if (ok && money_parse_long(text, out) == RC_OK)
		return true;
	fault_at(f, M_AMOUNT, c);
	return false;
}

/* excl and VAT of a line from what the row has of excl, vat and incl. */
static void
line_amounts(struct folder_csv *f, int digits, struct sale_line *l)
{
	bool has_excl = filled(f, COL_EXCL);
	bool has_vat = filled(f, COL_VAT);
	bool has_incl = filled(f, COL_INCL);
	struct money incl = { 0 };

	if (!has_excl && !has_incl) {
		fault(f, M_VALUE, "a line without excl and incl");
		return;
	}
	if ((has_excl && !amount(f, COL_EXCL, &l->excl)) ||
	    (has_vat && !amount(f, COL_VAT, &l->vat)) ||
	    (has_incl && !amount(f, COL_INCL, &incl)))
		return;
	if (!has_vat && has_excl && has_incl)
		l->vat = money_sub(incl, l->excl);
	else if (!has_vat && has_excl)
		l->vat = money_vat_over(l->excl, l->vat_rate_e4, digits);
	else if (!has_vat)
		l->vat = money_vat_in(incl, l->vat_rate_e4, digits);
	if (!has_excl)
		l->excl = money_sub(incl, l->vat);
	if (has_incl && !money_eq(money_add(l->excl, l->vat), incl))
		fault(f, M_TOTAL, "excl, vat and incl of a line");
}

/* Copy a cell whole; one that is too long refuses the sale. */
static void
copy(struct folder_csv *f, enum column c, char *dst, size_t size)
{
	if (!str_copy(dst, size, cell(f, c))) {
		dst[0] = '\0';
		fault_at(f, M_TOO_LARGE, c);
	}
}

/* Two letters, raised; or nothing. */
static void
copy_country(struct folder_csv *f, enum column c, char dst[3])
{
	if (!sale_country(dst, cell(f, c)))
		fault_at(f, M_VALUE, c);
}

static void
vat_rate(struct folder_csv *f, int32_t *rate_e4)
{
	char text[24];
	bool ok = str_copy(text, sizeof(text), cell(f, COL_VAT_RATE));
	char *comma = f->how->comma ? strchr(text, ',') : NULL;

	if (comma != NULL)
		*comma = '.';
	if (!ok || money_parse_rate(text, rate_e4) != RC_OK)
		fault_at(f, M_VALUE, COL_VAT_RATE);
}

static void
add_line(struct folder_csv *f, struct sale *s)
{
	struct sale_line *l = sale_line_add(s);

	if (l == NULL) {
		fault(f, M_TOO_LARGE, "the number of lines");
		return;
	}
	l->kind = LINE_ARTICLE;
	if (filled(f, COL_LINE_KIND) &&
	    line_kind_parse(cell(f, COL_LINE_KIND), &l->kind) != RC_OK)
		fault_at(f, M_VALUE, COL_LINE_KIND);
	copy(f, COL_ARTICLE, l->article, sizeof(l->article));
	copy(f, COL_EAN, l->ean, sizeof(l->ean));
	(void)str_copy(l->description, sizeof(l->description),
	    cell(f, COL_DESCRIPTION));
	if (filled(f, COL_QUANTITY))
		(void)amount(f, COL_QUANTITY, &l->quantity);
	if (l->quantity.e6 < 0 && s->kind != SALE_REFUND)
		fault_at(f, M_QUANTITY, COL_QUANTITY);
	l->quantity = money_abs(l->quantity);
	if (money_is_zero(l->quantity))
		l->quantity.e6 = 1000000;
	copy_country(f, COL_VAT_COUNTRY, l->vat_country);
	vat_rate(f, &l->vat_rate_e4);
	line_amounts(f, money_digits(s->currency), l);
}

/*
 * A till writes its own wall clock.  The offset is that of the nearer
 * midnight, so that no receipt changes its day where the clocks change.
 */
static enum rc
moment_at(const char *text, const char *zone, int64_t *out)
{
	const char *clock = strlen(text) > 10 ? text + 10 : "";
	int64_t at, start;
	struct day d;
	enum rc rc;

	rc = clock_parse(text, &at);
	if (rc != RC_OK)
		return rc;
	if (strpbrk(clock, "zZ+-") == NULL) {
		d = clock_day_of(at, "UTC");
		if (at - clock_day_number(d) * 86400 >= 43200)
			d = clock_day_add(d, 1);
		start = clock_day_start(d, zone);
		at += start - clock_day_number(d) * 86400;
	}
	*out = at;
	return RC_OK;
}

/* What names the sale: as far as it can be read, also of a broken row. */
static void
identity(struct folder_csv *f, struct sale *s)
{
	const char *kind = cell(f, COL_KIND);

	s->kind = SALE_ORDER;
	if (kind[0] != '\0' && sale_kind_parse(kind, &s->kind) != RC_OK)
		fault_at(f, M_VALUE, COL_KIND);
	copy(f, COL_ID, s->id, sizeof(s->id));
	if (s->id[0] == '\0')
		fault_at(f, M_VALUE, COL_ID);
	copy(f, filled(f, COL_NUMBER) ? COL_NUMBER : COL_ID, s->number,
	    sizeof(s->number));
	copy(f, COL_REFUND_OF, s->refund_of, sizeof(s->refund_of));
	if (moment_at(cell(f, COL_PLACED), f->how->zone, &s->placed_at) !=
	    RC_OK)
		fault_at(f, M_VALUE, COL_PLACED);
}

/* Words with semicolons between them. */
static void
tags(struct folder_csv *f, struct sale *s)
{
	const char *p = cell(f, COL_TAGS);

	while (*p != '\0') {
		size_t len = strcspn(p, ";");

		if (s->tags_n == SALE_TAGS ||
		    !str_copy_n(s->tags[s->tags_n], SALE_NAME, p, len)) {
			fault_at(f, M_TOO_LARGE, COL_TAGS);
			return;
		}
		str_trim(s->tags[s->tags_n]);
		s->tags_n += s->tags[s->tags_n][0] != '\0';
		p += len + (p[len] == ';');
	}
}

/* What the tenant's rules may ask of a sale. */
static void
state(struct folder_csv *f, struct sale *s)
{
	const char *zone = f->how->zone;

	if (filled(f, COL_PAID) &&
	    moment_at(cell(f, COL_PAID), zone, &s->paid_at) != RC_OK)
		fault_at(f, M_VALUE, COL_PAID);
	if (filled(f, COL_SHIPPED) &&
	    moment_at(cell(f, COL_SHIPPED), zone, &s->shipped_at) != RC_OK)
		fault_at(f, M_VALUE, COL_SHIPPED);
	copy(f, COL_STATUS, s->status, sizeof(s->status));
	copy(f, COL_CHANNEL, s->channel, sizeof(s->channel));
	tags(f, s);
	if (filled(f, COL_RATE))
		(void)amount(f, COL_RATE, &s->rate);
	copy(f, COL_RATE_SOURCE, s->rate_source, sizeof(s->rate_source));
	if (s->rate.e6 < 0 ||
	    money_is_zero(s->rate) != (s->rate_source[0] == '\0'))
		fault_at(f, M_VALUE, COL_RATE);
}

static void
head(struct folder_csv *f, struct sale *s)
{
	struct debtor *d = &s->debtor;
	struct sale_payment *p;

	identity(f, s);
	state(f, s);
	copy(f, COL_CURRENCY, s->currency, sizeof(s->currency));
	if (!money_currency_ok(s->currency))
		fault_at(f, M_CURRENCY, COL_CURRENCY);
	copy(f, COL_DEBTOR_ID, d->id, sizeof(d->id));
	copy(f, COL_EMAIL, d->email, sizeof(d->email));
	copy(f, COL_COMPANY, d->company, sizeof(d->company));
	copy(f, COL_NAME, d->name, sizeof(d->name));
	copy(f, COL_ADDRESS, d->address, sizeof(d->address));
	copy(f, COL_POSTCODE, d->postcode, sizeof(d->postcode));
	copy(f, COL_CITY, d->city, sizeof(d->city));
	copy_country(f, COL_COUNTRY, d->country);
	copy(f, COL_VAT_NUMBER, d->vat_number, sizeof(d->vat_number));
	if (filled(f, COL_PAYMENT)) {
		p = sale_payment_add(s);
		copy(f, COL_PAYMENT, p->method, sizeof(p->method));
	}
	if (filled(f, COL_SALE_EXCL))
		(void)amount(f, COL_SALE_EXCL, &s->excl);
	if (filled(f, COL_SALE_INCL))
		(void)amount(f, COL_SALE_INCL, &s->incl);
	add_line(f, s);
}

/* One more row: what is the sale's must be as on its first row, or empty. */
static void
more(struct folder_csv *f, struct sale *s)
{
	for (enum column c = 0; c < COL_OF_LINE; c++) {
		const char *text = cell(f, c);

		if (text[0] != '\0' &&
		    !str_eq(text, folder_rows_first(f->rows, c)))
			fault_at(f, c == COL_CURRENCY ? M_CURRENCY : M_VALUE,
			    c);
	}
	add_line(f, s);
}

/* A total that the file does not give is the sum of the lines. */
static void
totals(struct folder_csv *f, struct sale *s)
{
	struct money excl, incl = sale_lines_sum(s, &excl);

	if (str_empty(folder_rows_first(f->rows, COL_SALE_EXCL)))
		s->excl = excl;
	if (str_empty(folder_rows_first(f->rows, COL_SALE_INCL)))
		s->incl = incl;
	if (!sale_turn_refund(s))
		fault_at(f, M_VALUE, COL_SALE_INCL);
	if (s->payments_n > 0)
		s->payments[0].amount = s->incl;
}

/* The rows of the sale whose first row was read with rc. */
static enum rc
take_sale(struct folder_csv *f, enum rc rc, struct sale *out)
{
	bool first = true;

	while (rc == RC_OK || rc == RC_REJECT) {
		if (rc == RC_REJECT)
			fault(f, M_SHOP_SALE, "a row can't be read");
		if (first && rc == RC_REJECT)
			identity(f, out);
		else if (first)
			head(f, out);
		else if (rc == RC_OK)
			more(f, out);
		first = false;
		rc = folder_rows_next(f->rows);
	}
	return rc == RC_END ? RC_OK : rc;
}

enum rc
folder_csv_next(struct folder_csv *f, struct sale *out,
    struct folder_csv_why *why)
{
	enum rc rc;

	sale_init(out);
	memset(why, 0, sizeof(*why));
	f->why = why;
	rc = folder_rows_sale(f->rows);
	if (rc == RC_END || rc > RC_REJECT)
		return rc;
	why->line = folder_rows_line(f->rows);
	if (!filled(f, COL_ID)) {
		fault(f, M_SHOP_SALE, "a row without a readable id");
		return RC_REJECT;
	}
	rc = take_sale(f, rc, out);
	if (rc != RC_OK)
		return rc;
	if (folder_rows_fault(f->rows) != NULL)
		fault(f, M_SHOP_SALE, folder_rows_fault(f->rows));
	totals(f, out);
	return why->why == M_NONE ? RC_OK : RC_REJECT;
}

enum rc
folder_csv_open(const struct folder_csv_how *how, struct folder_csv **out,
    struct folder_csv_why *why)
{
	struct folder_rows *rows = NULL;
	struct folder_csv *f;
	enum rc rc;

	memset(why, 0, sizeof(*why));
	rc = folder_rows_open(how->path, how->delimiter, &rows, why->text,
	    sizeof(why->text));
	if (rc == RC_REJECT) {
		why->why = M_SHOP_SALE;
		why->line = 1;
	}
	if (rc != RC_OK)
		return rc;
	f = mem_alloc(sizeof(*f));
	f->how = how;
	f->rows = rows;
	*out = f;
	return RC_OK;
}

void
folder_csv_close(struct folder_csv *f)
{
	if (f == NULL)
		return;
	folder_rows_close(f->rows);
	free(f);
}
