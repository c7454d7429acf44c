/*
 * booked.c - reads the lines of M_BOOKED back from the log files.
 *
 * TIME LEVEL CODE tenant=T source=S run RUN booked KEY revision N of KEY: what
 * is not so to the letter is none.  It must never fail on other lines, of
 * which a log file is full.
 */
#include "booked.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalog.h"
#include "clock.h"
#include "dated.h"
#include "file.h"
#include "str.h"

#define LINE_MOST 4096

enum { AT, LEVEL, CODE, TENANT, SOURCE, RUN_IS, RUN, BOOKED_IS, KEY,
    REVISION_IS, REVISION, OF_IS, OF, WORDS };

struct reading {
	const char *tenant, *run;
	struct booked_list *out;
};

/* Cut a line into its words; false when it has another number of them. */
static bool
split(char *line, char *word[WORDS])
{
	size_t n = 0;

	for (char *p = line; p != NULL; n++) {
		if (n == WORDS)
			return false;
		word[n] = p;
		if ((p = strchr(p, ' ')) != NULL)
			*p++ = '\0';
	}
	return n == WORDS;
}

/* What stands behind "name=", or NULL. */
static const char *
value(const char *word, const char *name)
{
	size_t n = strlen(name);

	return str_starts(word, name) && word[n] == '=' ? word + n + 1 : NULL;
}

static bool
read_line(const struct reading *r, char *line, struct booked *b)
{
	char *word[WORDS];
	const char *tenant, *source;
	uint64_t revision = 0;

	memset(b, 0, sizeof(*b));
	if (!split(line, word) ||
	    !str_eq(word[CODE], catalog_get(M_BOOKED)->code))
		return false;
	tenant = value(word[TENANT], "tenant");
	source = value(word[SOURCE], "source");
	if (tenant == NULL || !str_eq(tenant, r->tenant) || source == NULL ||
	    !str_copy(b->source, sizeof(b->source), source) ||
	    !str_copy(b->run, sizeof(b->run), word[RUN]) ||
	    clock_parse(word[AT], &b->at) != RC_OK ||
	    str_u64(word[REVISION], UINT16_MAX, &revision) != RC_OK ||
	    str_unhex(b->key.b, STORE_KEY, word[KEY]) != RC_OK)
		return false;
	b->revision = (unsigned)revision;
	return str_eq(word[OF], "-") ||
	    str_unhex(b->of.b, STORE_KEY, word[OF]) == RC_OK;
}

static void
add(struct booked_list *l, const struct booked *b)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 256 : l->cap * 2;
		l->b = mem_grow(l->b, l->cap * sizeof(*l->b));
	}
	l->b[l->n++] = *b;
}

static enum rc
take_file(void *arg, const char *path, struct day day)
{
	const struct reading *r = arg;
	struct file_lines *lines = NULL;
	struct booked b;
	char *line = NULL;
	size_t len;
	enum rc rc = file_lines_open(path, &lines);

	(void)day;
	while (rc == RC_OK || rc == RC_REJECT) {
		rc = file_lines_next(lines, LINE_MOST, &line, &len);
		if (rc == RC_OK && read_line(r, line, &b))
			add(r->out, &b);
	}
	file_lines_close(lines);
	return rc == RC_END ? RC_OK : rc;
}

static int
by_sale(const void *x, const void *y)
{
	const struct booked *a = x, *b = y;
	int c = memcmp(&a->key, &b->key, sizeof(a->key));

	if (c == 0)
		c = (a->revision > b->revision) - (a->revision < b->revision);
	if (c == 0)
		c = (a->at > b->at) - (a->at < b->at);
	return c != 0 ? c : strcmp(a->run, b->run);
}

static int
by_run(const void *x, const void *y)
{
	const struct booked *a = x, *b = y;
	int c = strcmp(a->run, b->run);

	return c != 0 ? c : strcmp(a->source, b->source);
}

/* Keep the last of those of the same document, and what was asked for. */
static void
settle(struct booked_list *l, const char *run)
{
	size_t n = 0;

	if (l->n == 0)
		return;
	qsort(l->b, l->n, sizeof(*l->b), by_sale);
	for (size_t i = 0; i < l->n; i++) {
		const struct booked *b = &l->b[i], *next = b + 1;

		if (i + 1 < l->n && next->revision == b->revision &&
		    memcmp(&next->key, &b->key, sizeof(b->key)) == 0)
			continue;
		if (run == NULL || str_eq(b->run, run))
			l->b[n++] = *b;
	}
	l->n = n;
	if (n > 0)
		qsort(l->b, n, sizeof(*l->b), by_run);
}

enum rc
booked_read(const struct config *cfg, const char *tenant, const char *run,
    struct booked_list *out)
{
	struct dated logs = { cfg->logs, "salesync-", ".log" };
	struct reading r = { .tenant = tenant, .run = run, .out = out };
	enum rc rc;

	memset(out, 0, sizeof(*out));
	rc = dated_each(&logs, take_file, &r);
	if (rc == RC_OK)
		settle(out, run);
	else
		booked_free(out);
	return rc;
}

void
booked_free(struct booked_list *l)
{
	free(l->b);
	*l = (struct booked_list){ NULL, 0, 0 };
}
