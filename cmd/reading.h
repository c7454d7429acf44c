/*
 * reading.h - a shop's sales for a comparison, read by a process of its own,
 * so that the books' credentials stay away from it.
 */
#ifndef READING_H
#define READING_H

#include <stdio.h>
#include <sys/types.h>

#include "compare.h"
#include "rc.h"

struct reading { FILE *f; pid_t pid; };

/* Its stream is then read from r->f. */
MUST enum rc reading_start(const struct compare_job *job, struct reading *r);
void reading_end(struct reading *r);

#endif
