/*
 * moneybird_invoice_test.c - documents in the stand-in's books: what goes in,
 * what is read back, what is found again.
 */
#include "moneybird_fake.h"

static const struct books_ops *ops;

/* All steps, one changing request each. */
static void
book_all(const struct document *d, struct posted *p)
{
	int64_t before = fake_changes();
	int n = ops->steps(&fake.c, d);

	memset(p, 0, sizeof(*p));
	for (int step = 0; step < n; step++) {
		assert_int_equal(ops->book(&fake.c, d, step, p), RC_OK);
		assert_int_equal(p->done, step + 1);
		assert_int_equal(fake_changes(), before + step + 1);
	}
}

/* The body of the n-th request, parsed into v's own document. */
static const struct json *
body_of(struct json_doc *doc, size_t n)
{
	const struct json *v = NULL;
	const char *text;
	char path[32];

	(void)str_fmt(path, sizeof(path), "requests.%zu.body", n);
	text = json_str(fake_dump(), path);
	assert_int_equal(json_parse(doc, text, strlen(text), &v), RC_OK);
	return v;
}

static void
an_order_is_booked_final_and_paid(void **state)
{
	struct document *d = fake_document("shop-1001");
	const struct json *v;
	struct posted p;

	(void)state;
	fake_line(d, "16.53", "3.47", VAT_21);
	fake_line(d, "4.59", "0.41", VAT_9);
	d->lines[1].quantity = euro("2");
	fake_payment(d, MOLLIE, "20.00");
	fake_payment(d, "", "2.00");		/* no account: left open */
	fake_payment(d, CASH, "0.00");		/* nothing to book */
	fake_payment(d, CASH, "3.00");
	assert_int_equal(ops->steps(&fake.c, d), 4);
	book_all(d, &p);
	assert_string_equal(p.reference, "shop-1001");
	assert_int_equal(p.excl.e6, euro("21.12").e6);
	assert_int_equal(p.incl.e6, euro("25.00").e6);
	assert_int_equal(p.found, 1);

	v = json_path(fake_dump(), "documents.0");
	assert_string_equal(json_str(v, "id"), p.id);
	assert_string_equal(json_str(v, "state"), "late");
	assert_string_equal(json_str(v, "invoice_date"), "2024-02-29");
	assert_string_equal(json_str(v, "contact_id"), d->debtor);
	assert_string_equal(json_str(v, "total_unpaid"), "2.0");
	assert_string_equal(json_str(v, "details.0.description"), "Mug 1");
	assert_string_equal(json_str(v, "details.1.description"),
	    "2 x Mug 2");
	assert_string_equal(json_str(v, "details.1.amount_decimal"), "1.0");
	assert_string_equal(json_str(v, "details.1.price"), "4.59");
	assert_string_equal(json_str(v, "details.1.tax_rate_id"), VAT_9);
	assert_string_equal(json_str(v, "payments.1.price"), "3.0");
	assert_string_equal(json_str(v, "payments.1.ledger_account_id"),
	    CASH);
	/* never by e-mail */
	assert_string_equal(json_str(v, "events.1.action"),
	    "sales_invoice_send_manual");
	assert_int_equal(json_count(json_get(v, "events")), 2);
}

static void
a_request_is_as_small_as_it_can_be(void **state)
{
	struct document *d = fake_document("shop-1");
	struct json_doc *doc = json_doc_new();
	const struct json *v;
	struct posted p = { .found = 0 };

	(void)state;
	fake_line(d, "10.00", "2.10", VAT_21);
	(void)str_copy(fake.style, sizeof(fake.style), "4960000000000077");
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_OK);
	v = json_get(body_of(doc, 0), "sales_invoice");
	assert_int_equal(json_count(v), 7);
	assert_string_equal(json_str(v, "document_style_id"),
	    "4960000000000077");
	assert_string_equal(json_str(v, "currency"), "EUR");
	assert_false(json_bool(v, "prices_are_incl_tax", true));
	v = json_path(v, "details_attributes.0");
	assert_int_equal(json_count(v), 5);
	assert_true(json_is_string(json_get(v, "price")));
	assert_string_equal(json_str(v, "price"), "10.00");
	assert_string_equal(json_str(v, "amount"), "1");
	assert_string_equal(json_str(fake_dump(), "requests.0.line"),
	    "POST /123456789/sales_invoices.json");
	json_doc_free(doc);
}

static void
a_credit_note_is_negative(void **state)
{
	struct document *d = fake_document("shop-1001-R7");
	const struct json *v;
	struct posted p;

	(void)state;
	d->credit = true;
	(void)str_copy(d->original, sizeof(d->original), "shop-1001");
	fake_line(d, "-16.53", "-3.47", VAT_21);
	fake_line(d, "-0.005", "0", VAT_9);
	d->lines[0].quantity = euro("0.5");
	d->lines[1].excl = euro("-1.00");
	d->lines[1].vat = euro("-0.09");
	fake_payment(d, MOLLIE, "-21.09");
	book_all(d, &p);
	assert_int_equal(p.excl.e6, euro("-17.53").e6);
	assert_int_equal(p.incl.e6, euro("-21.09").e6);
	v = json_path(fake_dump(), "documents.0");
	assert_string_equal(json_str(v, "details.0.description"),
	    "Credit note for shop-1001: 0.5 x Mug 1");
	assert_string_equal(json_str(v, "details.1.description"), "Mug 2");
	assert_string_equal(json_str(v, "details.0.price"), "-16.53");
	assert_string_equal(json_str(v, "state"), "paid");
	assert_string_equal(json_str(v, "total_unpaid"), "0.0");
}

static void
prices_with_vat_inside(void **state)
{
	struct document *d = fake_document("shop-3");
	struct posted p;

	(void)state;
	/* on top: 3 x 0.83 = 2.49 and 0.52 of VAT; inside: 3.00 with 0.52 */
	for (int i = 0; i < 3; i++)
		fake_line(d, "0.83", "0.17", VAT_21);
	d->incl_prices = true;
	book_all(d, &p);
	assert_int_equal(p.incl.e6, euro("3.00").e6);
	assert_int_equal(p.excl.e6, euro("2.48").e6);
	assert_string_equal(json_str(fake_dump(),
	    "documents.0.details.0.price"), "1.0");
}

static void
a_draft_stays_one(void **state)
{
	struct document *d = fake_document("shop-4");
	struct posted p, found;

	(void)state;
	(void)str_copy(fake.finalize, sizeof(fake.finalize), "false");
	fake_line(d, "10.00", "2.10", VAT_21);
	fake_payment(d, MOLLIE, "12.10");
	assert_int_equal(ops->steps(&fake.c, d), 1);
	book_all(d, &p);
	assert_string_equal(json_str(fake_dump(), "documents.0.state"),
	    "draft");
	assert_int_equal(ops->find(&fake.c, "shop-4", &found), RC_OK);
	assert_int_equal(found.done, 1);
}

static void
other_currencies_need_a_rate_to_be_paid(void **state)
{
	struct document *d = fake_document("shop-5");
	const struct json *v;
	struct posted p;

	(void)state;
	(void)str_copy(d->currency, sizeof(d->currency), "USD");
	fake_line(d, "10.00", "0.00", "496000000000000102");
	fake_payment(d, MOLLIE, "10.00");
	assert_int_equal(ops->steps(&fake.c, d), 2);
	book_all(d, &p);
	assert_string_equal(json_str(fake_dump(), "documents.0.currency"),
	    "USD");

	/* where it is known what they are worth, they are paid */
	fake_reset(NULL);
	d = fake_document("shop-5");
	(void)str_copy(d->currency, sizeof(d->currency), "USD");
	d->rate = euro("0.8765");
	fake_line(d, "10.01", "0.00", "496000000000000102");
	fake_payment(d, MOLLIE, "10.01");
	assert_int_equal(ops->steps(&fake.c, d), 3);
	book_all(d, &p);
	v = json_path(fake_dump(), "documents.0.payments.0");
	assert_string_equal(json_str(v, "price"), "10.01");
	assert_string_equal(json_str(v, "price_base"), "8.77");
}

static void
the_longest_document(void **state)
{
	struct document *d = fake_document("shop-6");
	struct posted p, found;

	(void)state;
	for (int i = 0; i < SALE_LINES + 1; i++) {
		fake_line(d, "1.00", "0.21", VAT_21);
		memset(d->lines[i].description, 'x',
		    sizeof(d->lines[i].description) - 1);
		memset(d->lines[i].article, 'x',
		    sizeof(d->lines[i].article) - 1);
	}
	book_all(d, &p);
	assert_int_equal(p.excl.e6, euro("501").e6);
	assert_int_equal(ops->find(&fake.c, "shop-6", &found), RC_OK);
	assert_string_equal(found.id, p.id);
}

static void
steps_need_their_invoice(void **state)
{
	struct document *d = fake_document("shop-7");
	struct posted p = { .found = 0 };

	(void)state;
	fake_line(d, "10.00", "2.10", VAT_21);
	assert_int_equal(ops->book(&fake.c, d, 1, &p), RC_FATAL);
	(void)str_copy(p.id, sizeof(p.id), "1");
	assert_int_equal(ops->book(&fake.c, d, 2, &p), RC_FATAL);
	assert_int_equal(fake_changes(), 0);
	assert_int_equal(ops->book(&fake.c, d, 1, &p), RC_REJECT);
	assert_string_equal(fake.c.why_text, "id");
}

static void
final_is_seen_to_be_so(void **state)
{
	struct document *d = fake_document("shop-8");
	struct posted p = { .found = 0 };

	(void)state;
	fake_line(d, "10.00", "2.10", VAT_21);
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_OK);
	fake_control("{\"faults\": [{\"kind\": \"merge\", \"body\": "
	    "{\"state\": \"draft\"}}]}");
	assert_int_equal(ops->book(&fake.c, d, 1, &p), RC_UNSURE);
	assert_int_equal(p.done, 1);
	assert_int_equal(ops->find(&fake.c, "shop-8", &p), RC_OK);
	assert_int_equal(p.done, 2);
}

/* ---- finding ---- */

#define INVOICE(ref, more) "{\"reference\": \"" ref "\", " more \
    "\"details_attributes\": [{\"description\": \"x\", \"price\": \"1\"}]}"
#define CONTACT "\"contacts\": [{\"lastname\": \"J\"}], "

static void
found_in_any_year_and_state(void **state)
{
	static const struct { const char *reference; int found, done; }
	table[] = {
		{ "shop-1", 1, 1 },
		{ "shop-12", 1, 1 },		/* not shop-1's */
		{ "shop-2", 1, 2 },		/* years ago */
		{ "shop-3", 1, 1 },		/* no date at all */
		{ "shop-4", 3, 2 },
		{ "shop-5.17", 1, 1 },		/* a dot: no path to it */
		{ "shop-6.1", 2, 1 },
		{ "SHOP-1", 0, 0 }, { "shop", 0, 0 }, { "shop-5", 0, 0 },
	};
	struct posted p;

	(void)state;
	fake_control("{" CONTACT "\"invoices\": ["
	    INVOICE("shop-12", "") ","
	    INVOICE("shop-1", "\"invoice_date\": \"2026-01-01\", ") ","
	    INVOICE("shop-2", "\"final\": 1, "
	    "\"invoice_date\": \"2019-12-31\", ") ","
	    INVOICE("shop-3", "") ","
	    INVOICE("shop-4", "\"copies\": 3, \"final\": 1, ") ","
	    INVOICE("shop-5.17", "\"invoice_date\": \"2019-12-31\", ") ","
	    INVOICE("shop-6.1", "\"copies\": 2, ") "]}");
	for (size_t i = 0; i < COUNT(table); i++) {
		memset(&p, 0, sizeof(p));
		assert_int_equal(ops->find(&fake.c, table[i].reference, &p),
		    table[i].found > 0 ? RC_OK : RC_END);
		assert_int_equal(p.found, table[i].found);
		assert_int_equal(p.done, table[i].done);
		if (table[i].found > 0)
			assert_string_equal(p.reference, table[i].reference);
	}
	assert_int_equal(fake_changes(), 0);
	assert_int_equal(fake_count("requests"), 2 * COUNT(table));
}

static void
either_question_finds(void **state)
{
	struct posted p;

	(void)state;
	fake_control("{" CONTACT "\"invoices\": ["
	    INVOICE("shop-1", "") "]}");
	/* the list is behind, or empty for a reason of its own */
	fake_control("{\"faults\": [{\"match\": \"GET .*filter\", \"kind\": "
	    "\"refuse\", \"status\": 200, \"body\": []}]}");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_OK);
	assert_int_equal(p.found, 1);
	/* find_by_reference gives another document */
	fake_control("{\"faults\": [{\"match\": \"find_by\", \"kind\": "
	    "\"merge\", \"body\": {\"reference\": \"shop-11\"}}]}");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_OK);
	assert_int_equal(p.found, 1);
	assert_string_equal(p.reference, "shop-1");
	/* the list has another one among them */
	fake_control("{\"faults\": [{\"match\": \"GET .*filter\", \"kind\": "
	    "\"merge\", \"body\": {\"id\": \"5\", \"reference\": "
	    "\"shop-11\"}}]}");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_OK);
	assert_int_equal(p.found, 1);
	/* each gives its own */
	fake_control("{\"faults\": [{\"match\": \"find_by\", \"kind\": "
	    "\"merge\", \"body\": {\"id\": \"5\"}}]}");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_OK);
	assert_int_equal(p.found, 2);
}

static void
booked_twice_is_seen(void **state)
{
	struct document *d = fake_document("shop-1");
	struct posted p = { .found = 0 };

	(void)state;
	fake_line(d, "10.00", "2.10", VAT_21);
	fake_control("{\"faults\": [{\"kind\": \"twice\"}]}");
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_OK);
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_OK);
	assert_int_equal(p.found, 2);
}

static void
the_search_lags(void **state)
{
	struct posted p;

	(void)state;
	fake_control("{" CONTACT "\"lag_s\": 5, \"invoices\": ["
	    INVOICE("shop-1", "") ","
	    INVOICE("shop-2", "\"created_s_ago\": 7, ") "]}");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_END);
	assert_int_equal(ops->find(&fake.c, "shop-2", &p), RC_OK);
	assert_true(moneybird_connector.search_lag_s >= 5);
}

/* ---- listing ---- */

struct listed {
	size_t n;
	struct money excl, incl;
	size_t stop_at;
};

static enum rc
take(void *arg, const struct posted *p)
{
	struct listed *l = arg;

	l->n++;
	l->excl = money_add(l->excl, p->excl);
	l->incl = money_add(l->incl, p->incl);
	assert_string_not_equal(p->id, "");
	return l->n == l->stop_at ? RC_FATAL : RC_OK;
}

static void
a_period_is_listed_whole(void **state)
{
	struct listed l = { .n = 0 };

	(void)state;
	fake_control("{" CONTACT "\"invoices\": ["
	    INVOICE("a", "\"invoice_date\": \"2023-12-31\", ") ","
	    INVOICE("b", "\"invoice_date\": \"2024-01-01\", "
	    "\"copies\": 60, ") ","
	    INVOICE("c", "\"invoice_date\": \"2024-01-31\", \"final\": 1, "
	    "\"copies\": 60, ") ","
	    INVOICE("d", "\"invoice_date\": \"2024-02-01\", ") "]}");
	assert_int_equal(ops->list(&fake.c, "2024-01-01", "2024-01-31", take,
	    &l), RC_OK);
	assert_int_equal(l.n, 120);
	assert_int_equal(l.excl.e6, euro("120").e6);
	assert_int_equal(l.incl.e6, euro("145.20").e6);
	assert_int_equal(fake_count("requests"), 3);

	l = (struct listed){ .stop_at = 2 };
	assert_int_equal(ops->list(&fake.c, "2024-01-01", "2024-01-31", take,
	    &l), RC_FATAL);
	assert_int_equal(l.n, 2);
	l = (struct listed){ .n = 0 };
	assert_int_equal(ops->list(&fake.c, "2022-01-01", "2022-01-31", take,
	    &l), RC_OK);
	assert_int_equal(l.n, 0);
}

static void
a_full_last_page(void **state)
{
	struct listed l = { .n = 0 };

	(void)state;
	fake_control("{" CONTACT "\"invoices\": ["
	    INVOICE("b", "\"invoice_date\": \"2024-01-01\", "
	    "\"copies\": 100, ") "]}");
	assert_int_equal(ops->list(&fake.c, "2024-01-01", "2024-01-01", take,
	    &l), RC_OK);
	assert_int_equal(l.n, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, fake_reset)
		T(an_order_is_booked_final_and_paid),
		T(a_request_is_as_small_as_it_can_be),
		T(a_credit_note_is_negative),
		T(prices_with_vat_inside),
		T(a_draft_stays_one),
		T(other_currencies_need_a_rate_to_be_paid),
		T(the_longest_document),
		T(steps_need_their_invoice),
		T(final_is_seen_to_be_so),
		T(found_in_any_year_and_state),
		T(either_question_finds),
		T(booked_twice_is_seen),
		T(the_search_lags),
		T(a_period_is_listed_whole),
		T(a_full_last_page),
	};

	ops = moneybird_connector.books;
	return cmocka_run_group_tests(tests, fake_start, fake_stop);
}
