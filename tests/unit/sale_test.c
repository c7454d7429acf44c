/*
 * sale_test.c - a sale as a value, and that no two sales of a tenant share a
 * reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sale.h"
#include "str.h"

#define REF (SALE_ID + SALE_NAME)
#define SET 200000

static uint64_t state = UINT64_C(88172645463325252);

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
kinds(void **unused)
{
	enum sale_kind s = SALE_SUMMARY;
	enum line_kind l = LINE_FEE;

	for (int k = SALE_ORDER; k <= SALE_SUMMARY; k++) {
		assert_int_equal(sale_kind_parse(sale_kind_name(
		    (enum sale_kind)k), &s), RC_OK);
		assert_int_equal(s, k);
	}
	for (int k = LINE_ARTICLE; k <= LINE_ROUNDING; k++) {
		assert_int_equal(line_kind_parse(line_kind_name(
		    (enum line_kind)k), &l), RC_OK);
		assert_int_equal(l, k);
	}
	assert_string_equal(sale_kind_name(SALE_REFUND), "refund");
	assert_string_equal(line_kind_name(LINE_GIFTCARD), "giftcard");
	s = SALE_REFUND;
	assert_int_equal(sale_kind_parse("Order", &s), RC_REJECT);
	assert_int_equal(sale_kind_parse("", &s), RC_REJECT);
	assert_int_equal(sale_kind_parse(NULL, &s), RC_REJECT);
	assert_int_equal(s, SALE_REFUND);
	assert_int_equal(line_kind_parse("refund", &l), RC_REJECT);
	assert_int_equal(l, LINE_ROUNDING);
	(void)unused;
}

static void
countries(void **unused)
{
	static const struct { const char *text, *out; } good[] = {
		{ "NL", "NL" }, { "nl", "NL" }, { "bE", "BE" }, { "", "" }
	};
	static const char *const bad[] = { "N", "NLD", "N1", " N", "\xc3\x89",
		"nl " };
	char out[3];

	for (size_t i = 0; i < COUNT(good); i++) {
		memcpy(out, "??", 3);
		assert_true(sale_country(out, good[i].text));
		assert_string_equal(out, good[i].out);
	}
	memcpy(out, "??", 3);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(sale_country(out, bad[i]));
	assert_string_equal(out, "??");
	(void)unused;
}

static void
sums_and_turns(void **unused)
{
	static struct sale s;
	struct money excl = { 7 };

	sale_init(&s);
	assert_int_equal(sale_lines_sum(&s, &excl).e6, 0);
	assert_int_equal(excl.e6, 0);
	*sale_line_add(&s) = (struct sale_line){ .excl = { 10 }, .vat = { 2 } };
	*sale_line_add(&s) = (struct sale_line){ .excl = { -3 }, .vat = { -1 } };
	sale_payment_add(&s)->amount.e6 = 8;
	s.excl.e6 = 7;
	s.incl.e6 = 8;
	assert_int_equal(sale_lines_sum(&s, &excl).e6, 8);
	assert_int_equal(excl.e6, 7);
	sale_turn(&s);
	assert_int_equal(sale_lines_sum(&s, NULL).e6, -8);
	assert_int_equal(s.lines[1].vat.e6, 1);
	assert_int_equal(s.payments[0].amount.e6, -8);
	assert_int_equal(s.excl.e6, -7);
	assert_int_equal(s.incl.e6, -8);
	(void)unused;
}

/* A refund written without its minus, and what may be an exchange. */
static void
turns_refunds(void **unused)
{
	static struct sale s;

	sale_init(&s);
	s.incl.e6 = 9;
	assert_true(sale_turn_refund(&s));
	assert_int_equal(s.incl.e6, 9);		/* an order */
	s.kind = SALE_REFUND;
	*sale_line_add(&s) = (struct sale_line){ .excl = { 10 } };
	*sale_line_add(&s) = (struct sale_line){ .kind = LINE_DISCOUNT,
	    .excl = { -1 } };
	assert_true(sale_turn_refund(&s));
	assert_int_equal(s.incl.e6, -9);
	assert_int_equal(s.lines[1].excl.e6, 1);
	assert_true(sale_turn_refund(&s));
	assert_int_equal(s.incl.e6, -9);
	s.incl.e6 = 9;				/* not so its lines */
	assert_false(sale_turn_refund(&s));
	s.lines[0].excl.e6 = -10;
	s.lines[1] = (struct sale_line){ .excl = { 19 } };
	assert_false(sale_turn_refund(&s));
	assert_int_equal(s.incl.e6, 9);
	(void)unused;
}

/* Of memory full of 0xa5, init and adding clear what they give and no more. */
static void
lines_and_payments(void **unused)
{
	struct sale *s = malloc(sizeof(*s));
	const unsigned char *bytes = (const unsigned char *)s;
	struct sale_line *l;
	size_t n;

	assert_non_null(s);
	memset(s, 0xa5, sizeof(*s));
	sale_init(s);
	assert_int_equal(s->lines_n, 0);
	assert_int_equal(s->id[0], 0);
	assert_int_equal(sale_size(s), offsetof(struct sale, lines));
	assert_int_equal(bytes[sale_size(s)], 0xa5);
	for (size_t i = 0; i < SALE_LINES; i++) {
		l = sale_line_add(s);
		assert_ptr_equal(l, &s->lines[i]);
		assert_int_equal(l->excl.e6, 0);
		assert_int_equal(l->description[159], 0);
	}
	assert_null(sale_line_add(s));
	assert_int_equal(sale_size(s), sizeof(*s));
	for (size_t i = 0; i < SALE_PAYMENTS; i++)
		assert_ptr_equal(sale_payment_add(s), &s->payments[i]);
	assert_null(sale_payment_add(s));

	memset(s, 0xa5, sizeof(*s));
	sale_init(s);
	(void)sale_line_add(s);
	(void)sale_line_add(s);
	n = sale_size(s);
	memset(s->debtor.email, 'x', sizeof(s->debtor.email));
	memset(s->lines[1].description, 'x', 10);
	sale_wipe(s);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(bytes[n], 0xa5);
	free(s);
	(void)unused;
}

static void
reference_table(void **unused)
{
	static const struct {
		const char *source;
		enum sale_kind kind;
		const char *id, *number, *reference;
	} t[] = {
		{ "shop", SALE_ORDER, "1001", "1001", "shop-1001" },
		{ "shop", SALE_ORDER, "1001", "", "shop-1001" },
		{ "shop", SALE_ORDER, "77", "2026-0001", "shop-2026-0001.77" },
		{ "shop", SALE_ORDER, "450789469", "#1001",
		    "shop--1001.450789469" },
		{ "web-shop", SALE_ORDER, "1001", "1001", "web_shop-1001" },
		{ "shop", SALE_REFUND, "88", "1001", "shop-1001-R88" },
		{ "shop", SALE_REFUND, "88", "", "shop-88-R" },
		{ "pos", SALE_RECEIPT, "55", "55", "pos-55-T" },
		{ "pos", SALE_RECEIPT, "55", "K1 5", "pos-K1-5-T55" },
		{ "pos", SALE_SUMMARY, "2026-11-01", "2026-11-01",
		    "pos-2026-11-01-S" },
		{ "pos", SALE_ORDER, "b8ca3a6e-7236-4f4e-8f4e-1d0a3c5b7e9f",
		    "", "pos-b8ca3a6e-7236-4f4e-8f4e-1d0a3c5b7e9f" }
	};
	char out[REF];

	for (size_t i = 0; i < COUNT(t); i++) {
		sale_reference(t[i].source, t[i].kind, t[i].id, t[i].number,
		    REF, out);
		assert_string_equal(out, t[i].reference);
	}
	sale_reference("shop", SALE_ORDER, "1001", NULL, REF, out);
	assert_string_equal(out, "shop-1001");
	(void)unused;
}

/* Pairs that a careless reference would give the same name. */
static void
reference_tricks(void **unused)
{
	static const struct {
		const char *source;
		enum sale_kind kind;
		const char *id, *number;
	} t[] = {
		{ "shop", SALE_REFUND, "7", "5" },
		{ "shop", SALE_ORDER, "5-R7", "5-R7" },
		{ "shop", SALE_ORDER, "R7", "5" },
		{ "shop", SALE_ORDER, "1", "2.1" },
		{ "shop", SALE_ORDER, "1.1", "2" },
		{ "shop", SALE_ORDER, "2.1.1", "2.1.1" },
		{ "shop", SALE_ORDER, "a/b", "a/b" },
		{ "shop", SALE_ORDER, "a-b", "a-b" },
		{ "shop", SALE_ORDER, "a b", "a b" },
		{ "shop", SALE_ORDER, "a\xc3\xa9", "a\xc3\xa9" },
		{ "shop", SALE_ORDER, "a\xc3\xa8", "a\xc3\xa8" },
		{ "shop", SALE_ORDER, "b-1", "b-1" },
		{ "shop-b", SALE_ORDER, "1", "1" },
		{ "shop", SALE_ORDER, "9", "b-1" },
		{ "shop-b", SALE_ORDER, "9", "1" },
		{ "shop", SALE_RECEIPT, "5", "5" },
		{ "shop", SALE_ORDER, "5-T", "5-T" },
		{ "shop", SALE_REFUND, "5", "5" },
		{ "shop", SALE_RECEIPT, "x-T", "5" },
		{ "shop", SALE_RECEIPT, "5-Tx", "5-Tx" },
		{ "shop", SALE_RECEIPT, "T", "5-Tx" },
		{ "shop", SALE_SUMMARY, "5", "5" },
		{ "shop", SALE_ORDER, "T", "5-" },
		{ "shop", SALE_ORDER, "5.T", "5.T" }
	};
	char out[COUNT(t)][REF];

	for (size_t i = 0; i < COUNT(t); i++) {
		sale_reference(t[i].source, t[i].kind, t[i].id, t[i].number,
		    REF, out[i]);
		assert_true(str_plain(out[i], REF));
		for (size_t j = 0; j < i; j++)
			if (str_eq(out[i], out[j]))
				fail_msg("%zu and %zu: %s", i, j, out[i]);
	}
	(void)unused;
}

static void
reference_lengths(void **unused)
{
	char id[SALE_ID], out[REF], other[REF];

	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	for (size_t max = 0; max < REF + 5; max++) {
		memset(out, '#', sizeof(out));
		sale_reference("shop", SALE_REFUND, id, "1001", max, out);
		assert_true(strlen(out) <= max);
		if (max >= 1)
			assert_true(str_plain(out, REF));
		if (max >= 8) {
			id[62] = 'y';
			sale_reference("shop", SALE_REFUND, id, "1001", max,
			    other);
			id[62] = 'x';
			assert_string_not_equal(out, other);
		}
	}
	/* the kind and the source count where they are cut off too */
	sale_reference("shop", SALE_REFUND, "1234567890", "1", 12, out);
	sale_reference("shop", SALE_RECEIPT, "1234567890", "1", 12, other);
	assert_string_not_equal(out, other);
	sale_reference("shop2", SALE_REFUND, "1234567890", "1", 12, other);
	assert_string_not_equal(out, other);
	sale_reference("shop", SALE_ORDER, "1234567890", "1", 16, out);
	assert_memory_equal(out, "shop--", 5);
	assert_int_equal(strlen(out), 16);
	sale_reference("shop", SALE_ORDER, "1234567890", "1", 17, out);
	assert_string_equal(out, "shop-1.1234567890");
	(void)unused;
}

static void
revisions(void **unused)
{
	static const char *const right[] = { "shop-1", "shop-1-C1",
		"shop-1-V2", "shop-1-C2", "shop-1-V3" };
	char out[REF], other[REF];

	for (unsigned i = 0; i < COUNT(right); i++) {
		sale_reference("shop", SALE_ORDER, "1", "1", REF, out);
		sale_revise(out, i, REF);
		assert_string_equal(out, right[i]);
	}
	/* an order that is called like another's credit note is hidden */
	sale_reference("shop", SALE_ORDER, "1-C1", "1-C1", REF, out);
	assert_string_not_equal(out, "shop-1-C1");
	sale_reference("shop", SALE_RECEIPT, "-V2", "1", REF, out);
	assert_string_not_equal(out, "shop-1-T-V2");
	/* this is no such name */
	sale_reference("shop", SALE_ORDER, "1-C", "1-C", REF, out);
	assert_string_equal(out, "shop-1-C");
	sale_reference("shop", SALE_ORDER, "1-C1x", "1-C1x", REF, out);
	assert_string_equal(out, "shop-1-C1x");
	for (size_t max = 0; max < REF + 5; max++) {
		sale_reference("shop", SALE_REFUND, "1234567", "1", max, out);
		sale_reference("shop", SALE_REFUND, "1234567", "1", max,
		    other);
		sale_revise(out, 1, max);
		sale_revise(other, 2, max);
		assert_true(strlen(out) <= max);
		assert_true(max < 8 || !str_eq(out, other));
		assert_true(max == 0 || str_plain(out, REF));
	}
	(void)unused;
}

/* An id or number from few characters, so that near misses are many. */
static void
some_text(char *out, size_t most)
{
	static const char from[] = "1122-..RTSCV/ #";
	size_t n = next() % (most + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = from[next() % (sizeof(from) - 1)];
	out[n] = '\0';
}

struct named {
	char reference[REF];
	char identity[32];	/* source, kind, id and revision */
};

static int
by_reference(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->reference, y->reference);
}

/* Among random sales, one reference never stands for two identities. */
static void
references_are_unique(void **unused)
{
	static const char *const sources[] = { "s", "s-1", "s-R1", "s.1" };
	struct named *set = calloc(SET, sizeof(*set));
	char id[8], number[8];

	assert_non_null(set);
	for (size_t i = 0; i < SET; i++) {
		const char *source = sources[next() % COUNT(sources)];
		enum sale_kind kind = (enum sale_kind)(next() % 4);
		unsigned revision;
		size_t max;

		do
			some_text(id, 6);
		while (id[0] == '\0');
		some_text(number, 4);
		if (next() % 4 == 0)
			(void)str_copy(number, sizeof(number), id);
		max = next() % 2 ? REF : 30;
		revision = next() % 4;
		sale_reference(source, kind, id, number, max,
		    set[i].reference);
		sale_revise(set[i].reference, revision, max);
		(void)str_fmt(set[i].identity, sizeof(set[i].identity),
		    "%s|%d|%s|%u", source, (int)kind, id, revision);
	}
	qsort(set, SET, sizeof(*set), by_reference);
	for (size_t i = 1; i < SET; i++)
		if (str_eq(set[i].reference, set[i - 1].reference) &&
		    !str_eq(set[i].identity, set[i - 1].identity))
			fail_msg("%s: %s and %s", set[i].reference,
			    set[i].identity, set[i - 1].identity);
	free(set);
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(countries),
		cmocka_unit_test(sums_and_turns),
		cmocka_unit_test(turns_refunds),
		cmocka_unit_test(lines_and_payments),
		cmocka_unit_test(reference_table),
		cmocka_unit_test(reference_tricks),
		cmocka_unit_test(reference_lengths),
		cmocka_unit_test(revisions),
		cmocka_unit_test(references_are_unique)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
