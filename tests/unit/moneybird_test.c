/*
 * moneybird_test.c - opening, codes and debtors, against the stand-in.
 */
#include "moneybird_fake.h"

static const struct books_ops *ops;

static void
open_in_a_run_asks_nothing(void **state)
{
	(void)state;
	assert_int_equal(ops->open(&fake.c), RC_OK);
	assert_int_equal(fake_count("requests"), 0);
}

static void
open_proves_the_administration(void **state)
{
	(void)state;
	fake.c.started_at = 0;
	assert_int_equal(ops->open(&fake.c), RC_OK);
	assert_int_equal(fake_count("requests"), 1);
	assert_string_equal(json_str(fake_dump(), "requests.0.line"),
	    "GET /administrations.json");

	(void)str_copy(fake.administration, sizeof(fake.administration),
	    "12345678");
	assert_int_equal(ops->open(&fake.c), RC_CONFIG);
	assert_int_equal(fake.c.why, M_ADMINISTRATION);
	assert_string_equal(fake.c.why_text, "12345678");
}

static void
open_refuses_what_is_no_number(void **state)
{
	static const char *const bad[] = { "", "acme", "12/34", "1 2", "-1" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)str_copy(fake.administration,
		    sizeof(fake.administration), bad[i]);
		assert_int_equal(ops->open(&fake.c), RC_CONFIG);
	}
	assert_int_equal(fake_count("requests"), 0);
}

static void
open_tells_a_bad_token(void **state)
{
	(void)state;
	fake.c.started_at = 0;
	(void)str_copy(fake.token, sizeof(fake.token), "expired");
	assert_int_equal(ops->open(&fake.c), RC_AUTH);
}

static void
open_waits_on_a_wrong_address(void **state)
{
	(void)state;
	fake.c.started_at = 0;
	fake_control("{\"faults\": [{\"match\": \".\", \"kind\": \"refuse\", "
	    "\"status\": 404, \"body\": \"<h1>404</h1>\"}]}");
	assert_int_equal(ops->open(&fake.c), RC_LATER);
	assert_int_equal(fake.c.why, M_STATUS);
}

struct taken {
	struct option all[64];
	size_t n;
};

static void
take(void *arg, const struct option *o)
{
	struct taken *t = arg;

	assert_true(t->n < COUNT(t->all));
	t->all[t->n++] = *o;
}

static const struct option *
option_of(const struct taken *t, const char *code)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->all[i].code, code))
			return &t->all[i];
	return NULL;
}

static void
options_are_sales_rates_and_accounts(void **state)
{
	struct taken t = { .n = 0 };
	const struct option *o;

	(void)state;
	assert_int_equal(ops->options(&fake.c, take, &t), RC_OK);
	assert_int_equal(t.n, 12 + 11);
	o = option_of(&t, VAT_21);
	assert_non_null(o);
	assert_int_equal(o->kind, OPTION_VAT);
	assert_int_equal(o->rate_e4, 210000);
	assert_string_equal(o->name, "21% btw");
	assert_true(o->active);
	o = option_of(&t, "496000000000000006");
	assert_int_equal(o->rate_e4, 60000);
	assert_false(o->active);
	assert_int_equal(option_of(&t, "496000000000000103")->rate_e4, 0);
	assert_null(option_of(&t, "496000000000000221"));
	o = option_of(&t, MOLLIE);
	assert_int_equal(o->kind, OPTION_ACCOUNT);
	assert_string_equal(o->name, "Mollie");
	assert_int_equal(fake_count("requests"), 2);
}

/* The vendor's description says that "percentage" may be null. */
static void
options_without_a_percentage(void **state)
{
	struct taken t = { .n = 0 };

	(void)state;
	fake_control("{\"faults\": [{\"match\": \"tax_rates\", \"kind\": "
	    "\"merge\", \"body\": {\"percentage\": null}}]}");
	assert_int_equal(ops->options(&fake.c, take, &t), RC_OK);
	assert_int_equal(option_of(&t, VAT_21)->rate_e4, -1);
}

static void
options_of_another_administration(void **state)
{
	struct taken t = { .n = 0 };

	(void)state;
	(void)str_copy(fake.administration, sizeof(fake.administration), "5");
	assert_int_equal(ops->options(&fake.c, take, &t), RC_CONFIG);
	assert_int_equal(fake.c.why, M_ADMINISTRATION);
	assert_int_equal(t.n, 0);
}

/* ---- debtors ---- */

static struct debtor *
debtor_of(const char *email, const char *company, const char *name)
{
	static struct debtor d;

	memset(&d, 0, sizeof(d));
	(void)str_copy(d.email, sizeof(d.email), email);
	(void)str_copy(d.company, sizeof(d.company), company);
	(void)str_copy(d.name, sizeof(d.name), name);
	return &d;
}

static void
seed_contacts(void)
{
	fake_control("{\"contacts\": ["
	    "{\"lastname\": \"0\", \"send_invoices_to_email\": \"xa@b.nl\"},"
	    "{\"lastname\": \"1\", \"send_invoices_to_email\": \"a@b.nl\","
	    " \"archived\": true},"
	    "{\"lastname\": \"2\", \"send_invoices_to_email\": \"A@B.nl\"},"
	    "{\"lastname\": \"3\", \"send_invoices_to_email\": \"a@b.nl\"},"
	    "{\"lastname\": \"4\", \"send_invoices_to_email\": "
	    "\"boss@c.nl, Pay@c.nl\"},"
	    "{\"lastname\": \"5\", \"send_invoices_to_email\": \"old@d.nl\","
	    " \"archived\": true},"
	    "{\"company_name\": \"Till\"}, {\"company_name\": \"Till 2\"},"
	    "{\"lastname\": \"8\", \"phone\": \"tel@e.nl\"},"
	    "{\"lastname\": \"9\", \"send_invoices_to_email\": "
	    "\"a@f.nlx2,a@f.nl\"}"
	    "]}");
}

static void
debtor_is_found_by_email(void **state)
{
	static const struct { const char *email, *lastname; } table[] = {
		{ "a@b.nl", "2" },	/* not the archived, not the later */
		{ "A@B.NL", "2" },
		{ "xa@b.nl", "0" },
		{ "pay@c.nl", "4" },	/* one of several */
		{ "old@d.nl", "5" },	/* archived, but the only one */
		{ "ay@c.nl", NULL },	/* a part matches their search */
		{ "tel@e.nl", NULL },	/* another field does */
		{ "a@f.nlx", NULL },
		{ "a@f.nl", "9" },
		{ "new@b.nl", NULL },
	};
	const struct json *v;
	char id[CODE_MAX], path[32];

	(void)state;
	seed_contacts();
	for (size_t i = 0; i < COUNT(table); i++) {
		enum rc rc = ops->debtor_find(&fake.c,
		    debtor_of(table[i].email, "Till", "A. Jansen"), id);

		assert_int_equal(rc, table[i].lastname ? RC_OK : RC_END);
		if (rc != RC_OK)
			continue;
		v = fake_dump();
		(void)str_fmt(path, sizeof(path), "contacts.%s.id",
		    table[i].lastname);
		assert_string_equal(id, json_str(v, path));
	}
}

static void
debtor_has_two_fields_for_email(void **state)
{
	static const char *const fault[] = {
		"{\"faults\": [{\"match\": \"contacts\", \"kind\": \"merge\","
		"\"body\": {\"email\": \"\"}}]}",
		"{\"faults\": [{\"match\": \"contacts\", \"kind\": \"merge\","
		"\"body\": {\"send_invoices_to_email\": null}}]}",
	};
	char id[CODE_MAX];

	(void)state;
	seed_contacts();
	for (size_t i = 0; i < COUNT(fault); i++) {
		fake_control(fault[i]);
		assert_int_equal(ops->debtor_find(&fake.c,
		    debtor_of("xa@b.nl", "", ""), id), RC_OK);
		fake_control(fault[i]);
		assert_int_equal(ops->debtor_find(&fake.c,
		    debtor_of("xa@b", "", ""), id), RC_END);
	}
}

static void
debtor_without_email(void **state)
{
	char id[CODE_MAX] = "kept";

	(void)state;
	seed_contacts();
	assert_int_equal(ops->debtor_find(&fake.c, debtor_of("", "Till", ""),
	    id), RC_OK);
	assert_string_equal(id, json_str(fake_dump(), "contacts.6.id"));
	assert_int_equal(ops->debtor_find(&fake.c, debtor_of("", "Til", ""),
	    id), RC_END);
	assert_int_equal(fake_count("requests"), 2);
	/* a name alone is nobody */
	assert_int_equal(ops->debtor_find(&fake.c, debtor_of("", "", "2"),
	    id), RC_END);
	assert_int_equal(fake_count("requests"), 2);
}

static void
debtor_is_found_on_a_later_page(void **state)
{
	struct buf b;
	char id[CODE_MAX];

	(void)state;
	buf_init(&b, 1u << 20);
	buf_puts(&b, "{\"contacts\": [");
	for (int i = 0; i < 230; i++)
		buf_fmt(&b, "%s{\"lastname\": \"J\", "
		    "\"send_invoices_to_email\": \"%da@b.nl\"}",
		    i > 0 ? "," : "", i % 200 + 1);
	buf_puts(&b, "]}");
	fake_control(b.data);
	buf_free(&b);
	/* every one has "0a@b.nl" or the like in it: 3 pages to read */
	assert_int_equal(ops->debtor_find(&fake.c,
	    debtor_of("a@b.nl", "", ""), id), RC_END);
	assert_int_equal(fake_count("requests"), 3);
	assert_int_equal(ops->debtor_find(&fake.c,
	    debtor_of("9a@b.nl", "", ""), id), RC_OK);
	assert_string_equal(id, json_str(fake_dump(), "contacts.8.id"));
}

static void
debtor_add_fills_in_what_is_known(void **state)
{
	struct debtor *d = debtor_of("a+b@c.nl", "Q \"B.V.\"", "A. Jansen");
	char id[CODE_MAX];
	const struct json *v;

	(void)state;
	(void)str_copy(d->address, sizeof(d->address), "Straat 1");
	(void)str_copy(d->postcode, sizeof(d->postcode), "1234 AB");
	(void)str_copy(d->city, sizeof(d->city), "'s-Hertogenbosch");
	(void)str_copy(d->country, sizeof(d->country), "BE");
	(void)str_copy(d->vat_number, sizeof(d->vat_number), "be 0403.170701");
	assert_int_equal(ops->debtor_add(&fake.c, d, id), RC_OK);
	v = json_path(fake_dump(), "contacts.0");
	assert_string_equal(json_str(v, "id"), id);
	assert_string_equal(json_str(v, "company_name"), "Q \"B.V.\"");
	assert_string_equal(json_str(v, "attention"), "A. Jansen");
	assert_string_equal(json_str(v, "firstname"), "");
	assert_string_equal(json_str(v, "address1"), "Straat 1");
	assert_string_equal(json_str(v, "zipcode"), "1234 AB");
	assert_string_equal(json_str(v, "city"), "'s-Hertogenbosch");
	assert_string_equal(json_str(v, "country"), "BE");
	assert_string_equal(json_str(v, "tax_number"), "BE0403170701");
	assert_string_equal(json_str(v, "email"), "a+b@c.nl");
	assert_string_equal(json_str(v, "delivery_method"), "Manual");
	assert_int_equal(fake_changes(), 1);
	assert_int_equal(ops->debtor_find(&fake.c, d, id), RC_OK);
}

static void
debtor_add_always_has_a_name(void **state)
{
	static const struct { const char *name, *first, *last, *company; }
	table[] = {
		{ "Jan de Vries", "Jan de", "Vries", "" },
		{ "Cher", "", "Cher", "" },
		{ "", "", "", "Webshop customer" },
		{ "\xc3\x84ne \xe6\x9d\x8e", "\xc3\x84ne", "\xe6\x9d\x8e", "" },
	};
	char id[CODE_MAX], path[32];
	const struct json *v;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(ops->debtor_add(&fake.c,
		    debtor_of("", "", table[i].name), id), RC_OK);
		(void)str_fmt(path, sizeof(path), "contacts.%zu", i);
		v = json_path(fake_dump(), path);
		assert_string_equal(json_str(v, "firstname"), table[i].first);
		assert_string_equal(json_str(v, "lastname"), table[i].last);
		assert_string_equal(json_str(v, "company_name"),
		    table[i].company);
	}
}

static void
debtor_refused_says_the_field_alone(void **state)
{
	struct debtor *d = debtor_of("a@b.nl", "", "A. Jansen");
	char id[CODE_MAX] = "kept";

	(void)state;
	(void)str_copy(d->vat_number, sizeof(d->vat_number), "1-secret");
	(void)str_copy(d->country, sizeof(d->country), "US");
	assert_int_equal(ops->debtor_add(&fake.c, d, id), RC_REJECT);
	assert_int_equal(fake.c.why, M_DEBTOR);
	assert_string_equal(fake.c.why_text, "tax_number");
	assert_string_equal(fake.c.why_debtor,
	    "tax_number 1SECRET is invalid");
	assert_string_equal(id, "kept");
	assert_int_equal(fake_changes(), 1);
	assert_int_equal(fake_count("contacts"), 0);
}

static void
debtor_answer_lost(void **state)
{
	struct debtor *d = debtor_of("a@b.nl", "", "A. Jansen");
	char id[CODE_MAX] = "";

	(void)state;
	fake_control("{\"faults\": [{\"kind\": \"lose\"}]}");
	assert_int_equal(ops->debtor_add(&fake.c, d, id), RC_UNSURE);
	assert_string_equal(id, "");
	assert_int_equal(fake_changes(), 1);
	assert_int_equal(ops->debtor_find(&fake.c, d, id), RC_OK);
	assert_string_equal(id, json_str(fake_dump(), "contacts.0.id"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, fake_reset)
		T(open_in_a_run_asks_nothing),
		T(open_proves_the_administration),
		T(open_refuses_what_is_no_number),
		T(open_tells_a_bad_token),
		T(open_waits_on_a_wrong_address),
		T(options_are_sales_rates_and_accounts),
		T(options_without_a_percentage),
		T(options_of_another_administration),
		T(debtor_is_found_by_email),
		T(debtor_has_two_fields_for_email),
		T(debtor_without_email),
		T(debtor_is_found_on_a_later_page),
		T(debtor_add_fills_in_what_is_known),
		T(debtor_add_always_has_a_name),
		T(debtor_refused_says_the_field_alone),
		T(debtor_answer_lost),
	};

	ops = moneybird_connector.books;
	return cmocka_run_group_tests(tests, fake_start, fake_stop);
}
