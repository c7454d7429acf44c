/*
 * retain_place.h - a folder with a store, logs and two tenants, and the
 * calendar worked out once more; for the tests of retention.
 */
#ifndef RETAIN_PLACE_H
#define RETAIN_PLACE_H

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "file.h"
#include "master.h"
#include "retain.h"
#include "safe.h"
#include "store.h"
#include "str.h"
#include "sweep.h"

#define ZONE "Europe/Amsterdam"
#define CANARY "debtor-canary"

struct place {
	char dir[64];
	struct config cfg;
	struct tenant tenants[2];	/* acme, beta */
	struct master *master;
	struct day today;
};

struct rows {
	struct plan_row row[40];
	char name[40][SALE_NAME], why[40][OPERATOR_TEXT + 8];
	size_t n;
};

static void
take(struct rows *r, const struct plan *p)
{
	assert_true(p->rows_n <= COUNT(r->row));
	for (r->n = 0; r->n < p->rows_n; r->n++) {
		r->row[r->n] = p->row[r->n];
		str_copy(r->name[r->n], SALE_NAME, p->row[r->n].tenant);
		str_copy(r->why[r->n], sizeof(r->why[0]), p->row[r->n].why);
		r->row[r->n].why = r->why[r->n];
	}
}

/* The first of that rule; tenant NULL: the operator's own. */
static inline const struct plan_row *
row(const struct rows *r, enum rule rule, const char *tenant)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].rule == rule && str_eq(r->name[i],
		    tenant != NULL ? tenant : ""))
			return &r->row[i];
	return NULL;
}

static int
setup(void **state)
{
	static char names[2][8] = { "acme", "beta" };
	static char zone[] = ZONE;
	struct place *p = calloc(1, sizeof(*p));
	char path[FILE_PATH], key[66];

	assert_non_null(p);
	str_copy(p->dir, sizeof(p->dir), "/tmp/retain_testXXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_true(str_fmt(p->cfg.store, FILE_PATH, "%s/store", p->dir));
	assert_true(str_fmt(p->cfg.logs, FILE_PATH, "%s/logs", p->dir));
	assert_int_equal(file_mkdir(p->cfg.store), RC_OK);
	assert_int_equal(file_mkdir(p->cfg.logs), RC_OK);
	p->cfg.zone = zone;
	p->cfg.year_end = (struct day){ STATUTORY_LEAP, 12, 31 };
	p->cfg.tenants = p->tenants;
	p->cfg.tenants_n = 2;
	for (size_t i = 0; i < 2; i++)
		p->tenants[i].name = names[i];
	master_make(key);
	assert_true(str_fmt(path, sizeof(path), "%s/key", p->dir));
	assert_int_equal(file_write(path, key, 65, 0600), RC_OK);
	assert_int_equal(master_load("file:key", p->dir, &p->master), RC_OK);
	p->today = clock_day_of(clock_now(), ZONE);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	master_free(p->master);
	assert_int_equal(file_remove(p->dir), RC_OK);
	free(p);
	return 0;
}

static enum rc
apply(struct place *p, bool dry, struct rows *r)
{
	struct plan *plan = NULL;
	enum rc rc = retain_plan(&p->cfg, p->master, &plan);

	if (!dry)
		rc = rc_worse(rc, sweep(plan, "test"));
	memset(r, 0, sizeof(*r));
	take(r, plan);
	plan_free(plan);
	return rc;
}

/* The last day of a term: the same day some months on, or that month's last */
static struct day
last_day(struct day d, int months)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };
	int most;

	d.month += months;
	if (d.month > 12) {
		d.month -= 12;
		d.year++;
	}
	most = length[d.month - 1];
	if (d.month == 2 && d.year % 4 == 0)	/* 1970..2099 */
		most = 29;
	if (d.day > most)
		d.day = most;
	return d;
}

static bool
over(const struct place *p, struct day from, int months)
{
	return clock_day_cmp(last_day(from, months), p->today) < 0;
}

/* --- a tenant's store --- */

static struct store *
open_store(const struct place *p, const char *name, enum store_mode mode)
{
	struct store_place at = { .dir = p->cfg.store, .tenant = name,
	    .master = p->master };
	struct store *s = NULL;

	assert_int_equal(store_open(&at, mode, &s), RC_OK);
	assert_non_null(s);
	return s;
}

static void
error_put(struct store *s, int number, int64_t last_at, const char *debtor)
{
	struct error_row e = { .why = M_VAT_RULE, .first_at = last_at - 9,
	    .last_at = last_at, .times = 1, .kind = SALE_ORDER };
	struct sale_key k;

	assert_true(str_copy(e.source, sizeof(e.source), "shop"));
	assert_true(str_fmt(e.id, sizeof(e.id), "%d", number));
	assert_true(str_copy(e.number, sizeof(e.number), e.id));
	assert_true(str_copy(e.text, sizeof(e.text), "our words"));
	assert_true(str_copy(e.debtor_text, sizeof(e.debtor_text), debtor));
	store_sale_key(s, "shop", SALE_ORDER, e.id, 0, &k);
	store_error_put(s, &k, &e);
}

static void
secret_put(struct store *s, const char *name)
{
	struct secret_row v = { .at = clock_now() };

	assert_int_equal(secret_set(&v.value, "hunter2", 7), RC_OK);
	safe_put(store_safe(s), SAFE_CURRENT, "shop", name, &v);
	secret_wipe(&v.value);
}

/* The first day whose errors are not due. */
static struct day
first_kept(const struct place *p)
{
	struct day d = clock_day_add(p->today, -100);

	while (over(p, d, 2))
		d = clock_day_add(d, 1);
	return d;
}

/* Two due errors, one of them without a debtor's values; two that stay. */
static inline void
fill(const struct place *p, const char *tenant)
{
	int64_t edge = clock_day_start(first_kept(p), ZONE);
	struct store *s;
	char path[FILE_PATH];

	assert_true(str_fmt(path, sizeof(path), "%s/tenants", p->cfg.store));
	assert_int_equal(file_mkdir(path), RC_OK);
	s = open_store(p, tenant, STORE_MAKE);
	assert_int_equal(store_begin(s), RC_OK);
	error_put(s, 1, edge - 1, CANARY);
	error_put(s, 2, edge, CANARY);
	error_put(s, 3, clock_now(), CANARY);
	error_put(s, 4, edge - 1, "");
	secret_put(s, "consumer_key");
	secret_put(s, "consumer_secret");
	assert_int_equal(store_commit(s), RC_OK);
	store_close(s);
}

static inline void
counts(const struct place *p, const char *tenant, struct store_counts *n)
{
	struct store *s = open_store(p, tenant, STORE_READ);

	assert_int_equal(store_counts(s, n), RC_OK);
	store_close(s);
}

/* The latest end of a contract whose term is over. */
static inline struct day
due_end(const struct place *p)
{
	return clock_day_add(first_kept(p), -1);
}

#endif
