/*
 * customer.c - the own customers, from the tenants' files to the operator's
 * store.  It must never drop a row: purge does, by the rules.
 */
#include "customer.h"

#include <string.h>

#include "str.h"

#define DAY_S 86400

static void
services_fill(char *out, size_t size, const struct tenant *t)
{
	char line[256 + CLOCK_DAY];

	for (size_t i = 0; i < t->services_n; i++) {
		(void)str_fmt(line, sizeof(line), "%s\t%s\n",
		    t->services[i].key, t->services[i].value);
		if (strlen(out) + strlen(line) < size)
			(void)str_add(out, size, line);
	}
}

/* The schema keeps all of these within what a row holds. */
static void
fill(struct customer_row *r, const struct tenant *t)
{
	const struct customer *c = &t->customer;
	const struct { char *to; size_t size; const char *from; } texts[] = {
		{ r->tenant, sizeof(r->tenant), t->name },
		{ r->name, sizeof(r->name), c->name },
		{ r->address, sizeof(r->address), c->address },
		{ r->postcode, sizeof(r->postcode), c->postcode },
		{ r->city, sizeof(r->city), c->city },
		{ r->country, sizeof(r->country), c->country },
		{ r->email, sizeof(r->email), c->email },
		{ r->iban, sizeof(r->iban), c->iban },
		{ r->vat_number, sizeof(r->vat_number), c->vat_number },
		{ r->hold, sizeof(r->hold), t->hold },
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		(void)str_copy(texts[i].to, texts[i].size, texts[i].from);
	services_fill(r->services, sizeof(r->services), t);
	r->start = t->start;
	if (t->has_end)
		r->end = t->end;
}

/* A row that changed in nothing is written once a day, for seen_at. */
static enum rc
refresh(struct operator_store *o, const struct tenant *t, int64_t now)
{
	struct customer_row old, new;
	enum rc rc;

	memset(&old, 0, sizeof(old));
	memset(&new, 0, sizeof(new));
	rc = operator_customer_get(o, t->name, &old);
	if (rc != RC_OK && rc != RC_END)
		return rc;
	fill(&new, t);
	new.shredded_at = old.shredded_at;
	new.seen_at = now - old.seen_at < DAY_S ? old.seen_at : now;
	if (memcmp(&old, &new, sizeof(new)) == 0)
		return RC_OK;
	new.seen_at = now;
	operator_customer_put(o, &new);
	return RC_OK;
}

enum rc
customer_refresh(struct operator_store *o, const struct config *cfg,
    int64_t now)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < cfg->tenants_n; i++)
		rc = refresh(o, &cfg->tenants[i], now);
	return rc;
}
