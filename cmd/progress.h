/*
 * progress.h - a bar per running tenant on a terminal.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>

#include "run.h"

/* Bars on standard error, which is a terminal; and take them away. */
void progress_begin(void);
void progress_end(void);
/* For run_job.progress. */
void progress_show(void *arg, const struct run_tenant *t, size_t n);

#endif
