/*
 * csv.c - rows of a CSV file, one at a time.
 *
 * A row is bounded (CSV_ROW), so that one stray quote can't make the rest of
 * a file into a single field.  What was read is wiped with the row.
 */
#include "csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

struct csv {
	struct file_lines *lines;
	char delimiter;
	size_t line;		/* lines taken so far */
};

enum place { FIELD_START, FIELD_PLAIN, FIELD_QUOTED, FIELD_CLOSED };

void
csv_row_init(struct csv_row *row)
{
	memset(row, 0, sizeof(*row));
	buf_init(&row->text, CSV_ROW + CSV_FIELDS);
}

void
csv_row_free(struct csv_row *row)
{
	buf_free(&row->text);
}

const char *
csv_field(const struct csv_row *row, size_t i)
{
	return row->text.data + row->at[i];
}

enum rc
csv_open(const char *path, char delimiter, struct csv **out)
{
	struct file_lines *lines = NULL;
	struct csv *c;
	enum rc rc;

	rc = file_lines_open(path, &lines);
	if (rc != RC_OK)
		return rc;
	c = mem_alloc(sizeof(*c));
	c->lines = lines;
	c->delimiter = delimiter;
	*out = c;
	return RC_OK;
}

struct csv *
csv_of(const char *bytes, size_t n, char delimiter)
{
	struct csv *c = mem_alloc(sizeof(*c));

	c->lines = file_lines_of(bytes, n);
	c->delimiter = delimiter;
	return c;
}

void
csv_close(struct csv *c)
{
	if (c == NULL)
		return;
	file_lines_close(c->lines);
	free(c);
}

/* The field that was being read is whole. */
static bool
field_end(struct csv_row *row)
{
	buf_putc(&row->text, '\0');
	if (row->text.over || row->n == CSV_FIELDS)
		return false;
	row->n++;
	row->at[row->n] = row->text.len;
	return true;
}

static bool
field_char(struct csv_row *row, char ch, enum place *p)
{
	if (ch == '"') {
		if (*p != FIELD_START)
			return false;
		*p = FIELD_QUOTED;
		return true;
	}
	if (*p == FIELD_CLOSED)
		return false;
	buf_putc(&row->text, ch);
	*p = FIELD_PLAIN;
	return !row->text.over;
}

/* Take one line of the file into the row. */
static enum rc
take_line(struct csv *c, struct csv_row *row, const char *s, size_t len,
    enum place *p)
{
	bool ok = true;

	for (size_t i = 0; i < len && ok; i++) {
		if (*p == FIELD_QUOTED && s[i] != '"') {
			buf_putc(&row->text, s[i]);
		} else if (*p == FIELD_QUOTED && i + 1 < len &&
		    s[i + 1] == '"') {
			buf_putc(&row->text, s[i++]);
		} else if (*p == FIELD_QUOTED) {
			*p = FIELD_CLOSED;
		} else if (s[i] == c->delimiter) {
			*p = FIELD_START;
			ok = field_end(row);
		} else {
			ok = field_char(row, s[i], p);
		}
		if (row->text.over)
			ok = false;
	}
	return ok ? RC_OK : RC_REJECT;
}

/* The next line of the file that is not empty, without a byte order mark. */
static enum rc
first_line(struct csv *c, char **line, size_t *len)
{
	enum rc rc;

	do {
		rc = file_lines_next(c->lines, CSV_ROW, line, len);
		if (rc != RC_END)
			c->line++;
		if (rc != RC_OK)
			return rc;
		if (c->line == 1 && *len >= 3 &&
		    memcmp(*line, "\xef\xbb\xbf", 3) == 0) {
			*line += 3;
			*len -= 3;
		}
	} while (*len == 0);
	return RC_OK;
}

enum rc
csv_next(struct csv *c, struct csv_row *row)
{
	enum place p = FIELD_START;
	char *line = NULL;
	size_t len = 0;
	enum rc rc;

	buf_clear(&row->text);
	row->n = 0;
	row->at[0] = 0;
	rc = first_line(c, &line, &len);
	row->line = c->line;
	if (rc == RC_OK)
		rc = take_line(c, row, line, len, &p);
	while (rc == RC_OK && p == FIELD_QUOTED) {
		buf_putc(&row->text, '\n');
		rc = file_lines_next(c->lines, CSV_ROW, &line, &len);
		if (rc == RC_END)
			return RC_REJECT;	/* the quote never closed */
		c->line++;
		if (rc == RC_OK)
			rc = take_line(c, row, line, len, &p);
	}
	if (rc == RC_OK && !field_end(row))
		rc = RC_REJECT;
	return rc;
}
