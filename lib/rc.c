/*
 * rc.c - the names of the error values, for tests and debugging alone: what a
 * person reads comes from the catalogue.
 */
#include "rc.h"

#include <stddef.h>

const char *
rc_name(enum rc rc)
{
	static const char *const names[] = {
		[RC_OK] = "OK",
		[RC_END] = "END",
		[RC_REJECT] = "REJECT",
		[RC_UNSURE] = "UNSURE",
		[RC_LATER] = "LATER",
		[RC_AUTH] = "AUTH",
		[RC_CONFIG] = "CONFIG",
		[RC_FATAL] = "FATAL",
	};
	size_t i = (size_t)rc;

	if (i >= sizeof(names) / sizeof(names[0]))
		return "?";
	return names[i];
}
