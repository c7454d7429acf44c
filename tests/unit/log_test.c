/*
 * log_test.c - where a line goes, how it looks, and what never stands in it.
 *
 * The clock stands still: this file's clock_gettime and time take the place
 * of the C library's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "str.h"

#define AT_1400 INT64_C(1795442400)	/* 2026-11-23T14:00:00Z */

static int64_t now_at = AT_1400;
static char dir[64], err[8192], out[8192];
static int saved = -1;
static int hooked;

int
clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	t->tv_sec = (time_t)now_at;
	t->tv_nsec = 0;
	return 0;
}

time_t
time(time_t *t)
{
	if (t != NULL)
		*t = (time_t)now_at;
	return (time_t)now_at;
}

static void
path_of(char *path, size_t size, const char *name)
{
	assert_true(str_fmt(path, size, "%s/%s", dir, name));
}

static const char *
slurp(const char *name, char *into, size_t size)
{
	char path[128];
	ssize_t n = 0;
	int fd;

	path_of(path, sizeof(path), name);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, into, size - 1);
		close(fd);
	}
	into[n > 0 ? n : 0] = '\0';
	return into;
}

/* From here to heard() standard error is a file. */
static void
listen_err(void)
{
	char path[128];
	int fd;

	path_of(path, sizeof(path), "stderr");
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	assert_true(fd >= 0);
	saved = dup(2);
	dup2(fd, 2);
	close(fd);
}

static const char *
heard(void)
{
	dup2(saved, 2);
	close(saved);
	return slurp("stderr", err, sizeof(err));
}

static int
setup(void **state)
{
	(void)state;
	str_copy(dir, sizeof(dir), "/tmp/salesync-log-XXXXXX");
	now_at = AT_1400;
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	log_to("", "");
	log_about(NULL, NULL);
	log_verbose(false);
	log_quiet(false);
	log_progress_hook(NULL);
	chmod(dir, 0700);
	str_fmt(command, sizeof(command), "%s", dir);
	for (const char *const *n = (const char *const[]){ "stderr",
	    "salesync-2026-11-23.log", "salesync-2026-11-24.log", "target",
	    NULL }; *n != NULL; n++) {
		path_of(command, sizeof(command), *n);
		unlink(command);
	}
	return rmdir(dir);
}

static void
test_line(void **state)
{
	(void)state;
	log_to(dir, "Europe/Amsterdam");
	log_about("acme", "shop");
	listen_err();
	SAY(M_ACCOUNT_RULE, F_ORDER("order", "1001"),
	    F_WORD("text", "shipping"));
	assert_string_equal(heard(), "salesync: acme/shop: sale 1001: "
	    "no ledger account for shipping [S202]\n");
	assert_string_equal(slurp("salesync-2026-11-23.log", out,
	    sizeof(out)), "2026-11-23T14:00:00Z WARN S202 tenant=acme "
	    "source=shop sale -: no ledger account for shipping\n");
}

static void
test_who(void **state)
{
	(void)state;
	log_to(dir, "Europe/Amsterdam");
	listen_err();
	SAY0(M_MEMORY);
	SAY(M_LOCKED, F_WORD("tenant", "beta"));
	log_about("acme", NULL);
	SAY0(M_NO_END);				/* {tenant} from log_about */
	assert_string_equal(heard(),
	    "salesync: out of memory [S108]\n"
	    "salesync: another run holds tenant beta [S105]\n"
	    "salesync: acme: the stream of acme ended without its end line; "
	    "nothing behind the last booked sale counts as read [S103]\n");
	slurp("salesync-2026-11-23.log", out, sizeof(out));
	assert_non_null(strstr(out, "Z ERROR S108 tenant=- source=- out of"));
	assert_non_null(strstr(out, "S105 tenant=beta source=- another"));
	assert_non_null(strstr(out, "S103 tenant=acme source=- the stream"));
	assert_string_equal(log_tenant(), "acme");
	log_about(NULL, NULL);
	assert_null(log_tenant());
}

static void
test_levels(void **state)
{
	(void)state;
	log_to(dir, "Europe/Amsterdam");
	listen_err();
	SAY(M_STARTED, F_WORD("command", "sync"));	/* file alone */
	log_quiet(true);
	SAY(M_STORE_RESTORED, F_WORD("tenant", "a"));	/* file alone */
	SAY0(M_MEMORY);
	log_quiet(false);
	log_verbose(true);
	SAY(M_STARTED, F_WORD("command", "push"));
	assert_string_equal(heard(), "salesync: out of memory [S108]\n"
	    "salesync: push started [S114]\n");
	slurp("salesync-2026-11-23.log", out, sizeof(out));
	assert_non_null(strstr(out, "INFO S114 tenant=- source=- sync st"));
	assert_non_null(strstr(out, "WARN S506"));
	assert_non_null(strstr(out, "ERROR S108"));
	assert_non_null(strstr(out, "push started\n"));
}

/* A value can't make a line of its own, nor move a terminal's cursor. */
static void
test_clean(void **state)
{
	char path[128], line[4096], *end;
	size_t lines = 0;

	(void)state;
	log_to(dir, "Europe/Amsterdam");
	listen_err();
	log_about("ac\nme", "s\rhop");
	SAY(M_DISK, F_WORD("file", "a\nb\x1b[2Jc\x7f"), F_WORD("text",
	    "\xc2\x9b" "d\xc3\xa9 {file}"));
	assert_string_equal(heard(), "salesync: ac?me/s?hop: "
	    "a?b?[2Jc?: ??d\xc3\xa9 {file} [S501]\n");
	/* far too long: still one whole line, cut between characters */
	memset(line, 'x', sizeof(line));
	line[1] = '\0';
	for (size_t i = 0; i < 1500; i++)
		str_add(line, sizeof(line), "\xc3\xa9");
	listen_err();
	SAY(M_DISK, F_WORD("file", line), F_WORD("text", line));
	heard();
	assert_true(str_utf8(err, strlen(err)));
	path_of(path, sizeof(path), "salesync-2026-11-23.log");
	slurp("salesync-2026-11-23.log", out, sizeof(out));
	assert_true(str_utf8(out, strlen(out)));
	for (end = strchr(out, '\n'); end != NULL; end = strchr(end + 1, '\n'))
		lines++;
	assert_int_equal(lines, 2);
	assert_int_equal(out[strlen(out) - 1], '\n');
}

static void
test_day(void **state)
{
	struct stat st;
	char path[128];

	(void)state;
	now_at = AT_1400 + 9 * 3600 - 1;	/* 23:59:59 in Amsterdam */
	umask(0);
	log_to(dir, "Europe/Amsterdam");
	SAY(M_STARTED, F_WORD("command", "before"));
	now_at++;
	SAY(M_STARTED, F_WORD("command", "after"));
	now_at--;				/* the clock is set back */
	SAY(M_STARTED, F_WORD("command", "again"));
	umask(077);
	slurp("salesync-2026-11-23.log", out, sizeof(out));
	assert_non_null(strstr(out, "before"));
	assert_non_null(strstr(out, "again"));
	assert_null(strstr(out, "after"));
	slurp("salesync-2026-11-24.log", out, sizeof(out));
	assert_string_equal(out, "2026-11-23T23:00:00Z INFO S114 tenant=- "
	    "source=- after started\n");
	path_of(path, sizeof(path), "salesync-2026-11-24.log");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (text = strstr(text, what); text != NULL;
	    text = strstr(text + 1, what))
		n++;
	return n;
}

/* A log that can't be opened is said once; the lines still reach stderr. */
static void
test_unwritable(void **state)
{
	char path[128], target[128];
	struct stat st;

	(void)state;
	path_of(path, sizeof(path), "salesync-2026-11-23.log");
	path_of(target, sizeof(target), "target");
	assert_int_equal(symlink(target, path), 0);
	log_to(dir, "Europe/Amsterdam");
	listen_err();
	SAY(M_STARTED, F_WORD("command", "one"));
	SAY0(M_MEMORY);
	SAY0(M_MEMORY);
	heard();
	assert_int_equal(count(err, "S501"), 1);
	assert_int_equal(count(err, "S108"), 2);
	assert_int_equal(lstat(target, &st), -1);
	assert_int_equal(catalog_worse(log_exit(), 74), log_exit());
	/* gone: the next day's file is tried afresh */
	now_at += 86400;
	SAY(M_STARTED, F_WORD("command", "two"));
	slurp("salesync-2026-11-24.log", out, sizeof(out));
	assert_int_equal(count(out, "two started"), 1);
}

static void
test_full(void **state)
{
	char path[128];

	(void)state;
	path_of(path, sizeof(path), "salesync-2026-11-23.log");
	log_to(dir, "Europe/Amsterdam");
	SAY(M_STARTED, F_WORD("command", "one"));
	for (int fd = 3; fd < 64; fd++) {	/* the log's: a full disk */
		char name[64], to[256];
		ssize_t n;
		int full;

		str_fmt(name, sizeof(name), "/proc/self/fd/%d", fd);
		n = readlink(name, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = '\0';
		if (!str_eq(to, path))
			continue;
		full = open("/dev/full", O_WRONLY);
		assert_true(full >= 0);
		dup2(full, fd);
		close(full);
	}
	listen_err();
	SAY0(M_MEMORY);
	SAY0(M_MEMORY);
	heard();
	assert_int_equal(count(err, "S501"), 1);
	assert_int_equal(count(err, "No space left"), 1);
	assert_int_equal(count(err, "S108"), 2);
}

static void
hook(void)
{
	hooked++;
	(void)!write(2, "<clear>", 7);
}

static void
test_hook(void **state)
{
	(void)state;
	log_progress_hook(hook);
	listen_err();
	SAY(M_STARTED, F_WORD("command", "sync"));	/* not shown */
	SAY0(M_MEMORY);
	assert_string_equal(heard(), "<clear>salesync: out of memory [S108]\n");
	assert_int_equal(hooked, 1);
}

static void
test_exit(void **state)
{
	(void)state;
	/* earlier tests said M_MEMORY (70) */
	log_exit_add(0);
	log_exit_add(75);
	assert_int_equal(log_exit(), 70);
	log_exit_add(64);
	assert_int_equal(log_exit(), 64);
}

static void
test_first_exit(void **state)
{
	(void)state;
	assert_int_equal(log_exit(), 0);
	listen_err();
	SAY(M_VAT_RULE, F_ORDER("order", "1"), F_WORD("text", "NL 21"));
	heard();
	assert_int_equal(log_exit(), 1);
	log_exit_add(75);
	assert_int_equal(log_exit(), 75);
}

static void
test_format(void **state)
{
	const struct field f[] = { F_WORD("text", NULL),
	    F_INT("line", INT64_MIN) };
	const struct field o[] = { F_ORDER("order", "1001") };
	char s[128], tiny[8];

	(void)state;
	log_format(s, sizeof(s), M_LINE_BAD, f, 2);
	assert_string_equal(s, "line -9223372036854775808 of the input is "
	    "not a line of the stream: -");
	log_format(s, sizeof(s), M_QUANTITY, o, 1);
	assert_string_equal(s, "sale 1001: a line has a negative quantity");
	log_format(tiny, sizeof(tiny), M_QUANTITY, o, 1);
	assert_string_equal(tiny, "sale 10");
	log_format(s, sizeof(s), M_LOCKED, NULL, 0);
	assert_string_equal(s, "another run holds tenant -");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
		T(first_exit),
		T(line),
		T(who),
		T(levels),
		T(clean),
		T(day),
		T(unwritable),
		T(full),
		T(hook),
		T(exit),
		T(format),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
