/*
 * money_fuzz.c - libFuzzer over money_parse: what is taken prints and parses
 * as itself, and the strict reader never disagrees with the rounding one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "money.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), printed[MONEY_TEXT];
	struct money strict = { 0 }, rounded = { 0 }, back = { 0 };
	int32_t rate = 0, again = 0;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (money_parse(text, &strict) == RC_OK) {
		if (money_parse_long(text, &rounded) != RC_OK ||
		    !money_eq(strict, rounded))
			abort();
		money_print(printed, strict, (int)(size % 7));
		if (money_parse(printed, &back) != RC_OK ||
		    !money_eq(strict, back))
			abort();
	}
	if (money_parse_rate(text, &rate) == RC_OK) {
		money_print_rate(printed, rate);
		if (money_parse_rate(printed, &again) != RC_OK ||
		    rate != again || rate < 0 || rate > 1000000)
			abort();
	}
	free(text);
	return 0;
}
