/*
 * filter.h - dedupe --filter: a pipe of stream lines that lets only unbooked
 * sales through.
 */
#ifndef FILTER_H
#define FILTER_H

#include "cmd.h"

/* Standard input to standard output; the exit code.  Cursor and end lines
 * are passed on, the end line with its new count. */
int filter_stream(struct cmd *c);

#endif
