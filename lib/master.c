/*
 * master.c - reads the master key from where the operator keeps it.
 *
 * A command is run as it stands, split at blanks, by no shell; what it prints
 * goes through a pipe.  The key must never be on a command line, in an
 * environment or in a file of ours, and its text is wiped once it is read.
 */
#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "file.h"
#include "log.h"
#include "secret.h"
#include "str.h"

#define MASTER_TEXT 256			/* longest master key file */
#define ARGS 32
#define COMMAND_MS 60000

extern char **environ;

static enum rc
master_fail(const char *text)
{
	SAY(M_MASTER, F_WORD("text", text));
	return RC_CONFIG;
}

static enum rc
master_parse(struct buf *text, struct master **out)
{
	static const char what[] = "salesync master key id";
	struct part part = { what, sizeof(what) - 1 };
	uint8_t key[CRYPT_KEY], hash[CRYPT_HASH];
	struct master *m = NULL;
	bool good = text->data != NULL && strlen(text->data) == text->len;

	if (good) {
		str_trim(text->data);
		good = strlen(text->data) == 2 * CRYPT_KEY &&
		    str_unhex(key, sizeof(key), text->data) == RC_OK;
	}
	if (!good) {
		secret_zero(key, sizeof(key));
		return master_fail("it is not 64 hexadecimal digits");
	}
	m = mem_alloc(sizeof(*m));
	m->key = crypt_key_new(key);
	secret_zero(key, sizeof(key));
	crypt_hash(m->key, &part, 1, hash);
	memcpy(m->id, hash, MASTER_ID);
	*out = m;
	return RC_OK;
}

static enum rc
read_file(const char *path, struct buf *text)
{
	enum rc rc = file_private_check(path);
	char absent[FILE_PATH + 32];

	if (rc == RC_OK)
		rc = file_read(path, text);
	if (rc == RC_END) {
		(void)str_fmt(absent, sizeof(absent),
		    "%s is not there", path);
		return master_fail(absent);
	}
	return rc == RC_OK ? RC_OK : RC_CONFIG;
}

static enum rc
read_credential(const char *name, struct buf *text)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[FILE_PATH];
	enum rc rc;

	if (dir == NULL || dir[0] != '/')
		return master_fail("systemd gave no CREDENTIALS_DIRECTORY");
	if (!str_plain(name, 255))
		return master_fail("the credential's name is not plain");
	rc = file_path(path, dir, name);
	return rc == RC_OK ? read_file(path, text) : rc;
}

/* Its standard output is our pipe, its input is empty; no shell. */
static int
spawn(char *const *argv, int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	int err;

	if (posix_spawn_file_actions_init(&files) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	err = posix_spawn_file_actions_addopen(&files, 0, "/dev/null",
	    O_RDONLY, 0);
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(&files, out, 1);
	/* LMDB opens its file without the flag for that. */
	if (err == 0)
		err = posix_spawn_file_actions_addclosefrom_np(&files, 3);
	/* Nothing of ours; clock.c sets it anew where it asks for a zone. */
	(void)unsetenv("TZ");
	if (err == 0)
		err = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return err;
}

/* Until the other end is closed; false when that takes too long. */
static bool
drain(int fd, struct buf *text)
{
	int64_t until = clock_mono_ms() + COMMAND_MS;
	char chunk[MASTER_TEXT];
	ssize_t n = 1;

	while (n > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until - clock_mono_ms();
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(text, chunk, (size_t)n);
	}
	secret_zero(chunk, sizeof(chunk));
	return n == 0;
}

static enum rc
run_command(char *const *argv, struct buf *text)
{
	int fds[2], status = 0, err;
	pid_t pid = 0;
	bool done;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return master_fail(strerror(errno));
	err = spawn(argv, fds[1], &pid);
	close(fds[1]);
	if (err != 0) {
		close(fds[0]);
		return master_fail(strerror(err));
	}
	done = drain(fds[0], text);
	close(fds[0]);
	if (!done)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!done)
		return master_fail("its command took too long");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return master_fail("its command failed");
	return RC_OK;
}

static enum rc
read_command(const char *line, struct buf *text)
{
	char words[FILE_PATH], *argv[ARGS + 1], *p = words;
	size_t n = 0;

	if (!str_copy(words, sizeof(words), line))
		return master_fail("its command is too long");
	for (;;) {
		p += strspn(p, " \t");
		if (*p == '\0')
			break;
		if (n == ARGS)
			return master_fail("its command has too many words");
		argv[n++] = p;
		p += strcspn(p, " \t");
		if (*p != '\0')
			*p++ = '\0';
	}
	argv[n] = NULL;
	if (n == 0)
		return master_fail("its command is empty");
	return run_command(argv, text);
}

static enum rc
load(const char *spec, const char *dir, struct master **out)
{
	char path[FILE_PATH];
	const char *rest = strchr(spec, ':');
	struct buf text;
	enum rc rc;

	buf_init(&text, MASTER_TEXT);
	rest = rest == NULL ? "" : rest + 1;
	if (str_starts(spec, "file:") && rest[0] != '\0') {
		rc = file_under(path, dir, rest);
		if (rc == RC_OK)
			rc = read_file(path, &text);
	} else if (str_starts(spec, "credential:")) {
		rc = read_credential(rest, &text);
	} else if (str_starts(spec, "command:")) {
		rc = read_command(rest, &text);
	} else {
		rc = master_fail("master_key is not file:, credential: or "
		    "command:");
	}
	if (rc == RC_OK)
		rc = text.over ? master_fail("it is not 64 hexadecimal digits")
		    : master_parse(&text, out);
	buf_free(&text);
	return rc;
}

/* Half of the rings may be wrapped by the next key already: a rotation that
 * was broken off leaves it beside the old one, and both are good until a rerun
 * has finished. */
static enum rc
load_next(const char *spec, const char *dir, struct master *m)
{
	char path[FILE_PATH], next[FILE_PATH + 16];
	enum rc rc;

	if (!str_starts(spec, "file:"))
		return RC_OK;
	(void)str_fmt(next, sizeof(next), "%s%s", spec, MASTER_NEXT);
	rc = file_under(path, dir, spec + strlen("file:"));
	if (rc == RC_OK && str_add(path, sizeof(path), MASTER_NEXT) &&
	    access(path, F_OK) == 0)
		rc = load(next, dir, &m->next);
	return rc;
}

static const char move_label[] = "salesync next master key";
#define MOVE_LABEL ((struct part){ move_label, sizeof(move_label) })

enum rc
master_announce(const struct master *m, const char *keys_dir, const char *spec)
{
	uint8_t sealed[FILE_PATH + CRYPT_OVERHEAD];
	char path[FILE_PATH];
	size_t n = strlen(spec);
	enum rc rc = file_path(path, keys_dir, MASTER_MOVE);

	if (rc != RC_OK)
		return rc;
	if (n >= FILE_PATH)
		return master_fail("its place is too long");
	rc = crypt_seal(m->key, 1, MOVE_LABEL, spec, n, sealed);
	if (rc == RC_OK)
		rc = file_write(path, sealed, n + CRYPT_OVERHEAD, 0600);
	return rc;
}

enum rc
master_follow(struct master *m, const char *keys_dir)
{
	char path[FILE_PATH], spec[FILE_PATH] = "";
	struct buf b;
	enum rc rc = file_path(path, keys_dir, MASTER_MOVE);

	buf_init(&b, FILE_PATH + CRYPT_OVERHEAD - 1);
	if (rc == RC_OK)
		rc = file_read(path, &b);
	/* What another key sealed is about that one. */
	if (rc == RC_OK && crypt_open(m->key, MOVE_LABEL,
	    (const uint8_t *)b.data, b.len, spec) == RC_OK) {
		rc = load(spec, m->dir, m->next == NULL ? &m->next :
		    &m->next->next);
		if (rc != RC_OK)
			SAY(M_MASTER_NEXT, F_WORD("text", spec));
	}
	buf_free(&b);
	return rc == RC_END ? RC_OK : rc;
}

enum rc
master_load(const char *spec, const char *dir, struct master **out)
{
	struct master *m = NULL;
	enum rc rc = load(spec, dir, &m);

	if (rc == RC_OK)
		rc = load_next(spec, dir, m);
	if (rc != RC_OK) {
		master_free(m);
		return rc;
	}
	m->spec = spec;
	m->dir = dir;
	*out = m;
	return RC_OK;
}

enum rc
master_again(const struct master *m, const char *keys_dir,
    struct master **out)
{
	struct master *now = NULL;
	enum rc rc = master_load(m->spec, m->dir, &now);

	if (rc == RC_OK)
		rc = master_follow(now, keys_dir);
	if (rc == RC_OK)
		*out = now;
	else
		master_free(now);
	return rc;
}

void
master_free(struct master *m)
{
	if (m == NULL)
		return;
	master_free(m->next);
	crypt_key_free(m->key);
	free(m);
}

void
master_make(char out[66])
{
	uint8_t key[CRYPT_KEY];

	crypt_random(key, sizeof(key));
	str_hex(out, key, sizeof(key));
	secret_zero(key, sizeof(key));
	out[64] = '\n';
	out[65] = '\0';
}
