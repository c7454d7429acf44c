/*
 * folder_test.c - sales from a folder: which files, and in which order.
 */
#include "folder_shop.h"

#include <sys/stat.h>

#define JSON(id, kind, of, placed) "{\"id\":\"" id "\",\"kind\":\"" kind \
    "\",\"refund_of\":" of ",\"placed\":\"" placed "\",\"currency\":\"EUR\"," \
    "\"lines\":[{\"excl\":\"1\",\"vat\":\"0.21\",\"vat_rate\":\"21\"}]," \
    "\"excl\":\"1\",\"incl\":\"1.21\"}\n"
#define DAY1 "2026-11-01T12:00:00Z"
#define DAY2 "2026-11-02T12:00:00Z"
static void
test_json(void **state)
{
	struct connection c;

	(void)state;
	put("b.jsonl", JSON("r1", "refund", "\"2\"", DAY2)
	    JSON("2", "order", "null", DAY1) "\n"
	    "not json\n"
	    "{\"type\":\"cursor\",\"value\":\"1\"}\n"
	    "{\"type\":\"end\",\"sales\":2}\n"
	    "{\"type\":\"sail\",\"id\":\"9\"}\n"
	    "{\"kind\":\"order\"}\n"
	    "{\"id\":\"3\",\"kind\":\"order\",\"placed\":\"soon\"}\n"
	    "\xff\n"
	    JSON("4", "receipt", "null", DAY1));
	put("a.jsonl", "\xef\xbb\xbf" JSON("1", "order", "null", DAY1));
	put("ignored.txt", JSON("x", "order", "null", DAY1));
	put(".hidden.jsonl", JSON("x", "order", "null", DAY1));
	c = make();
	assert_string_equal(all(&c), "1 2 b.jsonl:4! b.jsonl:7! b.jsonl:8! "
	    "3! b.jsonl:10! 4 r1 ");
	done(&c);
	c = make();
	assert_int_equal(next(&c), RC_OK);
	assert_int_equal(got.incl.e6, 1210000);
	assert_int_equal(next(&c), RC_OK);
	assert_int_equal(next(&c), RC_REJECT);
	assert_int_equal(c.why, M_SHOP_SALE);
	assert_non_null(c.why_text[0] != '\0' ? c.why_text : NULL);
	done(&c);
}

static void
test_since(void **state)
{
	struct connection c;

	(void)state;
	put("a.jsonl", JSON("1", "order", "null", DAY1)
	    JSON("2", "order", "null", DAY2)
	    "{\"id\":\"3\",\"kind\":\"order\",\"placed\":\"" DAY1 "\"}\n"
	    "{\"id\":\"4\",\"kind\":\"order\",\"placed\":\"" DAY2 "\"}\n"
	    "{\"id\":\"5\",\"kind\":\"order\"}\n");
	c = make();
	c.since_at = 1793620800;	/* 2026-11-02T12:00:00Z: from then */
	assert_string_equal(all(&c), "2 4! 5! ");
	done(&c);
	c = make();
	c.until_at = 1793620800;	/* up to, not with */
	assert_string_equal(all(&c), "1 3! 5! ");
	done(&c);
}

static int64_t
changed_ns(const char *name)
{
	char p[FILE_PATH];
	struct stat st;

	assert_int_equal(file_path(p, dir, name), RC_OK);
	assert_int_equal(stat(p, &st), 0);
	return st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
}

static void
test_cursor(void **state)
{
	char cursor[CURSOR_MAX], old[CURSOR_MAX];
	struct connection c;

	(void)state;
	put("b.jsonl", JSON("2", "order", "null", DAY1));
	(void)str_fmt(old, sizeof(old), "%lld",
	    (long long)changed_ns("b.jsonl"));
	/* the clock of inode times ticks slowly */
	do
		put("a.jsonl", JSON("1", "order", "null", DAY1));
	while (changed_ns("a.jsonl") <= changed_ns("b.jsonl") + 20000000);
	(void)str_fmt(cursor, sizeof(cursor), "%lld",
	    (long long)changed_ns("a.jsonl"));
	c = make();
	assert_string_equal(all(&c), "1 2 ");
	assert_string_equal(c.cursor_next, cursor);
	done(&c);
	/* from the cursor on, the file at the cursor with it */
	c = (struct connection){ .connector = &folder_connector,
	    .tenant = "acme", .name = "shop", .item = item,
	    .zone = "UTC", .json = json_doc_new() };
	(void)str_copy(c.cursor, sizeof(c.cursor), cursor);
	assert_int_equal(folder_connector.source->open(&c), RC_OK);
	assert_string_equal(all(&c), "1 ");
	assert_string_equal(c.cursor_next, cursor);
	folder_connector.source->close(&c);
	/* and with the overlap what is older */
	c.overlap_s = 600;
	assert_int_equal(folder_connector.source->open(&c), RC_OK);
	assert_string_equal(all(&c), "1 2 ");
	assert_string_equal(c.cursor_next, cursor);
	folder_connector.source->close(&c);
	/* never past the start of the run */
	c.started_at = changed_ns("b.jsonl") / 1000000000 - 100;
	(void)str_copy(c.cursor, sizeof(c.cursor), "1");
	assert_int_equal(folder_connector.source->open(&c), RC_OK);
	assert_string_equal(all(&c), "1 2 ");
	(void)str_fmt(old, sizeof(old), "%lld000000000",
	    (long long)c.started_at);
	assert_string_equal(c.cursor_next, old);
	folder_connector.source->close(&c);
	/* never back, also where older files were read */
	(void)str_fmt(c.cursor, sizeof(c.cursor), "%lld",
	    (long long)changed_ns("a.jsonl") + 1);
	c.started_at = 0;
	assert_int_equal(folder_connector.source->open(&c), RC_OK);
	assert_string_equal(all(&c), "1 2 ");
	assert_string_equal(c.cursor_next, c.cursor);
	folder_connector.source->close(&c);
	/* and kept where there was nothing */
	(void)str_copy(c.cursor, sizeof(c.cursor), "9000000000000000000");
	c.overlap_s = 0;
	assert_int_equal(folder_connector.source->open(&c), RC_OK);
	assert_string_equal(all(&c), "");
	assert_string_equal(c.cursor_next, "9000000000000000000");
	done(&c);
}

static void
test_fetch(void **state)
{
	const struct source_ops *ops = folder_connector.source;
	struct connection c;
	int64_t t;

	(void)state;
	put("b.csv", "id,kind,refund_of,placed,currency,excl,vat_rate\n"
	    "1,order,,2026-11-01,EUR,1,21\n"
	    "2,order,,2026-11-01,EUR,1,21\n"
	    "r1,refund,1,2026-11-01,EUR,-1,21\n"
	    "r2,refund,2,2026-11-01,EUR,-1,21\n"
	    "5,order,,never,EUR,1,21\n");
	t = changed_ns("b.csv");
	do
		put("a.csv", "id,kind,refund_of,placed,currency,excl,"
		    "vat_rate\n1,order,,2026-11-01,EUR,7,21\n"
		    "r3,refund,1,2026-11-01,EUR,-1,21\n");
	while (changed_ns("a.csv") <= t + 20000000);
	c = make();
	c.since_at = 1893456000;	/* a fetch does not look at it */
	assert_int_equal(ops->fetch(&c, "1"), RC_OK);
	assert_int_equal(next(&c), RC_OK);
	assert_string_equal(got.id, "1");
	assert_int_equal(got.excl.e6, 7000000);	/* of the newest file */
	assert_int_equal(next(&c), RC_OK);
	assert_string_equal(got.id, "r3");
	assert_int_equal(next(&c), RC_OK);
	assert_string_equal(got.id, "r1");
	assert_int_equal(next(&c), RC_END);
	assert_int_equal(ops->fetch(&c, "r2"), RC_OK);
	assert_string_equal(all(&c), "r2 ");
	assert_int_equal(ops->fetch(&c, "5"), RC_OK);
	assert_string_equal(all(&c), "5! ");
	assert_int_equal(ops->fetch(&c, "3"), RC_END);
	assert_int_equal(ops->fetch(&c, ""), RC_END);
	done(&c);
}

static void
test_open(void **state)
{
	struct connection c = { .connector = &folder_connector,
		.tenant = "acme", .name = "shop", .item = item,
		.zone = "UTC" };
	char p[FILE_PATH];

	(void)state;
	assert_int_equal(file_path(p, dir, "none"), RC_OK);
	path = p;
	assert_int_equal(folder_connector.source->open(&c), RC_CONFIG);
	folder_connector.source->close(&c);
	path = dir;
	delimiter = ";;";
	assert_int_equal(folder_connector.source->open(&c), RC_CONFIG);
	folder_connector.source->close(&c);
	delimiter = "\"";
	assert_int_equal(folder_connector.source->open(&c), RC_CONFIG);
	folder_connector.source->close(&c);
	delimiter = NULL;
	c = make();
	assert_string_equal(all(&c), "");
	assert_string_equal(c.cursor_next, "");
	assert_int_equal(folder_connector.source->fetch(&c, "1"), RC_END);
	done(&c);
	/* a file that goes between the list and the reading is no fault */
	put("a.jsonl", JSON("1", "order", "null", DAY1));
	put("b.jsonl", JSON("2", "order", "null", DAY1));
	c = make();
	assert_int_equal(file_path(p, dir, "a.jsonl"), RC_OK);
	assert_int_equal(file_remove(p), RC_OK);
	assert_string_equal(all(&c), "2 ");
	done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_json),
		FOLDER_TEST(test_since),
		FOLDER_TEST(test_cursor),
		FOLDER_TEST(test_fetch),
		FOLDER_TEST(test_open),
	};

	FOLDER_RUN(tests);
}
