/*
 * certificate_test.c - what a purge signs is all of it: no byte of it can be
 * another, none be missing and none come in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate.h"
#include "retain_place.h"

struct proof {
	struct place *p;
	struct operator_store *o;
	struct buf text;		/* of the one that was written */
};

static enum rc
verify(const struct proof *f, const char *text, size_t n)
{
	struct json_doc *d = json_doc_new();
	const struct json *root = NULL;
	char path[FILE_PATH];
	enum rc rc;

	assert_int_equal(file_path(path, f->p->dir, "c.json"), RC_OK);
	assert_int_equal(file_write(path, text, n, 0600), RC_OK);
	rc = certificate_read(f->o, path, d, &root);
	assert_int_equal(root != NULL, rc == RC_OK);
	json_doc_free(d);
	return rc;
}

/* A purge that removes one log file. */
static void
certify(struct place *p, struct proof *f)
{
	struct store_place at = { .dir = p->cfg.store,
	    .witness = p->cfg.logs, .master = p->master };
	char path[FILE_PATH];
	struct file_info *list = NULL;
	struct rows r;
	size_t n = 0;

	assert_int_equal(file_path(path, p->cfg.logs,
	    "salesync-2020-01-01.log"), RC_OK);
	assert_int_equal(file_write(path, "x", 1, 0600), RC_OK);
	assert_int_equal(apply(p, false, &r), RC_OK);
	assert_int_equal(file_path(path, p->cfg.store, "certificates"), RC_OK);
	assert_int_equal(file_list(path, NULL, &list, &n), RC_OK);
	assert_int_equal(n, 1);
	assert_true(str_add(path, sizeof(path), "/"));
	assert_true(str_add(path, sizeof(path), list->name));
	free(list);
	*f = (struct proof){ .p = p };
	buf_init(&f->text, 4096);
	assert_int_equal(file_read(path, &f->text), RC_OK);
	assert_int_equal(operator_open(&at, STORE_READ, &f->o), RC_OK);
}

static void
test_every_byte(void **state)
{
	static const int other[] = { 1, 0x20, 0xff };
	struct proof f;

	certify(*state, &f);
	assert_int_equal(verify(&f, f.text.data, f.text.len), RC_OK);
	for (size_t i = 0; i < f.text.len; i++)
		for (size_t k = 0; k < COUNT(other); k++) {
			f.text.data[i] ^= (char)other[k];
			if (verify(&f, f.text.data, f.text.len) != RC_REJECT)
				fail_msg("byte %zu ^ %d", i, other[k]);
			f.text.data[i] ^= (char)other[k];
		}
	for (size_t n = 0; n < f.text.len; n++)
		assert_int_equal(verify(&f, f.text.data, n), RC_REJECT);
	buf_add(&f.text, "\n", 1);
	assert_int_equal(verify(&f, f.text.data, f.text.len), RC_REJECT);
	operator_close(f.o);
	buf_free(&f.text);
}

/* That of another store is none of ours. */
static void
test_other_store(void **state)
{
	struct place *p = *state;
	struct proof f, other;

	certify(p, &f);
	operator_close(f.o);
	assert_int_equal(file_remove(p->cfg.store), RC_OK);
	certify(p, &other);
	assert_int_equal(verify(&other, other.text.data, other.text.len),
	    RC_OK);
	assert_int_equal(verify(&other, f.text.data, f.text.len), RC_REJECT);
	operator_close(other.o);
	buf_free(&f.text);
	buf_free(&other.text);
}

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(test_every_byte), PLACE(test_other_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
