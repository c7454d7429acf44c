/*
 * why.h - why a sale can't become a document.
 */
#ifndef WHY_H
#define WHY_H

#include "catalog.h"
#include "rc.h"
#include "str.h"

struct map_why {
	enum msg why;
	char text[200];			/* our words */
	char detail[200];		/* the sale's own, sealed apart; or "" */
};

/* Note it and return RC_REJECT. */
static inline enum rc
why_refuse(struct map_why *w, enum msg why, const char *text)
{
	w->why = why;
	(void)str_copy(w->text, sizeof(w->text), text);
	return RC_REJECT;
}

#endif
