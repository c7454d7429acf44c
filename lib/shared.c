/*
 * shared.c - the lock of books that several tenants have in common.
 *
 * It is held over a search lag, a search and a request at most, and a moment
 * that is further off than the search lag is not waited for: other sales go
 * on.  It must never say that a contact may be made while another may yet
 * appear.
 */
#include "shared.h"

#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "secret.h"
#include "str.h"

#define PATIENCE_MS 20000	/* longer than others hold it as a rule */

/* By what the books are searched for: the address, or else the number. */
static MUST enum rc
choose(struct shared *s, const struct debtor *d)
{
	char who[sizeof(d->email)], name[32];
	uint64_t h = s->books_id;

	(void)str_copy(who, sizeof(who),
	    d->email[0] != '\0' ? d->email : d->id);
	str_lower(who);
	h = str_hash(h, who);
	secret_zero(who, sizeof(who));
	s->nn = (unsigned)(h % SHARED_LOCKS);
	(void)str_fmt(name, sizeof(name), "books/%02x.lock", s->nn);
	return file_path(s->path, s->store, name);
}

static MUST enum rc
make_folder(struct shared *s)
{
	enum rc rc = file_path(s->path, s->store, "books");

	if (rc == RC_OK)
		rc = file_mkdir(s->path);
	return rc == RC_OK ? choose(s, &(struct debtor){ .id = "" }) : rc;
}

enum rc
shared_init(struct shared *s, const struct config *cfg, const struct tenant *t,
    const volatile int *stop)
{
	*s = (struct shared){ .fd = -1, .stop = stop, .store = cfg->store,
	    .books_id = t->books.books_id,
	    .settle_s = t->rules.settle_s,
	    .lag_s = t->books.connector->search_lag_s };
	if (t->books.connector->books->debtor_add == NULL)
		return RC_OK;
	for (size_t i = 0; i < cfg->tenants_n; i++) {
		const struct tenant *o = &cfg->tenants[i];

		if (o->books.books_id != t->books.books_id ||
		    str_eq(o->name, t->name))
			continue;
		s->on = true;
		if (o->rules.settle_s > s->settle_s)
			s->settle_s = o->rules.settle_s;
	}
	return s->on ? make_folder(s) : RC_OK;
}

static bool
stopped(const struct shared *s)
{
	return s->stop != NULL && *s->stop != 0;
}

static void
let_go(struct shared *s)
{
	(void)close(s->fd);
	s->fd = -1;
}

/* After a wait in vain the next sale does not wait. */
static MUST enum rc
lock(struct shared *s)
{
	int64_t until = clock_mono_ms() + (s->busy ? 0 : PATIENCE_MS);
	enum rc rc;

	while ((rc = file_lock(s->path, &s->fd)) == RC_LATER) {
		if (stopped(s))
			return RC_LATER;
		s->busy = clock_mono_ms() >= until;
		if (s->busy)
			return RC_UNSURE;
		clock_sleep_ms(50);
	}
	s->busy = false;
	return rc;
}

/* Moments are whole seconds: one more, so that it is never less. */
static int64_t
after(int64_t seconds)
{
	return clock_now() + seconds + 1;
}

/* Whether a search from asked_at on tells: RC_OK.  RC_END: one from *at on
 * does, soon.  RC_UNSURE: not so soon. */
static MUST enum rc
telling(struct shared *s, int64_t asked_at, int64_t *at)
{
	int64_t most = after(s->settle_s + s->lag_s);
	enum rc rc = file_moment_get(s->fd, at);

	if (rc == RC_END)
		*at = 0;
	/* Nobody's: the clock was put back, or it was cut short. */
	if (rc == RC_REJECT || *at > most) {
		*at = most;
		rc = file_moment_put(s->fd, s->path, most);
		if (rc != RC_OK)
			return rc;
	}
	s->before = *at;
	if (*at == s->own[s->nn] || *at <= asked_at)
		return RC_OK;
	return *at > after(s->lag_s) ? RC_UNSURE : RC_END;
}

static MUST enum rc
wait_for(const struct shared *s, int64_t at)
{
	while (clock_now() < at) {
		if (stopped(s))
			return RC_LATER;
		clock_sleep_ms(100);
	}
	return RC_END;
}

/* What a run leaves that dies now. */
static MUST enum rc
begin(struct shared *s)
{
	int64_t at = after(s->settle_s + s->lag_s);
	enum rc rc = file_moment_put(s->fd, s->path, at);

	if (rc == RC_OK)
		s->own[s->nn] = at;
	return rc;
}

enum rc
shared_take(struct shared *s, const struct debtor *d, int64_t asked_at)
{
	enum rc rc = RC_OK;
	int64_t at;

	if (!s->on)
		return RC_OK;
	if (s->fd < 0 && (rc = choose(s, d)) == RC_OK)
		rc = lock(s);
	if (rc != RC_OK)
		return rc;
	rc = telling(s, asked_at, &at);
	if (rc == RC_END) {
		/* Others may go on while we wait, but not for ever. */
		s->waited = !s->waited;
		if (s->waited)
			let_go(s);
		rc = wait_for(s, at);
	} else if (rc == RC_OK) {
		rc = begin(s);
	}
	if (rc > RC_END)
		shared_leave(s, RC_END);
	return rc;
}

void
shared_leave(struct shared *s, enum rc made)
{
	int64_t at = s->before;

	s->waited = false;
	if (s->fd < 0)
		return;
	if (made == RC_OK && at < after(s->lag_s))
		at = after(s->lag_s);
	/* What can't be written leaves the later moment. */
	if (made != RC_END && made != RC_UNSURE &&
	    file_moment_put(s->fd, s->path, at) == RC_OK)
		s->own[s->nn] = at;
	let_go(s);
}
