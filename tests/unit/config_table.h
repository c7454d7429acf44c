/*
 * config_table.h - connectors with a setting of each type, and what goes to
 * standard error; for the tests of the configuration.
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "config.h"
#include "connector.h"
#include "file.h"
#include "str.h"

static const struct source_ops source_ops;
static const struct books_ops books_ops;

static const struct setting shop_settings[] = {
	{ .name = "statuses", .type = SET_LIST },
	{ .name = "page", .type = SET_INT },
	{ .name = "prices", .type = SET_BOOL },
	{ .name = "window", .type = SET_DURATION },
	{ .name = "from", .type = SET_DATE },
	{ .name = "home", .type = SET_COUNTRY },
	{ .name = "site", .type = SET_URL },
	{ .name = NULL }
};
static const struct secret_key shop_secrets[] = {
	{ .name = "consumer_key", .required = true },
	{ .name = "consumer_secret", .required = true },
	{ .name = "merchant" },		/* a secret that looks like none */
	{ .name = NULL }
};
static const struct connector shop = { .name = "woocommerce",
	.settings = shop_settings, .secrets = shop_secrets,
	.source = &source_ops };

static const struct setting bird_settings[] = {
	{ .name = "administration", .type = SET_TEXT, .required = true,
	    .which = true },
	{ .name = NULL }
};
static const struct secret_key bird_secrets[] = {
	{ .name = "token", .required = true }, { .name = NULL }
};
static const struct connector bird = { .name = "moneybird",
	.url = "https://moneybird.example/api", .settings = bird_settings,
	.secrets = bird_secrets, .books = &books_ops };

static const struct setting folder_settings[] = {
	{ .name = "path", .type = SET_PATH, .required = true },
	{ .name = "delimiter", .type = SET_TEXT },
	{ .name = NULL }
};
static const struct connector folder = { .name = "folder", .local = true,
	.settings = folder_settings, .source = &source_ops };

static const struct setting journal_settings[] = {
	{ .name = "file", .type = SET_PATH, .required = true, .which = true },
	{ .name = NULL }
};
static const struct connector journal = { .name = "journal", .local = true,
	.settings = journal_settings, .books = &books_ops };

static const struct connector *const table[] = { &folder, &journal, &bird,
    &shop, NULL };

/* --- what goes to standard error --- */

static int saved_stderr = -1;
static FILE *caught;

static void
catch_begin(void)
{
	caught = tmpfile();
	assert_non_null(caught);
	fflush(stderr);
	saved_stderr = dup(2);
	assert_true(dup2(fileno(caught), 2) == 2);
}

static void
catch_end(struct buf *out)
{
	char chunk[4096];
	size_t n;

	fflush(stderr);
	assert_true(dup2(saved_stderr, 2) == 2);
	close(saved_stderr);
	rewind(caught);
	buf_init(out, 1u << 20);
	buf_puts(out, "");
	while ((n = fread(chunk, 1, sizeof(chunk), caught)) > 0)
		buf_add(out, chunk, n);
	fclose(caught);
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const char sync_text[] = "store: s\nlogs: l\nmaster_key: file:k\n"
    "tenants: '*.tenant.yaml'\n";

/* A folder whose name is a pattern, with sync.yaml in it. */
static void
folder_make(char dir[FILE_PATH])
{
	char path[FILE_PATH];

	str_copy(dir, FILE_PATH, "/tmp/config_test[a]*XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_true(str_fmt(path, sizeof(path), "%s/sync.yaml", dir));
	write_text(path, sync_text);
}

static struct config *
load(const char *path)
{
	struct config *c = NULL;
	enum rc rc = config_load(path, table, false, &c);

	assert_int_equal(rc, RC_OK);
	assert_non_null(c);
	return c;
}

#endif
