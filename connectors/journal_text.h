/*
 * journal_text.h - the lines of a journal that both hledger and beancount
 * read.
 */
#ifndef JOURNAL_TEXT_H
#define JOURNAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "document.h"
#include "money.h"

/* Income:Sales, Liabilities:VAT:NL-21: a name that both programs take. */
bool journal_text_account_ok(const char *name);

enum journal_line {
	JOURNAL_OTHER,		/* a person's, or nothing */
	JOURNAL_NOTE,		/* a comment within a transaction */
	JOURNAL_OPEN,		/* 1970-01-01 open ACCOUNT */
	JOURNAL_HEADER,		/* of one of our transactions */
	JOURNAL_POSTING,
	JOURNAL_BEGIN, JOURNAL_END	/* our marks around one */
};

enum journal_role { ROLE_NONE, ROLE_BASE, ROLE_VAT };

struct journal_words {		/* what a line says */
	char account[128];	/* OPEN, POSTING */
	char date[11];		/* HEADER: 2026-11-01 */
	char reference[REF_MAX]; /* HEADER, BEGIN, END */
	enum journal_role role;	/* POSTING */
	char key[CODE_MAX];	/* POSTING: of its VAT, where it has a role */
	char currency[4];	/* POSTING */
	bool whole;		/* POSTING: it has an amount and a currency */
	struct money amount;
	struct money rate;	/* POSTING: behind an @; else 0 */
};

/* Any text will do; only what the line has is filled in. */
enum journal_line journal_text_read(const char *line,
    struct journal_words *out);

#endif
