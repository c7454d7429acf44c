/*
 * hidden.h - a line that must not be seen.
 */
#ifndef HIDDEN_H
#define HIDDEN_H

#include <stdbool.h>
#include <stddef.h>

/* The next line of standard input, without its end; from a terminal after
 * asking for it, not shown.  False at the end of input, or when it does not
 * fit; the rest of a line that does not is dropped.  Wipe it. */
bool hidden_line(const char *ask, char *line, size_t size);

#endif
