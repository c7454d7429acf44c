/*
 * stream_fuzz.c - libFuzzer over stream_parse: a sale that is taken can be
 * written, and is read back as the same line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "str.h"
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct item item;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *d = json_doc_new();
	struct buf first, second;
	const char *fault = NULL;
	enum rc rc = stream_parse(d, (const char *)data, size, &item, &fault);

	buf_init(&first, 8 * STREAM_LINE);
	buf_init(&second, 8 * STREAM_LINE);
	if (rc == RC_FATAL && str_empty(fault))
		abort();
	if (rc == RC_REJECT && (item.why == M_NONE ||
	    str_empty(item.why_text) || str_empty(item.sale.id)))
		abort();
	if (rc == RC_OK && item.type == ITEM_SALE) {
		stream_put_sale(&first, &item.sale);
		if (first.over)
			abort();
		if (first.len <= STREAM_LINE) {
			if (stream_parse(d, first.data, first.len - 1, &item,
			    &fault) != RC_OK)
				abort();
			stream_put_sale(&second, &item.sale);
			if (!str_eq(first.data, second.data))
				abort();
		}
	}
	buf_free(&first);
	buf_free(&second);
	json_doc_free(d);
	return 0;
}
