/*
 * noise_test.c - what an old copy of the data tells once their term is over:
 * nothing, whatever key is left; and what a store still has of what faded: no
 * byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "db.h"
#include "retain_place.h"

static const char *const tables[] = { "meta", "sales", "intents", "debtors",
    "cursors", "errors", "details", "secrets", "refunded", NULL };

struct attempt {
	int table;
	struct crypt_key *key[8];
	size_t keys, rows, opened;
};

/* What acme's values are bound to: tenant, table and key, each with a NUL. */
static struct part
bound(int table, struct bytes key, char out[600])
{
	int n = snprintf(out, 600, "acme%c%s", 0, tables[table]) + 1;

	memcpy(out + n, key.data, key.len);
	out[n + (int)key.len] = '\0';
	return (struct part){ out, (size_t)n + key.len + 1 };
}

static bool
attempt_row(void *arg, struct bytes key, struct bytes value)
{
	struct attempt *a = arg;
	uint8_t plain[ROWS_MAX];
	char aad[600];
	bool done = false;

	if (key.len == 6 && memcmp(key.data, "format", 6) == 0)
		return true;	/* in the clear, and no secret */
	a->rows++;
	for (size_t i = 0; i < a->keys; i++)
		done = done || crypt_open(a->key[i], bound(a->table, key, aad),
		    value.data, value.len, plain) == RC_OK;
	a->opened += done;
	return true;
}

static void
attempt(const struct place *p, struct attempt *a)
{
	struct db *d = NULL;
	char dir[FILE_PATH];

	assert_int_equal(file_path(dir, p->cfg.store, "tenants/acme"), RC_OK);
	assert_int_equal(db_open(dir, tables, false, true, &d), RC_OK);
	a->rows = a->opened = 0;
	for (a->table = 0; tables[a->table] != NULL; a->table++)
		assert_int_equal(db_rows(d, a->table, (struct bytes){ "", 0 },
		    attempt_row, a), RC_END);
	db_close(d);
	assert_in_range(a->rows, 10, 20);
}

static void
data(const struct place *p, struct buf *out)
{
	char path[FILE_PATH];

	assert_int_equal(file_path(path, p->cfg.store,
	    "tenants/acme/data.mdb"), RC_OK);
	buf_init(out, 4 << 20);
	assert_int_equal(file_read(path, out), RC_OK);
}

/* Put back as it was. */
static void
restore(const struct place *p, struct buf *old)
{
	char path[FILE_PATH];

	assert_int_equal(file_path(path, p->cfg.store, "tenants/acme"),
	    RC_OK);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(file_mkdir(path), RC_OK);
	assert_true(str_add(path, sizeof(path), "/data.mdb"));
	assert_int_equal(file_write(path, old->data, old->len, 0600), RC_OK);
	buf_free(old);
}

static void
test_noise(void **state)
{
	static const char *const left[] = { "@operator", "beta" };
	static const char *const rings[] = { ".ring", NULL };
	struct place *p = *state;
	struct file_info *list = NULL;
	struct ring mine = { 0 }, others[2] = { { 0 } };
	struct attempt a = { .keys = 1 };
	char keys[FILE_PATH];
	struct buf old;
	struct rows r;
	size_t n = 0;

	fill(p, "acme");
	fill(p, "beta");
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(file_path(keys, p->cfg.store, "keys"), RC_OK);
	assert_int_equal(ring_open(keys, "acme", p->master, 0, &mine), RC_OK);
	data(p, &old);
	p->tenants[0].has_end = true;
	p->tenants[0].end = due_end(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	restore(p, &old);
	/* With its own ring, from a copy of the keys, all of it opens. */
	a.key[0] = mine.data;
	attempt(p, &a);
	assert_int_equal(a.opened, a.rows);
	/* With all that is left nothing does. */
	assert_int_equal(file_list(keys, rings, &list, &n), RC_OK);
	assert_int_equal(n, COUNT(left));
	a.key[0] = p->master->key;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ring_open(keys, left[i], p->master, 0,
		    &others[i]), RC_OK);
		a.key[a.keys++] = others[i].data;
		a.key[a.keys++] = others[i].index;
	}
	attempt(p, &a);
	assert_int_equal(a.opened, 0);
	for (size_t i = 0; i < n; i++)
		ring_close(&others[i]);
	ring_close(&mine);
	free(list);
}

struct seen { struct buf value[4]; size_t n; };

static bool
see(void *arg, struct bytes key, struct bytes value)
{
	struct seen *s = arg;

	(void)key;
	buf_init(&s->value[s->n], value.len);
	buf_add(&s->value[s->n++], value.data, value.len);
	return true;
}

/* The sealed bytes of details that faded are nowhere in the file; those of
 * the others are, and were. */
static void
test_faded(void **state)
{
	struct place *p = *state;
	struct seen s = { .n = 0 };
	struct db *d = NULL;
	char dir[FILE_PATH];
	struct buf file;
	struct rows r;
	size_t there = 0;

	fill(p, "acme");
	assert_int_equal(file_path(dir, p->cfg.store, "tenants/acme"), RC_OK);
	assert_int_equal(db_open(dir, tables, false, true, &d), RC_OK);
	assert_int_equal(db_rows(d, ENV_DETAILS, (struct bytes){ "", 0 }, see,
	    &s), RC_END);
	db_close(d);
	assert_int_equal(s.n, 3);
	for (int done = 0; done < 2; done++) {
		data(p, &file);
		there = 0;
		for (size_t i = 0; i < s.n; i++)
			there += memmem(file.data, file.len, s.value[i].data,
			    s.value[i].len) != NULL;
		assert_int_equal(there, done ? 2 : 3);
		buf_free(&file);
		assert_int_equal(apply(p, false, &r), RC_OK);
	}
	for (size_t i = 0; i < s.n; i++)
		buf_free(&s.value[i]);
}

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest all[] = {
		PLACE(test_noise), PLACE(test_faded),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
