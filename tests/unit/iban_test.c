/*
 * iban_test.c - IBANs that are right, and what is near them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "iban.h"
#include "str.h"

/* From the registry's own examples. */
static const char *const good[] = {
	"NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "nl91abna0417164300",
	"BE68539007547034", "DE89370400440532013000", "GB29NWBK60161331926819",
	"FR1420041010050500013M02606", "MT84MALT011000012345MTLCAST001S",
	"NO9386011117947", "CH9300762011623852957", "PL61109010140000071219812874",
	"RU0304452522540817810538091310419", "LC55HEMM000100010012001200023015",
};

static const char *const bad[] = {
	"", "NL", "NL91", "NL91ABNA041716430", "NL91ABNA04171643000",
	"NL92ABNA0417164300", "NL91ABNA0417164301", "NL91ABNA-0417164300",
	"NLX1ABNA0417164300", "XX91ABNA0417164300", "91NLABNA0417164300",
	"NL91ABNA0417164300NL91ABNA0417164300", "BE6853900754703",
	"NL00ABNA0417164300", "9D24AE12345678901234AE23",
};

static void
test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!iban_ok(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (iban_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

/* Every digit that is misread and every two that are swapped are found. */
static void
test_slips(void **state)
{
	const char *right = good[0];
	char text[40];
	size_t n = strlen(right);

	(void)state;
	for (size_t i = 2; i < n; i++) {
		for (char c = '0'; c <= '9'; c++) {
			strcpy(text, right);
			text[i] = c;
			assert_int_equal(iban_ok(text), strcmp(text, right) == 0);
		}
		strcpy(text, right);
		text[i] = right[i - 1];
		text[i - 1] = right[i];
		assert_int_equal(iban_ok(text), strcmp(text, right) == 0);
	}
}

/* Check digits that follow from another rule than 98 less the rest. */
static void
test_ends(void **state)
{
	char text[40];
	int taken = 0;

	(void)state;
	for (int bank = 0; bank < 300; bank++)
		for (int check = 0; check < 100; check++) {
			(void)snprintf(text, sizeof(text), "NO%02d%011d",
			    check, bank);
			taken += iban_ok(text);
		}
	assert_int_equal(taken, 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
