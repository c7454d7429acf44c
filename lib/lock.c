/*
 * lock.c - the locks of the tenants and the operator.  They die with the
 * processes that hold them, so nothing is ever left to clean up.
 */
#include "lock.h"

#include "clock.h"
#include "log.h"
#include "rule.h"
#include "str.h"

enum rc
lock_path(const struct config *cfg, const char *tenant, char out[FILE_PATH])
{
	if (str_fmt(out, FILE_PATH, "%s/tenants/%s.lock", cfg->store, tenant))
		return RC_OK;
	SAY(M_DISK, F_WORD("file", cfg->store),
	    F_WORD("text", "the path is too long"));
	return RC_CONFIG;
}

/* Whether the term after its contract is over. */
static bool
is_over(const struct config *cfg, const char *tenant)
{
	const struct tenant *t = cfg->tenants, *end = t + cfg->tenants_n;

	while (t < end && !str_eq(t->name, tenant))
		t++;
	return t < end && t->has_end &&
	    rule_due(RULE_KEYS, t->end, cfg->zone) <= clock_now();
}

enum rc
lock_take(const struct config *cfg, const char *tenant, int *fd)
{
	if (is_over(cfg, tenant)) {
		SAY(M_TENANT_OVER, F_WORD("tenant", tenant));
		return RC_CONFIG;
	}
	return lock_any(cfg, tenant, fd);
}

enum rc
lock_any(const struct config *cfg, const char *tenant, int *fd)
{
	char path[FILE_PATH], dir[FILE_PATH];
	enum rc rc = lock_path(cfg, tenant, path);

	if (rc == RC_OK)
		rc = file_path(dir, cfg->store, "tenants");
	if (rc == RC_OK)
		rc = file_mkdir(dir);
	if (rc == RC_OK)
		rc = file_lock(path, fd);
	if (rc == RC_LATER)
		SAY(M_LOCKED, F_WORD("tenant", tenant));
	return rc;
}

enum rc
lock_operator(const struct config *cfg, int *fd)
{
	char path[FILE_PATH];
	enum rc rc = file_path(path, cfg->store, "operator.lock");

	if (rc == RC_OK)
		rc = file_mkdir(cfg->store);
	if (rc == RC_OK)
		rc = file_lock(path, fd);
	if (rc == RC_LATER)
		SAY0(M_OPERATOR_LOCKED);
	return rc;
}
