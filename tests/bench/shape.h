/*
 * shape.h - the answers of the benchmarks' server: a file of JSON in which a
 * word between two @ stands for a value.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <stddef.h>

enum shape_value { SHAPE_ID, SHAPE_TIME, SHAPE_REFERENCE, SHAPE_STATE,
    SHAPE_EXCL, SHAPE_INCL, SHAPE_VALUES };

struct shape;

/* Reads DIR/NAME.json, or ends the process. */
struct shape *shape_read(const char *dir, const char *name);
/* More than this no answer takes. */
size_t shape_max(const struct shape *s);
/* Writes it, and returns its length. */
size_t shape_write(const struct shape *s,
    const char *const values[SHAPE_VALUES], char *out);

#endif
