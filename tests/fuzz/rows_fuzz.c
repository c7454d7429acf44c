/*
 * rows_fuzz.c - foreign bytes as rows.  The first byte picks the shape; what
 * is taken must pack to the same bytes, but for a code that nobody knows.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_secret(const uint8_t *data, size_t size)
{
	uint8_t again[ROWS_MAX];
	struct secret_row r = { .at = 0 };

	if (rows_secret_unpack(data, size, &r) != RC_OK)
		return;
	if (rows_secret_pack(&r, again) != size ||
	    memcmp(again, data, size) != 0)
		abort();
	secret_wipe(&r.value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rows_shape *const shapes[] = { &rows_record,
	    &rows_intent, &rows_debtor, &rows_cursor, &rows_error,
	    &rows_detail };
	union {
		struct error_row error;
		struct intent intent;
		struct debtor_row debtor;
		struct cursor_row cursor;
	} row;
	uint8_t again[ROWS_MAX];
	const struct rows_shape *shape;
	size_t n;

	if (size == 0)
		return 0;
	if (data[0] % 7 == 6) {
		check_secret(data + 1, size - 1);
		return 0;
	}
	shape = shapes[data[0] % 7];
	if (rows_unpack(shape, data + 1, size - 1, &row) != RC_OK)
		return 0;
	if (shape == &rows_error && row.error.why == M_NONE)
		return 0;
	n = rows_pack(shape, &row, again);
	/* What is read in an older form is written in the new one. */
	if (shape != &rows_record && again[0] != data[1])
		return 0;
	if (n != size - 1 || memcmp(again, data + 1, n) != 0)
		abort();
	return 0;
}
