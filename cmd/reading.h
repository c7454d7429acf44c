/*
 * reading.h - a shop's sales for a comparison, read by a process of its own,
 * so that the books' credentials stay away from it.
 */
#ifndef READING_H
#define READING_H

#include "compare.h"
#include "rc.h"
#include "sale.h"

/* Give take each sale of the shop.  RC_LATER when it could not be read whole;
 * that was said. */
MUST enum rc reading_shop(const struct compare_job *job,
    void (*take)(void *arg, const struct sale *s), void *arg);

#endif
