/*
 * tenant.c - reads a tenant's file into a struct tenant.
 *
 * All faults of a file are said before it is given up; a tenant is whole or
 * not there.  Looks at nothing but the file and the ca_file it names.
 */
#include "tenant.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "ledger.h"
#include "str.h"

static const struct typed_key tenant_keys[] = {
	{ .name = "tenant", .type = TYPED_NAME, .required = true,
	    .at = offsetof(struct tenant, name) },
	{ .name = "contract", .type = TYPED_MAP, .required = true },
	{ .name = "customer", .type = TYPED_MAP },
	{ .name = "hold", .type = TYPED_TEXT,
	    .at = offsetof(struct tenant, hold), .max = 199 },
	{ .name = "language", .type = TYPED_CHOICE,
	    .at = offsetof(struct tenant, language),
	    .choices = catalog_languages },
	{ .name = "services", .type = TYPED_LIST },
	{ .name = "sources", .type = TYPED_MAP, .required = true },
	{ .name = "books", .type = TYPED_MAP, .required = true },
	{ .name = "rules", .type = TYPED_MAP },
	{ .name = NULL }
};

static const struct typed_key contract_keys[] = {
	{ .name = "start", .type = TYPED_DAY, .required = true,
	    .at = offsetof(struct tenant, start) },
	{ .name = "end", .type = TYPED_DAY,
	    .at = offsetof(struct tenant, end) },
	{ .name = NULL }
};

#define CUSTOMER_TEXT(field, most) { .name = #field, .type = TYPED_TEXT, \
    .at = offsetof(struct customer, field), .max = (most) }

static const struct typed_key customer_keys[] = {
	CUSTOMER_TEXT(name, 200),
	CUSTOMER_TEXT(address, 200),
	CUSTOMER_TEXT(postcode, 20),
	CUSTOMER_TEXT(city, 100),
	CUSTOMER_TEXT(email, 254),
	CUSTOMER_TEXT(iban, 42),
	CUSTOMER_TEXT(vat_number, 32),
	{ .name = "country", .type = TYPED_COUNTRY,
	    .at = offsetof(struct customer, country) },
	{ .name = NULL }
};

struct service { char *name; struct day since; };

static const struct typed_key service_keys[] = {
	{ .name = "name", .type = TYPED_TEXT, .required = true,
	    .at = offsetof(struct service, name), .max = 200 },
	{ .name = "since", .type = TYPED_DAY,
	    .at = offsetof(struct service, since) },
	{ .name = NULL }
};

/* A child of the right kind; of a wrong one it was said already. */
static const struct yaml *
part(const struct yaml *root, const char *key, enum yaml_kind kind)
{
	const struct yaml *y = yaml_get(root, key);

	return y != NULL && y->kind == kind ? y : NULL;
}

static void
contract_read(struct schema *s, const struct yaml *map, struct tenant *t)
{
	const struct yaml *end = yaml_get(map, "end");

	if (map == NULL)
		return;
	schema_read(s, map, contract_keys, t);
	t->has_end = end != NULL && t->end.year != 0;
	if (t->has_end && t->start.year != 0 &&
	    clock_day_cmp(t->end, t->start) < 0)
		schema_fault(s, end, "the contract ends before it starts");
}

static void
services_read(struct schema *s, const struct yaml *list, struct tenant *t)
{
	for (const struct yaml *y = list != NULL ? list->first : NULL;
	    y != NULL; y = y->next) {
		struct service v = { NULL, { 0, 0, 0 } };
		char since[CLOCK_DAY] = "";

		schema_read(s, y, service_keys, &v);
		if (v.since.year != 0)
			clock_day_print(since, v.since);
		if (v.name != NULL)
			rules_pair_add(&t->services, &t->services_n, v.name,
			    since, y->line);
		free(v.name);
	}
}

/* References write - as _: SHOP-2 and SHOP_2 would share theirs. */
static bool
same_reference(const struct tenant *t, const char *name)
{
	for (size_t i = 0; i < t->sources_n; i++) {
		const char *a = t->sources[i].name, *b = name;

		while (*a != '\0' && (*a == *b || (strchr("-_", *a) != NULL &&
		    *b != '\0' && strchr("-_", *b) != NULL))) {
			a++;
			b++;
		}
		if (*a == '\0' && *b == '\0')
			return true;
	}
	return false;
}

static void
sources_read(struct schema *s, const struct yaml *map,
    const struct connector *const *connectors, struct tenant *t)
{
	if (map == NULL)
		return;
	if (map->first == NULL)
		schema_fault(s, map, "expected at least one source");
	for (const struct yaml *y = map->first; y != NULL; y = y->next) {
		if (!typed_name_ok(y->key) || str_eq(y->key, "books")) {
			schema_fault_key(s, y, "expected a source's name of "
			    "at most 32 of A-Z a-z 0-9 . _ -, and not books");
			continue;
		}
		if (same_reference(t, y->key)) {
			schema_fault_key(s, y, "another source has this name "
			    "but for - and _, and their references would be "
			    "the same");
			continue;
		}
		t->sources = mem_grow(t->sources,
		    (t->sources_n + 1) * sizeof(*t->sources));
		settings_read(s, y, y->key, connectors,
		    &t->sources[t->sources_n++]);
	}
}

static void
source_known(struct schema *s, const struct yaml *y, const struct tenant *t)
{
	for (size_t i = 0; i < t->sources_n; i++)
		if (y->kind != YAML_SCALAR || str_eq(y->text, t->sources[i].name))
			return;
	schema_fault(s, y, "the tenant has no source of this name");
}

/* A condition on a source that is not there would never hold. */
static void
conditions_check(struct schema *s, const struct yaml *list,
    const struct tenant *t)
{
	for (const struct yaml *y = list != NULL ? list->first : NULL;
	    y != NULL; y = y->next) {
		const struct yaml *k = yaml_get(y, "source");

		if (k != NULL && k->kind == YAML_SCALAR)
			source_known(s, k, t);
		for (k = k != NULL ? k->first : NULL; k != NULL; k = k->next)
			source_known(s, k, t);
	}
}

static void
name_read(struct schema *s, const struct yaml *root, struct tenant *t)
{
	const struct yaml *y = yaml_get(root, "tenant");

	if (y == NULL || y->kind != YAML_SCALAR)
		return;
	t->line = y->line;
	t->column = y->column;
	if (typed_name_ok(y->text))
		s->tenant = y->text;
	/* STORE/tenants/NAME.lock is a tenant's lock, not a tenant. */
	if (str_ends(y->text, ".lock"))
		schema_fault(s, y, "a name must not end in .lock");
}

static void
read_all(struct schema *s, const struct yaml *root,
    const struct connector *const *connectors, struct tenant *t)
{
	const struct yaml *customer = part(root, "customer", YAML_MAP);
	const struct yaml *books = part(root, "books", YAML_MAP);
	const struct yaml *rules = part(root, "rules", YAML_MAP);

	name_read(s, root, t);
	schema_read(s, root, tenant_keys, t);
	t->has_language = yaml_get(root, "language") != NULL;
	contract_read(s, part(root, "contract", YAML_MAP), t);
	if (customer != NULL)
		schema_read(s, customer, customer_keys, &t->customer);
	services_read(s, part(root, "services", YAML_LIST), t);
	sources_read(s, part(root, "sources", YAML_MAP), connectors, t);
	if (books != NULL)
		settings_read(s, books, "books", connectors, &t->books);
	rules_read(s, rules, &t->rules);
	conditions_check(s, part(rules, "skip", YAML_LIST), t);
	conditions_check(s, part(rules, "only", YAML_LIST), t);
	ledger_read(s, rules, &t->rules);
}

enum rc
tenant_load(const char *file, const char *dir,
    const struct connector *const *connectors, struct tenant *out)
{
	struct schema s = { .file = file, .dir = dir };
	struct tenant t = { .file = NULL };
	struct yaml *root = NULL;
	enum rc rc;

	rc = yaml_load(file, &root);
	if (rc != RC_OK)
		return rc;
	t.file = mem_dup(file);
	str_copy(t.customer.country, sizeof(t.customer.country), "NL");
	rules_init(&t.rules);
	read_all(&s, root, connectors, &t);
	yaml_drop(root);
	if (s.faults > 0) {
		tenant_free(&t);
		return RC_CONFIG;
	}
	*out = t;
	return RC_OK;
}

bool
tenant_covers(const struct tenant *t, struct day d)
{
	return clock_day_cmp(d, t->start) >= 0 &&
	    (!t->has_end || clock_day_cmp(d, t->end) <= 0);
}

void
tenant_free(struct tenant *t)
{
	struct customer *c = &t->customer;

	free(t->name);
	free(t->file);
	free(t->hold);
	free(c->name);
	free(c->address);
	free(c->postcode);
	free(c->city);
	free(c->email);
	free(c->iban);
	free(c->vat_number);
	rules_pairs_free(t->services, t->services_n);
	for (size_t i = 0; i < t->sources_n; i++)
		settings_free(&t->sources[i]);
	free(t->sources);
	settings_free(&t->books);
	rules_free(&t->rules);
}
