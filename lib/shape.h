/*
 * shape.h - tables that say how a row lies in memory and in which order its
 * cells become bytes: for the files that declare rows.
 *
 * The bytes of a shape never change their meaning: another list of cells gets
 * another version.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "str.h"		/* COUNT */

enum cell_type { CELL_I32, CELL_I64, CELL_BOOL, CELL_ENUM, CELL_MSG,
    CELL_TEXT, CELL_DAY, CELL_KEY };

struct cell {
	enum cell_type type;
	size_t at;			/* offset in the row */
	size_t size;			/* of a text, with its NUL; of an enum:
					 * how many values it has */
	uint8_t since;			/* rows of older versions lack it */
};

struct rows_shape {
	uint8_t version;		/* of new rows; 0: no version byte */
	size_t size;			/* of the row in memory */
	const struct cell *cells;
	size_t cells_n;
};

#define NUM(t, s, m) { .type = (t), .at = offsetof(struct s, m) }
#define ENUM(s, m, last) { .type = CELL_ENUM, .at = offsetof(struct s, m), \
    .size = (last) + 1 }
#define TEXT(s, m) { .type = CELL_TEXT, .at = offsetof(struct s, m), \
    .size = sizeof(((struct s *)0)->m) }
#define SHAPE(v, s, c) { .version = (v), .size = sizeof(struct s), \
    .cells = (c), .cells_n = COUNT(c) }

#endif
