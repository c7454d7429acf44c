/*
 * ubl.c - books that take UBL files: one Invoice or CreditNote for each sale,
 * in a folder, under the name of its reference.
 *
 * A file appears whole or not at all, and is never replaced: the name is what
 * keeps a sale from being there twice.  The folder is the tenant's
 * bookkeeping, with what debtors bought in it; nothing of it is kept
 * elsewhere.
 */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"
#include "iban.h"
#include "str.h"
#include "ubl_code.h"
#include "ubl_text.h"
#include "vatid.h"
#include "xml.h"

#define SPACE "urn:oasis:names:specification:ubl:schema:xsd:"
#define SUFFIX ".xml"

static const struct setting settings[] = {
	{ .name = "folder", .type = SET_PATH, .required = true, .which = true,
	  .help = "where the files go; it must be there" },
	{ .name = "name", .type = SET_TEXT, .required = true,
	  .help = "the seller's registered name" },
	{ .name = "address", .type = SET_TEXT, .required = true,
	  .help = "street and number" },
	{ .name = "postcode", .type = SET_TEXT, .required = true,
	  .help = "postcode" },
	{ .name = "city", .type = SET_TEXT, .required = true,
	  .help = "city" },
	{ .name = "country", .type = SET_COUNTRY,
	  .help = "country; the tenant's where it is left out" },
	{ .name = "vat_number", .type = SET_TEXT, .required = true,
	  .help = "VAT number" },
	{ .name = "kvk", .type = SET_TEXT,
	  .help = "number at the Dutch chamber of commerce" },
	{ .name = "iban", .type = SET_TEXT,
	  .help = "account that unpaid sales are to be paid to" },
	{ .name = "due", .type = SET_DURATION, .preset = "14d",
	  .help = "how long after the sale an unpaid one is due" },
	{ .name = "guest", .type = SET_TEXT, .preset = "Not named",
	  .help = "what stands for a buyer without a name" },
	{ .name = "services", .type = SET_BOOL, .preset = "false",
	  .help = "what businesses abroad buy are services, not goods" },
	{ .name = NULL }
};

/* --- opening --- */

/* With its country in front (BR-CO-09); of Greece that is EL. */
static bool
vat_number_ok(const char *number, const char *home)
{
	char prefix[3];

	(void)str_copy_n(prefix, sizeof(prefix), number, strnlen(number, 2));
	return vatid_ok(number, home) &&
	    (ubl_code_country(prefix) || str_eq(prefix, "EL"));
}

static bool
kvk_ok(const char *kvk)
{
	return kvk[0] == '\0' ||
	    (strlen(kvk) == 8 && strspn(kvk, "0123456789") == 8);
}

static enum rc
ubl_open(struct connection *c)
{
	const char *home = ubl_tax_home(c), *wrong = NULL;
	const char *iban = connector_setting(c, "iban");

	if (!vat_number_ok(connector_setting(c, "vat_number"), home))
		wrong = "vat_number";
	else if (!kvk_ok(connector_setting(c, "kvk")))
		wrong = "kvk";
	else if (iban[0] != '\0' && !iban_ok(iban))
		wrong = "iban";
	else if (!ubl_code_country(home))
		wrong = "country";
	if (wrong != NULL)
		return connector_fail(c, RC_CONFIG, M_UBL_SELLER, wrong);
	return file_folder_check(connector_setting(c, "folder"));
}

/* --- looking up --- */

/* What a file says of its document. */
struct reading {
	bool known, credit;
	char reference[REF_MAX], date[11], currency[4];
	struct money due, prepaid, vat;
	int found;		/* of reference, date, vat and due */
};

static void
take_amount(struct reading *r, struct money *to, const char *text)
{
	if (money_parse(text, to) != RC_OK)
		r->known = false;
	else if (r->credit)
		*to = money_neg(*to);
}

static void
take(void *arg, const char *path, const char *text)
{
	struct reading *r = arg;
	const char *rest = strchr(path, '/');

	if (str_eq(path, "Invoice@xmlns") || str_eq(path, "CreditNote@xmlns")) {
		r->credit = path[0] == 'C';
		r->known = str_eq(text, r->credit ? SPACE "CreditNote-2" :
		    SPACE "Invoice-2");
	}
	if (rest == NULL)
		return;
	rest++;
	r->found++;
	if (str_eq(rest, "ID"))
		r->known = str_copy(r->reference, REF_MAX, text) && r->known;
	else if (str_eq(rest, "IssueDate"))
		(void)str_copy(r->date, sizeof(r->date), text);
	else if (str_eq(rest, "TaxTotal/TaxAmount"))
		take_amount(r, &r->vat, text);
	else if (str_eq(rest, "LegalMonetaryTotal/PayableAmount"))
		take_amount(r, &r->due, text);
	else
		r->found--;
	if (str_eq(rest, "DocumentCurrencyCode"))
		(void)str_copy(r->currency, sizeof(r->currency), text);
	if (str_eq(rest, "LegalMonetaryTotal/PrepaidAmount"))
		take_amount(r, &r->prepaid, text);
}

/* RC_END: no such file; RC_REJECT: it is no document such as ours.  *date may
 * be NULL. */
static enum rc
read_file(const char *path, struct posted *p, char *date)
{
	struct reading r = { .found = 0 };
	const char *why = NULL;
	struct buf text;
	size_t line;
	enum rc rc;

	buf_init(&text, XML_MAX);
	rc = file_read(path, &text);
	if (rc == RC_OK)
		rc = xml_read(text.data, text.len, take, &r, &why, &line);
	buf_free(&text);
	if (rc != RC_OK)
		return rc;
	if (!r.known || r.found != 4)
		return RC_REJECT;
	memset(p, 0, sizeof(*p));
	p->found = 1;
	(void)str_copy(p->id, sizeof(p->id), r.reference);
	(void)str_copy(p->reference, sizeof(p->reference), r.reference);
	(void)str_copy(p->currency, sizeof(p->currency), r.currency);
	p->incl = money_add(r.due, r.prepaid);
	p->excl = money_sub(p->incl, r.vat);
	p->done = 1;
	if (date != NULL)
		(void)str_copy(date, sizeof(r.date), r.date);
	return RC_OK;
}

static enum rc
path_of(const struct connection *c, const char *reference,
    char path[FILE_PATH])
{
	char name[REF_MAX + sizeof(SUFFIX)];

	(void)str_fmt(name, sizeof(name), "%s" SUFFIX, reference);
	return file_path(path, connector_setting(c, "folder"), name);
}

static enum rc
ubl_find(struct connection *c, const char *reference, struct posted *out)
{
	char path[FILE_PATH];
	struct posted p;
	enum rc rc = path_of(c, reference, path);

	if (rc == RC_OK)
		rc = read_file(path, &p, NULL);
	if (rc == RC_REJECT || (rc == RC_OK &&
	    !str_eq(p.reference, reference)))
		return connector_fail(c, RC_REJECT, M_UBL_FILE, "");
	if (rc == RC_OK)
		*out = p;
	return rc;
}

static enum rc
ubl_list(struct connection *c, const char *from, const char *to,
    enum rc (*each)(void *arg, const struct posted *p), void *arg)
{
	static const char *const suffixes[] = { SUFFIX, NULL };
	const char *folder = connector_setting(c, "folder");
	struct file_info *files = NULL;
	char path[FILE_PATH], date[11];
	struct posted p;
	size_t n = 0;
	enum rc rc = file_list(folder, suffixes, &files, &n);

	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		rc = file_path(path, folder, files[i].name);
		if (rc == RC_OK)
			rc = read_file(path, &p, date);
		if (rc == RC_OK && strcmp(date, from) >= 0 &&
		    strcmp(date, to) <= 0)
			rc = each(arg, &p);
		if (rc == RC_REJECT || rc == RC_END)
			rc = RC_OK;	/* not ours, or just moved away */
	}
	free(files);
	return rc;
}

/* --- booking --- */

static enum rc
ubl_options(struct connection *c,
    void (*each)(void *arg, const struct option *o), void *arg)
{
	(void)c, (void)each, (void)arg;	/* codes are free text */
	return RC_OK;
}

static int
ubl_steps(struct connection *c, const struct document *d)
{
	(void)c, (void)d;
	return 1;
}

static enum rc
make(struct connection *c, const struct document *d, struct buf *text)
{
	struct ubl_sums sums;
	enum rc rc = ubl_tax_sum(c, d, &sums);

	return rc == RC_OK ? ubl_text_put(c, d, &sums, text) : rc;
}

static enum rc
ubl_book(struct connection *c, const struct document *d, int step,
    struct posted *p)
{
	char path[FILE_PATH];
	struct buf text;
	enum rc rc;

	(void)step;
	buf_init(&text, XML_MAX);
	rc = make(c, d, &text);
	if (rc == RC_OK)
		rc = path_of(c, d->reference, path);
	if (rc != RC_OK)
		goto out;
	rc = file_add(path, text.data, text.len, 0640);
	if (rc == RC_OK)
		rc = ubl_find(c, d->reference, p);
	else if (rc == RC_REJECT)
		rc = RC_UNSURE;	/* whether it is this sale's, a find tells */
out:
	buf_free(&text);
	return rc;
}

/* No contacts: each file names its own buyer. */
static const struct books_ops ops = {
	.open = ubl_open,
	.options = ubl_options,
	.find = ubl_find,
	.steps = ubl_steps,
	.book = ubl_book,
	.list = ubl_list,
};

const struct connector ubl_connector = {
	.name = "ubl",
	.title = "UBL 2.1 files (EN 16931, NLCIUS)",
	.maturity = MATURITY_CONTRACT,
	.settings = settings,
	.local = true,
	.books = &ops,
	.class = CLASS_U,
	.reference_max = 80,
};
