/*
 * retain_test.c - each rule at its boundary, on a real store: what is due
 * goes, what is due a day later stays, and nothing else is touched.
 *
 * Due days are worked out here again, by calendar arithmetic alone, for many
 * days around today.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "file.h"
#include "lock.h"
#include "master.h"
#include "retain.h"
#include "retain_place.h"
#include "safe.h"
#include "store.h"
#include "str.h"

/* --- log files --- */

static void
log_path(const struct place *p, struct day d, char out[FILE_PATH])
{
	char day[CLOCK_DAY];

	clock_day_print(day, d);
	assert_true(str_fmt(out, FILE_PATH, "%s/salesync-%s.log",
	    p->cfg.logs, day));
}

static const char *const strangers[] = { "salesync-2020-01-01.log.gz",
    "salesync-2020-01-01.log.log", "salesync-2020-02-30.log",
    "salesync-2020-1-1.log", "Salesync-2020-01-01.log", "other.log",
    "salesync-2020-01-01.txt", "salesync-2020-01-01-log",
    "salesync-20200-1-01.log", "xsalesync-2020-01-01.log" };

static void
strangers_make(const struct place *p)
{
	char path[FILE_PATH];

	for (size_t i = 0; i < COUNT(strangers); i++) {
		assert_int_equal(file_path(path, p->cfg.logs, strangers[i]),
		    RC_OK);
		assert_int_equal(file_write(path, "x", 1, 0600), RC_OK);
	}
	assert_int_equal(file_path(path, p->cfg.logs,
	    "salesync-2020-01-02.log"), RC_OK);
	assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void
strangers_check(const struct place *p)
{
	char path[FILE_PATH];

	for (size_t i = 0; i < COUNT(strangers); i++) {
		assert_int_equal(file_path(path, p->cfg.logs, strangers[i]),
		    RC_OK);
		if (access(path, F_OK) != 0)
			fail_msg("%s is gone", strangers[i]);
	}
	assert_int_equal(access("/etc/passwd", F_OK), 0);
}

static void
test_logs(void **state)
{
	struct place *p = *state;
	char path[FILE_PATH];
	struct rows r;
	uint64_t due = 0;
	struct day d;

	strangers_make(p);
	for (int i = 0; i < 70; i++) {
		d = clock_day_add(p->today, -i);
		due += over(p, d, 1);
		log_path(p, d, path);
		assert_int_equal(file_write(path, "x\n", 2, 0600), RC_OK);
	}
	assert_true(due > 35 && due < 45);
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_LOGS, NULL)->gone, due);
	assert_int_equal(row(&r, RETAIN_LOGS, NULL)->kept, 70 - due);
	assert_int_equal(access(path, F_OK), 0);	/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_LOGS, NULL)->gone, due);
	for (int i = 0; i < 70; i++) {
		d = clock_day_add(p->today, -i);
		log_path(p, d, path);
		if ((access(path, F_OK) != 0) != over(p, d, 1))
			fail_msg("%s", path);
	}
	d = clock_day_add(p->today, -(69 - (int)due));
	assert_true(row(&r, RETAIN_LOGS, NULL)->next_at ==
	    clock_day_start(clock_day_add(last_day(d, 1), 1), ZONE));
	strangers_check(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_LOGS, NULL)->gone, 0);
	assert_int_equal(r.n, 1);	/* no tenant has a store */
}

static void
test_no_logs(void **state)
{
	struct place *p = *state;
	struct rows r;

	assert_int_equal(file_remove(p->cfg.logs), RC_OK);
	assert_int_equal(apply(p, false, &r), RC_CONFIG);
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
static void
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

static void
counts(const struct place *p, const char *tenant, struct store_counts *n)
{
	struct store *s = open_store(p, tenant, STORE_READ);

	assert_int_equal(store_counts(s, n), RC_OK);
	store_close(s);
}

static enum rc
see(void *arg, const struct sale_key *k, const struct error_row *e)
{
	int *seen = arg;
	int number = e->id[0] - '0';

	(void)k;
	assert_string_equal(e->text, "our words");
	assert_in_range(number, 1, 4);
	assert_string_equal(e->debtor_text,
	    number == 2 || number == 3 ? CANARY : "");
	*seen += 1;
	return RC_OK;
}

static void
test_details(void **state)
{
	struct place *p = *state;
	struct store_counts n;
	struct store *s;
	struct rows r;
	int seen = 0;

	fill(p, "acme");
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->gone, 1);
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->kept, 2);
	assert_null(row(&r, RETAIN_DETAILS, "beta"));
	counts(p, "acme", &n);
	assert_int_equal(n.details, 3);		/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->gone, 1);
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->kept, 2);
	assert_true(row(&r, RETAIN_DETAILS, "acme")->next_at ==
	    clock_day_start(clock_day_add(last_day(first_kept(p), 2), 1),
	    ZONE));
	counts(p, "acme", &n);
	assert_int_equal(n.details, 2);
	assert_int_equal(n.errors, 4);		/* the words stay */
	s = open_store(p, "acme", STORE_READ);
	assert_int_equal(store_error_each(s, see, &seen), RC_OK);
	assert_int_equal(seen, 4);
	store_close(s);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->gone, 0);
}

/* The latest end of a contract whose term is over. */
static struct day
due_end(const struct place *p)
{
	return clock_day_add(first_kept(p), -1);
}

static void
test_credentials(void **state)
{
	struct place *p = *state;
	struct tenant *acme = &p->tenants[0];
	struct store_counts n;
	struct rows r;

	fill(p, "acme");
	fill(p, "beta");
	acme->has_end = true;
	acme->end = first_kept(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_CREDENTIALS, "acme")->gone, 0);
	assert_int_equal(row(&r, RETAIN_CREDENTIALS, "acme")->kept, 2);
	assert_true(row(&r, RETAIN_CREDENTIALS, "acme")->next_at ==
	    clock_day_start(clock_day_add(last_day(acme->end, 2), 1), ZONE));
	assert_true(row(&r, RETAIN_CREDENTIALS, "beta")->next_at == 0);
	acme->end = due_end(p);
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_CREDENTIALS, "acme")->gone, 2);
	counts(p, "acme", &n);
	assert_int_equal(n.secrets, 2);		/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_CREDENTIALS, "acme")->gone, 2);
	assert_int_equal(row(&r, RETAIN_CREDENTIALS, "acme")->kept, 0);
	counts(p, "acme", &n);
	assert_int_equal(n.secrets, 0);
	assert_int_equal(n.errors, 4);
	counts(p, "beta", &n);
	assert_int_equal(n.secrets, 2);		/* no end: they stay */
	assert_int_equal(row(&r, RETAIN_CREDENTIALS, "beta")->kept, 2);
}

static ino_t
inode(const struct place *p, const char *tenant)
{
	char path[FILE_PATH];
	struct stat st;

	assert_true(str_fmt(path, sizeof(path), "%s/tenants/%s/data.mdb",
	    p->cfg.store, tenant));
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Written anew when something went, and when a run died before it could. */
static void
test_reload(void **state)
{
	struct place *p = *state;
	char mark[FILE_PATH];
	struct rows r;
	ino_t before;

	fill(p, "acme");
	assert_true(str_fmt(mark, sizeof(mark), "%s/tenants/acme/reload",
	    p->cfg.store));
	before = inode(p, "acme");
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_true(inode(p, "acme") != before);
	assert_int_not_equal(access(mark, F_OK), 0);
	before = inode(p, "acme");
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_true(inode(p, "acme") == before);
	assert_int_equal(file_write(mark, "reload\n", 7, 0600), RC_OK);
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_true(inode(p, "acme") == before);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_true(inode(p, "acme") != before);
	assert_int_not_equal(access(mark, F_OK), 0);
}

/* Another run holds acme: beta is done all the same. */
static void
test_locked(void **state)
{
	struct place *p = *state;
	int go[2], ready[2], fd = -1, status;
	char c = 0;
	struct rows r;
	pid_t pid;

	fill(p, "acme");
	fill(p, "beta");
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(go[1]);
		if (lock_take(&p->cfg, "acme", &fd) != RC_OK ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(go[0], &c, 1) < 0);
	}
	close(go[0]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(apply(p, false, &r), RC_LATER);
	assert_null(row(&r, RETAIN_DETAILS, "acme"));
	assert_int_equal(row(&r, RETAIN_DETAILS, "beta")->gone, 1);
	assert_int_equal(apply(p, true, &r), RC_OK);	/* counting may */
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->gone, 1);
	close(go[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RETAIN_DETAILS, "acme")->gone, 1);
	close(ready[0]);
	close(ready[1]);
}

/* A tenant that can't be opened does not stop the others. */
static void
test_broken(void **state)
{
	struct place *p = *state;
	char path[FILE_PATH];
	struct rows r;

	fill(p, "acme");
	fill(p, "beta");
	assert_true(str_fmt(path, sizeof(path), "%s/keys/acme.ring",
	    p->cfg.store));
	assert_int_equal(file_write(path, "rubbish", 7, 0600), RC_OK);
	assert_true(apply(p, false, &r) >= RC_CONFIG);
	assert_null(row(&r, RETAIN_DETAILS, "acme"));
	assert_int_equal(row(&r, RETAIN_DETAILS, "beta")->gone, 1);
}

static void
test_next(void **state)
{
	struct place *p = *state;
	struct tenant *t = &p->tenants[0];
	int64_t now = clock_now(), details, end;

	assert_true(retain_next(&p->cfg, t, 0) == 0);
	details = clock_day_start(clock_day_add(last_day(p->today, 2), 1),
	    ZONE);
	assert_true(retain_next(&p->cfg, t, now) == details);
	t->has_end = true;
	t->end = clock_day_add(p->today, -3);
	end = clock_day_start(clock_day_add(last_day(t->end, 2), 1), ZONE);
	assert_true(retain_next(&p->cfg, t, 0) == end);
	assert_true(retain_next(&p->cfg, t, now) == end);
	t->end = clock_day_add(p->today, 3);
	assert_true(retain_next(&p->cfg, t, now) == details);
	t->end = due_end(p);		/* over and done */
	assert_true(retain_next(&p->cfg, t, 0) == 0);
}

static void
test_rules(void **state)
{
	(void)state;
	assert_int_equal(retain_rules[RETAIN_LOGS].months, 1);
	assert_int_equal(retain_rules[RETAIN_DETAILS].months, 2);
	assert_int_equal(retain_rules[RETAIN_CREDENTIALS].months, 2);
	for (int i = 0; i < RETAIN_COUNT; i++) {
		assert_int_equal(retain_rules[i].what, i);
		assert_false(str_empty(retain_rules[i].name));
		assert_false(str_empty(retain_rules[i].holds));
		assert_false(str_empty(retain_rules[i].from));
	}
}

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(test_logs), PLACE(test_no_logs), PLACE(test_details),
		PLACE(test_credentials), PLACE(test_reload),
		PLACE(test_locked), PLACE(test_broken), PLACE(test_next),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
