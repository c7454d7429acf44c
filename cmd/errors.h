/*
 * errors.h - a refused or held sale as people read it.
 */
#ifndef ERRORS_H
#define ERRORS_H

#include <stddef.h>

#include "rows.h"

/* What is wrong with it, in our words. */
void errors_sentence(char *out, size_t size, const char *tenant,
    const struct error_row *r);

/* What the books said of it, or the sale's own values; "[gone]" once these
 * have faded or were erased; NULL when there never were any. */
const char *errors_detail(const struct error_row *r);

#endif
