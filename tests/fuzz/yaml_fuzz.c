/*
 * yaml_fuzz.c - any bytes as a tenant's file: no crash, no leak, no hang.
 *
 *   clang -std=c17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined \
 *     -iquote lib tests/fuzz/yaml_fuzz.c build/libsalesync.a LIBS
 *   ./a.out -close_fd_mask=2 corpus/ tests/data/config/bad
 *
 * What was read is walked, so that a wrong pointer in the tree shows, and is
 * held against the rules, the largest reader behind it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ledger.h"
#include "rules.h"
#include "schema.h"
#include "yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
walk(const struct yaml *y, int depth)
{
	int n = 0;

	/* sixteen maps and lists, and the text in the innermost */
	if (depth > 17 || (depth > 16 && y->kind != YAML_SCALAR))
		abort();
	for (const struct yaml *c = y->first; c != NULL; c = c->next) {
		if (c->up != y || (y->kind == YAML_MAP) != (c->key != NULL))
			abort();
		if ((c->kind == YAML_SCALAR) != (c->text != NULL))
			abort();
		if (c->key != NULL && yaml_get(y, c->key) != c)
			abort();
		n += 1 + walk(c, depth + 1);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schema s = { .file = "fuzz", .dir = "/nowhere" };
	struct yaml *y = NULL;
	struct rules r;

	if (yaml_parse("fuzz", (const char *)data, size, &y) != RC_OK) {
		if (y != NULL)
			abort();
		return 0;
	}
	(void)walk(y, 1);
	rules_init(&r);
	rules_read(&s, y, &r);
	ledger_read(&s, y, &r);
	rules_free(&r);
	yaml_drop(y);
	return 0;
}
