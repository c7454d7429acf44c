/*
 * rule.h - what is kept, in what form, and until when: the one table.
 *
 * purge carries it out, audit reports by it, and the manual and the README
 * are held to it.  A term of months or days is counted from a day of the
 * operator's calendar (clock_term_end_day); that day does not count.
 */
#ifndef RULE_H
#define RULE_H

#include <stdint.h>

#include "clock.h"

enum rule { RULE_LOGS, RULE_DETAILS, RULE_CREDENTIALS, RULE_SALES,
    RULE_DEBTORS, RULE_KEYS, RULE_ERASURES, RULE_CUSTOMERS, RULE_INVOICES,
    RULE_LOGINS, RULE_VISITS, RULE_CERTIFICATES, RULE_COUNT };

struct rule_row {
	const char *name;		/* "log files" */
	const char *whose;		/* the data of whose: "operator" */
	const char *holds;		/* what is in it */
	const char *form;		/* "sealed" */
	const char *purpose;		/* why it is kept at all */
	const char *term;		/* "2 months" */
	int months, days;		/* the same; both 0: of statutory.h,
					 * or backups in sync.yaml */
	const char *from;		/* "the end of the contract" */
};
extern const struct rule_row rules_kept[RULE_COUNT];

/* The first day whose things are not due yet. */
struct day rule_cut(enum rule r, int64_t now, const char *zone);

/* The first moment after the term of what counts from that day. */
int64_t rule_due(enum rule r, struct day from, const char *zone);

#endif
