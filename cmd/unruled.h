/*
 * unruled.h - a dry run that ends with the articles for which the tenant's
 * rules have nothing.
 */
#ifndef UNRULED_H
#define UNRULED_H

#include <stddef.h>

#include "config.h"
#include "document.h"
#include "journalize.h"

#define UNRULED_MAX 500

struct unruled {		/* zeroed, but journal.json */
	struct journalize journal;
	/* the codes seen of one tenant */
	char code[UNRULED_MAX][sizeof(((struct document_line *)0)->article)];
	size_t n;		/* UNRULED_MAX: there may be more */
};

/* journalize, and behind the tenant's last document (d NULL) each code once.
 * arg: a struct unruled. */
void unruled_show(void *arg, const struct tenant *t, const struct document *d);

#endif
