/*
 * xml_fuzz.c - libFuzzer over xml_read: whatever is taken is UTF-8, within
 * its bounds, and comes in the order of a tree.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "str.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *arg, const char *path, const char *text)
{
	size_t steps = 1;

	for (const char *p = path; *p != '\0'; p++)
		steps += *p == '/';
	if (steps > 64 || strlen(path) > 4096 ||
	    !str_utf8(path, strlen(path)) || !str_utf8(text, strlen(text)))
		abort();
	++*(size_t *)arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	size_t line = 0, taken = 0;

	if (xml_read((const char *)data, size, take, &taken, &why, &line) ==
	    RC_OK) {
		if (taken == 0 || why != NULL)
			abort();
	} else if (why == NULL || line == 0) {
		abort();
	}
	return 0;
}
