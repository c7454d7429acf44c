/*
 * invoices.c - salesync invoices: take the operator's own invoices in, and
 * list them with how long they must stay.
 *
 * It must never change an invoice that is there, but for why it is held.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "customer.h"
#include "file.h"
#include "invoice.h"
#include "lock.h"
#include "log.h"
#include "report.h"
#include "run.h"
#include "str.h"
#include "vatid.h"

#define FILE_MAX ((size_t)64 << 20)	/* longest file taken */
#define TOLD 1000		/* refusals of a file that are told singly */
#define NO_HOLD "-"			/* ends a hold */

static const char *const import_columns[] = { "file", "line", "number",
    "tenant", "incl", "result", NULL };
static const char *const list_columns[] = { "number", "date", "tenant",
    "currency", "excl", "vat", "incl", "term", "hold", "until", "due",
    "description", NULL };

/* Who an invoice can be for: tenants with a file, and those that had one. */
struct buyer {
	char tenant[SALE_NAME], name[201], vat_number[33],
	    hold[OPERATOR_TEXT];
};

struct invoices {
	struct cmd *c;
	struct operator_store *o;	/* NULL: there is none yet */
	struct report *report;
	struct buyer *buyers;
	size_t buyers_n, files_n;	/* those with a file come first */
	const char *file;
	size_t refused;			/* of it */
	enum rc worst;
};

/* --- tenants --- */

static void
add_buyer(struct invoices *v, const char *tenant, const char *name,
    const char *vat_number, const char *hold)
{
	struct buyer *b;

	v->buyers = mem_grow(v->buyers, (v->buyers_n + 1) *
	    sizeof(*v->buyers));
	b = &v->buyers[v->buyers_n++];
	(void)str_copy(b->tenant, sizeof(b->tenant), tenant);
	(void)str_copy(b->name, sizeof(b->name), name);
	(void)str_copy(b->vat_number, sizeof(b->vat_number), vat_number);
	(void)str_copy(b->hold, sizeof(b->hold), hold);
}

static struct buyer *
find_buyer(const struct invoices *v, const char *tenant)
{
	for (size_t i = 0; i < v->buyers_n; i++)
		if (str_eq(v->buyers[i].tenant, tenant))
			return &v->buyers[i];
	return NULL;
}

static enum rc
take_customer(void *arg, const void *row)
{
	const struct customer_row *r = row;
	struct invoices *v = arg;

	if (config_tenant(v->c->cfg, r->tenant) == NULL)
		add_buyer(v, r->tenant, r->name, r->vat_number, r->hold);
	return RC_OK;
}

static enum rc
load_buyers(struct invoices *v)
{
	const struct config *cfg = v->c->cfg;

	for (size_t i = 0; i < cfg->tenants_n; i++) {
		const struct tenant *t = &cfg->tenants[i];

		add_buyer(v, t->name, t->customer.name,
		    t->customer.vat_number, t->hold);
	}
	v->files_n = v->buyers_n;
	return v->o == NULL ? RC_OK : operator_each(v->o, OPERATOR_CUSTOMERS,
	    take_customer, v);
}

/* The only one whose VAT number, or else whose name, this is; NULL. */
static const char *
match(const struct invoices *v, const struct invoice_text *t)
{
	const char *vat = t->field[INVOICE_VAT_NUMBER];
	const char *name = t->field[INVOICE_NAME];
	const struct buyer *by_vat = NULL, *by_name = NULL;
	size_t vats = 0, names = 0;

	for (size_t i = 0; i < v->buyers_n; i++) {
		const struct buyer *b = &v->buyers[i];

		if (vatid_same(b->vat_number, vat) && vats++ == 0)
			by_vat = b;
		if (name[0] != '\0' && str_eq(b->name, name) && names++ == 0)
			by_name = b;
	}
	if (vats > 0)
		return vats == 1 ? by_vat->tenant : NULL;
	return names == 1 ? by_name->tenant : NULL;
}

/* --- import --- */

static const char *
given(const struct invoice_text *t, enum invoice_field field)
{
	return t->field[field][0] != '\0' ? t->field[field] : NULL;
}

static void
note(struct invoices *v, const struct invoice_text *t, const char *result)
{
	report_text(v->report, v->file);
	report_int(v->report, (int64_t)t->line);
	report_text(v->report, given(t, INVOICE_NUMBER));
	report_text(v->report, given(t, INVOICE_TENANT));
	report_text(v->report, given(t, INVOICE_INCL));
	report_text(v->report, result);
}

/* What stands where a tenant's name should may be anything. */
static void
refuse(struct invoices *v, const struct invoice_text *t, enum msg why,
    const char *text)
{
	const struct buyer *b = find_buyer(v, t->field[INVOICE_TENANT]);

	v->worst = rc_worse(v->worst, RC_REJECT);
	if (++v->refused > TOLD)
		return;
	SAY(why, F_WORD("file", v->file), F_INT("line", t->line),
	    F_ORDER("number", given(t, INVOICE_NUMBER)),
	    F_WORD("tenant", b != NULL ? b->tenant : NULL),
	    F_WORD("text", text));
	note(v, t, "refused");
}

/* What the command line says of invoices that do not say it themselves. */
static bool
complete(struct invoices *v, struct invoice_text *t)
{
	const char *named = cmd_option(v->c, "tenant");
	const char *term = cmd_option(v->c, "term");
	char *tenant = t->field[INVOICE_TENANT];

	if (term != NULL && t->field[INVOICE_TERM][0] == '\0')
		(void)str_copy(t->field[INVOICE_TERM], INVOICE_TEXT, term);
	if (named != NULL && tenant[0] != '\0' && !str_eq(named, tenant)) {
		refuse(v, t, M_INVOICE, "its tenant is not that of --tenant");
		return false;
	}
	if (tenant[0] == '\0')
		(void)str_copy(tenant, INVOICE_TEXT, named != NULL ? named :
		    match(v, t));
	if (tenant[0] == '\0')
		refuse(v, t, M_INVOICE_BUYER,
		    "no tenant, or not one alone, has its buyer's VAT number "
		    "or name");
	else if (find_buyer(v, tenant) == NULL &&
	    t->field[INVOICE_NAME][0] == '\0')
		refuse(v, t, M_INVOICE, "there is no such tenant, and no name "
		    "of a customer is given");
	else
		return true;
	return false;
}

/* Customers with a file are known from it; of others the invoice tells. */
static void
keep_customer(struct invoices *v, const struct customer_row *r)
{
	struct buyer *b = find_buyer(v, r->tenant);

	if (b != NULL && b < v->buyers + v->files_n)
		return;
	if (v->o != NULL)
		operator_customer_put(v->o, r);
	if (b == NULL)
		(void)take_customer(v, r);
}

/* The hold that stays; true when it is another. */
static bool
new_hold(struct invoice_row *row, const struct invoice_row *old)
{
	if (row->hold[0] == '\0')
		memcpy(row->hold, old->hold, sizeof(row->hold));
	else if (str_eq(row->hold, NO_HOLD))
		memset(row->hold, 0, sizeof(row->hold));
	return !str_eq(row->hold, old->hold);
}

static enum rc
keep(struct invoices *v, const struct invoice_text *t,
    struct invoice_row *row, const struct customer_row *customer)
{
	struct invoice_row old;
	enum rc rc = RC_END;
	bool held;

	memset(&old, 0, sizeof(old));
	if (v->o != NULL)
		rc = operator_invoice_get(v->o, row->tenant, row->number,
		    &old);
	if (rc != RC_OK && rc != RC_END)
		return rc;
	held = new_hold(row, &old);
	memcpy(old.hold, row->hold, sizeof(old.hold));
	if (rc == RC_OK && memcmp(&old, row, sizeof(old)) != 0) {
		refuse(v, t, M_INVOICE_OTHER, "");
		return RC_OK;
	}
	note(v, t, rc == RC_END ? "imported" : held ? "hold changed" :
	    "there already");
	if (rc == RC_OK && !held)
		return RC_OK;
	if (v->o != NULL)
		operator_invoice_put(v->o, row);
	keep_customer(v, customer);
	return RC_OK;
}

static enum rc
take(void *arg, const struct invoice_text *text, const char *fault)
{
	struct invoices *v = arg;
	struct invoice_text t = *text;
	struct customer_row customer;
	struct invoice_row row;
	enum rc rc = RC_END;

	if (fault != NULL) {
		refuse(v, &t, M_INVOICE, fault);
		return RC_OK;
	}
	if (!complete(v, &t))
		return RC_OK;
	memset(&customer, 0, sizeof(customer));
	memset(&row, 0, sizeof(row));
	if (v->o != NULL)
		rc = operator_customer_get(v->o, t.field[INVOICE_TENANT],
		    &customer);
	if (rc != RC_OK && rc != RC_END)
		return rc;
	if (invoice_rows(&t, &row, &customer, &fault) != RC_OK) {
		refuse(v, &t, M_INVOICE, fault);
		return RC_OK;
	}
	(void)str_copy(customer.tenant, sizeof(customer.tenant), row.tenant);
	return keep(v, &t, &row, &customer);
}

static enum rc
slurp(const char *file, struct buf *b, struct invoice_fault *fault)
{
	char chunk[4096];
	size_t n;

	if (!str_eq(file, "-"))
		return file_read(file, b);
	buf_puts(b, "");
	while ((n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
		buf_add(b, chunk, n);
	if (!b->over && !ferror(stdin))
		return RC_OK;
	(void)str_copy(fault->text, sizeof(fault->text), b->over ?
	    "it is larger than salesync takes" : "it can't be read");
	return RC_END;
}

/* All that is good of one file, or nothing. */
static enum rc
import_file(struct invoices *v, const char *file)
{
	struct invoice_fault fault = { 1, "there is no such file" };
	bool dry = cmd_option(v->c, "dry-run") != NULL;
	struct buf b;
	enum rc rc;

	v->file = file;
	v->refused = 0;
	buf_init(&b, FILE_MAX);
	rc = slurp(file, &b, &fault);
	if (rc == RC_OK && v->o != NULL)
		rc = operator_begin(v->o);
	if (rc == RC_OK)
		rc = invoice_read(b.data, b.len, take, v, &fault);
	/* What is no list of invoices at all can have millions of lines. */
	if (v->refused > TOLD)
		SAY(M_INVOICE, F_WORD("file", file), F_WORD("text",
		    "nor were others, that are not told one by one"));
	if (rc == RC_END || rc == RC_REJECT)
		SAY(M_INVOICE_FILE, F_WORD("file", file),
		    F_INT("line", fault.line), F_WORD("text", fault.text));
	if (v->o != NULL && (dry || rc != RC_OK))
		operator_abort(v->o);
	else if (v->o != NULL)
		rc = operator_commit(v->o);
	buf_free(&b);
	return rc == RC_END ? RC_REJECT : rc;
}

static enum rc
refresh(struct invoices *v)
{
	enum rc rc = operator_begin(v->o);

	if (rc == RC_OK)
		rc = customer_refresh(v->o, v->c->cfg, clock_now());
	return rc == RC_OK ? operator_commit(v->o) : rc;
}

static enum rc
open_own(struct invoices *v, enum store_mode mode)
{
	struct store_place p = store_place_of(v->c->cfg, v->c->master, NULL);
	enum rc rc = operator_open(&p, mode, &v->o);

	return rc == RC_END ? RC_OK : rc;
}

/* RC_CONFIG, said, for a name that is nobody's. */
static enum rc
known(const struct invoices *v, const char *tenant)
{
	if (tenant == NULL || find_buyer(v, tenant) != NULL)
		return RC_OK;
	SAY(M_TENANT, F_ORDER("text", tenant));
	return RC_CONFIG;
}

static int
import(struct invoices *v)
{
	bool dry = cmd_option(v->c, "dry-run") != NULL;
	int lock = -1;
	enum rc rc = lock_operator(v->c->cfg, &lock);

	if (rc == RC_OK)
		rc = open_own(v, dry ? STORE_WRITE : STORE_MAKE);
	if (rc == RC_OK && !dry)
		rc = refresh(v);
	if (rc == RC_OK)
		rc = load_buyers(v);
	if (rc == RC_OK)
		rc = known(v, cmd_option(v->c, "tenant"));
	v->report = report_new(cmd_option(v->c, "json") != NULL,
	    import_columns);
	for (size_t i = 1; rc <= RC_REJECT && i < v->c->words_n; i++) {
		rc = import_file(v, v->c->words[i]);
		v->worst = rc_worse(v->worst, rc);
	}
	report_end(v->report);
	v->worst = rc_worse(v->worst, rc);
	operator_close(v->o);
	if (lock >= 0)
		(void)close(lock);
	return run_exit(v->worst);
}

/* --- list --- */

static void
report_day(struct report *r, int64_t after, const char *zone)
{
	char text[CLOCK_DAY];

	clock_day_print(text, clock_day_of(after - 1, zone));
	report_text(r, text);
}

static void
report_amount(struct report *r, const struct invoice_row *i, struct money m)
{
	char text[MONEY_TEXT];

	money_print(text, m, money_digits(i->currency));
	report_text(r, text);
}

static enum rc
list_one(void *arg, const void *row)
{
	const struct invoice_row *i = row;
	struct invoices *v = arg;
	const struct config *cfg = v->c->cfg;
	const struct buyer *b = find_buyer(v, i->tenant);
	const char *hold = i->hold[0] != '\0' || b == NULL ? i->hold : b->hold;
	struct statutory s = statutory_of(i->date, i->term, cfg->year_end,
	    cfg->zone);
	bool wanted = v->c->words_n == 1;
	char day[CLOCK_DAY];

	for (size_t k = 1; k < v->c->words_n; k++)
		wanted = wanted || str_eq(v->c->words[k], i->tenant);
	if (!wanted)
		return RC_OK;
	clock_day_print(day, i->date);
	report_text(v->report, i->number);
	report_text(v->report, day);
	report_text(v->report, i->tenant);
	report_text(v->report, i->currency);
	report_amount(v->report, i, i->excl);
	report_amount(v->report, i, i->vat);
	report_amount(v->report, i, i->incl);
	report_text(v->report, invoice_term_name(i->term));
	report_text(v->report, hold[0] != '\0' ? hold : NULL);
	if (hold[0] != '\0') {
		report_text(v->report, NULL);
		report_text(v->report, NULL);
	} else {
		report_day(v->report, s.end_at, cfg->zone);
		report_day(v->report, s.due_at, cfg->zone);
	}
	report_text(v->report, i->description[0] != '\0' ? i->description :
	    NULL);
	return RC_OK;
}

static int
list(struct invoices *v)
{
	enum rc rc = open_own(v, STORE_READ);

	if (rc == RC_OK)
		rc = load_buyers(v);
	for (size_t i = 1; rc == RC_OK && i < v->c->words_n; i++)
		rc = known(v, v->c->words[i]);
	v->report = report_new(cmd_option(v->c, "json") != NULL,
	    list_columns);
	if (rc == RC_OK && v->o != NULL)
		rc = operator_each(v->o, OPERATOR_INVOICES, list_one, v);
	report_end(v->report);
	operator_close(v->o);
	return run_exit(rc);
}

static int
run_invoices(struct cmd *c)
{
	struct invoices v = { .c = c };
	const char *what = c->words_n > 0 ? c->words[0] : "";
	const char *term = cmd_option(c, "term");
	enum invoice_term known;
	int code;

	if (term != NULL && invoice_term_parse(term, &known) != RC_OK)
		return cmd_usage(c, "a term is ordinary, oss or immovable");
	if (str_eq(what, "import") && c->words_n > 1)
		code = import(&v);
	else if (str_eq(what, "list"))
		code = list(&v);
	else
		code = cmd_usage(c, "expected import and files, or list");
	free(v.buyers);
	return code;
}

const struct command invoices_command = {
	.name = "invoices",
	.summary = "Take in or list the operator's own invoices.",
	.words = "import FILE... | list [TENANT...]",
	.takes = TAKES_WORDS,
	.needs = NEEDS_CONFIG | NEEDS_MASTER,
	.options = {
		{ "tenant", "TENANT", "whose the invoices are that do not "
		    "say it" },
		{ "term", "TERM", "ordinary, oss or immovable, likewise" },
		{ "dry-run", NULL, "say what would be taken in" },
		{ "json", NULL, "as JSON" },
	},
	.run = run_invoices,
};
