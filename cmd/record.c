/*
 * record.c - the record of processing of article 30(2) of the GDPR.
 *
 * Says what the program does, from the same tables by which it does it; what
 * it can't know is left to the operator, and named.
 */
#include "record.h"

#include <stdio.h>

#include "clock.h"
#include "rule.h"
#include "str.h"
#include "version.h"

static const char *const measures[] = {
	"Every stored value is sealed (AES-256-GCM) with its tenant's own key, "
	"bound to its place.",
	"Rows are found through keyed hashes (HMAC-SHA-256); no name or "
	"address is a key.",
	"The tenants' keys are wrapped by a master key that lies outside the "
	"store.",
	"Sales travel in memory and pipes alone, one at a time, and are wiped "
	"after use.",
	"The process that talks to a shop never holds the credentials of the "
	"books.",
	"HTTPS alone, certificates always checked, no redirect followed.",
	"Log lines are numbered messages with typed fields, without debtors' "
	"values.",
	"Files are for their owner alone; no core dumps; secrets are locked "
	"out of swap where the system allows it.",
	"What is deleted leaves no old byte: stores are written anew, a "
	"tenant ends by its keys.",
	"Each purge leaves a signed certificate; audit shows what is overdue.",
};

static const char *
or_none(const char *text)
{
	return str_empty(text) ? "-" : text;
}

static void
print_address(const struct config_connection *c)
{
	const char *url = NULL;

	for (size_t i = 0; i < c->values_n; i++)
		if (str_eq(c->values[i].name, "url"))
			url = c->values[i].items[0];
	(void)printf("  %s: %s%s%s\n", c->name, c->connector->name,
	    url != NULL ? " at " : "", url != NULL ? url : "");
}

static void
print_tenant(const struct tenant *t)
{
	char start[CLOCK_DAY], end[CLOCK_DAY] = "";

	clock_day_print(start, t->start);
	if (t->has_end)
		clock_day_print(end, t->end);
	(void)printf("- %s: %s, %s; contract from %s%s%s\n", t->name,
	    or_none(t->customer.name), or_none(t->customer.email), start,
	    t->has_end ? " to " : "", end);
	for (size_t i = 0; i < t->sources_n; i++)
		print_address(&t->sources[i]);
	print_address(&t->books);
}

static void
print_rule(const struct rule_row *r)
{
	(void)printf("- %s, of the %s: %s.\n  Why: %s. Form: %s.\n"
	    "  Until: %s, from %s.\n", r->name, r->whose, r->holds,
	    r->purpose, r->form, r->term, r->from);
}

void
record_print(const struct config *cfg)
{
	char today[CLOCK_DAY];

	clock_day_print(today, clock_day_of(clock_now(), cfg->zone));
	(void)printf("Record of processing, article 30(2) GDPR\n"
	    "Made by salesync " VERSION " on %s, from its configuration and "
	    "its table of rules.\n"
	    "To be added by hand: name and contact of the operator "
	    "(processor), its data\n"
	    "protection officer, and for each address below whether it lies "
	    "in a third country\n"
	    "and on what ground.\n\n"
	    "What is done: sales are read from shops and tills and booked in "
	    "the tenant's books,\n"
	    "once each. Debtors' names, addresses, email addresses and "
	    "purchases pass through\n"
	    "and are not kept, but for what is listed below.\n\n"
	    "On whose behalf (controllers), from where, and to whom "
	    "(recipients)\n", today);
	for (size_t i = 0; i < cfg->tenants_n; i++)
		print_tenant(&cfg->tenants[i]);
	(void)printf("Nobody else receives anything.\n\n"
	    "What is kept, why, and until when\n");
	for (int i = 0; i < RULE_COUNT; i++)
		print_rule(&rules_kept[i]);
	(void)printf("\nSecurity measures\n");
	for (size_t i = 0; i < COUNT(measures); i++)
		(void)printf("- %s\n", measures[i]);
}
