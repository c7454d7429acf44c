/*
 * json_fuzz.c - libFuzzer over json_parse: whatever is taken can be walked,
 * written and read back as the same tree.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put(struct json_out *o, const struct json *v)
{
	bool object = json_is_object(v);

	if (!object && !json_is_array(v)) {
		if (json_is_number(v))
			json_put_raw(o, json_text(v));
		else if (json_is_string(v))
			json_put_str(o, json_text(v));
		else if (json_is_null(v))
			json_put_null(o);
		else
			json_put_bool(o, json_bool(v, "", false));
		return;
	}
	object ? json_open_object(o) : json_open_array(o);
	for (const struct json *c = json_first(v); c != NULL;
	    c = json_next(c)) {
		if (object)
			json_put_key(o, json_key(c));
		put(o, c);
	}
	object ? json_close_object(o) : json_close_array(o);
}

static void
write_tree(struct buf *b, const struct json *v)
{
	struct json_out o;

	buf_init(b, SIZE_MAX / 4);
	json_begin(&o, b);
	put(&o, v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *d = json_doc_new();
	const struct json *v = NULL;
	struct buf first, second;
	int64_t n;

	if (json_parse(d, (const char *)data, size, &v) == RC_OK) {
		(void)json_str(v, "a.0.b");
		if (json_i64(v, "0", &n) == RC_OK && !json_is_number(
		    json_path(v, "0")))
			abort();
		write_tree(&first, v);
		if (json_parse(d, first.data, first.len, &v) != RC_OK)
			abort();
		write_tree(&second, v);
		if (first.len != second.len ||
		    memcmp(first.data, second.data, first.len) != 0)
			abort();
		buf_free(&first);
		buf_free(&second);
	} else if (*json_fault(d) == '\0') {
		abort();
	}
	json_doc_free(d);
	return 0;
}
