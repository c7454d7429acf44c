/*
 * explain.c - salesync explain: what a message code means and who should do
 * what about it.
 */
#include <stdio.h>

#include "buf.h"
#include "catalog.h"
#include "cmd.h"
#include "json.h"

#define OUT_MAX (4u << 20)

static void
put_language(struct json_out *o, const struct message *m, enum language l)
{
	json_put_key(o, catalog_languages[l]);
	json_open_object(o);
	json_put_member(o, "cause", l == LANGUAGE_NL ? m->cause_nl :
	    m->cause_en);
	json_put_member(o, "remedy", catalog_remedy(m, l));
	json_put_member(o, "owner", catalog_owner(m->owner, l));
	json_close_object(o);
}

static void
put_message(struct json_out *o, const struct message *m)
{
	json_open_object(o);
	json_put_member(o, "code", m->code);
	json_put_member(o, "text", m->text);
	json_put_key(o, "exit");
	json_put_i64(o, m->exit);
	put_language(o, m, LANGUAGE_EN);
	put_language(o, m, LANGUAGE_NL);
	json_close_object(o);
}

static void
print_json(enum msg only)
{
	struct buf b;
	struct json_out o;

	buf_init(&b, OUT_MAX);
	json_begin(&o, &b);
	json_open_array(&o);
	for (int m = M_NONE + 1; m < M_COUNT; m++)
		if (only == M_NONE || only == (enum msg)m)
			put_message(&o, catalog_get((enum msg)m));
	json_close_array(&o);
	(void)fwrite(b.data, 1, b.len, stdout);
	(void)putchar('\n');
	buf_free(&b);
}

static void
print_one(const struct message *m)
{
	(void)printf("%s  %s\n\n", m->code, m->text);
	(void)printf("Cause:   %s\nRemedy:  %s\nFor:     %s\n\n", m->cause_en,
	    m->remedy_en, catalog_owner(m->owner, LANGUAGE_EN));
	(void)printf("Oorzaak: %s\nWat nu:  %s\nVoor:    %s\n", m->cause_nl,
	    m->remedy_nl, catalog_owner(m->owner, LANGUAGE_NL));
}

static int
run_explain(struct cmd *c)
{
	enum msg m = c->words_n > 0 ? catalog_find(c->words[0]) : M_NONE;

	if (c->words_n > 1)
		return cmd_usage(c, "explain takes one code");
	if (c->words_n == 1 && m == M_NONE)
		return cmd_usage(c, "there is no such code; salesync explain "
		    "lists all");
	if (cmd_option(c, "json") != NULL) {
		print_json(m);
		return 0;
	}
	if (m != M_NONE) {
		print_one(catalog_get(m));
		return 0;
	}
	for (int i = M_NONE + 1; i < M_COUNT; i++)
		(void)printf("%s  %s\n", catalog_get((enum msg)i)->code,
		    catalog_get((enum msg)i)->text);
	return 0;
}

const struct command explain_command = {
	.name = "explain",
	.summary = "Say what a message code means and what to do.",
	.words = "[CODE]",
	.takes = TAKES_WORDS,
	.options = { { "json", NULL, "as JSON, in English and Dutch" } },
	.run = run_explain,
};
