/*
 * journal.c - books as a text file that both hledger and beancount read.
 *
 * A document is one transaction, written with one append, between two marks:
 * a begin without its end at the end of the file is a write that a crash cut
 * short, and is cut off before anything else is written.  The file holds
 * amounts, accounts and references; never a debtor's name nor what was bought.
 * What people add to it is theirs and is left alone.
 */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"
#include "journal_back.h"
#include "journal_entry.h"
#include "journal_text.h"
#include "log.h"
#include "str.h"

#define JOURNAL_LINE 4096
#define JOURNAL_WHOLE (4000u << 20)	/* a torn one is read whole */

struct journal {
	const char *file;
	struct journal_opened opened;
	/* the last mark of ours that has no end yet */
	bool torn, sound;
	struct money sum;
	size_t postings;
};

static const struct setting settings[] = {
	{ .name = "file", .type = SET_PATH, .required = true, .which = true,
	  .help = "the journal; it is made where it is missing" },
	{ .name = "receivable", .type = SET_TEXT, .preset = "Assets:Debtors",
	  .help = "the account of what debtors still owe" },
	{ .name = "currency", .type = SET_TEXT,
	  .help = "take sales in this currency alone" },
	{ .name = "open_accounts", .type = SET_BOOL, .preset = "true",
	  .help = "write an open line for each account, for beancount" },
	{ .name = NULL }
};

/* Call take for each line of ours.  RC_END: there is no file yet. */
static enum rc
each_line(const struct journal *j, enum rc (*take)(void *arg,
    enum journal_line what, const struct journal_words *w), void *arg)
{
	struct file_lines *lines = NULL;
	struct journal_words w;
	enum journal_line what;
	char *line = NULL;
	size_t len;
	enum rc rc;

	rc = file_lines_open(j->file, &lines);
	while (rc == RC_OK) {
		rc = file_lines_next(lines, JOURNAL_LINE, &line, &len);
		if (rc == RC_REJECT) {	/* long, or not UTF-8: not ours */
			rc = RC_OK;
			continue;
		}
		if (rc != RC_OK)
			break;
		what = journal_text_read(line, &w);
		rc = take(arg, what, &w);
	}
	if (lines != NULL && rc == RC_END)
		rc = RC_OK;
	file_lines_close(lines);
	return rc;
}

/* --- opening --- */

static enum rc
open_line(void *arg, enum journal_line what, const struct journal_words *w)
{
	struct journal *j = arg;

	switch (what) {
	case JOURNAL_OPEN:
		journal_entry_open(&j->opened, w->account);
		break;
	case JOURNAL_BEGIN:
		j->torn = j->sound = true;
		j->sum.e6 = 0;
		j->postings = 0;
		break;
	case JOURNAL_END:
		j->torn = false;
		break;
	case JOURNAL_POSTING:
		j->sum = money_add(j->sum, w->amount);
		j->sound = j->sound && w->whole;
		j->postings++;
		break;
	case JOURNAL_HEADER:
	case JOURNAL_NOTE:
	case JOURNAL_OTHER:
		break;
	}
	return RC_OK;
}

/* Cut the file in front of its last begin mark. */
static enum rc
cut_tail(struct journal *j)
{
	static const char mark[] = "; begin ";
	struct buf whole;
	size_t at;
	enum rc rc;

	buf_init(&whole, JOURNAL_WHOLE);
	rc = file_read(j->file, &whole);
	if (rc == RC_OK) {
		at = whole.len;
		while (at > 0 && !((at == 1 || whole.data[at - 2] == '\n') &&
		    str_starts(whole.data + at - 1, mark)))
			at--;
		if (at > 0)
			rc = file_cut(j->file, (int64_t)at - 1);
		if (at > 0 && rc == RC_OK)
			SAY(M_JOURNAL_CUT, F_WORD("file", j->file));
	}
	buf_free(&whole);
	return rc == RC_END ? RC_OK : rc;
}

/* A journal that is not there yet must at least have its folder. */
static enum rc
folder_check(const char *file)
{
	static const char *const none[] = { "/", NULL };
	const char *slash = strrchr(file, '/');
	struct file_info *list = NULL;
	char dir[FILE_PATH];
	size_t n = 0;
	enum rc rc;

	if (slash == NULL)
		return RC_OK;
	(void)str_copy_n(dir, sizeof(dir), file,
	    slash == file ? 1 : (size_t)(slash - file));
	rc = file_list(dir, none, &list, &n);
	free(list);
	return rc;
}

static enum rc
journal_open(struct connection *c)
{
	struct journal *j = mem_alloc(sizeof(*j));
	enum rc rc;

	c->state = j;
	j->file = connector_setting(c, "file");
	if (!journal_text_account_ok(connector_setting(c, "receivable"))) {
		SAY(M_CONFIG_FILE, F_WORD("file", c->name), F_WORD("text",
		    "receivable is not an account such as Assets:Debtors"));
		return RC_CONFIG;
	}
	rc = each_line(j, open_line, j);
	if (rc == RC_END)
		return folder_check(j->file);
	/* All its postings are there but the mark: somebody tidied up. */
	if (j->postings > 1 && j->sound && money_is_zero(j->sum))
		j->torn = false;
	if (rc == RC_OK && j->torn && c->started_at > 0) {
		rc = cut_tail(j);
		if (rc == RC_OK) {	/* its open lines went with it */
			j->opened.n = 0;
			rc = each_line(j, open_line, j);
		}
	}
	return rc;
}

static void
journal_close(struct connection *c)
{
	struct journal *j = c->state;

	if (j == NULL)
		return;
	free(j->opened.account);
	free(j);
	c->state = NULL;
}

/* --- looking up --- */

struct search {
	struct posted at;		/* the transaction we are in */
	char date[11];
	const char *reference;		/* NULL: all from..to */
	const char *from, *to;
	struct posted *first;		/* a find: where to put it */
	enum rc (*take)(void *arg, const struct posted *p);
	void *arg;
};

/* One of our transactions; it is whole, or it is not there. */
static void
posted_init(struct posted *p, const char *reference)
{
	*p = (struct posted){ .found = 1, .done = 1 };
	(void)str_copy(p->id, sizeof(p->id), reference);
	(void)str_copy(p->reference, sizeof(p->reference), reference);
}

/* The transaction is at its end: is it what we look for? */
static enum rc
search_end(struct search *s)
{
	if (s->at.found == 0)
		return RC_OK;
	if (s->reference == NULL)
		return strcmp(s->date, s->from) < 0 ||
		    strcmp(s->date, s->to) > 0 ? RC_OK :
		    s->take(s->arg, &s->at);
	if (str_eq(s->at.reference, s->reference)) {
		s->at.found += s->first->found;
		*s->first = s->at;
	}
	return RC_OK;
}

static void
add_posting(struct posted *p, const struct journal_words *w)
{
	struct money none = { 0 }, amount = money_neg(w->amount);
	bool base = w->role == ROLE_BASE;

	p->incl = money_add(p->incl, amount);
	if (base)
		p->excl = money_add(p->excl, amount);
	(void)str_copy(p->currency, sizeof(p->currency), w->currency);
	(void)posted_vat_add(p, w->key, base ? amount : none,
	    base ? none : amount);
}

static enum rc
search_line(void *arg, enum journal_line what, const struct journal_words *w)
{
	struct search *s = arg;
	enum rc rc;

	if (what == JOURNAL_POSTING && w->role != ROLE_NONE)
		add_posting(&s->at, w);
	if (what != JOURNAL_HEADER)
		return RC_OK;
	rc = search_end(s);
	posted_init(&s->at, w->reference);
	(void)str_copy(s->date, sizeof(s->date), w->date);
	return rc;
}

static enum rc
search(struct connection *c, struct search *s)
{
	enum rc rc = each_line(c->state, search_line, s);

	if (rc == RC_END)
		return RC_OK;		/* no journal: nothing in it */
	return rc == RC_OK ? search_end(s) : rc;
}

static enum rc
journal_find(struct connection *c, const char *ref, struct posted *out)
{
	struct posted p = { .found = 0 };
	struct search s = { .reference = ref, .first = &p };
	enum rc rc;

	rc = search(c, &s);
	if (rc != RC_OK)
		return rc;
	if (p.found == 0)
		return RC_END;
	*out = p;
	return RC_OK;
}

static enum rc
journal_list(struct connection *c, const char *from, const char *to,
    enum rc (*take)(void *arg, const struct posted *p), void *arg)
{
	struct search s = { .from = from, .to = to, .take = take,
	    .arg = arg };

	return search(c, &s);
}

static enum rc
journal_read(struct connection *c, const char *reference,
    struct document *out, struct posted *p)
{
	struct journal_back b = { .reference = reference, .d = out,
	    .receivable = connector_setting(c, "receivable") };
	enum rc rc = each_line(c->state, journal_back_line, &b);

	if (rc != RC_OK)
		return rc;
	if (b.found == 0)
		return RC_END;
	if (b.odd || !money_is_zero(b.sum))
		return connector_fail(c, RC_REJECT, M_BY_HAND,
		    "its transaction was changed in the journal");
	(void)str_copy(out->reference, sizeof(out->reference), reference);
	(void)str_copy(out->debtor, sizeof(out->debtor), "debtors");
	posted_init(p, reference);
	p->found = b.found;
	p->excl = out->excl;
	p->incl = out->incl;
	return RC_OK;
}

/* --- booking --- */

static enum rc
journal_options(struct connection *c,
    void (*take)(void *arg, const struct option *o), void *arg)
{
	(void)c, (void)take, (void)arg;	/* accounts are free text */
	return RC_OK;
}

/* All debtors share the receivable account; the file names none of them. */
static enum rc
journal_debtor(struct connection *c, const struct debtor *d,
    char contact[CODE_MAX])
{
	(void)c, (void)d;
	(void)str_copy(contact, CODE_MAX, "debtors");
	return RC_OK;
}

static int
journal_steps(struct connection *c, const struct document *d)
{
	(void)c, (void)d;
	return 1;
}

static enum rc
journal_book(struct connection *c, const struct document *d, int step,
    struct posted *p)
{
	struct journal *j = c->state;
	size_t opened = j->opened.n;
	struct buf text;
	enum rc rc;

	(void)step;
	buf_init(&text, JOURNAL_ENTRY);
	rc = journal_entry_put(c, d, &j->opened, &text);
	if (rc == RC_OK)
		rc = file_append(j->file, text.data, text.len);
	if (rc == RC_OK) {
		posted_init(p, d->reference);
		p->excl = d->excl;
		p->incl = d->incl;
	} else {
		j->opened.n = opened;	/* their lines were not written */
	}
	buf_free(&text);
	return rc;
}

static const struct books_ops ops = {
	.open = journal_open,
	.options = journal_options,
	.debtor_find = journal_debtor,
	.debtor_add = journal_debtor,
	.find = journal_find,
	.steps = journal_steps,
	.book = journal_book,
	.list = journal_list,
	.read = journal_read,
	.close = journal_close,
};

const struct connector journal_connector = {
	.name = "journal",
	.title = "a plain-text journal (hledger, beancount)",
	.maturity = MATURITY_PROVEN,
	.settings = settings,
	.local = true,
	.books = &ops,
	.class = CLASS_L,
	.reference_max = 80,
	.takes_rate = true,
	.tells_keys = true,
	.takes_payouts = true,
};
