/*
 * landing.h - where a browser lands after a consent: a port of this machine.
 */
#ifndef LANDING_H
#define LANDING_H

#include <stdbool.h>

#include "rc.h"

#define LANDING_PATH "/callback"
#define LANDING_LINE 8192	/* longest request line, or pasted address */
#define LANDING_VALUE 4097

/* Listen on 127.0.0.1; port 0: a free one.  *got: which.  RC_CONFIG: said. */
MUST enum rc landing_open(int port, int *fd, int *got);
/* Answer one browser; true when it came to LANDING_PATH, with the query. */
bool landing_take(int fd, char query[LANDING_LINE]);
/* The value of a name in a query, decoded; "" when absent or too long. */
void landing_value(const char *query, const char *name,
    char out[LANDING_VALUE]);

#endif
