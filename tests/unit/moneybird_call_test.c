/*
 * moneybird_call_test.c - what each answer to a change, and to a question,
 * is taken for; and that a lost one can be looked up.
 */
#include "moneybird_fake.h"

static const struct books_ops *ops;

#define ERROR_OBJECT "{\"error\": {\"price\": [\"Jansen is no number\"], " \
    "\"details.tax_rate_id\": [\"x\", \"y\"], \"A. Jansen\": [\"z\"]}}"
#define ERROR_SYMBOLIC "{\"error\": \"Contact Jansen is invalid\", " \
    "\"symbolic\": {\"sales_invoice\": {\"contact_id\": \"invalid\"}}}"
#define HTML "<h1>no</h1>"

static const struct outcome {
	const char *fault;		/* JSON without its braces */
	enum rc rc;
	int carried_out;		/* documents then */
	enum msg why;			/* M_NONE: http.c said it */
	const char *text;		/* why_text, or NULL */
} outcomes[] = {
	{ "'kind':'lose'", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'close'", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'cut'", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'garbage'", RC_UNSURE, 1, M_GARBAGE, NULL },
	{ "'kind':'hang','seconds':9", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'status','status':500", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'status','status':503", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'status','status':408", RC_UNSURE, 1, M_NONE, NULL },
	{ "'kind':'status','status':409", RC_UNSURE, 1, M_LOST, "status 409" },
	{ "'kind':'merge','body':{'id':null}", RC_UNSURE, 1, M_LOST,
	    "the answer has no id" },
	{ "'kind':'merge','body':{'id':'../1'}", RC_UNSURE, 1, M_LOST, NULL },
	{ "'kind':'merge','body':{'total_price_incl_tax':null}", RC_UNSURE, 1,
	    M_LOST, "the answer lacks a member" },
	{ "'kind':'merge','body':{'total_price_excl_tax':'1e999'}", RC_UNSURE,
	    1, M_LOST, NULL },
	{ "'kind':'merge','body':{'state':null}", RC_UNSURE, 1, M_LOST, NULL },
	{ "'kind':'status','status':201,'body':[]", RC_UNSURE, 1, M_LOST,
	    NULL },
	{ "'kind':'unsent'", RC_UNSURE, 0, M_NONE, NULL },
	{ "'kind':'refuse','status':422,'body':" ERROR_OBJECT, RC_REJECT, 0,
	    M_BOOKS_REFUSED, "price, details.tax_rate_id" },
	{ "'kind':'refuse','status':400,'body':" ERROR_SYMBOLIC, RC_REJECT, 0,
	    M_CONTACT_GONE, "contact_id" },
	{ "'kind':'refuse','status':404,'body':" ERROR_SYMBOLIC, RC_REJECT, 0,
	    M_CONTACT_GONE, "contact_id" },
	{ "'kind':'refuse','status':422,'body':{'error':{}}", RC_REJECT, 0,
	    M_BOOKS_REFUSED, "status 422" },
	{ "'kind':'refuse','status':422,'body':'" HTML "'", RC_REJECT, 0,
	    M_BOOKS_REFUSED, "status 422" },
	{ "'kind':'refuse','status':413,'body':'" HTML "'", RC_REJECT, 0,
	    M_BOOKS_REFUSED, "status 413" },
	{ "'kind':'refuse','status':404,'body':'" HTML "'", RC_LATER, 0,
	    M_STATUS, "404" },
	{ "'kind':'refuse','status':405,'body':'" HTML "'", RC_LATER, 0,
	    M_STATUS, "405" },
	{ "'kind':'refuse','status':402,'body':" ERROR_SYMBOLIC, RC_LATER, 0,
	    M_STATUS, "402" },
	{ "'kind':'refuse','status':302,'headers':{'Location':'/x'},"
	    "'body':'" HTML "'", RC_LATER, 0, M_STATUS, NULL },
	{ "'kind':'refuse','status':429,'times':0,'body':'Retry later',"
	    "'headers':{'Retry-After':'4102444800'}", RC_LATER, 0, M_NONE,
	    NULL },
	{ "'kind':'refuse','status':401,'body':" ERROR_SYMBOLIC, RC_AUTH, 0,
	    M_CREDENTIALS, NULL },
	{ "'kind':'refuse','status':403,'body':'" HTML "'", RC_AUTH, 0,
	    M_CREDENTIALS, NULL },
};

/* {"faults": [{"n": N, ...}]}, with ' for ". */
static void
set_fault(const char *fault, const char *match)
{
	char text[700];

	assert_true(str_fmt(text, sizeof(text),
	    "{'faults':[{'match':'%s',%s}]}", match, fault));
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	fake_control(text);
}

static void
a_new_invoice(void **state)
{
	struct posted p, found;

	(void)state;
	http_close(fake.c.http);
	fake.c.http = fake_http(2);	/* for the one that hangs */
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		const struct outcome *o = &outcomes[i];
		struct document *d;

		fake_reset(NULL);
		d = fake_document("shop-1");
		fake_line(d, "10.00", "2.10", VAT_21);
		set_fault(o->fault, "^POST ");
		memset(&p, 0, sizeof(p));
		if (ops->book(&fake.c, d, 0, &p) != o->rc ||
		    fake.c.why != o->why || (o->text != NULL &&
		    !str_eq(fake.c.why_text, o->text)))
			fail_msg("%s: %d %s", o->fault, (int)fake.c.why,
			    fake.c.why_text);
		/* what failed leaves the outputs alone */
		assert_string_equal(p.id, "");
		/* the debtor's name is in the vendor's words alone */
		assert_null(strstr(fake.c.why_text, "Jansen"));
		assert_int_equal(fake_changes(), 1);
		fake_control("{\"faults\": []}");
		assert_int_equal(ops->find(&fake.c, "shop-1", &found),
		    o->carried_out > 0 ? RC_OK : RC_END);
		assert_int_equal(fake_count("documents"), o->carried_out);
	}
	http_close(fake.c.http);
	fake.c.http = fake_http(20);
}

static void
their_words_are_kept_apart(void **state)
{
	struct document *d = fake_document("shop-1");
	struct posted p = { .found = 0 };

	(void)state;
	fake_line(d, "10.00", "2.10", VAT_21);
	set_fault("'kind':'refuse','status':422,'times':0,'body':"
	    ERROR_OBJECT, "^POST ");
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_REJECT);
	assert_string_equal(fake.c.why_debtor, "price Jansen is no number, "
	    "details.tax_rate_id x, details.tax_rate_id y, A. Jansen z");
	set_fault("'kind':'refuse','status':400,'times':0,'body':"
	    ERROR_SYMBOLIC, "^POST ");
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_REJECT);
	assert_string_equal(fake.c.why_debtor, "Contact Jansen is invalid");
}

static void
the_books_refuse_by_themselves(void **state)
{
	static const struct { const char *vat, *account, *contact, *text; }
	table[] = {
		{ "496000000000000221", SALES, "", "details.tax_rate_id" },
		{ "496000000000000006", SALES, "", "details.tax_rate_id" },
		{ VAT_21, "496000000000004000", "",
		    "details.ledger_account_id" },
		{ VAT_21, SALES, "77", "contact_id" },
	};
	struct posted p = { .found = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct document *d = fake_document("shop-1");

		fake_line(d, "10.00", "2.10", table[i].vat);
		(void)str_copy(d->lines[0].account,
		    sizeof(d->lines[0].account), table[i].account);
		if (table[i].contact[0] != '\0')
			(void)str_copy(d->debtor, sizeof(d->debtor),
			    table[i].contact);
		assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_REJECT);
		assert_string_equal(fake.c.why_text, table[i].text);
	}
	assert_int_equal(fake_count("documents"), 0);
}

static void
limits_of_plan_and_rate(void **state)
{
	struct document *d = fake_document("shop-1");
	struct posted p = { .found = 0 };

	(void)state;
	fake_line(d, "10.00", "2.10", VAT_21);
	fake_control("{\"plan_limit\": true}");
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_LATER);
	assert_string_equal(fake.c.why_text, "402");
	fake_control("{\"plan_limit\": false, \"limit\": 0}");
	assert_int_equal(ops->book(&fake.c, d, 0, &p), RC_LATER);
	assert_int_equal(fake.c.status, 429);
	assert_int_equal(fake_count("documents"), 0);
}

static void
later_steps_are_resumed_from_what_is_found(void **state)
{
	static const char *const fault[] = { "'kind':'lose'",
	    "'kind':'unsent'", "'kind':'garbage'",
	    "'kind':'merge','body':{'id':null}" };
	struct posted p, found;

	(void)state;
	for (size_t i = 0; i < COUNT(fault) * 3; i++) {
		struct document *d;
		char more[100];
		bool out = !str_eq(fault[i / 3], "'kind':'unsent'");
		int bad = (int)(i % 3), step;

		fake_reset(NULL);
		d = fake_document("shop-1");
		fake_line(d, "10.00", "2.10", VAT_21);
		fake_payment(d, MOLLIE, "12.10");
		(void)str_fmt(more, sizeof(more), "%s,'n':%d",
		    fault[i / 3], bad + 1);
		set_fault(more, "^P");
		memset(&p, 0, sizeof(p));
		for (step = 0; step < bad; step++)
			assert_int_equal(ops->book(&fake.c, d, step, &p),
			    RC_OK);
		assert_int_equal(ops->book(&fake.c, d, step, &p), RC_UNSURE);
		assert_int_equal(p.done, step);
		if (bad == 0 && !out) {
			assert_int_equal(ops->find(&fake.c, "shop-1",
			    &found), RC_END);
			continue;
		}
		assert_int_equal(ops->find(&fake.c, "shop-1", &found),
		    RC_OK);
		assert_int_equal(found.done, bad + (out ? 1 : 0));
		for (step = found.done; step < 3; step++)
			assert_int_equal(ops->book(&fake.c, d, step, &found),
			    RC_OK);
		assert_int_equal(fake_count("documents"), 1);
		assert_int_equal(fake_count("documents.0.payments"), 1);
		assert_string_equal(json_str(fake_dump(),
		    "documents.0.state"), "paid");
	}
}

static enum rc
take(void *arg, const struct posted *p)
{
	(void)arg;
	(void)p;
	return RC_OK;
}

/* "None" must never come from an answer that is not the books'. */
static void
questions(void **state)
{
	static const struct { const char *fault; enum rc rc; enum msg why; }
	table[] = {
		{ "'kind':'refuse','status':404,'body':'" HTML "'",
		    RC_CONFIG, M_ADMINISTRATION },
		{ "'kind':'refuse','status':400,'body':" ERROR_SYMBOLIC,
		    RC_LATER, M_STATUS },
		{ "'kind':'refuse','status':200,'body':{}", RC_LATER,
		    M_GARBAGE },
		{ "'kind':'garbage'", RC_LATER, M_GARBAGE },
		{ "'kind':'refuse','status':200,'body':[{'reference':"
		    "'shop-1'}]", RC_LATER, M_GARBAGE },
		{ "'kind':'refuse','status':403,'body':''", RC_AUTH,
		    M_CREDENTIALS },
	};
	struct posted p = { .done = 9 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		set_fault(table[i].fault, "filter");
		if (ops->find(&fake.c, "shop-1", &p) != table[i].rc ||
		    fake.c.why != table[i].why)
			fail_msg("%s: %d", table[i].fault, (int)fake.c.why);
		assert_int_equal(p.done, 9);
		set_fault(table[i].fault, "filter");
		assert_int_equal(ops->list(&fake.c, "2024-01-01",
		    "2024-01-31", take, NULL), table[i].rc);
	}
	set_fault("'kind':'refuse','status':200,'body':[]", "find_by");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_LATER);
	set_fault("'kind':'status','status':502,'times':0", "find_by");
	assert_int_equal(ops->find(&fake.c, "shop-1", &p), RC_LATER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, fake_reset)
		T(a_new_invoice),
		T(their_words_are_kept_apart),
		T(the_books_refuse_by_themselves),
		T(limits_of_plan_and_rate),
		T(later_steps_are_resumed_from_what_is_found),
		T(questions),
	};

	ops = moneybird_connector.books;
	return cmocka_run_group_tests(tests, fake_start, fake_stop);
}
