/*
 * catalog.h - every message the program has, once.
 *
 * A message is a stable code ("S201"), a sentence with {fields}, an exit
 * code, and per language its cause, remedy and owner.  `salesync explain`
 * prints from here, and so does the manual.  Left of log.h: pure data.
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stddef.h>

enum owner { OWNER_SYSADMIN, OWNER_BOOKKEEPER, OWNER_DEVELOPER, OWNER_NOBODY };
enum language { LANGUAGE_EN, LANGUAGE_NL };
extern const char *const catalog_languages[];	/* "en", "nl", NULL */
enum level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

enum msg {
	M_NONE,
#define MSG(id, code, level, exit, owner, text, c_en, r_en, c_nl, r_nl) id,
#include "catalog.def"
#undef MSG
	M_COUNT
};

struct message {
	const char *code;
	enum level level;
	int exit;		/* what it makes the run end with; 0: nothing */
	enum owner owner;
	const char *text;	/* English, with {name} for fields */
	const char *cause_en, *remedy_en, *cause_nl, *remedy_nl;
};

const struct message *catalog_get(enum msg m);
/* By its code, any case; M_NONE when there is none. */
enum msg catalog_find(const char *code);
const char *catalog_remedy(const struct message *m, enum language l);
/* "sysadmin" / "systeembeheerder", ... */
const char *catalog_owner(enum owner o, enum language l);
/* The worse of two exit codes; 0 < 1 < 75 < 69 < 77 < 65 < 78 < 74 < 70 < 64. */
int catalog_worse(int a, int b);

#endif
