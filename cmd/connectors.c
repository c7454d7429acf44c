/*
 * connectors.c - salesync connectors: what can be connected, from the
 * connectors' own tables.
 */
#include <stdio.h>

#include "buf.h"
#include "cmd.h"
#include "json.h"
#include "log.h"
#include "report.h"
#include "str.h"
#include "table.h"

#define OUT_MAX (1u << 20)

static const char *
kind_name(const struct connector *k)
{
	return k->source != NULL ? "source" : "books";
}

static const char *
class_name(const struct connector *k)
{
	static const char *const names[] = { [CLASS_K] = "K", [CLASS_U] = "U",
	    [CLASS_L] = "L", [CLASS_N] = "N" };

	return k->source != NULL ? NULL : names[k->class];
}

static const char *
maturity_name(enum maturity m)
{
	static const char *const names[] = {
		[MATURITY_PROVEN] = "proven",
		[MATURITY_CONTRACT] = "contract",
		[MATURITY_SAMPLES] = "samples",
	};

	return names[m];
}

static void
put_setting(struct json_out *o, const struct setting *s)
{
	json_open_object(o);
	json_put_member(o, "name", s->name);
	json_put_key(o, "required");
	json_put_bool(o, s->required);
	json_put_member(o, "preset", s->preset);
	json_put_member(o, "help", s->help);
	json_close_object(o);
}

static void
put_settings(struct json_out *o, const struct connector *k)
{
	struct setting url = { .name = "url", .preset = k->url,
	    .required = k->url == NULL, .help = "https address" };

	json_put_key(o, "settings");
	json_open_array(o);
	if (!k->local)
		put_setting(o, &url);
	for (const struct setting *s = k->settings;
	    s != NULL && s->name != NULL; s++)
		put_setting(o, s);
	json_close_array(o);
}

static void
put_secrets(struct json_out *o, const struct connector *k)
{
	json_put_key(o, "secrets");
	json_open_array(o);
	for (const struct secret_key *s = k->secrets;
	    s != NULL && s->name != NULL; s++) {
		json_open_object(o);
		json_put_member(o, "name", s->name);
		json_put_key(o, "required");
		json_put_bool(o, s->required);
		json_put_key(o, "group");
		json_put_i64(o, s->group);
		json_put_member(o, "help", s->help);
		json_close_object(o);
	}
	json_close_array(o);
}

static void
put_connector(struct json_out *o, const struct connector *k)
{
	json_open_object(o);
	json_put_member(o, "name", k->name);
	json_put_member(o, "title", k->title);
	json_put_member(o, "kind", kind_name(k));
	json_put_member(o, "class", class_name(k));
	json_put_member(o, "maturity", maturity_name(k->maturity));
	put_settings(o, k);
	put_secrets(o, k);
	json_close_object(o);
}

/* All of them, or the one. */
static void
print_json(const struct connector *only)
{
	struct buf b;
	struct json_out o;

	buf_init(&b, OUT_MAX);
	json_begin(&o, &b);
	json_open_array(&o);
	for (size_t i = 0; connectors[i] != NULL; i++)
		if (only == NULL || only == connectors[i])
			put_connector(&o, connectors[i]);
	json_close_array(&o);
	(void)fwrite(b.data, 1, b.len, stdout);
	(void)putchar('\n');
	buf_free(&b);
}

static void
print_all(void)
{
	static const char *const columns[] = { "name", "kind", "class",
	    "maturity", "title", NULL };
	struct report *r = report_new(false, columns);

	for (size_t i = 0; connectors[i] != NULL; i++) {
		report_text(r, connectors[i]->name);
		report_text(r, kind_name(connectors[i]));
		report_text(r, class_name(connectors[i]));
		report_text(r, maturity_name(connectors[i]->maturity));
		report_text(r, connectors[i]->title);
	}
	report_end(r);
}

static void
print_one(const struct connector *k)
{
	(void)printf("%s: %s (%s, maturity %s)\n", k->name, k->title,
	    kind_name(k), maturity_name(k->maturity));
	if (k->books != NULL)
		(void)printf("class %c, found again after at most %d s, "
		    "%d requests a minute, reference of %d characters\n",
		    (char)k->class, k->search_lag_s, k->rate,
		    k->reference_max);
	(void)puts("\nSettings:");
	if (!k->local)
		(void)printf("  %-20s %s\n", "url", k->url != NULL ? k->url :
		    "required: https://...");
	for (const struct setting *s = k->settings;
	    s != NULL && s->name != NULL; s++)
		(void)printf("  %-20s %s%s%s%s\n", s->name, s->help,
		    s->required ? " (required)" : "",
		    s->preset != NULL ? "; preset " : "",
		    s->preset != NULL ? s->preset : "");
	if (!k->local)
		(void)puts("  ca_file, proxy, timeout, rate: see sync.yaml(5)");
	if (k->secrets == NULL)
		return;
	(void)puts("\nSecrets, stored with salesync rotate-credentials:");
	for (const struct secret_key *s = k->secrets; s->name != NULL; s++)
		(void)printf("  %-20s %s%s\n", s->name, s->help,
		    s->required ? " (required)" : "");
}

static int
run_connectors(struct cmd *c)
{
	const struct connector *k = NULL;

	if (c->words_n > 1)
		return cmd_usage(c, "connectors takes one name");
	if (c->words_n == 1 &&
	    (k = connector_find(c->words[0])) == NULL) {
		SAY(M_CONNECTOR, F_WORD("text", c->words[0]));
		return 64;
	}
	if (cmd_option(c, "json") != NULL)
		print_json(k);
	else if (k != NULL)
		print_one(k);
	else
		print_all();
	return 0;
}

const struct command connectors_command = {
	.name = "connectors",
	.summary = "List the connectors, or print one in full.",
	.words = "[NAME]",
	.takes = TAKES_WORDS,
	.options = { { "json", NULL, "as JSON" } },
	.run = run_connectors,
};
