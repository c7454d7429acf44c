/*
 * fresh.h - a database file made aside and put in place whole.
 *
 * A crash leaves the old file or the new one, never a half.  Nobody in this
 * process may have the environment open meanwhile; the caller holds the lock
 * of the tenant.
 */
#ifndef FRESH_H
#define FRESH_H

#include "rc.h"

/* An empty database with these tables, where there is none; RC_OK too when
 * there is one.  The folder must exist.  All faults are said. */
MUST enum rc fresh_make(const char *dir, const char *const *tables);

/*
 * Copy every row into a new database that takes the old one's place, so that
 * no old byte is left in it: LMDB keeps deleted rows in its free pages.
 * RC_LATER: another process reads for too long.  RC_END: there is none.
 */
MUST enum rc fresh_copy(const char *dir, const char *const *tables);

/* Remove what a crash left of either. */
MUST enum rc fresh_tidy(const char *dir);

#endif
