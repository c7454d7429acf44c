/*
 * bare.c - the yardstick: libcurl and cJSON, and nothing that makes a
 * booking happen once.
 *
 *	bare sync CA SHOP BOOKS PAGES draft|full
 *	bare poll CA SHOP TIMES
 *
 * sync reads the pages of orders and makes the requests that salesync makes
 * for them: a contact and a draft (draft: one contact for all), then, when
 * full, final and paid.  poll asks for the newest orders, each time as of
 * another shop: with a handle and a connection of its own.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <curl/curl.h>

#define ADMIN "123456789"

struct text {
	char *at;
	size_t len, cap;
};

struct peer {
	CURL *curl;
	struct curl_slist *headers;
	struct text answer;
	const char *base;
	long status;
};

struct bare {
	struct peer shop, books;
	bool full;
	char contact[64];
};

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "bare: %s\n", what);
	exit(1);
}

static size_t
on_body(char *data, size_t one, size_t n, void *arg)
{
	struct text *t = arg;

	n *= one;
	if (t->len + n + 1 > t->cap) {
		t->cap = 2 * (t->len + n + 1);
		t->at = realloc(t->at, t->cap);
		if (t->at == NULL)
			die("no memory");
	}
	memcpy(t->at + t->len, data, n);
	t->len += n;
	t->at[t->len] = '\0';
	return n;
}

static void
peer_open(struct peer *p, const char *ca, const char *base, bool shop)
{
	memset(p, 0, sizeof(*p));
	p->base = base;
	p->curl = curl_easy_init();
	if (p->curl == NULL)
		die("libcurl does not start");
	curl_easy_setopt(p->curl, CURLOPT_CAINFO, ca);
	curl_easy_setopt(p->curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, &p->answer);
	curl_easy_setopt(p->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(p->curl, CURLOPT_TIMEOUT, 30L);
	if (shop) {
		curl_easy_setopt(p->curl, CURLOPT_USERPWD, "ck_1:cs_1");
		return;
	}
	p->headers = curl_slist_append(p->headers, "Authorization: Bearer t");
	p->headers = curl_slist_append(p->headers,
	    "Content-Type: application/json");
	curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, p->headers);
}

static void
peer_close(struct peer *p)
{
	curl_slist_free_all(p->headers);
	curl_easy_cleanup(p->curl);
	free(p->answer.at);
}

/* The answer, to be deleted. */
static cJSON *
ask(struct peer *p, const char *method, const char *path, const char *body)
{
	char url[2048];
	cJSON *v;

	(void)snprintf(url, sizeof(url), "%s%s", p->base, path);
	p->answer.len = 0;
	curl_easy_setopt(p->curl, CURLOPT_URL, url);
	if (body == NULL) {
		curl_easy_setopt(p->curl, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(p->curl, CURLOPT_CUSTOMREQUEST, NULL);
	} else {
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(p->curl, CURLOPT_CUSTOMREQUEST, method);
	}
	if (curl_easy_perform(p->curl) != CURLE_OK)
		die("a request failed");
	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &p->status);
	if (p->answer.len == 0 || (v = cJSON_ParseWithLength(p->answer.at,
	    p->answer.len)) == NULL)
		die("the answer is not JSON");
	return v;
}

/* Sends and deletes {NAME: given}; the answer is to be deleted. */
static cJSON *
change(struct bare *b, const char *method, const char *path,
    const char *name, cJSON *given)
{
	cJSON *root = cJSON_CreateObject(), *v;
	char *body;

	cJSON_AddItemToObject(root, name, given);
	body = cJSON_PrintUnformatted(root);
	v = ask(&b->books, method, path, body);
	if (b->books.status >= 300)
		die("the books refuse");
	free(body);
	cJSON_Delete(root);
	return v;
}

static const char *
get(const cJSON *v, const char *name)
{
	const char *s = cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(v, name));

	return s != NULL ? s : "";
}

static void
add_contact(struct bare *b, const cJSON *billing)
{
	char path[1024];
	char *email;
	cJSON *v, *c;

	if (!b->full && b->contact[0] != '\0')
		return;
	email = curl_easy_escape(b->books.curl, get(billing, "email"), 0);
	(void)snprintf(path, sizeof(path), "/" ADMIN "/contacts.json?"
	    "include_archived=true&query=%s&per_page=100&page=1", email);
	curl_free(email);
	cJSON_Delete(ask(&b->books, "GET", path, NULL));
	c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "firstname", get(billing, "first_name"));
	cJSON_AddStringToObject(c, "lastname", get(billing, "last_name"));
	cJSON_AddStringToObject(c, "address1", get(billing, "address_1"));
	cJSON_AddStringToObject(c, "zipcode", get(billing, "postcode"));
	cJSON_AddStringToObject(c, "city", get(billing, "city"));
	cJSON_AddStringToObject(c, "country", get(billing, "country"));
	cJSON_AddStringToObject(c, "send_invoices_to_email",
	    get(billing, "email"));
	cJSON_AddStringToObject(c, "delivery_method", "Manual");
	v = change(b, "POST", "/" ADMIN "/contacts.json", "contact", c);
	(void)snprintf(b->contact, sizeof(b->contact), "%s", get(v, "id"));
	cJSON_Delete(v);
}

static void
add_lines(cJSON *to, const cJSON *order, const char *list, const char *name)
{
	const cJSON *l, *lines = cJSON_GetObjectItemCaseSensitive(order, list);

	cJSON_ArrayForEach(l, lines) {
		const cJSON *tax = cJSON_GetArrayItem(
		    cJSON_GetObjectItemCaseSensitive(l, "taxes"), 0);
		bool low = cJSON_GetNumberValue(
		    cJSON_GetObjectItemCaseSensitive(tax, "id")) > 1;
		cJSON *d = cJSON_CreateObject();

		cJSON_AddStringToObject(d, "description", get(l, name));
		cJSON_AddStringToObject(d, "amount", "1");
		cJSON_AddStringToObject(d, "price", get(l, "total"));
		cJSON_AddStringToObject(d, "tax_rate_id", low ? "1009" :
		    "1021");
		cJSON_AddStringToObject(d, "ledger_account_id", "8000");
		cJSON_AddItemToArray(to, d);
	}
}

/* Final and paid. */
static void
finish(struct bare *b, const char *id, const cJSON *order, const char *day)
{
	cJSON *c = cJSON_CreateObject();
	char path[256];

	cJSON_AddStringToObject(c, "delivery_method", "Manual");
	(void)snprintf(path, sizeof(path),
	    "/" ADMIN "/sales_invoices/%s/send_invoice.json", id);
	cJSON_Delete(change(b, "PATCH", path, "sales_invoice_sending", c));
	c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "payment_date", day);
	cJSON_AddStringToObject(c, "price", get(order, "total"));
	cJSON_AddStringToObject(c, "manual_payment_action",
	    "balance_settlement");
	cJSON_AddStringToObject(c, "ledger_account_id", "1200");
	(void)snprintf(path, sizeof(path),
	    "/" ADMIN "/sales_invoices/%s/payments.json", id);
	cJSON_Delete(change(b, "POST", path, "payment", c));
}

static void
book(struct bare *b, const cJSON *order)
{
	cJSON *c = cJSON_CreateObject(), *lines, *v;
	char day[11], reference[64];

	add_contact(b, cJSON_GetObjectItemCaseSensitive(order, "billing"));
	(void)snprintf(day, sizeof(day), "%s", get(order, "date_created"));
	(void)snprintf(reference, sizeof(reference), "shop-%s",
	    get(order, "number"));
	cJSON_AddStringToObject(c, "contact_id", b->contact);
	cJSON_AddStringToObject(c, "reference", reference);
	cJSON_AddStringToObject(c, "invoice_date", day);
	cJSON_AddStringToObject(c, "currency", get(order, "currency"));
	cJSON_AddFalseToObject(c, "prices_are_incl_tax");
	lines = cJSON_AddArrayToObject(c, "details_attributes");
	add_lines(lines, order, "line_items", "name");
	add_lines(lines, order, "shipping_lines", "method_title");
	v = change(b, "POST", "/" ADMIN "/sales_invoices.json",
	    "sales_invoice", c);
	if (strcmp(get(v, "total_price_incl_tax"), get(order, "total")) != 0)
		die("another total");
	if (b->full)
		finish(b, get(v, "id"), order, day);
	cJSON_Delete(v);
}

static void
sync_all(struct bare *b, long pages)
{
	for (long i = 1; i <= pages; i++) {
		const cJSON *order;
		char path[256];
		cJSON *v;

		(void)snprintf(path, sizeof(path), "/wp-json/wc/v3/orders?"
		    "per_page=100&page=%ld&orderby=id&order=asc&status=any",
		    i);
		v = ask(&b->shop, "GET", path, NULL);
		cJSON_ArrayForEach(order, v)
			book(b, order);
		cJSON_Delete(v);
	}
}

static void
poll_all(const char *ca, const char *shop, long times)
{
	for (long i = 0; i < times; i++) {
		struct peer p;

		peer_open(&p, ca, shop, true);
		cJSON_Delete(ask(&p, "GET", "/wp-json/wc/v3/orders?"
		    "per_page=100&page=1&orderby=id&order=asc&status=any",
		    NULL));
		peer_close(&p);
	}
}

int
main(int argc, char **argv)
{
	struct bare b = { .full = argc == 7 && strcmp(argv[6], "full") == 0 };

	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (argc == 5 && strcmp(argv[1], "poll") == 0) {
		poll_all(argv[2], argv[3], strtol(argv[4], NULL, 10));
		return 0;
	}
	if (argc != 7 || strcmp(argv[1], "sync") != 0)
		die("see the top of bare.c");
	peer_open(&b.shop, argv[2], argv[3], true);
	peer_open(&b.books, argv[2], argv[4], false);
	sync_all(&b, strtol(argv[5], NULL, 10));
	peer_close(&b.shop);
	peer_close(&b.books);
	return 0;
}
