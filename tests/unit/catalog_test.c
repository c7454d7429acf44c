/*
 * catalog_test.c - every row of the catalogue is whole, and the ranking of
 * exit codes is the one that is promised.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog.h"
#include "str.h"

static void
test_codes(void **state)
{
	(void)state;
	for (int m = M_NONE + 1; m < M_COUNT; m++) {
		const char *code = catalog_get((enum msg)m)->code;

		assert_int_equal(strlen(code), 4);
		assert_int_equal(code[0], 'S');
		assert_in_range(code[1], '1', '9');
		assert_int_equal(strspn(code + 1, "0123456789"), 3);
		/* unique: the first with this code is this one */
		assert_int_equal(catalog_find(code), m);
	}
}

static void
test_find(void **state)
{
	(void)state;
	assert_int_equal(catalog_find("S201"), M_VAT_RULE);
	assert_int_equal(catalog_find("s201"), M_VAT_RULE);
	assert_int_equal(catalog_find("S999"), M_NONE);
	assert_int_equal(catalog_find("S2011"), M_NONE);
	assert_int_equal(catalog_find(""), M_NONE);
	assert_string_equal(catalog_get(M_NONE)->code, "");
	assert_string_equal(catalog_get(M_COUNT)->code, "");
	assert_string_equal(catalog_get((enum msg)-1)->code, "");
	assert_string_equal(catalog_get(M_VAT_RULE)->code, "S201");
}

/* A text that a person reads: there, one line, no stray white space. */
static void
check_text(const char *code, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > 600)
		fail_msg("%s: text of %zu bytes", code, n);
	if (strpbrk(text, "\n\t") != NULL || strstr(text, "  ") != NULL)
		fail_msg("%s: white space in: %s", code, text);
	if (!str_utf8(text, n) || text[0] == ' ' || text[n - 1] == ' ')
		fail_msg("%s: bad text: %s", code, text);
}

static void
check_sentence(const char *code, const char *text)
{
	if (strlen(text) < 6 &&
	    strcmp(text, "{text}") != 0)
		fail_msg("%s: no sentence", code);
	for (const char *p = strchr(text, '{'); p != NULL;
	    p = strchr(p + 1, '{')) {
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");

		if (n == 0 || n > 30 || p[n + 1] != '}')
			fail_msg("%s: a field is not {name}: %s", code, text);
	}
}

static void
test_texts(void **state)
{
	(void)state;
	for (int m = M_NONE + 1; m < M_COUNT; m++) {
		const struct message *w = catalog_get((enum msg)m);
		const char *const texts[] = { w->cause_en, w->remedy_en,
		    w->cause_nl, w->remedy_nl };

		check_text(w->code, w->text);
		check_sentence(w->code, w->text);
		for (size_t i = 0; i < COUNT(texts); i++) {
			check_text(w->code, texts[i]);
			if (texts[i][strlen(texts[i]) - 1] != '.')
				fail_msg("%s: no full stop: %s", w->code,
				    texts[i]);
			if (strchr(texts[i], '{') != NULL)
				fail_msg("%s: a field in: %s", w->code,
				    texts[i]);
		}
		assert_string_not_equal(w->cause_en, w->cause_nl);
	}
}

/* What a person must act on ends the run with a code, and the reverse. */
static void
test_levels(void **state)
{
	(void)state;
	for (int m = M_NONE + 1; m < M_COUNT; m++) {
		const struct message *w = catalog_get((enum msg)m);

		if (w->level <= LEVEL_INFO) {
			if (w->exit != 0)
				fail_msg("%s: info with an exit", w->code);
		} else if (w->owner == OWNER_NOBODY)
			fail_msg("%s: nobody's job", w->code);
		if (w->level == LEVEL_ERROR && w->exit == 0)
			fail_msg("%s: an error without an exit", w->code);
		if (w->code[1] == '2' && w->owner != OWNER_BOOKKEEPER)
			fail_msg("%s: not the bookkeeper's", w->code);
	}
}

static void
test_owner(void **state)
{
	(void)state;
	assert_string_equal(catalog_owner(OWNER_SYSADMIN, LANGUAGE_EN), "sysadmin");
	assert_string_equal(catalog_owner(OWNER_SYSADMIN, LANGUAGE_NL),
	    "systeembeheerder");
	assert_string_equal(catalog_owner(OWNER_BOOKKEEPER, LANGUAGE_EN), "bookkeeper");
	assert_string_equal(catalog_owner(OWNER_BOOKKEEPER, LANGUAGE_NL), "boekhouder");
	assert_string_equal(catalog_owner(OWNER_DEVELOPER, LANGUAGE_NL), "ontwikkelaar");
	assert_string_equal(catalog_owner(OWNER_NOBODY, LANGUAGE_EN), "nobody");
	assert_string_equal(catalog_owner((enum owner)77, LANGUAGE_NL), "niemand");
}

static void
test_worse(void **state)
{
	static const int order[] = { 0, 1, 75, 69, 77, 65, 78, 74, 70, 64 };

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = 0; j < COUNT(order); j++)
			assert_int_equal(catalog_worse(order[i], order[j]),
			    order[i > j ? i : j]);
	/* a code of no ours is as bad as an internal error */
	assert_int_equal(catalog_worse(0, 127), 127);
	assert_int_equal(catalog_worse(74, 139), 139);
	assert_int_equal(catalog_worse(139, 64), 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_worse),
	};

	return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
