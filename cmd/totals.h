/*
 * totals.h - what shop, record and books come to over a period, by source,
 * currency and VAT.
 */
#ifndef TOTALS_H
#define TOTALS_H

#include "document.h"
#include "report.h"
#include "rows.h"
#include "tenant.h"

extern const char *const totals_columns[];

enum totals_side { TOTALS_SHOP, TOTALS_RECORD, TOTALS_BOOKS, TOTALS_SIDES };

struct totals;

struct totals *totals_new(void);
void totals_free(struct totals *t);

/* vat: as people call it, or "" for a sale as a whole. */
void totals_add(struct totals *t, const char *source, const char *currency,
    const char *vat, enum totals_side side, struct record sum);
/* A row each, the whole of a source and currency before its VAT. */
void totals_report(struct totals *t, const char *tenant, struct report *r);

/* What a VAT code of the books, or a key of the rules, is called.  Books that
 * tell keys keep them apart; else it is all keys that stand for the same code,
 * or the code itself. */
void totals_vat_name(const struct tenant *t, const char *code,
    char out[CODE_MAX]);

#endif
