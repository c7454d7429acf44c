/*
 * document.c - a document is what a debtor bought, so it is wiped after use.
 */
#include "document.h"

#include "secret.h"

void
document_wipe(struct document *d)
{
	size_t n = d->lines_n;

	/* A count out of range would leave lines behind: then wipe all. */
	if (n > sizeof(d->lines) / sizeof(d->lines[0]))
		n = sizeof(d->lines) / sizeof(d->lines[0]);
	secret_zero(d, offsetof(struct document, lines) +
	    n * sizeof(d->lines[0]));
}
