/*
 * unruled.c - collects the articles without a rule while documents are shown,
 * so that a person can write the rules.  In memory alone, and wiped.
 */
#include "unruled.h"

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"
#include "json.h"
#include "secret.h"
#include "str.h"

#define JSON_MAX (1u << 20)

static bool
seen(const struct unruled *u, const char *code)
{
	for (size_t i = 0; i < u->n; i++)
		if (str_eq(u->code[i], code))
			return true;
	return false;
}

/* With JSON it is one object more among the documents. */
static void
print_json(const struct unruled *u, const struct tenant *t)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, JSON_MAX);
	json_begin(&o, &b);
	json_open_object(&o);
	json_put_member(&o, "type", "articles without a rule");
	json_put_member(&o, "tenant", t->name);
	json_put_key(&o, "articles");
	json_open_array(&o);
	for (size_t i = 0; i < u->n; i++)
		json_put_str(&o, u->code[i]);
	json_close_array(&o);
	json_close_object(&o);
	(void)printf("%s,\n", b.data);
	buf_free(&b);
}

static void
print_words(struct unruled *u, const struct tenant *t)
{
	(void)printf("articles of %s without a rule:\n", t->name);
	for (size_t i = 0; i < u->n; i++) {
		str_tame(u->code[i]);	/* it is the shop's word */
		(void)printf("  %s\n", u->code[i][0] != '\0' ? u->code[i] :
		    "(no article code)");
	}
	if (u->n == UNRULED_MAX)
		(void)printf("  ...\n");
}

static void
end(struct unruled *u, const struct tenant *t)
{
	journalize(&u->journal, t, NULL);
	if (u->n > 0 && u->journal.json)
		print_json(u, t);
	else if (u->n > 0)
		print_words(u, t);
	secret_zero(u->code, sizeof(u->code));
	u->n = 0;
}

void
unruled_show(void *arg, const struct tenant *t, const struct document *d)
{
	struct unruled *u = arg;

	if (d == NULL) {
		end(u, t);
		return;
	}
	journalize(&u->journal, t, d);
	for (size_t i = 0; i < d->lines_n; i++)
		if (d->lines[i].unruled && u->n < UNRULED_MAX &&
		    !seen(u, d->lines[i].article))
			(void)str_copy(u->code[u->n++], sizeof(u->code[0]),
			    d->lines[i].article);
}
