/*
 * reference_test.c - what was made of a sale is read back as that sale.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reference.h"
#include "str.h"

/* Whether one of the readings is this sale. */
static bool
is_read(const char *text, enum sale_kind kind, const char *id,
    unsigned revision)
{
	struct reference r;
	bool found = false;

	for (size_t n = 0; reference_read(text, "my-shop", n, &r); n++) {
		assert_true(n < 8);
		if (r.kind != kind || !str_eq(r.id, id) ||
		    r.revision != revision)
			continue;
		found = true;
	}
	return found;
}

/* The reference of what was read is the one that it was read from. */
static void
there_and_back(void **unused)
{
	static const char *const ids[] = { "1001", "7", "a-1", "x_y", "R7" },
	    *const numbers[] = { "", "1001", "W7", "A/1", "2026-11.3", "T-R" };
	char text[SALE_ID + SALE_NAME], again[SALE_ID + SALE_NAME];

	for (size_t i = 0; i < COUNT(ids); i++)
		for (size_t j = 0; j < COUNT(numbers); j++)
			for (int k = SALE_ORDER; k <= SALE_SUMMARY; k++)
				for (unsigned v = 0; v < 4; v++) {
			struct reference r;
			bool found = false;

			sale_reference("my-shop", (enum sale_kind)k, ids[i],
			    numbers[j], sizeof(text) - 1, text);
			sale_revise(text, v, sizeof(text) - 1);
			assert_true(is_read(text, (enum sale_kind)k, ids[i],
			    v));
			for (size_t n = 0; reference_read(text, "my-shop", n,
			    &r); n++) {
				if (!str_eq(r.id, ids[i]) ||
				    r.kind != (enum sale_kind)k)
					continue;
				sale_reference("my-shop", r.kind, r.id,
				    r.number, sizeof(again) - 1, again);
				sale_revise(again, r.revision,
				    sizeof(again) - 1);
				found = found || str_eq(again, text);
			}
			assert_true(found);
		}
	(void)unused;
}

static void
others(void **unused)
{
	struct reference r;

	assert_false(reference_read("my-shop-1", "my-shop", 0, &r));
	assert_false(reference_read("my_shop2-1", "my-shop", 0, &r));
	assert_false(reference_read("", "my-shop", 0, &r));
	assert_false(is_read("my_shop-1-C0", SALE_ORDER, "1", 0));
	assert_true(is_read("my_shop-1-C1", SALE_ORDER, "1", 1));
	assert_true(is_read("my_shop-1-V2", SALE_ORDER, "1", 2));
	assert_false(is_read("my_shop-1-T", SALE_ORDER, "1", 0));
	/* Shortened: it is read as something, but not as the sale. */
	assert_false(is_read("my_shop-1001-ABCDEFGHIJ", SALE_ORDER, "1001",
	    0));
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
