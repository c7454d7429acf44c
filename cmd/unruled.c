/*
 * unruled.c - collects the articles without a rule while documents are shown,
 * so that a person can write the rules.  In memory alone, and wiped.
 */
#include "unruled.h"

#include <stdbool.h>
#include <stdio.h>

#include "journalize.h"
#include "secret.h"
#include "str.h"

static bool
seen(const struct unruled *u, const char *code)
{
	for (size_t i = 0; i < u->n; i++)
		if (str_eq(u->code[i], code))
			return true;
	return false;
}

static void
end(struct unruled *u, const struct tenant *t)
{
	if (u->n > 0)
		(void)printf("articles of %s without a rule:\n", t->name);
	for (size_t i = 0; i < u->n; i++)
		(void)printf("  %s\n", u->code[i][0] != '\0' ? u->code[i] :
		    "(no article code)");
	if (u->n == UNRULED_MAX)
		(void)printf("  ...\n");
	secret_zero(u, sizeof(*u));
}

void
unruled_show(void *arg, const struct tenant *t, const struct document *d)
{
	struct unruled *u = arg;

	if (d == NULL) {
		end(u, t);
		return;
	}
	journalize(NULL, t, d);
	for (size_t i = 0; i < d->lines_n; i++)
		if (d->lines[i].unruled && u->n < UNRULED_MAX &&
		    !seen(u, d->lines[i].article))
			(void)str_copy(u->code[u->n++], sizeof(u->code[0]),
			    d->lines[i].article);
}
