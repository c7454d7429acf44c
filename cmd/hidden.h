/*
 * hidden.h - lines of standard input that must not be seen, nor stay behind in
 * a buffer.
 */
#ifndef HIDDEN_H
#define HIDDEN_H

#include <stddef.h>

#include "rc.h"

/* The next line, without its end.  RC_END: there is none, or ctrl-C is in it;
 * RC_REJECT: it does not fit or holds a NUL, and is dropped.  Wipe it. */
MUST enum rc hidden_read(char *line, size_t size);
/* The same; from a terminal after asking for it, not shown. */
MUST enum rc hidden_line(const char *ask, char *line, size_t size);

#endif
