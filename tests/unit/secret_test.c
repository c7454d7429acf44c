/*
 * secret_test.c - secrets are copied, bounded, wiped; the process is hardened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "document.h"
#include "secret.h"
#include "str.h"

static bool
all_zero(const void *p, size_t n)
{
	const unsigned char *c = p;

	while (n > 0 && c[n - 1] == 0)
		n--;
	return n == 0;
}

static size_t locked, wiped, not_wiped;

int
mlock(const void *p, size_t n)
{
	locked += p != NULL && n > SECRET_MAX;
	return 0;
}

/* Between wiping and giving back the memory of a secret this is called. */

int
munlock(const void *p, size_t n)
{
	*(all_zero(p, n) ? &wiped : &not_wiped) += 1;
	return 0;
}

static void
test_set(void **state)
{
	struct secret s = { 0 };
	char big[SECRET_MAX + 1];

	(void)state;
	memset(big, 'k', sizeof(big));
	assert_int_equal(secret_set(&s, big, sizeof(big)), RC_REJECT);
	assert_null(s.text);
	assert_int_equal(secret_set(&s, "", 0), RC_OK);
	assert_null(s.text);
	assert_int_equal(secret_set(&s, "key", 3), RC_OK);
	assert_string_equal(s.text, "key");
	assert_int_equal(s.len, 3);
	secret_wipe(&s);
	assert_null(s.text);
	assert_int_equal(s.len, 0);
	secret_wipe(&s);
	assert_int_equal(secret_set(&s, big, SECRET_MAX), RC_OK);
	assert_int_equal(strlen(s.text), SECRET_MAX);
	s.len = 1;		/* shortened by its owner: all the same */
	secret_wipe(&s);
	assert_null(s.text);
	assert_int_equal(locked, 2);
	assert_int_equal(wiped, 2);
	assert_int_equal(not_wiped, 0);
}

static void
test_zero(void **state)
{
	char b[4] = "abc";

	(void)state;
	secret_zero(b, 2);
	assert_memory_equal(b, "\0\0c", 4);
	secret_zero(NULL, 0);
}

/* 0: all is as it should be; else the number of what is not. */
static int
hardened(void)
{
	static const char *const gone[] = { "SSLKEYLOGFILE", "http_proxy",
		"HTTPS_PROXY", "all_proxy", "No_Proxy", "OPENSSL_CONF",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_MODULES",
		"OPENSSL_ENGINES", "other_proxy" };
	struct rlimit core;
	size_t i;

	for (i = 0; i < COUNT(gone); i++)
		if (setenv(gone[i], "x", 1) != 0)
			return 1;
	if (setenv("PROXY_FOR", "x", 1) != 0 || setenv("HOME", "/h", 1) != 0)
		return 1;
	secret_harden();
	for (i = 0; i < COUNT(gone); i++)
		if (getenv(gone[i]) != NULL)
			return 10 + (int)i;
	if (getenv("PROXY_FOR") == NULL || getenv("HOME") == NULL)
		return 2;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 3;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 ||
	    core.rlim_max != 0)
		return 4;
	return umask(0) == 077 ? 0 : 5;
}

static void
test_harden(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(hardened());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* An entry that is no variable, and no environment at all, end all the same. */
static void
test_harden_odd(void **state)
{
	static char lone[] = "http_proxy", fine[] = "A=1";
	char *odd[] = { lone, fine, NULL };
	int status = -1, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			(void)alarm(10);
			environ = i == 0 ? odd : NULL;
			secret_harden();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void
test_document(void **state)
{
	struct document *d = malloc(sizeof(*d));

	(void)state;
	assert_non_null(d);
	memset(d, 'x', sizeof(*d));
	d->lines_n = 2;
	document_wipe(d);
	assert_true(all_zero(d, offsetof(struct document, lines[2])));
	assert_int_equal(d->lines[2].account[0], 'x');
	memset(d, 'x', sizeof(*d));
	document_wipe(d);
	assert_true(all_zero(d, sizeof(*d)));
	free(d);
}

static void
test_grow(void **state)
{
	char *p = secret_grow(NULL, 10), *q;

	(void)state;
	assert_non_null(p);
	memcpy(p, "123456789", 10);
	q = secret_grow(p, 5);
	assert_ptr_equal(p, q);
	p = secret_grow(q, 100000);
	assert_string_equal(p, "123456789");
	memset(p, 'x', 100000);
	secret_free(p);
	secret_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_zero),
		cmocka_unit_test(test_harden),
		cmocka_unit_test(test_harden_odd),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
