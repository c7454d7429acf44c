/*
 * tomb.c - reads and writes the lists of erased debtors.
 *
 * It must never pass over a line that it can't read: a debtor would come back
 * with the next backup.
 */
#include "tomb.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "str.h"

#define LINE 120			/* longest line */

void
tomb_add(struct tombs *l, const struct tomb *t)
{
	for (size_t i = 0; i < l->n; i++) {
		struct tomb *old = &l->t[i];

		if (memcmp(&old->who, &t->who, sizeof(t->who)) != 0)
			continue;
		if (t->generation >= old->generation)
			*old = *t;
		return;
	}
	l->t = mem_grow(l->t, (l->n + 1) * sizeof(*l->t));
	l->t[l->n++] = *t;
}

void
tomb_free(struct tombs *l)
{
	free(l->t);
	*l = (struct tombs){ NULL, 0 };
}

static enum rc
file_of(const char *dir, const char *tenant, char out[FILE_PATH])
{
	char name[SALE_NAME + 16];

	(void)str_fmt(name, sizeof(name), "%s.erased", tenant);
	return file_path(out, dir, name);
}

/* DAY HASH GENERATION; the line is cut up. */
static bool
parse(char *line, struct tomb *t)
{
	char *hash = strchr(line, ' ');
	char *generation = hash != NULL ? strchr(hash + 1, ' ') : NULL;

	if (generation == NULL)
		return false;
	*hash++ = *generation++ = '\0';
	return clock_day_parse(line, &t->day) == RC_OK &&
	    strlen(hash) == 2 * sizeof(t->who.b) &&
	    str_unhex(t->who.b, sizeof(t->who.b), hash) == RC_OK &&
	    str_u64(generation, UINT64_MAX - 1, &t->generation) == RC_OK;
}

static enum rc
read_file(const char *path, struct tombs *out)
{
	struct file_lines *f = NULL;
	struct tomb t;
	char *line = NULL;
	size_t len = 0;
	int64_t number = 0;
	enum rc rc = file_lines_open(path, &f);

	while (rc == RC_OK) {
		number++;
		rc = file_lines_next(f, LINE, &line, &len);
		if (rc == RC_OK && parse(line, &t))
			tomb_add(out, &t);
		else if (rc == RC_OK)
			rc = RC_REJECT;
	}
	file_lines_close(f);
	if (rc == RC_REJECT) {
		SAY(M_TOMB, F_WORD("file", path), F_INT("line", number));
		rc = RC_FATAL;
	}
	return rc == RC_END ? RC_OK : rc;
}

enum rc
tomb_read(const struct tomb_place *p, struct tombs *out)
{
	char path[FILE_PATH];
	enum rc rc = file_of(p->keys, p->tenant, path);

	if (rc == RC_OK)
		rc = read_file(path, out);
	if (rc == RC_OK && p->witness[0] != '\0')
		rc = file_of(p->witness, p->tenant, path);
	if (rc == RC_OK && p->witness[0] != '\0')
		rc = read_file(path, out);
	if (rc != RC_OK)
		tomb_free(out);
	return rc;
}

static enum rc
write_file(const char *dir, const char *tenant, const struct buf *text)
{
	char path[FILE_PATH];
	enum rc rc = file_of(dir, tenant, path);

	if (rc != RC_OK)
		return rc;
	if (text->len == 0)
		return file_remove(path);
	rc = file_mkdir(dir);
	return rc == RC_OK ? file_write(path, text->data, text->len, 0600) :
	    rc;
}

enum rc
tomb_write(const struct tomb_place *p, const struct tombs *l)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, l->n * LINE);
	for (size_t i = 0; i < l->n; i++) {
		const struct tomb *t = &l->t[i];
		char day[CLOCK_DAY], hash[2 * sizeof(t->who.b) + 1];

		clock_day_print(day, t->day);
		str_hex(hash, t->who.b, sizeof(t->who.b));
		buf_fmt(&text, "%s %s %llu\n", day, hash,
		    (unsigned long long)t->generation);
	}
	rc = write_file(p->keys, p->tenant, &text);
	if (rc == RC_OK && p->witness[0] != '\0')
		rc = write_file(p->witness, p->tenant, &text);
	buf_free(&text);
	return rc;
}
