/*
 * condition.c - reads conditions out of YAML.
 *
 * What is not a word that a sale can have is a fault here and now: a filter
 * that never holds would let through, or leave out, without a word.
 */
#include "condition.h"

#include <stdlib.h>

#include "buf.h"
#include "sale.h"
#include "str.h"

static const char *const kinds[] = { "order", "receipt", "refund", "summary",
    NULL };

static const struct typed_key keys[] = {
	[ON_STATUS] = { .name = "status", .type = TYPED_TEXT,
	    .max = SALE_NAME - 1 },
	[ON_CHANNEL] = { .name = "channel", .type = TYPED_TEXT,
	    .max = SALE_NAME - 1 },
	[ON_TAG] = { .name = "tag", .type = TYPED_TEXT,
	    .max = SALE_NAME - 1 },
	[ON_COUNTRY] = { .name = "country", .type = TYPED_COUNTRY },
	[ON_KIND] = { .name = "kind", .type = TYPED_CHOICE,
	    .choices = kinds },
	[ON_SOURCE] = { .name = "source", .type = TYPED_NAME },
};

static void
word_read(struct schema *s, const struct yaml *y, enum condition_key key,
    struct condition *c)
{
	unsigned faults = s->faults;

	schema_value(s, y, &keys[key], NULL);
	if (s->faults > faults)
		return;
	c->words = mem_grow(c->words, (c->n + 1) * sizeof(*c->words));
	c->words[c->n].key = key;
	c->words[c->n++].text = mem_dup(y->text);
}

static void
key_read(struct schema *s, const struct yaml *y, struct condition *c)
{
	const char *known[COUNT(keys)];
	size_t key = COUNT(keys);

	for (size_t i = 0; i < COUNT(keys); i++) {
		known[i] = keys[i].name;
		if (str_eq(y->key, known[i]))
			key = i;
	}
	if (key == COUNT(keys))
		schema_unknown(s, y, known, COUNT(keys));
	else if (y->kind != YAML_LIST)
		word_read(s, y, (enum condition_key)key, c);
	else if (y->first == NULL)
		schema_fault(s, y, "expected at least one value");
	else
		for (y = y->first; y != NULL; y = y->next)
			word_read(s, y, (enum condition_key)key, c);
}

void
conditions_read(struct schema *s, const struct yaml *list,
    struct conditions *out)
{
	for (const struct yaml *y = list->first; y != NULL; y = y->next) {
		struct condition *c;

		if (!schema_is(s, y, YAML_MAP))
			continue;
		if (y->first == NULL)
			schema_fault(s, y, "a condition without a key would "
			    "hold for every sale");
		out->c = mem_grow(out->c, (out->n + 1) * sizeof(*out->c));
		c = &out->c[out->n++];
		*c = (struct condition){ .n = 0 };
		for (const struct yaml *k = y->first; k != NULL; k = k->next)
			key_read(s, k, c);
	}
}

void
conditions_free(struct conditions *l)
{
	for (size_t i = 0; i < l->n; i++) {
		for (size_t k = 0; k < l->c[i].n; k++)
			free(l->c[i].words[k].text);
		free(l->c[i].words);
	}
	free(l->c);
}
