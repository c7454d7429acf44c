/*
 * folder.c - sales from files in a folder: *.jsonl and *.csv, as tills and
 * exports leave them; salesync-stream(5) has both formats.
 *
 * Files are read only.  The cursor is the greatest inode change time of the
 * files read: a copy that keeps its old mtime is still new here.  A file that
 * changed is read whole again; the record of what is booked makes that free.
 * What can't be read is refused with its id, or as FILE:LINE, and the rest of
 * the file is read all the same.
 */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "file.h"
#include "folder_csv.h"
#include "log.h"
#include "salejson.h"
#include "str.h"

#define FOLDER_LINE (1u << 20)	/* longest JSON line */
#define NS 1000000000

struct folder {
	struct file_info *files;
	size_t files_n;
	char delimiter;
	/*
	 * A file is read twice: first what is no refund, then the refunds, so
	 * that an order comes before them.  A fetch goes through all files
	 * for the one, then through all for the other.
	 */
	size_t step;
	bool refunds;			/* the pass we are in */
	/* the open file */
	const struct file_info *file;
	char path[FILE_PATH];
	struct file_lines *lines;
	size_t line;
	struct folder_csv *csv;
	struct folder_csv_how how;
	int64_t top_ns;			/* newest file that was read */
	/* a fetch: the newest file's version of each sale, and no older */
	char want[SALE_ID];
	uint64_t *given;
	size_t given_n;
};

static const struct setting settings[] = {
	{ .name = "path", .type = SET_PATH, .required = true,
	  .help = "the folder with *.jsonl and *.csv files" },
	{ .name = "delimiter", .type = SET_TEXT, .preset = ",",
	  .help = "what stands between CSV columns: one character, or tab" },
	{ .name = "decimal_comma", .type = SET_BOOL, .preset = "false",
	  .help = "CSV amounts are written 12,50" },
	{ .name = NULL }
};

static const char *const suffixes[] = { ".jsonl", ".csv", NULL };

/* Refuse a sale without an identity as FILE:LINE, where it can be found. */
static enum rc
refuse_line(struct connection *c, struct sale *out, size_t line,
    const char *text)
{
	const struct folder *f = c->state;

	(void)str_fmt(out->id, sizeof(out->id), "%.40s:%zu", f->file->name,
	    line);
	(void)str_copy(out->number, sizeof(out->number), out->id);
	return connector_fail(c, RC_REJECT, M_SHOP_SALE, text);
}

static void
close_file(struct folder *f)
{
	file_lines_close(f->lines);
	folder_csv_close(f->csv);
	f->lines = NULL;
	f->csv = NULL;
	f->file = NULL;
}

static void
was_read(struct folder *f)
{
	if (f->file->changed_ns > f->top_ns)
		f->top_ns = f->file->changed_ns;
	close_file(f);
}

/* The file and the pass of this step; false when there is none. */
static bool
choose(struct folder *f)
{
	size_t n = f->files_n, i;

	if (f->step >= 2 * n)
		return false;
	if (f->want[0] == '\0') {
		f->refunds = f->step % 2 == 1;
		f->file = &f->files[f->step / 2];
	} else {
		i = f->step % n;
		f->refunds = f->step / n == 1;
		f->file = &f->files[n - 1 - i];	/* sorted: newest last */
	}
	f->step++;
	return true;
}

/* Open the chosen file.  RC_END: it is gone.  RC_REJECT: its header. */
static enum rc
open_file(struct connection *c, struct sale *out)
{
	struct folder *f = c->state;
	struct folder_csv_why why;
	enum rc rc;

	rc = file_path(f->path, connector_setting(c, "path"), f->file->name);
	if (rc != RC_OK)
		return rc;
	f->line = 0;
	if (str_ends(f->file->name, ".jsonl"))
		return file_lines_open(f->path, &f->lines);
	f->how = (struct folder_csv_how){ .path = f->path,
	    .zone = c->zone, .delimiter = f->delimiter,
	    .comma = connector_flag(c, "decimal_comma") };
	rc = folder_csv_open(&f->how, &f->csv, &why);
	if (rc != RC_REJECT)
		return rc;
	sale_init(out);
	return refuse_line(c, out, 1, why.text);
}

/* One line of JSON as a sale.  RC_END: it is no sale but may stand there. */
static enum rc
json_sale(struct connection *c, const char *line, size_t len,
    struct sale *out)
{
	struct folder *f = c->state;
	const struct json *v = NULL;
	enum msg why = M_NONE;
	char text[200] = "";
	const char *type;
	enum rc rc;

	sale_init(out);
	if (json_parse(c->json, line, len, &v) != RC_OK)
		return refuse_line(c, out, f->line, json_fault(c->json));
	type = json_str(v, "type");
	if (str_eq(type, "cursor") || str_eq(type, "end"))
		return RC_END;		/* a stream that was kept */
	if (type[0] != '\0' && !str_eq(type, "sale"))
		return refuse_line(c, out, f->line, "an unknown type");
	rc = salejson_read(v, out, &why, text, sizeof(text));
	if (rc == RC_OK)
		return rc;
	/* the date, for since and until, whatever else is wrong */
	if (out->placed_at == 0 &&
	    clock_parse(json_str(v, "placed"), &out->placed_at) != RC_OK)
		out->placed_at = 0;
	if (rc != RC_REJECT || out->id[0] == '\0')
		return refuse_line(c, out, f->line, text);
	return connector_fail(c, rc, why, text);
}

static enum rc
next_json(struct connection *c, struct sale *out)
{
	struct folder *f = c->state;
	char *line = NULL;
	size_t len = 0;
	enum rc rc;

	do {
		rc = file_lines_next(f->lines, FOLDER_LINE, &line, &len);
		if (rc == RC_END || rc > RC_REJECT)
			return rc;
		f->line++;
		if (rc == RC_REJECT) {
			sale_init(out);
			return refuse_line(c, out, f->line,
			    "a line that is too long or not UTF-8");
		}
		if (f->line == 1 && str_starts(line, "\xef\xbb\xbf")) {
			line += 3;
			len -= 3;
		}
		rc = len == 0 ? RC_END : json_sale(c, line, len, out);
	} while (rc == RC_END);
	return rc;
}

static enum rc
next_csv(struct connection *c, struct sale *out)
{
	struct folder *f = c->state;
	struct folder_csv_why why;
	enum rc rc;

	rc = folder_csv_next(f->csv, out, &why);
	if (rc != RC_REJECT)
		return rc;
	if (out->id[0] == '\0')
		return refuse_line(c, out, why.line, why.text);
	return connector_fail(c, rc, why.why, why.text);
}

/* The next sale of the files, wanted or not. */
static enum rc
next_any(struct connection *c, struct sale *out)
{
	struct folder *f = c->state;
	enum rc rc;

	for (;;) {
		while (f->file == NULL) {
			if (!choose(f))
				return RC_END;
			rc = open_file(c, out);
			if (rc == RC_REJECT)
				was_read(f);
			else if (rc == RC_END)
				close_file(f);
			if (rc != RC_OK && rc != RC_END)
				return rc;
		}
		rc = f->csv != NULL ? next_csv(c, out) : next_json(c, out);
		if (rc != RC_END)
			return rc;
		was_read(f);
	}
}

/* True once for each sale of a fetch: from the newest file. */
static bool
not_given(struct folder *f, const struct sale *s)
{
	uint64_t h = str_hash(STR_HASH ^ (uint64_t)s->kind, s->id);

	for (size_t i = 0; i < f->given_n; i++)
		if (f->given[i] == h)
			return false;
	f->given = mem_grow(f->given, (f->given_n + 1) * sizeof(h));
	f->given[f->given_n++] = h;
	return true;
}

static bool
wanted(const struct connection *c, const struct sale *s)
{
	struct folder *f = c->state;

	if ((s->kind == SALE_REFUND) != f->refunds)
		return false;
	if (f->want[0] != '\0') {
		if (!str_eq(s->id, f->want) &&
		    (!f->refunds || !str_eq(s->refund_of, f->want)))
			return false;
		return not_given(f, s);
	}
	if (s->placed_at == 0)
		return true;		/* unknown: refused, not hidden */
	return (c->since_at == 0 || s->placed_at >= c->since_at) &&
	    (c->until_at == 0 || s->placed_at < c->until_at);
}

/* The cursor moves to the newest file read, but never past the start. */
static void
move_cursor(struct connection *c)
{
	const struct folder *f = c->state;
	int64_t top = f->top_ns;
	uint64_t old;

	(void)str_copy(c->cursor_next, sizeof(c->cursor_next), c->cursor);
	if (f->want[0] != '\0')
		return;
	if (c->started_at > 0 && top > c->started_at * NS)
		top = c->started_at * NS;
	if (str_u64(c->cursor, INT64_MAX, &old) == RC_OK &&
	    top <= (int64_t)old)
		return;
	if (top > 0)
		(void)str_fmt(c->cursor_next, sizeof(c->cursor_next),
		    "%lld", (long long)top);
}

static enum rc
folder_next(struct connection *c, struct sale *out)
{
	enum rc rc;

	do {
		c->why = M_NONE;
		rc = next_any(c, out);
		if (rc == RC_END)
			move_cursor(c);
	} while ((rc == RC_OK || rc == RC_REJECT) && !wanted(c, out));
	(void)str_copy(out->tenant, sizeof(out->tenant), c->tenant);
	(void)str_copy(out->source, sizeof(out->source), c->name);
	return rc;
}

/* Leave out the files that did not change since the cursor. */
static void
only_new(struct connection *c)
{
	struct folder *f = c->state;
	uint64_t cursor;
	int64_t from;
	size_t n = 0;

	if (str_u64(c->cursor, INT64_MAX, &cursor) != RC_OK)
		return;
	from = (int64_t)cursor - c->overlap_s * NS;
	for (size_t i = 0; i < f->files_n; i++)
		if (f->files[i].changed_ns >= from)
			f->files[n++] = f->files[i];
	f->files_n = n;
}

static int
file_cmp(const void *a, const void *b)
{
	const struct file_info *x = a, *y = b;

	if (x->changed_ns != y->changed_ns)
		return x->changed_ns < y->changed_ns ? -1 : 1;
	return strcmp(x->name, y->name);
}

static enum rc
list(struct connection *c)
{
	struct folder *f = c->state;
	enum rc rc;

	free(f->files);
	f->files = NULL;
	f->files_n = 0;
	rc = file_list(connector_setting(c, "path"), suffixes, &f->files,
	    &f->files_n);
	f->step = 0;
	return rc;
}

static enum rc
folder_fetch(struct connection *c, const char *id)
{
	struct folder *f = c->state;
	struct sale *s;
	enum rc rc;

	close_file(f);
	if (id[0] == '\0' || !str_copy(f->want, sizeof(f->want), id))
		return RC_END;
	rc = list(c);
	if (rc != RC_OK)
		return rc;
	if (f->files_n > 1)
		qsort(f->files, f->files_n, sizeof(*f->files), file_cmp);
	/* is it there?  If so, from the start again for next */
	s = mem_alloc(sizeof(*s));
	f->given_n = 0;
	rc = folder_next(c, s);
	sale_wipe(s);
	free(s);
	close_file(f);
	f->given_n = 0;
	f->step = 0;
	return rc == RC_REJECT ? RC_OK : rc;
}

static enum rc
folder_open(struct connection *c)
{
	const char *delimiter = connector_setting(c, "delimiter");
	struct folder *f = mem_alloc(sizeof(*f));
	enum rc rc;

	c->state = f;
	f->delimiter = str_eq(delimiter, "tab") ? '\t' : delimiter[0];
	if ((f->delimiter != '\t' && strlen(delimiter) != 1) ||
	    f->delimiter == '"') {
		SAY(M_CONFIG_FILE, F_WORD("file", c->name), F_WORD("text",
		    "delimiter is one character, or tab"));
		return RC_CONFIG;
	}
	rc = list(c);
	if (rc == RC_OK)
		only_new(c);
	return rc;
}

static void
folder_close(struct connection *c)
{
	struct folder *f = c->state;

	if (f == NULL)
		return;
	close_file(f);
	free(f->files);
	free(f->given);
	free(f);
	c->state = NULL;
}

static const struct source_ops ops = {
	.open = folder_open,
	.next = folder_next,
	.fetch = folder_fetch,
	.close = folder_close,
};

const struct connector folder_connector = {
	.name = "folder",
	.title = "files in a folder (JSON lines, CSV)",
	.maturity = MATURITY_PROVEN,
	.settings = settings,
	.local = true,
	.source = &ops,
};
