/*
 * push.h - from the stream to the books: what `push` and half of `sync` do.
 */
#ifndef PUSH_H
#define PUSH_H

#include "rc.h"
#include "session.h"

/* Read the stream to its end.  Everything was said; the worst is returned.
 * RC_END: the stream lacks an end line. */
MUST enum rc push_run(const struct push_job *job);

#endif
