/*
 * shred.c - the end of a tenant: its keys destroyed, and all that is left.
 *
 * The order is the meaning.  What lies in the log folder goes last, so that a
 * tenant whose end was cut short is still seen to have something left.
 */
#include "shred.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "ring.h"
#include "str.h"

/* All that there is of a tenant, in the order in which it goes; the first is
 * the key ring.  A NULL folder is that of the logs. */
static const struct { const char *folder, *suffix; } parts[] = {
	{ "keys", ".ring" },
	{ "keys", ".generation" },
	{ "keys", ".erased" },
	{ "tenants", "" },
	{ "tenants", ".lock" },
	{ NULL, ".erased" },
	{ NULL, ".generation" },
};

static enum rc
part_path(const struct config *cfg, const char *tenant, size_t i,
    char out[FILE_PATH])
{
	const char *folder = parts[i].folder;

	/* "" or ".." would be a folder that is not the tenant's. */
	if (tenant[0] != '.' && tenant[0] != '\0' && str_fmt(out, FILE_PATH,
	    "%s/%s%s%s%s", folder != NULL ? cfg->store : cfg->logs,
	    folder != NULL ? folder : "", folder != NULL ? "/" : "", tenant,
	    parts[i].suffix))
		return RC_OK;
	SAY(M_TENANT, F_WORD("text", tenant));
	return RC_CONFIG;
}

enum rc
shred_left(const struct config *cfg, const char *tenant, bool *keys,
    bool *any)
{
	char path[FILE_PATH];
	enum rc rc = RC_OK;

	*keys = *any = false;
	for (size_t i = 0; rc == RC_OK && i < COUNT(parts); i++) {
		rc = part_path(cfg, tenant, i, path);
		/* What can't be looked at may be there. */
		if (rc != RC_OK || (access(path, F_OK) != 0 &&
		    (errno == ENOENT || errno == ENOTDIR)))
			continue;
		*any = true;
		*keys = *keys || i == 0;
	}
	return rc;
}

/* Under the lock of those who change rings: one that is just being wrapped
 * anew would come back. */
static enum rc
remove_ring(const struct config *cfg, const char *path)
{
	char dir[FILE_PATH];
	int lock = -1;
	enum rc rc = file_path(dir, cfg->store, "keys");

	/* Not the ring itself: it may have gone before its leftovers did. */
	if (rc == RC_OK && access(dir, F_OK) != 0 && errno == ENOENT)
		return RC_OK;
	if (rc == RC_OK)
		rc = ring_lock(dir, &lock);
	if (rc != RC_OK)
		return rc;
	rc = file_remove(path);
	(void)close(lock);
	return rc;
}

enum rc
shred(const struct config *cfg, const char *tenant)
{
	char path[FILE_PATH];
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < COUNT(parts); i++) {
		rc = part_path(cfg, tenant, i, path);
		if (rc == RC_OK)
			rc = i == 0 ? remove_ring(cfg, path) :
			    file_remove(path);
	}
	return rc;
}
