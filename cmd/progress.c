/*
 * progress.c - draws, and takes away what it drew before a message or the
 * closing table is printed.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define BAR 24
#define REDRAW_MS 150

/* The log hook is given no argument, so the one bar of a process is here. */
static struct {
	size_t lines;		/* drawn and not yet taken away */
	size_t most;
	int64_t drawn_ms;
	bool colour;
} shown;

static void
wipe(void)
{
	if (shown.lines == 0)
		return;
	(void)fprintf(stderr, "\033[%zuA\033[J", shown.lines);
	shown.lines = 0;
}

void
progress_begin(void)
{
	struct winsize w;

	shown.most = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 4 ?
	    (size_t)w.ws_row - 3 : 10;
	shown.colour = getenv("NO_COLOR") == NULL;
	log_progress_hook(wipe);
}

static void
draw(const struct run_tenant *t)
{
	uint64_t of = t->pulled > t->counts.seen ? t->pulled : t->counts.seen;
	int full = of == 0 ? 0 : (int)(t->counts.seen * BAR / of);

	(void)fprintf(stderr, "%-20.20s %s", t->tenant->name,
	    shown.colour ? "\033[32m" : "");
	for (int i = 0; i < BAR; i++)
		(void)fputs(i < full ? "█" : "░", stderr);
	(void)fprintf(stderr, "%s %llu of %llu sales, %llu booked",
	    shown.colour ? "\033[0m" : "", (unsigned long long)t->counts.seen,
	    (unsigned long long)of, (unsigned long long)t->counts.booked);
	if (t->counts.refused + t->counts.held > 0)
		(void)fprintf(stderr, ", %s%llu refused or held%s",
		    shown.colour ? "\033[33m" : "",
		    (unsigned long long)(t->counts.refused + t->counts.held),
		    shown.colour ? "\033[0m" : "");
	(void)fputc('\n', stderr);
	shown.lines++;
}

void
progress_show(void *arg, const struct run_tenant *t, size_t n)
{
	size_t done = 0;

	(void)arg;
	if (clock_mono_ms() - shown.drawn_ms < REDRAW_MS)
		return;
	shown.drawn_ms = clock_mono_ms();
	wipe();
	for (size_t i = 0; i < n; i++) {
		done += t[i].state == RUN_ENDED;
		if (t[i].state == RUN_RUNS && shown.lines < shown.most)
			draw(&t[i]);
	}
	(void)fprintf(stderr, "%zu of %zu tenants done\n", done, n);
	shown.lines++;
}

void
progress_end(void)
{
	wipe();
	log_progress_hook(NULL);
}
