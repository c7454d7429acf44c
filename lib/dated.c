/*
 * dated.c - files of a folder that bear a day in their name.
 *
 * A name that is not theirs to its last character is somebody else's file.
 */
#include "dated.h"

#include <stdlib.h>
#include <string.h>

#include "str.h"

/* The day in a name; RC_REJECT for any other name. */
static MUST enum rc
day_of(const struct dated *d, const char *name, struct day *out)
{
	char day[CLOCK_DAY];
	const char *rest = name + strlen(d->head);

	if (!str_starts(name, d->head) || !str_copy_n(day, sizeof(day), rest,
	    strnlen(rest, CLOCK_DAY - 1)))
		return RC_REJECT;
	rest += strlen(day);
	if (strlen(rest) != strlen(d->tail))
		return RC_REJECT;
	for (const char *t = d->tail; *t != '\0'; t++, rest++)
		if (*t == '#' ? *rest < '0' || *rest > '9' : *rest != *t)
			return RC_REJECT;
	return clock_day_parse(day, out);
}

enum rc
dated_each(const struct dated *d, enum rc (*take)(void *arg,
    const char *path, struct day day), void *arg)
{
	struct file_info *list = NULL;
	char path[FILE_PATH];
	struct day day;
	size_t n = 0;
	enum rc rc = file_list(d->dir, NULL, &list, &n);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (day_of(d, list[i].name, &day) != RC_OK)
			continue;
		rc = file_path(path, d->dir, list[i].name);
		if (rc == RC_OK)
			rc = take(arg, path, day);
	}
	free(list);
	return rc;
}
