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
	assert_int_equal(row(&r, RULE_LOGS, NULL)->gone, due);
	assert_int_equal(row(&r, RULE_LOGS, NULL)->overdue, due);
	assert_int_equal(row(&r, RULE_LOGS, NULL)->kept, 70 - due);
	assert_int_equal(access(path, F_OK), 0);	/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_LOGS, NULL)->gone, due);
	for (int i = 0; i < 70; i++) {
		d = clock_day_add(p->today, -i);
		log_path(p, d, path);
		if ((access(path, F_OK) != 0) != over(p, d, 1))
			fail_msg("%s", path);
	}
	d = clock_day_add(p->today, -(69 - (int)due));
	assert_true(row(&r, RULE_LOGS, NULL)->next_at ==
	    clock_day_start(clock_day_add(last_day(d, 1), 1), ZONE));
	strangers_check(p);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_LOGS, NULL)->gone, 0);
	assert_null(row(&r, RULE_KEYS, "acme"));	/* it has no store */
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
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 1);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->overdue, 1);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->kept, 2);
	assert_null(row(&r, RULE_DETAILS, "beta"));
	counts(p, "acme", &n);
	assert_int_equal(n.details, 3);		/* dry */
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 1);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->kept, 2);
	assert_true(row(&r, RULE_DETAILS, "acme")->next_at ==
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
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 0);
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
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 0);
	assert_int_equal(row(&r, RULE_DETAILS, "beta")->gone, 1);
	assert_int_equal(apply(p, true, &r), RC_OK);	/* counting may */
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 1);
	close(go[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 1);
	close(ready[0]);
	close(ready[1]);
}

/* Who was erased is forgotten when no backup from before can be left: from
 * the end of that day on, so long. */
static void
test_erasures(void **state)
{
	static const char who[] = " 00112233445566778899aabbccddeeff 1\n";
	struct place *p = *state;
	int64_t today_s = clock_now() - clock_day_start(p->today, ZONE);
	char path[FILE_PATH], line[CLOCK_DAY + sizeof(who)];
	struct rows r;

	fill(p, "beta");
	clock_day_print(line, clock_day_add(p->today, -1));
	assert_true(str_add(line, sizeof(line), who));
	assert_int_equal(file_path(path, p->cfg.store, "keys/beta.erased"),
	    RC_OK);
	assert_int_equal(file_write(path, line, strlen(line), 0600), RC_OK);
	p->cfg.backups_s = today_s + 60;
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_ERASURES, "beta")->kept, 1);
	assert_int_equal(row(&r, RULE_ERASURES, "beta")->overdue, 0);
	assert_int_equal(access(path, F_OK), 0);
	p->cfg.backups_s = today_s;
	assert_int_equal(apply(p, true, &r), RC_OK);
	assert_int_equal(row(&r, RULE_ERASURES, "beta")->overdue, 1);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_ERASURES, "beta")->gone, 1);
	assert_int_equal(access(path, F_OK), -1);
}

/* A tenant that can't be opened does not stop the others, and is done when it
 * can be. */
static void
test_broken(void **state)
{
	struct place *p = *state;
	char path[FILE_PATH];
	struct rows r;
	struct buf ring;

	fill(p, "acme");
	fill(p, "beta");
	assert_true(str_fmt(path, sizeof(path), "%s/keys/acme.ring",
	    p->cfg.store));
	buf_init(&ring, 1024);
	assert_int_equal(file_read(path, &ring), RC_OK);
	assert_int_equal(file_write(path, "rubbish", 7, 0600), RC_OK);
	assert_true(apply(p, false, &r) >= RC_CONFIG);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 0);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->kept, 3);
	assert_int_equal(row(&r, RULE_DETAILS, "beta")->gone, 1);
	assert_int_equal(file_write(path, ring.data, ring.len, 0600), RC_OK);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(row(&r, RULE_DETAILS, "acme")->gone, 1);
	buf_free(&ring);
}

/* How far the clock has been the store knows: by the last error, and by what
 * a source's last run brought. */
static void
test_newest(void **state)
{
	static char shop[] = "shop";
	struct config_connection source = { .name = shop };
	struct place *p = *state;
	int64_t ahead = clock_now() + 3 * 86400;
	struct cursor_row cursor = { .value = "1", .at = ahead + 1 };
	struct plan *plan = NULL;
	struct store *s;

	fill(p, "acme");
	p->tenants[0].sources = &source;
	p->tenants[0].sources_n = 1;
	for (int i = 0; i < 2; i++) {
		s = open_store(p, "acme", STORE_WRITE);
		assert_int_equal(store_begin(s), RC_OK);
		if (i == 0)
			error_put(s, 5, ahead, "");
		else
			store_cursor_put(s, shop, &cursor);
		assert_int_equal(store_commit(s), RC_OK);
		store_close(s);
		assert_int_equal(retain_plan(&p->cfg, p->master, &plan),
		    RC_OK);
		assert_true(plan->newest_at == ahead + i);
		assert_int_equal(sweep_clock_check(plan, false), RC_CONFIG);
		plan_free(plan);
	}
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

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(test_logs), PLACE(test_no_logs), PLACE(test_details),
		PLACE(test_reload), PLACE(test_erasures),
		PLACE(test_locked), PLACE(test_broken), PLACE(test_newest),
		PLACE(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
