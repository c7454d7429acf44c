/*
 * connectors.c - salesync connectors: what can be connected, from the
 * connectors' own tables.
 */
#include <stdio.h>

#include "cmd.h"
#include "log.h"
#include "report.h"
#include "str.h"
#include "table.h"

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
list_words(const struct connector *k, bool secrets, char *out, size_t size)
{
	out[0] = '\0';
	for (const struct setting *s = k->settings;
	    !secrets && s != NULL && s->name != NULL; s++) {
		(void)str_add(out, size, out[0] != '\0' ? " " : "");
		(void)str_add(out, size, s->name);
	}
	for (const struct secret_key *s = k->secrets;
	    secrets && s != NULL && s->name != NULL; s++) {
		(void)str_add(out, size, out[0] != '\0' ? " " : "");
		(void)str_add(out, size, s->name);
	}
}

static void
print_all(bool json)
{
	static const char *const columns[] = { "name", "kind", "class",
	    "maturity", "settings", "secrets", "title", NULL };
	struct report *r = report_new(json, columns);
	char words[512];

	for (size_t i = 0; connectors[i] != NULL; i++) {
		const struct connector *k = connectors[i];

		report_text(r, k->name);
		report_text(r, kind_name(k));
		report_text(r, class_name(k));
		report_text(r, maturity_name(k->maturity));
		list_words(k, false, words, sizeof(words));
		report_text(r, words);
		list_words(k, true, words, sizeof(words));
		report_text(r, words);
		report_text(r, k->title);
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
	const struct connector *k;

	if (c->words_n > 1)
		return cmd_usage(c, "connectors takes one name");
	if (c->words_n == 0) {
		print_all(cmd_option(c, "json") != NULL);
		return 0;
	}
	k = connector_find(c->words[0]);
	if (k == NULL) {
		SAY(M_CONNECTOR, F_WORD("text", c->words[0]));
		return 64;
	}
	print_one(k);
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
