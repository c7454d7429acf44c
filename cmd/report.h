/*
 * report.h - one way to print a report: an aligned table for people, or with
 * --json an array of objects.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "money.h"

struct report;

/* columns: NULL-ended names, also the objects' keys. */
struct report *report_new(bool json, const char *const *columns);
/* The cells of a row, in the columns' order; a row ends by itself. */
void report_text(struct report *r, const char *text);	/* NULL: none */
void report_int(struct report *r, int64_t n);
/* In two decimals; not there: none. */
void report_money(struct report *r, bool there, struct money m);
void report_at(struct report *r, int64_t at, const char *zone); /* 0: none */
void report_bool(struct report *r, bool b);
/* JSON: the array was begun elsewhere, and objects with commas behind them
 * stand in it. */
void report_goes_on(struct report *r);
/* Print and free.  A table without rows prints nothing; [] in JSON. */
void report_end(struct report *r);

#endif
