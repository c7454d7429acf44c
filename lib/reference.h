/*
 * reference.h - which sale the reference of a document may stand for.
 *
 * A reference (see sale_reference, sale_revise) can be read in a few ways; by
 * the sale's identification key it shows which of them is meant.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "sale.h"

struct reference {
	enum sale_kind kind;
	char id[SALE_ID], number[SALE_ID];
	unsigned revision;
};

/* The n-th reading (from 0) of a document of this source; false: there are no
 * more.  One that was shortened has none that is right. */
bool reference_read(const char *text, const char *source, size_t n,
    struct reference *out);

#endif
