/*
 * condition.h - conditions that a tenant's rules put to a sale: the lists
 * `skip` and `only`.
 */
#ifndef CONDITION_H
#define CONDITION_H

#include <stddef.h>

#include "schema.h"
#include "yaml.h"

enum condition_key { ON_STATUS, ON_CHANNEL, ON_TAG, ON_COUNTRY, ON_KIND,
    ON_SOURCE };

/* Words that may stand under a key; one that a key has twice is either. */
struct condition_word { enum condition_key key; char *text; };

struct condition {		/* all its keys must hold */
	struct condition_word *words;
	size_t n;
};

struct conditions {		/* one of them must hold */
	struct condition *c;
	size_t n;
};

/* Read a list of maps; faults are counted in s. */
void conditions_read(struct schema *s, const struct yaml *list,
    struct conditions *out);
void conditions_free(struct conditions *l);

#endif
