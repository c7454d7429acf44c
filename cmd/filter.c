/*
 * filter.c - reads the stream and the record, writes what is not booked.
 */
#include "filter.h"

#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "log.h"
#include "run.h"
#include "store.h"
#include "str.h"
#include "stream.h"

struct filter {
	struct cmd *c;
	struct json_doc *json;
	struct item *item;
	struct store *store;
	char tenant[SALE_NAME];
	uint64_t line, passed;
};

static enum rc
turn_to(struct filter *f, const char *tenant)
{
	struct store_place place = store_place_of(f->c->cfg, f->c->master,
	    tenant);
	enum rc rc;

	if (str_eq(f->tenant, tenant))
		return RC_OK;
	if (cmd_tenant(f->c, tenant) == NULL)
		return RC_CONFIG;
	store_close(f->store);
	f->store = NULL;
	f->passed = 0;
	(void)str_copy(f->tenant, sizeof(f->tenant), tenant);
	rc = store_open(&place, STORE_READ, &f->store);
	return rc == RC_END ? RC_OK : rc;
}

static bool
booked(struct filter *f)
{
	const struct sale *s = &f->item->sale;
	struct sale_key k;
	struct record r;

	if (f->store == NULL || f->item->type != ITEM_SALE)
		return false;
	store_sale_key(f->store, s->source, s->kind, s->id, 0, &k);
	return store_sale_get(f->store, &k, &r) == RC_OK &&
	    money_eq(r.incl, s->incl) && money_eq(r.excl, s->excl);
}

static void
pass_end(struct filter *f)
{
	struct buf b;

	buf_init(&b, STREAM_LINE);
	stream_put_end(&b, f->tenant, f->passed);
	(void)fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}

static enum rc
take_line(struct filter *f, char *line, size_t len)
{
	const char *fault = NULL;
	enum rc rc;

	f->line++;
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len == 0)
		return RC_OK;
	rc = stream_parse(f->json, line, len, f->item, &fault);
	if (rc == RC_FATAL) {
		SAY(M_LINE_BAD, F_INT("line", f->line), F_WORD("text", fault));
		return RC_FATAL;
	}
	if ((rc = turn_to(f, f->item->tenant)) != RC_OK)
		return rc;
	if (f->item->type == ITEM_END) {
		pass_end(f);
	} else if (!booked(f)) {
		f->passed += f->item->type != ITEM_CURSOR;
		(void)fwrite(line, 1, len, stdout);
		(void)putchar('\n');
	}
	return RC_OK;
}

int
filter_stream(struct cmd *c)
{
	struct filter f = { .c = c };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	enum rc rc = RC_OK;

	f.json = json_doc_new();
	f.item = mem_alloc(sizeof(*f.item));
	while (rc == RC_OK && (n = getline(&line, &cap, stdin)) >= 0) {
		rc = take_line(&f, line, (size_t)n);
		sale_wipe(&f.item->sale);
	}
	if (line != NULL)
		secret_zero(line, cap);
	free(line);
	free(f.item);
	json_doc_free(f.json);
	store_close(f.store);
	return run_exit(rc);
}
