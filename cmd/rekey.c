/*
 * rekey.c - rotate-credentials --master-key: a new key around all others.
 *
 * It must never let go of the old key before every ring was seen to open with
 * the new one.
 */
#include "rekey.h"

#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "run.h"
#include "secret.h"
#include "str.h"

/*
 * A new master key in a file of its own first, so that a crash leaves both;
 * then every ring is wrapped anew; then the new file takes the old one's
 * name.  A rerun goes on where a crashed one stopped.
 */
static enum rc
new_master(struct cmd *c, const char *path, const char *path_new)
{
	struct master *next = NULL;
	char keys[FILE_PATH], spec[FILE_PATH + 8], text[66];
	size_t n = 0;
	enum rc rc = file_path(keys, c->cfg->store, "keys");

	if (rc != RC_OK)
		return rc;
	if (access(path_new, F_OK) != 0) {
		master_make(text);
		rc = file_create(path_new, text, strlen(text), 0400);
		secret_zero(text, sizeof(text));
	}
	(void)str_fmt(spec, sizeof(spec), "file:%s", path_new);
	if (rc == RC_OK)
		rc = master_load(spec, c->cfg->dir, &next);
	if (rc == RC_OK)
		rc = ring_rewrap(keys, c->master, next, &n);
	if (rc == RC_OK)
		rc = file_rename(path_new, path);
	if (rc == RC_OK)
		SAY(M_REWRAPPED, F_INT("count", n));
	master_free(next);
	return rc;
}

int
rekey_master(struct cmd *c)
{
	char path[FILE_PATH], path_new[FILE_PATH];
	const char *spec = c->cfg->master_key;

	if (c->words_n > 0)
		return cmd_usage(c, "--master-key takes no words");
	if (!str_starts(spec, "file:"))
		return cmd_usage(c, "--master-key replaces a key in a file; "
		    "this one comes from elsewhere");
	spec += strlen("file:");
	if (!str_fmt(path, sizeof(path), "%s%s%s", spec[0] == '/' ? "" :
	    c->cfg->dir, spec[0] == '/' ? "" : "/", spec) ||
	    !str_fmt(path_new, sizeof(path_new), "%s" MASTER_NEXT, path))
		return 78;
	if (cmd_option(c, "dry-run") != NULL)
		return 0;
	return run_exit(new_master(c, path, path_new));
}
