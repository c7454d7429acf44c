/*
 * log.h - say it once, where it was found.
 *
 * A message is a catalogue number and typed fields; there is no free text, no
 * %s, and no field type for a debtor's value.  A line goes to the day's log
 * file (every level from INFO) and, from WARN, to standard error.  Order
 * numbers (F_ORDER) reach standard error alone: the log file has "-" there.
 *
 * The one global of the program: the log, with the worst exit code said.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"

enum field_type { F_WORD_T, F_INT_T, F_ORDER_T };
struct field {
	const char *name;
	enum field_type type;
	const char *word;
	int64_t number;
};
/* A word of ours or the operator's: names, keys, paths, codes. */
#define F_WORD(n, w) ((struct field){ .name = (n), .type = F_WORD_T, \
    .word = (w) })
#define F_INT(n, i) ((struct field){ .name = (n), .type = F_INT_T, \
    .number = (int64_t)(i) })
/* A sale's number or id, or what somebody typed where a name was expected: for
 * the person who must act, never the log file. */
#define F_ORDER(n, w) ((struct field){ .name = (n), .type = F_ORDER_T, \
    .word = (w) })

/* SAY(M_X, F_WORD("tenant", t), F_INT("status", 500)); */
#define SAY(id, ...) log_say((id), (const struct field[]){ __VA_ARGS__ }, \
    sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field))
#define SAY0(id) log_say((id), NULL, 0)

void log_say(enum msg id, const struct field *f, size_t n);

/* Who the lines that follow are about; NULL: nobody in particular. */
void log_about(const char *tenant, const char *source);
const char *log_tenant(void);

/* The log folder and time zone; before this, lines go to standard error
 * alone.  Files are DIR/salesync-YYYY-MM-DD.log, made 0600. */
void log_to(const char *dir, const char *zone);
void log_verbose(bool on);	/* INFO to standard error as well */
void log_quiet(bool on);	/* nothing to standard error below ERROR */
void log_progress_hook(void (*before)(void)); /* clear a progress line */

/* The worst exit code of all that was said (catalog_worse), and a way to add
 * one that was learned otherwise (a child's). */
int log_exit(void);
void log_exit_add(int code);
/* A child process begins with a clean account. */
void log_exit_reset(void);

/* The sentence of a message with its fields, for `errors` and tests. */
void log_format(char *out, size_t size, enum msg id, const struct field *f,
    size_t n);

#endif
