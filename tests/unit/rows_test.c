/*
 * rows_test.c - the bytes of a row: what they are, and that no others are
 * taken for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clock.h"
#include "rows.h"
#include "shape.h"
#include "str.h"

static void
test_record(void **state)
{
	struct record r = { { 1 }, { -2 } }, back = { { 0 }, { 0 } };
	uint8_t b[ROWS_MAX];
	static const uint8_t want[16] = { 1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	assert_int_equal(rows_pack(&rows_record, &r, b), 16);
	assert_memory_equal(b, want, 16);
	assert_int_equal(rows_unpack(&rows_record, b, 16, &back), RC_OK);
	assert_int_equal(back.incl.e6, -2);
	assert_int_equal(rows_unpack(&rows_record, b, 15, &back), RC_REJECT);
	assert_int_equal(rows_unpack(&rows_record, b, 17, &back), RC_REJECT);
}

/* A message is kept by its code: numbers move when messages are added. */
static void
test_error(void **state)
{
	struct error_row r, back;
	uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.why = M_TOTAL;
	strcpy(r.id, "7");
	r.quoted = true;
	strcpy(r.debtor_text, "never in these bytes");
	memset(&r.debtor, 'k', sizeof(r.debtor));
	n = rows_pack(&rows_error, &r, b);
	assert_int_equal(b[0], 2);
	assert_null(memmem(b, n, "kkk", 3));
	assert_memory_equal(b + 1, "\4\0S204", 6);
	assert_null(memmem(b, n, "never", 5));
	assert_int_equal(rows_unpack(&rows_error, b, n, &back), RC_OK);
	assert_int_equal(back.why, M_TOTAL);
	assert_string_equal(back.debtor_text, "");
	assert_true(back.quoted);
	memcpy(b + 3, "S999", 4);
	assert_int_equal(rows_unpack(&rows_error, b, n, &back), RC_OK);
	assert_int_equal(back.why, M_NONE);
	memset(&back, 'x', sizeof(back));
	for (unsigned v = 0; v < 256; v++) {
		b[0] = (uint8_t)v;
		if (v != 2)
			assert_int_equal(rows_unpack(&rows_error, b, n,
			    &back), RC_REJECT);
	}
	assert_int_equal(back.id[0], 'x');
}

/* Rows from before debtors were known are read; they lack what came later. */
static void
test_older(void **state)
{
	struct detail_row d = { .at = 9, .debtor_text = "words" }, detail;
	struct error_row e = { .why = M_TOTAL, .text = "t" }, error;
	uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	memset(&d.debtor, 'k', sizeof(d.debtor));
	n = rows_pack(&rows_detail, &d, b);
	assert_int_equal(rows_unpack(&rows_detail, b, n, &detail), RC_OK);
	assert_memory_equal(&d.debtor, &detail.debtor, sizeof(d.debtor));
	b[0] = 1;
	assert_int_equal(rows_unpack(&rows_detail, b, n, &detail), RC_REJECT);
	n -= STORE_KEY;
	assert_int_equal(rows_unpack(&rows_detail, b, n, &detail), RC_OK);
	assert_string_equal(detail.debtor_text, "words");
	memset(&d.debtor, 0, sizeof(d.debtor));
	assert_memory_equal(&d.debtor, &detail.debtor, sizeof(d.debtor));

	n = rows_pack(&rows_error, &e, b);
	b[0] = 1;
	assert_int_equal(rows_unpack(&rows_error, b, n - 1, &error), RC_OK);
	assert_string_equal(error.text, "t");
	assert_false(error.quoted);
}

/* An intent that an older program left, whose order it did not keep. */
static void
test_older_intent(void **state)
{
	struct intent i = { .at = 9, .reference = "shop-1-R2" }, back;
	uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	memset(&i.of, 'k', sizeof(i.of));
	n = rows_pack(&rows_intent, &i, b);
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_OK);
	assert_memory_equal(&i, &back, sizeof(i));
	b[0] = 2;
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_REJECT);
	n -= 6;
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_OK);
	assert_memory_equal(&i, &back, sizeof(i));
	b[0] = 1;
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_REJECT);
	assert_int_equal(rows_unpack(&rows_intent, b, n - STORE_KEY, &back),
	    RC_OK);
	memset(&i.of, 0, sizeof(i.of));
	assert_memory_equal(&i, &back, sizeof(i));
}

static void
test_full(void **state)
{
	struct detail_row d = { .at = 9 }, back;
	uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	memset(d.debtor_text, 'd', sizeof(d.debtor_text) - 1);
	n = rows_pack(&rows_detail, &d, b);
	assert_int_equal(n, 1 + 8 + 2 + 199 + STORE_KEY);
	assert_int_equal(rows_unpack(&rows_detail, b, n, &back), RC_OK);
	assert_memory_equal(&d, &back, sizeof(d));
	/* One more would lack room for its NUL. */
	b[9]++;
	memset(b + n - STORE_KEY, 'd', STORE_KEY + 1);
	assert_int_equal(rows_unpack(&rows_detail, b, n + 1, &back),
	    RC_REJECT);
	/* A NUL inside would hide the rest. */
	b[9]--;
	b[20] = '\0';
	assert_int_equal(rows_unpack(&rows_detail, b, n, &back), RC_REJECT);
}

static void
test_intent_bytes(void **state)
{
	struct intent i, back;
	uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	memset(&i, 0, sizeof(i));
	strcpy(i.source, "shop");
	i.revision = 3;
	i.anew = true;
	n = rows_pack(&rows_intent, &i, b);
	/* From memory that ends where the bytes end. */
	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *some = malloc(cut + 1);

		assert_non_null(some);
		memcpy(some + 1, b, cut);
		assert_int_equal(rows_unpack(&rows_intent, some + 1, cut,
		    &back), RC_REJECT);
		free(some);
	}
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_OK);
	assert_memory_equal(&i, &back, sizeof(i));
	b[29] = 2;				/* held: neither no nor yes */
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_REJECT);
	b[29] = 0;
	b[30] = SALE_SUMMARY + 1;
	assert_int_equal(rows_unpack(&rows_intent, b, n, &back), RC_REJECT);
}

static void
test_secret(void **state)
{
	struct secret_row r = { .at = 3 }, back = { .at = 0 };
	static uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	assert_int_equal(secret_set(&r.value, "tok", 3), RC_OK);
	n = rows_secret_pack(&r, b);
	assert_int_equal(n, 12);
	assert_int_equal(rows_secret_unpack(b, n, &back), RC_OK);
	assert_int_equal(back.at, 3);
	assert_string_equal(back.value.text, "tok");
	secret_wipe(&back.value);
	secret_wipe(&r.value);
	assert_int_equal(rows_secret_unpack(b, 8, &back), RC_REJECT);
	assert_int_equal(rows_secret_unpack(b, 9 + SECRET_MAX + 1, &back),
	    RC_REJECT);
	assert_null(back.value.text);
	b[0] = 0;
	assert_int_equal(rows_secret_unpack(b, n, &back), RC_REJECT);
}

/* One with an end has a form of its own; those of before stay readable. */
static void
test_secret_ends(void **state)
{
	struct secret_row r = { .at = 3, .until_at = 4, .drop_at = 5 };
	struct secret_row back = { .at = 0 };
	static uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	assert_int_equal(secret_set(&r.value, "tok", 3), RC_OK);
	n = rows_secret_pack(&r, b);
	assert_int_equal(n, 28);
	assert_int_equal(rows_secret_unpack(b, n, &back), RC_OK);
	assert_int_equal(back.at, 3);
	assert_int_equal(back.until_at, 4);
	assert_int_equal(back.drop_at, 5);
	assert_string_equal(back.value.text, "tok");
	secret_wipe(&back.value);
	secret_wipe(&r.value);
	assert_int_equal(rows_secret_unpack(b, 24, &back), RC_REJECT);
	b[9] = b[17] = 0;		/* no end: not this form */
	assert_int_equal(rows_secret_unpack(b, n, &back), RC_REJECT);
	assert_null(back.value.text);
}

/* Whatever is taken packs to the very same bytes again. */
static void
test_noise(void **state)
{
	static const struct rows_shape *const shapes[] = { &rows_record,
	    &rows_intent, &rows_debtor, &rows_cursor, &rows_detail };
	uint8_t b[ROWS_MAX], again[ROWS_MAX];
	size_t taken = 0;
	unsigned x = 1;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		const struct rows_shape *shape = shapes[round % 5];
		union { struct intent i; struct error_row e; } row;
		size_t n = (x >> 8) % 90;

		for (size_t i = 0; i < n; i++) {
			x = x * 1103515245 + 12345;
			b[i] = i == 0 ? shape->version :
			    x >> 27 ? 0 : (uint8_t)(x >> 16);
		}
		x = x * 1103515245 + 12345;
		if (rows_unpack(shape, b, n, &row) != RC_OK)
			continue;
		taken++;
		assert_int_equal(rows_pack(shape, &row, again), n);
		assert_memory_equal(b, again, n);
	}
	assert_true(taken > 100);
}

/* A day is a text, and one that exists; an enum is within its last value. */
static void
test_cells(void **state)
{
	struct sample { struct day day; enum sale_kind kind; };
	static const struct cell cells[] = {
		NUM(CELL_DAY, sample, day),
		ENUM(sample, kind, SALE_REFUND),
	};
	static const struct rows_shape shape = SHAPE(1, sample, cells);
	struct sample a = { { 2028, 2, 29 }, SALE_REFUND }, back;
	uint8_t b[ROWS_MAX];
	size_t n;

	(void)state;
	n = rows_pack(&shape, &a, b);
	assert_int_equal(n, 1 + 2 + 10 + 1);
	assert_memory_equal(b, "\1\12\0" "2028-02-29", 13);
	assert_int_equal(rows_unpack(&shape, b, n, &back), RC_OK);
	assert_memory_equal(&back, &a, sizeof(a));
	b[13] = SALE_REFUND + 1;
	assert_int_equal(rows_unpack(&shape, b, n, &back), RC_REJECT);
	b[13] = SALE_REFUND;
	b[6] = '9';			/* no leap year */
	assert_int_equal(rows_unpack(&shape, b, n, &back), RC_REJECT);
	a.day.year = 0;
	n = rows_pack(&shape, &a, b);
	assert_int_equal(n, 1 + 2 + 1);
	assert_int_equal(rows_unpack(&shape, b, n, &back), RC_OK);
	assert_int_equal(back.day.year, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_older),
		cmocka_unit_test(test_older_intent),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_intent_bytes),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_secret_ends),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
