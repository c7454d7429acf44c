/*
 * folder_csv.h - sales from a CSV file of the folder connector.
 *
 * One row per line of a sale; the columns are those of salesync-stream(5).
 */
#ifndef FOLDER_CSV_H
#define FOLDER_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog.h"
#include "rc.h"
#include "sale.h"

struct folder_csv;

struct folder_csv_how {
	const char *path;
	const char *zone;	/* of a time that has no offset */
	char delimiter;
	bool comma;		/* 12,50 instead of 12.50 */
};

struct folder_csv_why {
	enum msg why;
	char text[200];
	size_t line;		/* where the sale starts */
};

/*
 * Open, and read the header.  how is borrowed until the close.  RC_REJECT:
 * the header can't be used, why->text says how.  RC_END: no such file.
 */
MUST enum rc folder_csv_open(const struct folder_csv_how *how,
    struct folder_csv **out, struct folder_csv_why *why);
/* The next sale.  RC_REJECT: out has what identity could be read (id "" when
 * none), and reading goes on. */
MUST enum rc folder_csv_next(struct folder_csv *f, struct sale *out,
    struct folder_csv_why *why);
void folder_csv_close(struct folder_csv *f);	/* NULL is fine */

#endif
