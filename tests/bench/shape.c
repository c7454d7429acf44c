/*
 * shape.c - cuts a file of JSON at its values once, so that an answer is a
 * few copies of memory.
 */
#include "shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 64
#define FILE_MAX 16384
#define VALUE_MAX 100

struct shape {
	char text[FILE_MAX];
	size_t len, n;
	struct {
		const char *text;
		size_t len;
		int value;		/* what follows it, -1: nothing */
	} part[PARTS];
};

static const char *const names[SHAPE_VALUES] = { "@id@", "@time@",
    "@reference@", "@state@", "@excl@", "@incl@" };

static int
value_at(const char *p)
{
	for (int i = 0; i < SHAPE_VALUES; i++)
		if (strncmp(p, names[i], strlen(names[i])) == 0)
			return i;
	return -1;
}

static void
cut(struct shape *s)
{
	const char *from = s->text, *p = s->text;

	while (*p != '\0' && s->n + 1 < PARTS) {
		int v = *p == '@' ? value_at(p) : -1;

		if (v < 0) {
			p++;
			continue;
		}
		s->part[s->n].text = from;
		s->part[s->n].len = (size_t)(p - from);
		s->part[s->n++].value = v;
		from = p += strlen(names[v]);
	}
	s->part[s->n].text = from;
	s->part[s->n].len = strlen(from);
	s->part[s->n++].value = -1;
}

struct shape *
shape_read(const char *dir, const char *name)
{
	struct shape *s = calloc(1, sizeof(*s));
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s.json", dir, name);
	f = fopen(path, "r");
	if (s == NULL || f == NULL ||
	    (s->len = fread(s->text, 1, FILE_MAX - 1, f)) == 0) {
		perror(path);
		exit(1);
	}
	(void)fclose(f);
	if (s->text[s->len - 1] == '\n')
		s->text[--s->len] = '\0';
	cut(s);
	return s;
}

size_t
shape_max(const struct shape *s)
{
	return s->len + s->n * VALUE_MAX;
}

size_t
shape_write(const struct shape *s, const char *const values[SHAPE_VALUES],
    char *out)
{
	char *p = out;

	for (size_t i = 0; i < s->n; i++) {
		const char *v = s->part[i].value >= 0 ?
		    values[s->part[i].value] : "";
		size_t n = strnlen(v, VALUE_MAX);

		memcpy(p, s->part[i].text, s->part[i].len);
		p += s->part[i].len;
		memcpy(p, v, n);
		p += n;
	}
	return (size_t)(p - out);
}
