/*
 * journal_test.c - the journal connector.
 *
 * Real files in a folder of its own, read by hledger and beancount where they
 * are installed; a torn write is tried at every byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "connector.h"
#include "file.h"
#include "str.h"

extern const struct connector journal_connector;

static char dir[] = "/tmp/journal_test.XXXXXX";
static char file[FILE_PATH];
static const char *currency, *receivable, *opens;

static const char *
item(const struct connection *c, const char *name, size_t i)
{
	(void)c;
	if (i > 0)
		return NULL;
	if (str_eq(name, "file"))
		return file;
	if (str_eq(name, "currency"))
		return currency;
	if (str_eq(name, "receivable"))
		return receivable;
	return str_eq(name, "open_accounts") ? opens : NULL;
}

static struct connection
make(void)
{
	struct connection c = { .connector = &journal_connector,
		.name = "books", .item = item, .started_at = 1 };

	return c;
}

static int
setup(void **state)
{
	(void)state;
	currency = receivable = opens = NULL;
	return file_path(file, dir, "books.journal") == RC_OK ? 0 : 1;
}

static int
teardown(void **state)
{
	(void)state;
	return file_remove(file) == RC_OK ? 0 : 1;
}

static struct money
cents(int64_t n)
{
	return (struct money){ n * 10000 };
}

static void
add_line(struct document *d, const char *account, int64_t excl, int64_t vat)
{
	struct document_line *l = &d->lines[d->lines_n++];

	(void)str_copy(l->account, sizeof(l->account), account);
	(void)str_copy(l->vat_key, sizeof(l->vat_key),
	    vat != 0 ? "NL 21" : "NL 0");
	(void)str_copy(l->vat_code, sizeof(l->vat_code),
	    vat != 0 ? "Liabilities:VAT:NL-21" : "Liabilities:VAT:NL-0");
	(void)str_copy(l->description, sizeof(l->description), "A secret mug");
	l->excl = cents(excl);
	l->vat = cents(vat);
	d->excl = money_add(d->excl, l->excl);
	d->vat = money_add(d->vat, l->vat);
	d->incl = money_add(d->excl, d->vat);
}

/* A document of 20.00 with 5.00 paid; sign -1 makes it a credit note. */
static struct document *
document(const char *reference, int sign)
{
	static struct document d;

	memset(&d, 0, sizeof(d));
	(void)str_copy(d.reference, sizeof(d.reference), reference);
	(void)str_copy(d.date, sizeof(d.date), "2026-11-01");
	(void)str_copy(d.currency, sizeof(d.currency), "EUR");
	(void)str_copy(d.debtor, sizeof(d.debtor), "debtors");
	d.credit = sign < 0;
	add_line(&d, "Income:Sales", sign * 1000, sign * 210);
	add_line(&d, "Income:Shipping", sign * 653, sign * 137);
	d.payments_n = 1;
	(void)str_copy(d.payments[0].account, sizeof(d.payments[0].account),
	    "Assets:Bank");
	d.payments[0].amount = cents(sign * 500);
	return &d;
}

static void
contents(struct buf *b)
{
	buf_init(b, 1u << 20);
	assert_int_equal(file_read(file, b), RC_OK);
}

static void
replace(const char *bytes, size_t n)
{
	assert_int_equal(file_write(file, bytes, n, 0600), RC_OK);
}

/* The exit code of a program over the journal; -1: it is not installed. */
static int
run(const char *program, const char *a, const char *b, const char *c)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(126);
		execlp(program, program, a, b, c, NULL);
		_exit(127);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	return status == 127 ? -1 : status;
}

static void
assert_both_accept(void)
{
	int h = run("hledger", "-f", file, "check");
	int b = run("bean-check", "-C", file, NULL);

	assert_true(h == 0 || h == -1);
	assert_true(b == 0 || b == -1);
}

static void
book(struct connection *c, const struct document *d)
{
	const struct books_ops *ops = journal_connector.books;
	struct posted p;

	assert_int_equal(ops->steps(c, d), 1);
	assert_int_equal(ops->book(c, d, 0, &p), RC_OK);
	assert_string_equal(p.reference, d->reference);
	assert_true(money_eq(p.excl, d->excl));
	assert_true(money_eq(p.incl, d->incl));
	assert_int_equal(p.done, 1);
}

static void
test_book(void **state)
{
	static const char want[] =
	    "\n; begin shop-1001\n"
	    "1970-01-01 open Income:Sales\n"
	    "1970-01-01 open Liabilities:VAT:NL-21\n"
	    "1970-01-01 open Income:Shipping\n"
	    "1970-01-01 open Assets:Bank\n"
	    "1970-01-01 open Assets:Debtors\n"
	    "2026-11-01 * \"Sales invoice\" \"shop-1001\" ^shop-1001\n"
	    "  Income:Sales  -10.00 EUR ; base: NL 21\n"
	    "  Liabilities:VAT:NL-21  -3.47 EUR ; vat: NL 21\n"
	    "  Income:Shipping  -6.53 EUR ; base: NL 21\n"
	    "  Assets:Bank  5.00 EUR\n"
	    "  Assets:Debtors  15.00 EUR\n"
	    "; end shop-1001\n";
	static const char credit[] =
	    "\n; begin shop-1001-R7\n"
	    "2026-11-01 * \"Credit note\" \"shop-1001-R7\" ^shop-1001-R7\n"
	    "  ; credits: shop-1001\n"
	    "  Income:Sales  10.00 EUR ; base: NL 21\n";
	struct connection c = make();
	struct document *d;
	struct buf b;

	(void)state;
	assert_int_equal(journal_connector.books->open(&c), RC_OK);
	book(&c, document("shop-1001", 1));
	contents(&b);
	assert_string_equal(b.data, want);
	buf_free(&b);
	d = document("shop-1001-R7", -1);
	(void)str_copy(d->original, sizeof(d->original), "shop-1001");
	book(&c, d);
	contents(&b);
	assert_true(str_starts(b.data + strlen(want), credit));
	assert_null(strstr(b.data, "mug"));
	buf_free(&b);
	journal_connector.books->close(&c);
	assert_both_accept();
}

/* Not the books' own currency: what it is worth, and who says so. */
static void
test_rate(void **state)
{
	static const char want[] =
	    "2026-11-01 * \"Sales invoice\" \"shop-9\" ^shop-9\n"
	    "  ; rate: 0.006107 EUR, of the bank  today\n"
	    "  Income:Sales  -1000 JPY @ 0.006107 EUR ; base: NL 21\n"
	    "  Liabilities:VAT:NL-21  -210 JPY @ 0.006107 EUR ; vat: NL 21\n"
	    "  Assets:Debtors  1210 JPY @ 0.006107 EUR\n"
	    "; end shop-9\n";
	const struct books_ops *ops = journal_connector.books;
	struct connection c = make();
	struct document *d = document("shop-9", 1);
	struct posted p;
	struct buf b;

	(void)state;
	d->lines_n = d->payments_n = 0;
	d->excl = d->vat = cents(0);
	add_line(d, "Income:Sales", 100000, 21000);
	(void)str_copy(d->currency, sizeof(d->currency), "JPY");
	(void)str_copy(d->own, sizeof(d->own), "EUR");
	(void)str_copy(d->rate_source, sizeof(d->rate_source),
	    "of the bank\n\ntoday");
	d->rate.e6 = 6107;
	assert_int_equal(ops->open(&c), RC_OK);
	book(&c, d);
	contents(&b);
	assert_non_null(strstr(b.data, want));
	buf_free(&b);
	assert_int_equal(ops->find(&c, "shop-9", &p), RC_OK);
	assert_int_equal(p.excl.e6 + p.incl.e6, cents(221000).e6);
	ops->close(&c);
	assert_both_accept();
}

static void
test_again(void **state)
{
	struct connection c = make();
	struct document *d = document("shop-2", 1);
	struct buf b;

	(void)state;
	assert_int_equal(journal_connector.books->open(&c), RC_OK);
	d->payments_n = 0;
	book(&c, d);
	journal_connector.books->close(&c);
	c = make();
	assert_int_equal(journal_connector.books->open(&c), RC_OK);
	d = document("shop-3", 1);
	(void)str_copy(d->currency, sizeof(d->currency), "USD");
	d->payments[0].amount = d->incl;	/* nothing left to owe */
	book(&c, d);
	/* a sale that costs nothing has no posting at all */
	d = document("shop-4", 1);
	d->lines_n = d->payments_n = 0;
	d->excl = d->vat = d->incl = cents(0);
	book(&c, d);
	journal_connector.books->close(&c);
	contents(&b);
	assert_ptr_equal(strstr(b.data, "open Assets:Debtors"),
	    strstr(b.data, "open Assets:D"));
	assert_null(strstr(strstr(b.data, "open Assets:Debtors") + 1,
	    "open Assets:Debtors"));
	assert_null(strstr(strstr(b.data, "begin shop-3"), "Assets:Debtors"));
	assert_non_null(strstr(b.data, "open Assets:Bank"));
	buf_free(&b);
	assert_both_accept();
}

static void
test_refused(void **state)
{
	const struct books_ops *ops = journal_connector.books;
	struct connection c = make();
	struct document *d = document("shop-1", 1);
	struct posted p;
	struct buf b;

	(void)state;
	currency = "USD";
	assert_int_equal(ops->open(&c), RC_OK);
	assert_int_equal(ops->book(&c, d, 0, &p), RC_REJECT);
	assert_int_equal(c.why, M_CURRENCY);
	currency = NULL;
	(void)str_copy(d->lines[1].account, CODE_MAX, "8000");
	assert_int_equal(ops->book(&c, d, 0, &p), RC_REJECT);
	assert_int_equal(c.why, M_BOOKS_REFUSED);
	assert_non_null(strstr(c.why_text, "\"8000\""));
	d = document("shop-1", 1);
	d->incl = cents(2001);
	assert_int_equal(ops->book(&c, d, 0, &p), RC_REJECT);
	assert_int_equal(c.why, M_TOTAL);
	ops->close(&c);
	buf_init(&b, 100);
	assert_int_equal(file_read(file, &b), RC_END);
	buf_free(&b);
	receivable = "Debtors";
	c = make();
	assert_int_equal(ops->open(&c), RC_CONFIG);
	ops->close(&c);
	receivable = NULL;
	assert_int_equal(file_path(file, dir, "none/books.journal"), RC_OK);
	c = make();
	assert_int_equal(ops->open(&c), RC_CONFIG);
	ops->close(&c);
	assert_int_equal(setup(NULL), 0);
}

static enum rc
take(void *arg, const struct posted *p)
{
	struct posted *all = arg;
	size_t n = 0;

	while (all[n].found > 0)
		n++;
	all[n] = *p;
	return RC_OK;
}

static void
test_find(void **state)
{
	const struct books_ops *ops = journal_connector.books;
	struct connection c = make();
	struct posted p, all[8] = { { .found = 0 } };
	struct document *d;

	(void)state;
	assert_int_equal(ops->open(&c), RC_OK);
	assert_int_equal(ops->find(&c, "shop-1", &p), RC_END);
	book(&c, document("shop-1001", 1));
	d = document("shop-1001-R7", -1);
	(void)str_copy(d->original, sizeof(d->original), "shop-1001");
	(void)str_copy(d->date, sizeof(d->date), "2026-12-31");
	book(&c, d);
	assert_int_equal(ops->find(&c, "shop-1001", &p), RC_OK);
	assert_int_equal(p.found, 1);
	assert_int_equal(p.excl.e6, 16530000);
	assert_int_equal(p.incl.e6, 20000000);
	assert_int_equal(ops->find(&c, "shop-1001-R7", &p), RC_OK);
	assert_int_equal(p.incl.e6, -20000000);
	assert_int_equal(p.excl.e6, -16530000);
	assert_int_equal(ops->find(&c, "shop-100", &p), RC_END);
	assert_int_equal(ops->find(&c, "shop-10011", &p), RC_END);
	book(&c, document("shop-1001", 1));
	assert_int_equal(ops->find(&c, "shop-1001", &p), RC_OK);
	assert_int_equal(p.found, 2);
	assert_int_equal(ops->list(&c, "2026-11-02", "2026-12-31", take, all),
	    RC_OK);
	assert_string_equal(all[0].reference, "shop-1001-R7");
	assert_int_equal(all[1].found, 0);
	assert_int_equal(ops->list(&c, "2026-11-01", "2026-11-01", take, all),
	    RC_OK);
	assert_string_equal(all[2].reference, "shop-1001");
	assert_int_equal(all[3].found, 0);
	ops->close(&c);
}

/* What a person writes around it stays, and is never taken for ours. */
static void
test_person(void **state)
{
	static const char note[] =
	    "* Heading\r\n\xff\xfe not text\n; begin with me\n; end with me\n"
	    "2026-11-02 * \"Bank\" \"shop\" ^shop-1001\n"
	    "  Assets:Bank  1 EUR\n  Assets:Debtors\n"
	    "include other.journal\n    no line feed behind this";
	const struct books_ops *ops = journal_connector.books;
	struct connection c = make();
	struct posted p;
	struct buf b;

	(void)state;
	replace(note, sizeof(note) - 1);
	assert_int_equal(ops->open(&c), RC_OK);
	assert_int_equal(ops->find(&c, "shop-1001", &p), RC_END);
	book(&c, document("shop-1001", 1));
	assert_int_equal(ops->find(&c, "shop-1001", &p), RC_OK);
	assert_int_equal(p.found, 1);
	ops->close(&c);
	contents(&b);
	assert_memory_equal(b.data, note, sizeof(note) - 1);
	assert_true(str_starts(b.data + sizeof(note) - 1, "\n; begin shop"));
	/* the end mark alone was tidied away: the sale is whole, and stays */
	*strstr(b.data, "; end shop") = '\0';
	replace(b.data, strlen(b.data));
	buf_free(&b);
	c = make();
	assert_int_equal(ops->open(&c), RC_OK);
	assert_int_equal(ops->find(&c, "shop-1001", &p), RC_OK);
	assert_int_equal(p.incl.e6, 20000000);
	ops->close(&c);
}

/* Cut the second write short at every byte: either it is gone without a
 * trace or it is whole, and the first one is always there. */
static void
test_torn(void **state)
{
	const struct books_ops *ops = journal_connector.books;
	struct connection c = make();
	struct posted p;
	struct buf b, now;
	size_t first;
	enum rc rc;

	(void)state;
	assert_int_equal(ops->open(&c), RC_OK);
	book(&c, document("shop-1", 1));
	contents(&b);
	first = b.len;
	buf_free(&b);
	book(&c, document("shop-2", -1));
	ops->close(&c);
	contents(&b);
	for (size_t n = first; n <= b.len; n++) {
		replace(b.data, n);
		c = make();
		assert_int_equal(ops->open(&c), RC_OK);
		rc = ops->find(&c, "shop-2", &p);
		if (rc == RC_OK)
			assert_int_equal(p.incl.e6, -20000000);
		else
			book(&c, document("shop-2", -1));
		assert_int_equal(ops->find(&c, "shop-2", &p), RC_OK);
		assert_int_equal(p.found, 1);
		assert_int_equal(p.incl.e6, -20000000);
		assert_int_equal(ops->find(&c, "shop-1", &p), RC_OK);
		assert_int_equal(p.incl.e6, 20000000);
		ops->close(&c);
		if (n % 50 == 0)
			assert_both_accept();
	}
	/* outside a run nothing is touched */
	replace(b.data, first + 40);
	c = make();
	c.started_at = 0;
	assert_int_equal(ops->open(&c), RC_OK);
	ops->close(&c);
	contents(&now);
	assert_int_equal(now.len, first + 40);
	buf_free(&now);
	buf_free(&b);
}

static void
test_table(void **state)
{
	char contact[CODE_MAX];
	struct connection c = make();

	(void)state;
	assert_int_equal(journal_connector.class, CLASS_L);
	assert_true(journal_connector.local);
	assert_false(journal_connector.computes_vat);
	assert_int_equal(journal_connector.reference_max, 80);
	assert_int_equal(journal_connector.books->debtor_find(&c, NULL,
	    contact), RC_OK);
	assert_string_equal(contact, "debtors");
	assert_int_equal(journal_connector.books->options(&c, NULL, NULL),
	    RC_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_book, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_find, setup, teardown),
		cmocka_unit_test_setup_teardown(test_person, setup, teardown),
		cmocka_unit_test_setup_teardown(test_torn, setup, teardown),
		cmocka_unit_test(test_table),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (file_remove(dir) != RC_OK)
		return 1;
	return failed;
}
