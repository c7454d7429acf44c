/*
 * progress.h - a bar per running tenant on a terminal.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>

#include "run.h"

struct progress;

/* Bars on standard error, which is a terminal. */
struct progress *progress_new(void);
/* For run_job.progress. */
void progress_show(void *arg, const struct run_tenant *t, size_t n);
/* Take the bars away.  NULL is fine. */
void progress_end(struct progress *p);

#endif
