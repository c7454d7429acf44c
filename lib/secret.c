/*
 * secret.c - values that must not outlive their use.
 *
 * A secret has whole pages to itself, always the same number of them: they
 * can be locked out of swap and unlocked again without touching a neighbour,
 * and all of them are wiped whatever the caller did to the length.  Locking
 * is asked for, not insisted on: the limit may be lower than what is needed.
 */
#include "secret.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "str.h"

void
secret_zero(void *p, size_t n)
{
	if (p != NULL)
		explicit_bzero(p, n);
}

void
secret_free(void *p)
{
	secret_zero(p, malloc_usable_size(p));
	free(p);
}

void *
secret_grow(void *p, size_t n)
{
	size_t had = malloc_usable_size(p);
	void *grown;

	if (p != NULL && n <= had)
		return p;
	grown = malloc(n);
	if (grown == NULL || p == NULL)
		return grown;
	memcpy(grown, p, had);
	secret_free(p);
	return grown;
}

static size_t
page_size(void)
{
	long n = sysconf(_SC_PAGESIZE);

	return n > 0 ? (size_t)n : 4096;
}

/* What every secret takes: SECRET_MAX and the NUL, in whole pages. */
static size_t
room(void)
{
	size_t page = page_size();

	return (SECRET_MAX + 1 + page - 1) / page * page;
}

enum rc
secret_set(struct secret *s, const void *bytes, size_t n)
{
	char *text;

	if (n > SECRET_MAX)
		return RC_REJECT;
	if (n == 0)
		return RC_OK;
	text = aligned_alloc(page_size(), room());
	if (text == NULL)
		mem_die();
	(void)mlock(text, room());
	memset(text, 0, room());
	memcpy(text, bytes, n);
	*s = (struct secret){ .text = text, .len = n };
	return RC_OK;
}

void
secret_wipe(struct secret *s)
{
	if (s->text != NULL) {
		explicit_bzero(s->text, room());
		(void)munlock(s->text, room());
	}
	free(s->text);
	*s = (struct secret){ 0 };
}

/* What makes libcurl, OpenSSL and friends write keys, load settings, trust
 * other authorities or take another way without being asked. */
static bool
is_harmful(const char *name)
{
	static const char *const harmful[] = { "SSLKEYLOGFILE",
		"OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES",
		"SSL_CERT_FILE", "SSL_CERT_DIR" };
	size_t n = strlen(name), i;

	if (n >= 6 && str_eq_nocase(name + n - 6, "_proxy"))
		return true;
	for (i = 0; i < COUNT(harmful); i++)
		if (str_eq_nocase(name, harmful[i]))
			return true;
	return false;
}

static void
drop_harmful(void)
{
	char name[64];
	size_t i = 0, n;

	while (environ != NULL && environ[i] != NULL) {
		n = strcspn(environ[i], "=");
		/* Without "=" it is no variable, and unsetenv can't drop it.
		 * A variable that it drops leaves its place to the next. */
		if (environ[i][n] == '\0' ||
		    !str_copy_n(name, sizeof(name), environ[i], n) ||
		    !is_harmful(name) || unsetenv(name) != 0)
			i++;
	}
}

/* A standard stream that is closed is held by what can't be used as one: a file
 * opened later would else get its number, and what is printed with it. */
static void
hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null",
		    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(70);
}

void
secret_harden(void)
{
	const struct rlimit none = { 0, 0 };

	hold_streams();
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	drop_harmful();
}
