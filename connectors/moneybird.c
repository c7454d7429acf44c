/*
 * moneybird.c - books: Moneybird's sales invoices (API v2).
 *
 * This file holds the table, the opening, the codes for `check`, and the
 * debtors; moneybird_invoice.c the documents; moneybird_call.c what an answer
 * means.  Moneybird works the VAT out itself.  It takes no idempotency key
 * and lets two invoices bear one reference, so a lost answer is resolved by
 * looking the reference up.
 */
#include "connector.h"

#include <string.h>
#include <strings.h>

#include "buf.h"
#include "moneybird_back.h"
#include "moneybird_call.h"
#include "moneybird_invoice.h"
#include "secret.h"
#include "str.h"
#include "url.h"
#include "vatid.h"

#define PAGE 100		/* the vendor's most */

/* ---- opening ---- */

static enum rc
moneybird_open(struct connection *c)
{
	const char *own = connector_setting(c, "administration");
	const struct json *v;
	struct buf path;
	enum rc rc;

	if (!moneybird_call_id(own))
		return connector_fail(c, RC_CONFIG, M_ADMINISTRATION, own);
	/* A run proves them with its first request. */
	if (c->started_at != 0)
		return RC_OK;
	buf_init(&path, HTTP_URL_MAX);
	buf_puts(&path, "/administrations.json");
	rc = moneybird_call_get(c, &path, true, &v);
	if (rc == RC_END)
		return connector_fail(c, RC_LATER, M_STATUS, "404");
	if (rc != RC_OK)
		return rc;
	for (const struct json *i = json_first(v); i != NULL;
	    i = json_next(i))
		if (str_eq(json_str(i, "id"), own))
			return RC_OK;
	return connector_fail(c, RC_CONFIG, M_ADMINISTRATION, own);
}

struct taking {
	void (*take)(void *arg, const struct option *o);
	void *arg;
};

/* A tax rate or a ledger account; "no VAT" has no percentage. */
static enum rc
take_option(struct connection *c, const struct json *v, void *arg)
{
	const struct taking *t = arg;
	struct option o = { .kind = OPTION_ACCOUNT, .rate_e4 = -1 };
	const char *id = json_str(v, "id"), *rate = json_str(v, "percentage");

	if (!moneybird_call_id(id))
		return moneybird_call_garbage(c, "a code without id");
	(void)str_copy(o.code, sizeof(o.code), id);
	(void)str_copy(o.name, sizeof(o.name), json_str(v, "name"));
	o.active = json_bool(v, "active", true);
	if (json_get(v, "tax_rate_type") != NULL)
		o.kind = OPTION_VAT;
	if (rate[0] != '\0' && money_parse_rate(rate, &o.rate_e4) != RC_OK)
		o.rate_e4 = -1;
	t->take(t->arg, &o);
	return RC_OK;
}

static enum rc
moneybird_options(struct connection *c,
    void (*take)(void *arg, const struct option *o), void *arg)
{
	struct taking t = { .take = take, .arg = arg };
	const struct json *v;
	struct buf path;
	enum rc rc;

	moneybird_call_path(c, &path);
	buf_puts(&path, "tax_rates.json?filter=tax_rate_type:sales_invoice");
	rc = moneybird_call_pages(c, &path, PAGE, take_option, &t);
	if (rc != RC_OK)
		return rc;
	moneybird_call_path(c, &path);
	buf_puts(&path, "ledger_accounts.json");	/* has no pages */
	rc = moneybird_call_get(c, &path, true, &v);
	if (rc == RC_END)
		return connector_fail(c, RC_LATER, M_STATUS, "404");
	for (const struct json *i = json_first(v); i != NULL && rc == RC_OK;
	    i = json_next(i))
		rc = take_option(c, i, &t);
	return rc;
}

/* ---- debtors ---- */

struct search {
	const struct debtor *debtor;
	bool archived;			/* of the best one so far */
	char id[CODE_MAX];
};

/* One of the addresses in a comma-separated list. */
static bool
has_email(const char *list, const char *email)
{
	size_t len = strlen(email), n;

	for (; *list != '\0'; list += n + strspn(list + n, ", ")) {
		n = strcspn(list, ", ");
		if (n == len && strncasecmp(list, email, n) == 0)
			return true;
	}
	return false;
}

/* Ids are decimal numbers without leading zeros. */
static bool
is_older(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);

	return na != nb ? na < nb : strcmp(a, b) < 0;
}

/* By name, and no other by its VAT number. */
static bool
same_company(const struct json *v, const struct debtor *d)
{
	const char *number = json_str(v, "tax_number");

	return str_eq(json_str(v, "company_name"), d->company) &&
	    (number[0] == '\0' || d->vat_number[0] == '\0' ||
	    vatid_same(number, d->vat_number));
}

static enum rc
take_contact(struct connection *c, const struct json *v, void *arg)
{
	struct search *s = arg;
	const struct debtor *d = s->debtor;
	bool archived = json_bool(v, "archived", false);
	const char *id = json_str(v, "id");

	if (d->email[0] != '\0' ?
	    !has_email(json_str(v, "email"), d->email) &&
	    !has_email(json_str(v, "send_invoices_to_email"), d->email) :
	    !same_company(v, d))
		return RC_OK;
	if (!moneybird_call_id(id))
		return moneybird_call_garbage(c, "a contact without id");
	if (s->id[0] != '\0' && (archived != s->archived ? archived :
	    !is_older(id, s->id)))
		return RC_OK;
	s->archived = archived;
	(void)str_copy(s->id, sizeof(s->id), id);
	return RC_OK;
}

static enum rc
find_number(struct connection *c, const char *number, char contact[CODE_MAX])
{
	const struct json *v;
	struct buf path;
	enum rc rc;

	moneybird_call_path(c, &path);
	buf_puts(&path, "contacts/customer_id/");
	url_escape(&path, number);
	buf_puts(&path, ".json");
	rc = moneybird_call_get(c, &path, false, &v);
	if (rc != RC_OK || !str_eq(json_str(v, "customer_id"), number))
		return rc == RC_OK ? RC_END : rc;
	if (!moneybird_call_id(json_str(v, "id")))
		return moneybird_call_garbage(c, "a contact without id");
	(void)str_copy(contact, CODE_MAX, json_str(v, "id"));
	return RC_OK;
}

static enum rc
moneybird_debtor_find(struct connection *c, const struct debtor *d,
    char contact[CODE_MAX])
{
	const char *text = d->email[0] != '\0' ? d->email : d->company;
	struct search s = { .debtor = d };
	struct buf path;
	enum rc rc = RC_END;

	if (d->id[0] != '\0')
		rc = find_number(c, d->id, contact);
	if (rc != RC_END)
		return rc;
	/* A bare name is not one person's. */
	if (text[0] == '\0')
		return RC_END;
	moneybird_call_path(c, &path);
	buf_puts(&path, "contacts.json?include_archived=true&query=");
	url_escape(&path, text);
	rc = moneybird_call_pages(c, &path, PAGE, take_contact, &s);
	if (rc != RC_OK)
		return rc;
	if (s.id[0] == '\0')
		return RC_END;
	(void)str_copy(contact, CODE_MAX, s.id);
	return RC_OK;
}

/* The vendor asks for a company or a name. */
static void
put_name(struct json_out *o, const struct debtor *d)
{
	char first[sizeof(d->name)];
	const char *blank = strrchr(d->name, ' ');

	if (d->company[0] != '\0') {
		json_put_member(o, "company_name", d->company);
		moneybird_call_put(o, "send_invoices_to_attention", d->name);
	} else if (d->name[0] == '\0') {
		json_put_member(o, "company_name", "Webshop customer");
	} else if (blank == NULL || blank[1] == '\0') {
		json_put_member(o, "lastname", d->name);
	} else {
		(void)str_copy_n(first, sizeof(first), d->name,
		    (size_t)(blank - d->name));
		moneybird_call_put(o, "firstname", first);
		json_put_member(o, "lastname", blank + 1);
		secret_zero(first, sizeof(first));
	}
}

/* One that can't be right would only have the contact refused. */
static void
put_vat_number(struct json_out *o, const struct debtor *d)
{
	char text[sizeof(d->vat_number)];
	size_t n = 0;

	if (!vatid_ok(d->vat_number, d->country))
		return;
	for (const char *p = d->vat_number; *p != '\0'; p++)
		if (strchr(" .-", *p) == NULL)
			text[n++] = *p >= 'a' && *p <= 'z' ?
			    (char)(*p - 'a' + 'A') : *p;
	text[n] = '\0';
	vatid_plain(text);
	moneybird_call_put(o, "tax_number", text);
}

static enum rc
moneybird_debtor_add(struct connection *c, const struct debtor *d,
    char contact[CODE_MAX])
{
	const struct json *v;
	struct json_out o;
	struct buf path, body;
	enum rc rc;

	moneybird_call_open(&o, &body, "contact");
	put_name(&o, d);
	moneybird_call_put(&o, "address1", d->address);
	moneybird_call_put(&o, "zipcode", d->postcode);
	moneybird_call_put(&o, "city", d->city);
	moneybird_call_put(&o, "country", d->country);
	moneybird_call_put(&o, "send_invoices_to_email", d->email);
	put_vat_number(&o, d);
	moneybird_call_put(&o, "customer_id", d->id);
	/* Or a workflow of theirs would e-mail reminders. */
	json_put_member(&o, "delivery_method", "Manual");
	moneybird_call_close(&o);
	moneybird_call_path(c, &path);
	buf_puts(&path, "contacts.json");
	rc = moneybird_call_change(c, "POST", &path, &body, M_DEBTOR, &v);
	if (rc == RC_OK)
		(void)str_copy(contact, CODE_MAX, json_str(v, "id"));
	return rc;
}

/* ---- the tables ---- */

static const struct setting settings[] = {
	{ .name = "administration", .type = SET_TEXT, .required = true,
	    .which = true,
	    .help = "the number in the address of the administration" },
	{ .name = "finalize", .type = SET_BOOL, .preset = "true",
	    .help = "make invoices final, unsent; false leaves drafts, "
	    "which don't count in the books yet" },
	{ .name = "document_style", .type = SET_INT,
	    .help = "id of the document style; preset: theirs" },
	{ .name = "workflow", .type = SET_INT,
	    .help = "id of the invoice workflow; preset: theirs" },
	{ .name = NULL }
};

static const struct secret_key secrets[] = {
	{ .name = "token", .required = true,
	    .help = "personal API token; without one, OAuth:" },
	{ .name = "client_id", .required = true, .group = 1,
	    .help = "of the OAuth application" },
	{ .name = "client_secret", .required = true, .group = 1,
	    .help = "of the OAuth application" },
	{ .name = "refresh_token", .required = true, .group = 1,
	    .help = "comes with rotate-credentials --authorize" },
	{ .name = NULL }
};

/* Whether a refresh token works once only is not documented; assumed. */
static const struct oauth oauth = {
	.authorize = "/oauth/authorize",
	.token = "/oauth/token",
	.scope = "sales_invoices settings",
	.single = true,
};

static const struct books_ops books = {
	.open = moneybird_open,
	.options = moneybird_options,
	.debtor_find = moneybird_debtor_find,
	.debtor_add = moneybird_debtor_add,
	.find = moneybird_invoice_find,
	.steps = moneybird_invoice_steps,
	.book = moneybird_invoice_book,
	.list = moneybird_invoice_list,
	.read = moneybird_back_read,
	.drop = moneybird_back_drop,
};

const struct connector moneybird_connector = {
	.name = "moneybird",
	.title = "Moneybird",
	.maturity = MATURITY_CONTRACT,
	.settings = settings,
	.secrets = secrets,
	.oauth = &oauth,
	.url = "https://moneybird.com/api/v2",
	.books = &books,
	.class = CLASS_L,
	.search_lag_s = 5,	/* not documented; assumed */
	.reference_max = 60,
	.rate = 30,		/* 150 in five minutes */
	.computes_vat = true,
};
