/*
 * init.c - salesync init: everything a first run needs, with an example
 * tenant that works at once.  It changes nothing that exists.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "file.h"
#include "log.h"
#include "run.h"
#include "secret.h"
#include "str.h"

static const char sync_yaml[] =
    "# salesync: the operator's file; every key is in sync.yaml(5).\n"
    "store: %s\n"
    "logs: %s\n"
    "master_key: file:master.key\n"
    "timezone: Europe/Amsterdam\n"
    "parallel: 32\n"
    "tenants: tenants.d/*.yaml\n";

static const char tenant_yaml[] =
    "# An example that works at once: sales from files into a plain-text\n"
    "# journal.  Remove this file, or make it yours; see sync.yaml(5).\n"
    "tenant: example\n"
    "contract: {start: 2020-01-01}\n"
    "customer: {name: Example, country: NL}\n"
    "sources:\n"
    "  till:\n"
    "    connector: folder\n"
    "    path: example/sales\n"
    "books:\n"
    "  connector: journal\n"
    "  file: example/books.journal\n"
    "rules:\n"
    "  vat: {NL 21: \"Liabilities:VAT:NL-21\", "
    "NL 9: \"Liabilities:VAT:NL-9\",\n"
    "    NL 0: \"Liabilities:VAT:NL-0\"}\n"
    "  accounts:\n"
    "    sales: \"Income:Sales\"\n"
    "    shipping: \"Income:Shipping\"\n"
    "    discount: \"Income:Discounts\"\n"
    "    fee: \"Income:Fees\"\n"
    "    rounding: \"Expenses:Rounding\"\n"
    "    payments: {default: \"Assets:Payments\"}\n";

static const char sale_jsonl[] =
    "{\"id\":\"1\",\"number\":\"1\",\"kind\":\"receipt\","
    "\"placed\":\"2026-01-02T10:00:00Z\",\"currency\":\"EUR\","
    "\"lines\":[{\"kind\":\"article\",\"article\":\"MUG\","
    "\"description\":\"Mug\",\"quantity\":\"2\",\"excl\":\"16.53\","
    "\"vat\":\"3.47\",\"vat_rate\":\"21\",\"vat_country\":\"NL\"}],"
    "\"payments\":[{\"method\":\"cash\",\"amount\":\"20.00\"}],"
    "\"excl\":\"16.53\",\"incl\":\"20.00\"}\n";

struct house {
	char dir[FILE_PATH];	/* of sync.yaml */
	const char *store, *logs;
};

static enum rc
place(const struct house *h, const char *name, const char *text, int mode)
{
	char path[FILE_PATH];
	enum rc rc = file_path(path, h->dir, name);

	return rc == RC_OK ? file_create(path, text, strlen(text), mode) : rc;
}

static enum rc
folder(const struct house *h, const char *name)
{
	char path[FILE_PATH];
	enum rc rc = file_under(path, h->dir, name);

	return rc == RC_OK ? file_mkdir(path) : rc;
}

/* Under /etc the data goes where Debian keeps it; elsewhere all stays in the
 * folder of sync.yaml. */
static enum rc
find_house(const char *file, struct house *h)
{
	const char *slash = strrchr(file, '/');
	bool system = str_starts(file, "/etc/");

	h->store = system ? "/var/lib/salesync" : "store";
	h->logs = system ? "/var/log/salesync" : "logs";
	if (slash == NULL)
		(void)str_copy(h->dir, sizeof(h->dir), ".");
	else if (!str_copy_n(h->dir, sizeof(h->dir), file,
	    slash == file ? 1 : (size_t)(slash - file)))
		return RC_CONFIG;
	return RC_OK;
}

static enum rc
make_folders(const struct house *h)
{
	const char *const names[] = { "tenants.d", "example/sales", h->store,
	    h->logs };
	enum rc rc = file_mkdir(h->dir);

	for (size_t i = 0; rc == RC_OK && i < COUNT(names); i++)
		rc = folder(h, names[i]);
	return rc;
}

static enum rc
make_files(const struct house *h, const char *file)
{
	char text[1024], key[66];
	enum rc rc;

	(void)str_fmt(text, sizeof(text), sync_yaml, h->store, h->logs);
	rc = file_create(file, text, strlen(text), 0644);
	if (rc == RC_OK) {
		master_make(key);
		rc = place(h, "master.key", key, 0400);
		secret_zero(key, sizeof(key));
	}
	if (rc == RC_OK)
		rc = place(h, "tenants.d/example.yaml", tenant_yaml, 0644);
	if (rc == RC_OK)
		rc = place(h, "example/sales/2026-01-02.jsonl", sale_jsonl,
		    0600);
	return rc;
}

static bool
there(const struct house *h, const char *name)
{
	char path[FILE_PATH];

	if (file_path(path, h->dir, name) != RC_OK ||
	    access(path, F_OK) != 0)
		return false;
	SAY(M_EXISTS, F_WORD("file", path));
	return true;
}

static int
run_init(struct cmd *c)
{
	struct house h;
	enum rc rc;

	/* The default of other commands is for what exists already. */
	if (!c->config_given)
		c->config_file = "sync.yaml";
	rc = find_house(c->config_file, &h);
	if (rc == RC_OK && access(c->config_file, F_OK) == 0) {
		SAY(M_EXISTS, F_WORD("file", c->config_file));
		return 78;
	}
	if (rc == RC_OK && there(&h, "master.key"))
		return 78;
	if (cmd_option(c, "dry-run") != NULL)
		return run_exit(rc);
	if (rc == RC_OK)
		rc = make_folders(&h);
	if (rc == RC_OK)
		rc = make_files(&h, c->config_file);
	if (rc == RC_OK && isatty(STDOUT_FILENO))
		(void)printf("made %s, the master key, and an example tenant\n"
		    "next: salesync -c %s sync\n"
		    "then: write tenants.d/NAME.yaml (sync.yaml(5)), and for "
		    "each of its connections\n"
		    "      salesync -c %s rotate-credentials NAME CONNECTION\n"
		    "      salesync -c %s check NAME\n", c->config_file,
		    c->config_file, c->config_file, c->config_file);
	return run_exit(rc);
}

const struct command init_command = {
	.name = "init",
	.summary = "Make the store, the log folder, the master key, sync.yaml "
	    "and an example tenant.",
	.words = "",
	.takes = TAKES_NOTHING,
	.options = { { "dry-run", NULL, "look, make nothing" } },
	.run = run_init,
};
