/*
 * rule_test.c - every rule at its boundary, to the second, for each day of
 * four years, against a reference that was written apart (rule_reference.py).
 * Run from the top of the source tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "plan.h"
#include "rule.h"
#include "statutory.h"
#include "str.h"

#define FIELDS 6

/* A thing whose term ends at a moment: kept the second before it, gone at it,
 * overdue from its second moment on. */
static void
boundary(int64_t from, int64_t end, int64_t due)
{
	for (int64_t now = end - 1; now <= end + 1; now++) {
		struct plan p = { .now = now };
		struct plan_row r = { .kept = 0 };

		plan_count(&p, &r, from, end, due);
		assert_int_equal(r.gone, now >= end);
		assert_int_equal(r.kept, now < end);
		assert_int_equal(r.overdue, now >= due);
		assert_int_equal(r.next_at, now < end ? end : 0);
	}
	for (int64_t now = due - 1; now <= due; now++) {
		struct plan p = { .now = now };
		struct plan_row r = { .kept = 0 };

		plan_count(&p, &r, from, end, due);
		assert_int_equal(r.overdue, now >= due);
		assert_true(r.due_at == due);
	}
}

static int
rule_of(const char *name)
{
	for (int r = 0; r < RULE_COUNT; r++)
		if (str_eq(rules_kept[r].name, name))
			return r;
	fail_msg("no rule %s", name);
	return 0;
}

/* due RULE DAY ZONE MOMENT */
static void
check_due(char *const *f, bool *seen)
{
	int rule = rule_of(f[1]);
	int64_t at = atoll(f[4]);
	struct day d, cut;

	seen[rule] = true;
	assert_int_equal(clock_day_parse(f[2], &d), RC_OK);
	if (rule_due((enum rule)rule, d, f[3]) != at)
		fail_msg("%s of %s in %s", f[1], f[2], f[3]);
	boundary(clock_day_start(d, f[3]), at, at);
	if (!str_eq(f[3], "Europe/Amsterdam") || rule > RULE_CREDENTIALS)
		return;		/* the same sum, and slow */
	cut = rule_cut((enum rule)rule, at - 1, f[3]);
	assert_true(clock_day_cmp(d, cut) >= 0);
	cut = rule_cut((enum rule)rule, at, f[3]);
	assert_true(clock_day_cmp(d, cut) < 0);
}

/* term KIND DAY YEAR-END END DUE */
static void
check_term(char *const *f)
{
	struct day d, end = { STATUTORY_LEAP, atoi(f[3]),
	    atoi(strchr(f[3], '-') + 1) };
	enum invoice_term term = str_eq(f[1], "oss") ? INVOICE_OSS :
	    str_eq(f[1], "immovable") ? INVOICE_PROPERTY : INVOICE_ORDINARY;
	struct statutory s;

	assert_int_equal(clock_day_parse(f[2], &d), RC_OK);
	s = statutory_of(d, term, end, "Europe/Amsterdam");
	if (s.end_at != atoll(f[4]) || s.due_at != atoll(f[5]))
		fail_msg("%s of %s, year to %s: %lld %lld", f[1], f[2], f[3],
		    (long long)s.end_at, (long long)s.due_at);
	boundary(clock_day_start(d, "Europe/Amsterdam"), s.end_at, s.due_at);
}

static void
test_reference(void **state)
{
	FILE *ref = popen("/usr/bin/python3 tests/unit/rule_reference.py",
	    "r");
	/* Invoices apart; erasures as sync.yaml says. */
	bool seen[RULE_COUNT] = { [RULE_INVOICES] = true,
	    [RULE_ERASURES] = true };
	char line[200];
	size_t n = 0;

	(void)state;
	assert_non_null(ref);
	while (fgets(line, sizeof(line), ref) != NULL) {
		char *f[FIELDS] = { NULL }, *at = line;

		line[strcspn(line, "\n")] = '\0';
		for (int i = 0; i < FIELDS && at != NULL; i++)
			f[i] = strsep(&at, "\t");
		if (str_eq(f[0], "due"))
			check_due(f, seen);
		else
			check_term(f);
		n++;
	}
	assert_int_equal(pclose(ref), 0);
	assert_true(n > 70000);
	for (int r = 0; r < RULE_COUNT; r++)
		if (!seen[r])
			fail_msg("%s is not in the reference",
			    rules_kept[r].name);
}

/* The words of a term say its numbers. */
static void
test_words(void **state)
{
	char words[32];

	(void)state;
	for (int r = 0; r < RULE_COUNT; r++) {
		const struct rule_row *row = &rules_kept[r];

		assert_false(str_empty(row->name));
		assert_false(str_empty(row->whose));
		assert_false(str_empty(row->holds));
		assert_false(str_empty(row->form));
		assert_false(str_empty(row->purpose));
		assert_false(str_empty(row->from));
		if (row->months == 0 && row->days == 0) {
			assert_true(r == RULE_INVOICES || r == RULE_ERASURES);
			continue;
		}
		str_fmt(words, sizeof(words), row->days > 0 ? "%d day%s" :
		    "%d month%s", row->days > 0 ? row->days : row->months,
		    row->days + row->months == 1 ? "" : "s");
		assert_string_equal(row->term, words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
