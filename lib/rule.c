/*
 * rule.c - what is kept, in what form, and until when: the one table.
 *
 * Pure data and one sum; what is not in here must not be stored.
 */
#include "rule.h"

#define AFTER_CONTRACT .term = "2 months", .months = 2, \
    .from = "the end of the contract"

const struct rule_row rules_kept[RULE_COUNT] = {
	[RULE_LOGS] = { .name = "log files", .whose = "operator",
	    .holds = "what the program did; no order number, no debtor",
	    .form = "a file a day", .purpose = "to see what went wrong",
	    .term = "1 month", .months = 1, .from = "the day of the file" },
	[RULE_DETAILS] = { .name = "details of errors", .whose = "debtors",
	    .holds = "what the books answered, which may quote the debtor",
	    .form = "sealed, apart from the error",
	    .purpose = "to mend a sale that was refused",
	    .term = "2 months", .months = 2,
	    .from = "the day the error was last seen" },
	[RULE_CREDENTIALS] = { .name = "credentials", .whose = "tenant",
	    .holds = "API keys, tokens; those replaced for a day more",
	    .form = "sealed",
	    .purpose = "to read the shop and to write to the books",
	    AFTER_CONTRACT },
	[RULE_SALES] = { .name = "sales", .whose = "tenant",
	    .holds = "identification key, amounts without and with VAT; "
	    "intents, errors, cursors",
	    .form = "keyed hash, sealed",
	    .purpose = "to book each sale once", AFTER_CONTRACT },
	[RULE_DEBTORS] = { .name = "debtors", .whose = "debtors",
	    .holds = "number of the contact in the books, email address",
	    .form = "keyed hash, sealed",
	    .purpose = "to make each contact once", AFTER_CONTRACT },
	[RULE_KEYS] = { .name = "keys", .whose = "tenant",
	    .holds = "data key, index key, counters",
	    .form = "wrapped by the master key",
	    .purpose = "to open what is sealed", AFTER_CONTRACT },
	[RULE_ERASURES] = { .name = "erasures", .whose = "debtors",
	    .holds = "who was erased on request", .form = "keyed hash",
	    .purpose = "to erase them again when a backup is put back",
	    .term = "as long as backups are kept (preset 90 days)",
	    .from = "the day of the erasure" },
	[RULE_CUSTOMERS] = { .name = "own customers", .whose = "tenant",
	    .holds = "name, address, email, IBAN, VAT number, contract, "
	    "services",
	    .form = "sealed", .purpose = "to invoice, and to know when a "
	    "contract ended", .term = "2 months", .months = 2,
	    .from = "the end of the contract, and not before the last of its "
	    "invoices" },
	[RULE_INVOICES] = { .name = "invoices", .whose = "tenant",
	    .holds = "number, date, amounts, description", .form = "sealed",
	    .purpose = "the tax law asks for it",
	    .term = "7 years (10 for OSS and immovable property; longer "
	    "under a hold), then at most 3 months",
	    .from = "the end of the financial year (OSS: the calendar "
	    "year)" },
	[RULE_LOGINS] = { .name = "logins", .whose = "tenant",
	    .holds = "email address, hashes of password and key",
	    .form = "sealed, found by a keyed hash",
	    .purpose = "to let a tenant see its dashboard", AFTER_CONTRACT },
	[RULE_VISITS] = { .name = "web visits", .whose = "visitors",
	    .holds = "page, day, first three digits of the address, how often",
	    .form = "counts, sealed", .purpose = "to see what is used",
	    .term = "180 days", .days = 180, .from = "the day of the visit" },
	[RULE_CERTIFICATES] = { .name = "certificates of purge",
	    .whose = "operator",
	    .holds = "how many went under which rule, per tenant",
	    .form = "signed files", .purpose = "to prove that they went",
	    .term = "24 months", .months = 24,
	    .from = "the day of the purge" },
};

int64_t
rule_due(enum rule r, struct day from, const char *zone)
{
	const struct rule_row *row = &rules_kept[r];

	if (row->days > 0)
		return clock_day_start(clock_day_add(from, row->days + 1),
		    zone);
	return clock_term_end_day(from, row->months, zone);
}

struct day
rule_cut(enum rule r, int64_t now, const char *zone)
{
	const struct rule_row *row = &rules_kept[r];
	/* No term is shorter than this. */
	struct day d = clock_day_add(clock_day_of(now, zone),
	    -(row->days + row->months * 28));

	while (rule_due(r, clock_day_add(d, -1), zone) > now)
		d = clock_day_add(d, -1);
	return d;
}
