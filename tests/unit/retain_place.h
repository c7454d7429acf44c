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
#include "str.h"

#define ZONE "Europe/Amsterdam"
#define CANARY "debtor-canary"

struct place {
	char dir[64];
	struct config cfg;
	struct tenant tenants[2];	/* acme, beta */
	struct master *master;
	struct day today;
};

struct rows { struct retain_done row[16]; size_t n; };

static void
take(void *arg, const struct retain_done *d)
{
	struct rows *r = arg;

	assert_true(r->n < COUNT(r->row));
	r->row[r->n++] = *d;
}

static const struct retain_done *
row(const struct rows *r, enum retain_what what, const char *tenant)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].what == what && (tenant == NULL ?
		    r->row[i].tenant == NULL : r->row[i].tenant != NULL &&
		    str_eq(r->row[i].tenant, tenant)))
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
	memset(r, 0, sizeof(*r));
	return retain_apply(&p->cfg, p->master, dry, take, r);
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

#endif
