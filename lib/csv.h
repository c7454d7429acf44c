/*
 * csv.h - rows of a CSV file (RFC 4180), one at a time.
 *
 * Quoted fields may hold the delimiter, line breaks and doubled quotes; a
 * byte order mark at the start and CRLF are taken; empty lines are skipped.
 * A quote inside a field that has none around it is a fault, not a letter:
 * guessing there would swallow the rows behind it.
 */
#ifndef CSV_H
#define CSV_H

#include <stddef.h>

#include "buf.h"
#include "rc.h"

#define CSV_FIELDS 64		/* most fields of a row */
#define CSV_ROW 65536		/* longest row, in bytes */

struct csv;

struct csv_row {		/* the caller's; init, reuse, free */
	struct buf text;
	size_t n;		/* fields that are whole */
	size_t at[CSV_FIELDS + 1];
	size_t line;		/* where it starts, from 1 */
};

void csv_row_init(struct csv_row *row);
void csv_row_free(struct csv_row *row);		/* wipes */
/* Field i < row->n. */
const char *csv_field(const struct csv_row *row, size_t i);

/* RC_END: no such file. */
MUST enum rc csv_open(const char *path, char delimiter, struct csv **out);
/* Of n bytes in memory, borrowed until the close. */
struct csv *csv_of(const char *bytes, size_t n, char delimiter);
/*
 * The next row.  RC_REJECT: row->line can't be read (quotes, length, UTF-8,
 * more than CSV_FIELDS); the fields before the fault are in row, and reading
 * goes on behind it.  RC_END at the end.
 */
MUST enum rc csv_next(struct csv *c, struct csv_row *row);
void csv_close(struct csv *c);			/* NULL is fine */

#endif
