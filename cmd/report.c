/*
 * report.c - collects cells, then prints.  Numbers stand to the right; the
 * head is dim on a terminal unless NO_COLOR is set.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "secret.h"
#include "str.h"

#define COLUMNS 16
#define JSON_MAX (256u << 20)

enum cell_kind { CELL_NONE, CELL_TEXT, CELL_INT, CELL_BOOL };
struct cell {
	enum cell_kind kind;
	char *text;
};

struct report {
	bool json, goes_on;
	const char *const *names;
	size_t columns;
	struct cell *cells;
	size_t n, cap;
};

struct report *
report_new(bool json, const char *const *columns)
{
	struct report *r = mem_alloc(sizeof(*r));

	r->json = json;
	r->names = columns;
	while (columns[r->columns] != NULL)
		r->columns++;
	return r;
}

static void
add(struct report *r, enum cell_kind kind, const char *text)
{
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->cells = mem_grow(r->cells, r->cap * sizeof(*r->cells));
	}
	r->cells[r->n].kind = text == NULL ? CELL_NONE : kind;
	r->cells[r->n].text = text == NULL ? NULL : mem_dup(text);
	if (text != NULL && !r->json)
		str_tame(r->cells[r->n].text);
	r->n++;
}

void
report_text(struct report *r, const char *text)
{
	add(r, CELL_TEXT, text);
}

void
report_int(struct report *r, int64_t n)
{
	char text[24];

	(void)str_fmt(text, sizeof(text), "%lld", (long long)n);
	add(r, CELL_INT, text);
}

void
report_bool(struct report *r, bool b)
{
	add(r, CELL_BOOL, b ? "true" : "false");
}

void
report_money(struct report *r, bool there, struct money m)
{
	char text[MONEY_TEXT];

	money_print(text, m, 2);
	report_text(r, there ? text : NULL);
}

void
report_at(struct report *r, int64_t at, const char *zone)
{
	char text[CLOCK_ISO], day[CLOCK_DAY];

	if (at == 0) {
		add(r, CELL_NONE, NULL);
		return;
	}
	clock_iso(text, at);
	if (!r->json) {		/* people want the day, in their own zone */
		int64_t s = at - clock_day_start(clock_day_of(at, zone), zone);

		clock_day_print(day, clock_day_of(at, zone));
		(void)str_fmt(text, sizeof(text), "%s %02d:%02d", day,
		    (int)(s / 3600) % 24, (int)(s / 60 % 60));
	}
	add(r, CELL_TEXT, text);
}

/* Columns on a screen: one per code point is near enough. */
static size_t
width(const char *s)
{
	size_t n = 0;

	for (; s != NULL && *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void
print_cell(enum cell_kind kind, const char *text, size_t wide, bool last)
{
	size_t pad;

	if (text == NULL)
		text = "-";
	pad = wide > width(text) ? wide - width(text) : 0;
	if (kind == CELL_INT)
		(void)printf("%*s%s", (int)pad, "", text);
	else
		(void)printf("%s%*s", text, last ? 0 : (int)pad, "");
	(void)fputs(last ? "\n" : "  ", stdout);
}

static void
print_table(const struct report *r)
{
	size_t wide[COLUMNS] = { 0 };
	bool dim = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;

	if (r->n == 0)
		return;
	for (size_t i = 0; i < r->columns; i++)
		wide[i] = width(r->names[i]);
	for (size_t i = 0; i < r->n; i++)
		if (width(r->cells[i].text) > wide[i % r->columns])
			wide[i % r->columns] = width(r->cells[i].text);
	(void)fputs(dim ? "\033[2m" : "", stdout);
	for (size_t i = 0; i < r->columns; i++)
		print_cell(r->cells[i].kind, r->names[i], wide[i],
		    i + 1 == r->columns);
	(void)fputs(dim ? "\033[0m" : "", stdout);
	for (size_t i = 0; i < r->n; i++)
		print_cell(r->cells[i].kind, r->cells[i].text,
		    wide[i % r->columns], (i + 1) % r->columns == 0);
}

static void
print_json(const struct report *r)
{
	struct buf b;
	struct json_out o;
	size_t from;

	buf_init(&b, JSON_MAX);
	json_begin(&o, &b);
	json_open_array(&o);
	for (size_t i = 0; i < r->n; i++) {
		const struct cell *c = &r->cells[i];

		if (i % r->columns == 0)
			json_open_object(&o);
		json_put_key(&o, r->names[i % r->columns]);
		if (c->kind == CELL_TEXT)
			json_put_str(&o, c->text);
		else if (c->kind == CELL_NONE)
			json_put_null(&o);
		else
			json_put_raw(&o, c->text);
		if ((i + 1) % r->columns == 0)
			json_close_object(&o);
	}
	json_close_array(&o);
	/* Its own bracket stands there already. */
	from = r->goes_on ? 1 : 0;
	(void)fwrite(b.data + from, 1, b.len - from, stdout);
	(void)putchar('\n');
	buf_free(&b);
}

void
report_goes_on(struct report *r)
{
	r->goes_on = true;
}

void
report_end(struct report *r)
{
	if (r->json)
		print_json(r);
	else
		print_table(r);
	for (size_t i = 0; i < r->n; i++)
		secret_free(r->cells[i].text);
	free(r->cells);
	free(r);
}
