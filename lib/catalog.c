/*
 * catalog.c - the messages of catalog.def as a table.
 *
 * Pure data and look-ups: nothing here writes, allocates or knows who asks.
 */
#include "catalog.h"

#include "str.h"

static const struct message messages[] = {
	[M_NONE] = { .code = "", .owner = OWNER_NOBODY, .text = "",
	    .cause_en = "", .remedy_en = "", .cause_nl = "", .remedy_nl = "" },
#define MSG(id, code_, level_, exit_, owner_, text_, c_en, r_en, c_nl, r_nl) \
	[id] = { .code = code_, .level = level_, .exit = exit_, \
	    .owner = owner_, .text = text_, .cause_en = c_en, \
	    .remedy_en = r_en, .cause_nl = c_nl, .remedy_nl = r_nl },
#include "catalog.def"
#undef MSG
};

_Static_assert(COUNT(messages) == M_COUNT, "a row for every message");

/* From nothing wrong to nothing done at all. */
static const int exits[] = { 0, 1, 75, 69, 77, 65, 78, 74, 70, 64 };

const struct message *
catalog_get(enum msg m)
{
	if ((unsigned)m >= M_COUNT)
		m = M_NONE;
	return &messages[m];
}

enum msg
catalog_find(const char *code)
{
	for (int m = M_NONE + 1; m < M_COUNT; m++)
		if (str_eq_nocase(messages[m].code, code))
			return (enum msg)m;
	return M_NONE;
}

const char *const catalog_languages[] = { "en", "nl", NULL };

const char *
catalog_remedy(const struct message *m, enum language l)
{
	return l == LANGUAGE_NL ? m->remedy_nl : m->remedy_en;
}

const char *
catalog_owner(enum owner o, enum language l)
{
	static const char *const words[][2] = {
		[OWNER_SYSADMIN] = { "sysadmin", "systeembeheerder" },
		[OWNER_BOOKKEEPER] = { "bookkeeper", "boekhouder" },
		[OWNER_DEVELOPER] = { "developer", "ontwikkelaar" },
		[OWNER_NOBODY] = { "nobody", "niemand" },
	};

	if ((unsigned)o >= COUNT(words))
		o = OWNER_NOBODY;
	return words[o][l == LANGUAGE_NL];
}

/* A code that is not ours came from a process that died: as bad as 70. */
static size_t
exit_rank(int code)
{
	size_t seventy = 0;

	for (size_t i = 0; i < COUNT(exits); i++) {
		if (exits[i] == code)
			return i;
		if (exits[i] == 70)
			seventy = i;
	}
	return seventy;
}

int
catalog_worse(int a, int b)
{
	return exit_rank(b) > exit_rank(a) ? b : a;
}
