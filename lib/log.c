/*
 * log.c - messages to the day's log file and to standard error.
 *
 * Every line is composed whole and leaves in one write, so that processes
 * can share a file.  The log file must never hold a sale's number, a secret
 * or a debtor's value: fields are typed, and F_ORDER is "-" there.  A log
 * that can't be written is said once and never stops the work.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "str.h"

#define WORD_MAX 1200		/* a path and then some */
#define SENTENCE_MAX 2048
#define LINE_MAX_LEN (SENTENCE_MAX + 512)

static struct {
	char dir[1024], zone[64];
	char tenant[64], source[64];
	int fd;
	int64_t from_at, until_at;	/* the day of the open file */
	char path[1100];
	bool failed;			/* this day's file can't be written */
	bool verbose, quiet;
	void (*before)(void);
	int exit;
} state = { .fd = -1 };

static void
field_text(char out[WORD_MAX], const struct field *f, bool orders)
{
	if (f->type == F_INT_T) {
		str_fmt(out, WORD_MAX, "%lld", (long long)f->number);
		return;
	}
	if (f->word == NULL || (f->type == F_ORDER_T && !orders)) {
		str_copy(out, WORD_MAX, "-");
		return;
	}
	str_copy(out, WORD_MAX, f->word);
	str_tame(out);
}

static const struct field *
field_find(const struct field *f, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(f[i].name, name))
			return &f[i];
	return NULL;
}

/* The word for {name}: a field, else who this is about. */
static void
name_text(char out[WORD_MAX], const char *name, const struct field *f,
    size_t n, bool orders)
{
	struct field about = F_WORD("tenant", NULL);
	const struct field *found = field_find(f, n, name);

	if (found == NULL) {
		if (str_eq(name, "tenant") && state.tenant[0] != '\0')
			about.word = state.tenant;
		found = &about;
	}
	field_text(out, found, orders);
}

static void
sentence(char out[SENTENCE_MAX], const char *text, const struct field *f,
    size_t n, bool orders)
{
	char part[WORD_MAX], name[32];

	out[0] = '\0';
	while (*text != '\0') {
		size_t plain = strcspn(text, "{");
		const char *end = strchr(text + plain, '}');

		if (text[plain] == '\0' || end == NULL) {
			str_add(out, SENTENCE_MAX, text);
			return;
		}
		str_copy_n(part, sizeof(part), text, plain);
		str_add(out, SENTENCE_MAX, part);
		text += plain + 1;
		str_copy_n(name, sizeof(name), text, (size_t)(end - text));
		name_text(part, name, f, n, orders);
		str_add(out, SENTENCE_MAX, part);
		text = end + 1;
	}
}

void
log_format(char *out, size_t size, enum msg id, const struct field *f,
    size_t n)
{
	char words[SENTENCE_MAX];

	sentence(words, catalog_get(id)->text, f, n, true);
	str_copy(out, size, words);
}

/* The line and its end in one write; EINTR before a byte went is retried. */
static bool
put_line(int fd, char *line)
{
	size_t len = strlen(line);
	ssize_t did;

	line[len++] = '\n';
	do
		did = write(fd, line, len);
	while (did < 0 && errno == EINTR);
	if (did >= 0 && (size_t)did < len)
		errno = ENOSPC;
	return did >= 0 && (size_t)did == len;
}

static void
to_stderr(const struct message *m, const struct field *f, size_t n)
{
	char words[SENTENCE_MAX], line[LINE_MAX_LEN];

	sentence(words, m->text, f, n, true);
	str_copy(line, sizeof(line) - 1, "salesync: ");
	if (state.tenant[0] != '\0') {
		str_add(line, sizeof(line) - 1, state.tenant);
		if (state.source[0] != '\0') {
			str_add(line, sizeof(line) - 1, "/");
			str_add(line, sizeof(line) - 1, state.source);
		}
		str_add(line, sizeof(line) - 1, ": ");
	}
	str_add(line, sizeof(line) - 1, words);
	str_add(line, sizeof(line) - 1, " [");
	str_add(line, sizeof(line) - 1, m->code);
	str_add(line, sizeof(line) - 1, "]");
	if (state.before != NULL)
		state.before();
	if (!put_line(STDERR_FILENO, line))
		return;		/* nowhere left to say it */
}

/* The file in use is at fault: say so, and leave it alone for the day. */
static void
give_up(const char *path, int error)
{
	if (state.fd >= 0)
		close(state.fd);
	state.fd = -1;
	state.failed = true;
	SAY(M_DISK, F_WORD("file", path), F_WORD("text", strerror(error)));
}

/* Make state.fd the file of the moment's day; false when there is none. */
static bool
open_day(int64_t at)
{
	char day[CLOCK_DAY];
	struct day d;

	if (at >= state.from_at && at < state.until_at)
		return !state.failed;
	if (state.fd >= 0)
		close(state.fd);
	state.fd = -1;
	state.failed = false;
	d = clock_day_of(at, state.zone);
	state.from_at = clock_day_start(d, state.zone);
	state.until_at = clock_day_start(clock_day_add(d, 1), state.zone);
	clock_day_print(day, d);
	str_fmt(state.path, sizeof(state.path), "%s/salesync-%s.log",
	    state.dir, day);
	state.fd = open(state.path, O_WRONLY | O_APPEND | O_CREAT |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (state.fd < 0) {
		give_up(state.path, errno);
		return false;
	}
	return true;
}

static const char *
tenant_of(const struct field *f, size_t n)
{
	const struct field *t = field_find(f, n, "tenant");

	if (state.tenant[0] != '\0')
		return state.tenant;
	return t != NULL && t->type == F_WORD_T && !str_empty(t->word) ?
	    t->word : "-";
}

static void
to_file(const struct message *m, const struct field *f, size_t n)
{
	static const char *const levels[] = {
		[LEVEL_DEBUG] = "DEBUG", [LEVEL_INFO] = "INFO",
		[LEVEL_WARN] = "WARN", [LEVEL_ERROR] = "ERROR"
	};
	char words[SENTENCE_MAX], line[LINE_MAX_LEN], iso[CLOCK_ISO];
	char tenant[64];
	int64_t at = clock_now();

	if (state.dir[0] == '\0' || !open_day(at))
		return;
	clock_iso(iso, at);
	str_copy(tenant, sizeof(tenant), tenant_of(f, n));
	str_tame(tenant);
	sentence(words, m->text, f, n, false);
	str_fmt(line, sizeof(line) - 1, "%s %s %s tenant=%s source=%s %s",
	    iso, levels[m->level], m->code, tenant,
	    state.source[0] != '\0' ? state.source : "-", words);
	if (!put_line(state.fd, line))
		give_up(state.path, errno);
}

void
log_say(enum msg id, const struct field *f, size_t n)
{
	const struct message *m = catalog_get(id);
	enum level least = LEVEL_WARN;
	int error = errno;

	state.exit = catalog_worse(state.exit, m->exit);
	if (state.quiet)
		least = LEVEL_ERROR;
	else if (state.verbose)
		least = LEVEL_INFO;
	if (m->level >= LEVEL_INFO)
		to_file(m, f, n);
	if (m->level >= least)
		to_stderr(m, f, n);
	errno = error;
}

void
log_about(const char *tenant, const char *source)
{
	str_copy(state.tenant, sizeof(state.tenant), tenant);
	str_copy(state.source, sizeof(state.source), source);
	str_tame(state.tenant);
	str_tame(state.source);
}

const char *
log_tenant(void)
{
	return state.tenant[0] != '\0' ? state.tenant : NULL;
}

void
log_to(const char *dir, const char *zone)
{
	if (state.fd >= 0)
		close(state.fd);
	state.fd = -1;
	state.from_at = 0;
	state.until_at = 0;
	str_copy(state.dir, sizeof(state.dir), dir);
	str_copy(state.zone, sizeof(state.zone), zone);
}

void
log_verbose(bool on)
{
	state.verbose = on;
}

void
log_quiet(bool on)
{
	state.quiet = on;
}

void
log_progress_hook(void (*before)(void))
{
	state.before = before;
}

int
log_exit(void)
{
	return state.exit;
}

void
log_exit_reset(void)
{
	state.exit = 0;
}

void
log_exit_add(int code)
{
	state.exit = catalog_worse(state.exit, code);
}
