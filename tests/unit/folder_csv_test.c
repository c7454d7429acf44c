/*
 * folder_csv_test.c - sales from the CSV files of a folder.
 */
#include "folder_shop.h"

#include "buf.h"
#include "clock.h"

#define HEAD "id,kind,placed,currency,excl,vat_rate\n"

static void
test_csv_values(void **state)
{
	struct connection c;

	(void)state;
	put("till.csv",
	    "description,id,number,kind,refund_of,placed,currency,debtor_id,"
	    "email,company,name,address,postcode,city,country,vat_number,"
	    "line_kind,article,quantity,excl,vat,vat_rate,vat_country,"
	    "payment,sale_excl,sale_incl\n"
	    "\"A \"\"mug\"\"\",7,A-7,order,,2026-11-01T12:00:00Z,EUR,17,"
	    "a@b.example,\"B, C\",N,\"Street\n1\",1234 AB,Utrecht,nl,"
	    "NL123456789B01,article,SKU,2,16.53,3.47,21,NL,ideal,20.66,25.00\n"
	    "Post,7,,,,,,,,,,,,,,,shipping,,,4.13,0.87,21,,,,\n");
	c = make();
	assert_int_equal(next(&c), RC_OK);
	assert_string_equal(got.id, "7");
	assert_string_equal(got.number, "A-7");
	assert_int_equal(got.kind, SALE_ORDER);
	assert_int_equal(got.placed_at, 1793534400);
	assert_string_equal(got.currency, "EUR");
	assert_string_equal(got.debtor.id, "17");
	assert_string_equal(got.debtor.email, "a@b.example");
	assert_string_equal(got.debtor.company, "B, C");
	assert_string_equal(got.debtor.name, "N");
	assert_string_equal(got.debtor.address, "Street\n1");
	assert_string_equal(got.debtor.postcode, "1234 AB");
	assert_string_equal(got.debtor.city, "Utrecht");
	assert_string_equal(got.debtor.country, "NL");
	assert_string_equal(got.debtor.vat_number, "NL123456789B01");
	assert_int_equal(got.lines_n, 2);
	assert_int_equal(got.lines[0].kind, LINE_ARTICLE);
	assert_string_equal(got.lines[0].description, "A \"mug\"");
	assert_string_equal(got.lines[0].article, "SKU");
	assert_int_equal(got.lines[0].quantity.e6, 2000000);
	assert_int_equal(got.lines[0].excl.e6, 16530000);
	assert_int_equal(got.lines[0].vat.e6, 3470000);
	assert_int_equal(got.lines[0].vat_rate_e4, 210000);
	assert_string_equal(got.lines[0].vat_country, "NL");
	assert_int_equal(got.lines[1].kind, LINE_SHIPPING);
	assert_int_equal(got.lines[1].quantity.e6, 1000000);
	assert_int_equal(got.excl.e6, 20660000);
	assert_int_equal(got.incl.e6, 25000000);
	assert_int_equal(got.payments_n, 1);
	assert_string_equal(got.payments[0].method, "ideal");
	assert_int_equal(got.payments[0].amount.e6, 25000000);
	assert_int_equal(next(&c), RC_END);
	done(&c);
}

/* excl, vat and incl of a line follow from one another. */
static void
test_csv_amounts(void **state)
{
	static const struct {
		const char *row;
		int64_t excl, vat;
	} rows[] = {
		{ "10.00,,21,", 10000000, 2100000 },
		{ "10.00,2.09,21,", 10000000, 2090000 },
		{ ",,21,12.10", 10000000, 2100000 },
		{ ",2.11,21,12.10", 9990000, 2110000 },
		{ "10.00,,21,12.11", 10000000, 2110000 },
		{ "10.00,2.10,21,12.10", 10000000, 2100000 },
		{ ",,9,1.00", 920000, 80000 },
		{ ",,0,1.00", 1000000, 0 },
		{ "-10.00,,21,", -10000000, -2100000 },
		{ ",,21,-12.10", -10000000, -2100000 },
		{ " 10 ,,21,", 10000000, 2100000 },
		{ "1e1,,21,", 10000000, 2100000 },
		{ "10.0000004,2.1,21,", 10000000, 2100000 },
	};
	static const struct {
		const char *row;
		enum msg why;
	} bad[] = {
		{ "10.00,2.10,21,12.11", M_TOTAL },
		{ ",,21,", M_VALUE },
		{ "10.00,,,", M_VALUE },
		{ "10.00,,101,", M_VALUE },
		{ "10.00,,x,", M_VALUE },
		{ "1.000.00,,21,", M_AMOUNT },
		{ "\"10,00\",,21,", M_AMOUNT },
		{ "\xe2\x82\xac 10,,21,", M_AMOUNT },
		{ "NaN,,21,", M_AMOUNT },
		{ "1e99,,21,", M_AMOUNT },
		{ "10.00,x,21,", M_AMOUNT },
	};
	struct connection c;
	char text[400];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)str_fmt(text, sizeof(text), "id,placed,currency,excl,"
		    "vat,vat_rate,incl\n1,2026-11-01,EUR,%s\n", rows[i].row);
		put("a.csv", text);
		c = make();
		assert_int_equal(next(&c), RC_OK);
		assert_int_equal(got.lines[0].excl.e6, rows[i].excl);
		assert_int_equal(got.lines[0].vat.e6, rows[i].vat);
		assert_int_equal(got.incl.e6, rows[i].excl + rows[i].vat);
		assert_int_equal(got.payments_n, 0);
		done(&c);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)str_fmt(text, sizeof(text), "id,placed,currency,excl,"
		    "vat,vat_rate,incl\n1,2026-11-01,EUR,%s\n", bad[i].row);
		put("a.csv", text);
		c = make();
		assert_int_equal(next(&c), RC_REJECT);
		assert_string_equal(got.id, "1");
		assert_int_equal(c.why, bad[i].why);
		assert_non_null(strstr(c.why_text, "(line 2)"));
		assert_int_equal(next(&c), RC_END);
		done(&c);
	}
}

static void
test_csv_comma(void **state)
{
	struct connection c;

	(void)state;
	delimiter = ";";
	comma = "true";
	put("a.csv", "id;placed;currency;excl;vat_rate;quantity\n"
	    "1;2026-11-01;EUR;1234,50;5,5;1,5\n"
	    "2;2026-11-01;EUR;1.234,50;21;1\n");
	c = make();
	assert_int_equal(next(&c), RC_OK);
	assert_int_equal(got.excl.e6, 1234500000);
	assert_int_equal(got.lines[0].vat_rate_e4, 55000);
	assert_int_equal(got.lines[0].quantity.e6, 1500000);
	assert_int_equal(next(&c), RC_REJECT);
	assert_int_equal(c.why, M_AMOUNT);
	done(&c);
	delimiter = "tab";
	put("a.csv", "id\tplaced\tcurrency\texcl\tvat_rate\n"
	    "1\t2026-11-01\tEUR\t1,50\t21\n");
	c = make();
	assert_string_equal(all(&c), "1 ");
	done(&c);
}

static void
test_csv_faults(void **state)
{
	static const struct {
		const char *rows, *want;
	} cases[] = {
		/* one bad row refuses its sale and no other */
		{ HEAD "1,,2026-11-01,EUR,x,21\n2,,2026-11-01,EUR,1,21\n",
		  "1! 2 " },
		{ HEAD "1,,2026-11-01,EUR,1,21\n1,,,,x,21\n"
		  "2,,2026-11-01,EUR,1,21\n", "1! 2 " },
		{ HEAD "1,,2026-11-01,EUR,1,21\n1,,2026-11-02,,1,21\n",
		  "1! " },
		{ HEAD "1,,2026-11-01,EUR,1,21\n1,,,USD,1,21\n", "1! " },
		{ HEAD "1,,2026-11-01,EURO,1,21\n2,,2026-11-01,,1,21\n",
		  "1! 2! " },
		{ HEAD "1,sale,2026-11-01,EUR,1,21\n", "1! " },
		{ HEAD "1,,2026-02-30,EUR,1,21\n", "1! " },
		/* too few, too many columns; a sale is not cut in half */
		{ HEAD "1,,2026-11-01,EUR,1\n2,,2026-11-01,EUR,1,21,9\n",
		  "1! 2! " },
		{ HEAD "1,,2026-11-01,EUR,1,21\n1\n1,,,,1,21\n", "1! " },
		{ HEAD "1,receipt\n1,receipt,2026-11-01,EUR,1,21\n", "1! " },
		{ HEAD "1\n1,receipt,2026-11-01,EUR,1,21\n", "1! " },
		/* a row without an id spoils both sides */
		{ HEAD "1,,2026-11-01,EUR,1,21\n,,,,1,21\n"
		  "2,,2026-11-01,EUR,1,21\n3,,2026-11-01,EUR,1,21\n",
		  "1! a.csv:3! 2! 3 " },
		{ HEAD "1,,2026-11-01,EUR,1,21\n\"x\"y,,,,1,21\n", "1! "
		  "a.csv:3! " },
		{ HEAD "\xff,1\n2,,2026-11-01,EUR,1,21\n", "a.csv:2! 2! " },
		/* rows apart */
		{ HEAD "1,,2026-11-01,EUR,1,21\n2,,2026-11-01,EUR,1,21\n"
		  "1,order,2026-11-01,EUR,1,21\n", "1! 2 1! " },
		{ HEAD "1,receipt,2026-11-01,EUR,1,21\n"
		  "1,order,2026-11-01,EUR,1,21\n", "1 1 " },
		/* empty rows, as spreadsheets leave them */
		{ HEAD "1,,2026-11-01,EUR,1,21\n,,,,,\n\n1,,,,1,21\n", "1 " },
		/* headers */
		{ "", "a.csv:1! " },
		{ "id,placed,currency,excl,vatrate\n1,,,,\n", "a.csv:1! " },
		{ "id,placed,currency,vat,vat_rate\n1,,,,\n", "a.csv:1! " },
		{ "id,placed,currency,excl,vat_rate,id\n", "a.csv:1! " },
		{ " ID ,Placed,CURRENCY,excl,vat_rate\n"
		  "1,2026-11-01,EUR,1,21\n", "1 " },
	};
	struct connection c;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		put("a.csv", cases[i].rows);
		c = make();
		assert_string_equal(all(&c), cases[i].want);
		done(&c);
	}
}

/* Words about a fault hold no word of the file. */
static void
test_csv_words(void **state)
{
	struct connection c;

	(void)state;
	put("a.csv", "id,placed,currency,excl,vatrate\n");
	c = make();
	assert_int_equal(next(&c), RC_REJECT);
	assert_int_equal(c.why, M_SHOP_SALE);
	assert_string_equal(c.why_text, "column 5 of the header is not "
	    "known; the nearest is vat_rate");
	done(&c);
	put("a.csv", "17,Jansen,Utrecht\n");
	c = make();
	assert_int_equal(next(&c), RC_REJECT);
	assert_null(strstr(c.why_text, "Jansen"));
	assert_null(strstr(c.why_text, "17"));
	done(&c);
	put("a.csv", HEAD "1,,2026-11-01,Jansen,1,21\n");
	c = make();
	assert_int_equal(next(&c), RC_REJECT);
	assert_int_equal(c.why, M_TOO_LARGE);
	assert_string_equal(c.why_text, "currency (line 2)");
	done(&c);
}

/* A till's wall clock: the day must be the till's. */
static void
test_csv_placed(void **state)
{
	static const struct { const char *placed, *utc; } cases[] = {
		{ "2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z" },
		{ "2026-11-01T12:00:00+01:00", "2026-11-01T11:00:00Z" },
		{ "2026-11-01", "2026-10-31T23:00:00Z" },
		{ "2026-07-01", "2026-06-30T22:00:00Z" },
		{ "2026-12-31 23:59:59", "2026-12-31T22:59:59Z" },
		{ "2026-07-01 00:00:01", "2026-06-30T22:00:01Z" },
		/* the clocks change */
		{ "2026-03-29 23:30:00", "2026-03-29T21:30:00Z" },
		{ "2026-03-29 00:30:00", "2026-03-28T23:30:00Z" },
		{ "2026-10-25 00:30:00", "2026-10-24T22:30:00Z" },
		{ "2026-10-25 23:30:00", "2026-10-25T22:30:00Z" },
	};
	struct connection c;
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char iso[CLOCK_ISO];

		(void)str_fmt(text, sizeof(text), HEAD "1,,%s,EUR,1,21\n",
		    cases[i].placed);
		put("a.csv", text);
		c = make();
		assert_int_equal(next(&c), RC_OK);
		clock_iso(iso, got.placed_at);
		assert_string_equal(iso, cases[i].utc);
		done(&c);
	}
}

#define STATE "id,placed,currency,excl,vat_rate,ean,paid,shipped,status," \
    "channel,tags,rate,rate_source\n"

/* What the tenant's rules may ask, and what it must not be. */
static void
test_csv_state(void **state)
{
	static const char *const bad[] = { "x,,,,,,", ",2026-13-01,,,,,",
	    ",,012345678901234567890123456789012,,,,", ",,,,,1.2,",
	    ",,,,,,ECB", ",,,,,-1.2,ECB", ",,,,,x,ECB",
	    ",,,,012345678901234567890123456789012,,",
	    ",,,,1;2;3;4;5;6;7;8;9;a;b;c;d;e;f;g;h,," };
	struct connection c;
	char iso[CLOCK_ISO], text[400];

	(void)state;
	put("a.csv", STATE "1,2026-11-01,USD,1,21,8712345678906,"
	    "2026-11-02 00:10:00,2026-11-03T12:00:00Z,done,web,"
	    " a ;;b c;1;2;3;4;5;6;7;8;9;10;11;12;13;14;,0.92,ECB\n");
	c = make();
	assert_int_equal(next(&c), RC_OK);
	clock_iso(iso, got.paid_at);
	assert_string_equal(iso, "2026-11-01T23:10:00Z");
	clock_iso(iso, got.shipped_at);
	assert_string_equal(iso, "2026-11-03T12:00:00Z");
	assert_string_equal(got.status, "done");
	assert_string_equal(got.channel, "web");
	assert_int_equal(got.tags_n, SALE_TAGS);
	assert_string_equal(got.tags[0], "a");
	assert_string_equal(got.tags[1], "b c");
	assert_int_equal(got.rate.e6, 920000);
	assert_string_equal(got.rate_source, "ECB");
	assert_string_equal(got.lines[0].ean, "8712345678906");
	done(&c);
	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)str_fmt(text, sizeof(text), STATE
		    "1,2026-11-01,USD,1,21,,%s\n", bad[i]);
		put("a.csv", text);
		c = make();
		assert_int_equal(next(&c), RC_REJECT);
		done(&c);
	}
}

static void
test_csv_refund(void **state)
{
	struct connection c;

	(void)state;
	put("a.csv", "id,kind,refund_of,placed,currency,excl,vat_rate,"
	    "quantity,payment,sale_incl\n"
	    "r1,refund,1,2026-11-02,EUR,-10.00,21,-1,ideal,\n"
	    "r2,refund,1,2026-11-02,EUR,5.00,21,1,ideal,6.05\n"
	    "r3,refund,1,2026-11-02,EUR,-5.00,21,1,,6.05\n"
	    "1,order,,2026-11-01,EUR,20.00,21,-2,,\n"
	    "2,order,,2026-11-01,EUR,20.00,21,0,,\n");
	c = make();
	assert_int_equal(next(&c), RC_REJECT);	/* the orders come first */
	assert_string_equal(got.id, "1");
	assert_int_equal(c.why, M_QUANTITY);
	assert_int_equal(next(&c), RC_OK);
	assert_int_equal(got.lines[0].quantity.e6, 1000000);
	assert_int_equal(next(&c), RC_OK);
	assert_string_equal(got.refund_of, "1");
	assert_int_equal(got.incl.e6, -12100000);
	assert_int_equal(got.lines[0].quantity.e6, 1000000);
	assert_int_equal(got.payments[0].amount.e6, -12100000);
	assert_int_equal(next(&c), RC_OK);	/* positive: turned */
	assert_int_equal(got.excl.e6, -5000000);
	assert_int_equal(got.incl.e6, -6050000);
	assert_int_equal(got.lines[0].vat.e6, -1050000);
	assert_int_equal(got.payments[0].amount.e6, -6050000);
	assert_int_equal(next(&c), RC_REJECT);
	assert_string_equal(got.id, "r3");
	assert_int_equal(next(&c), RC_END);
	done(&c);
}

static void
test_csv_lines(void **state)
{
	struct connection c;
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	for (int n = SALE_LINES; n <= SALE_LINES + 1; n++) {
		buf_clear(&b);
		buf_puts(&b, HEAD);
		for (int i = 0; i < n; i++)
			buf_fmt(&b, "1,,%s,EUR,1,21\n",
			    i == 0 ? "2026-11-01" : "");
		buf_puts(&b, "2,,2026-11-01,EUR,1,21\n");
		put("a.csv", b.data);
		c = make();
		assert_string_equal(all(&c),
		    n == SALE_LINES ? "1 2 " : "1! 2 ");
		done(&c);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_csv_values),
		FOLDER_TEST(test_csv_amounts),
		FOLDER_TEST(test_csv_comma),
		FOLDER_TEST(test_csv_faults),
		FOLDER_TEST(test_csv_words),
		FOLDER_TEST(test_csv_placed),
		FOLDER_TEST(test_csv_state),
		FOLDER_TEST(test_csv_refund),
		FOLDER_TEST(test_csv_lines),
	};

	FOLDER_RUN(tests);
}
