/*
 * sealed.c - seals what goes into the database and opens what comes out.
 *
 * What is bound in: tenant, table and key, each with a NUL behind it; and, by
 * crypt.c, the version of the data key.  It must never leave a plaintext
 * behind on the stack.
 */
#include "sealed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "log.h"
#include "secret.h"

#define CONTEXT (SALE_NAME + 16 + DB_KEY_MAX + 3)

static size_t
add(uint8_t *out, size_t at, const void *bytes, size_t n)
{
	memcpy(out + at, bytes, n);
	out[at + n] = '\0';
	return at + n + 1;
}

static struct part
context(const struct sealed *s, int table, struct bytes key,
    uint8_t out[CONTEXT])
{
	size_t n = strlen(s->tenant), t = strlen(s->tables[table]);

	assert(n < SALE_NAME && t < 16 && key.len <= DB_KEY_MAX);
	n = add(out, 0, s->tenant, n);
	n = add(out, n, s->tables[table], t);
	n = add(out, n, key.data, key.len);
	return (struct part){ out, n };
}

static enum rc
open_value(const struct sealed *s, int table, struct bytes key,
    struct bytes value, uint8_t out[ROWS_MAX])
{
	struct crypt_key *by = NULL;
	uint8_t aad[CONTEXT];

	if (value.len > CRYPT_OVERHEAD &&
	    value.len - CRYPT_OVERHEAD <= ROWS_MAX)
		by = ring_key(s->ring, *(const uint8_t *)value.data);
	if (by != NULL && crypt_open(by, context(s, table, key, aad),
	    value.data, value.len, out) == RC_OK)
		return RC_OK;
	SAY(M_SEALED, F_WORD("tenant", s->tenant));
	return RC_FATAL;
}

enum rc
sealed_get(const struct sealed *s, int table, struct bytes key,
    uint8_t out[ROWS_MAX], size_t *n)
{
	struct bytes value;
	enum rc rc = db_get(s->db, table, key, &value);

	if (rc == RC_OK)
		rc = open_value(s, table, key, value, out);
	if (rc == RC_OK)
		*n = value.len - CRYPT_OVERHEAD;
	return rc;
}

void
sealed_put(const struct sealed *s, int table, struct bytes key,
    const uint8_t *plain, size_t n)
{
	uint8_t aad[CONTEXT], sealed[ROWS_MAX + CRYPT_OVERHEAD];

	assert(n >= 1 && n <= ROWS_MAX);
	if (crypt_seal(s->ring->data, s->ring->data_version,
	    context(s, table, key, aad), plain, n, sealed) != RC_OK) {
		SAY(M_INTERNAL, F_WORD("text", "a value can't be sealed"));
		abort();
	}
	db_put(s->db, table, key, (struct bytes){ sealed, n + CRYPT_OVERHEAD });
}

enum rc
sealed_each(const struct sealed *s, int table,
    enum rc (*take)(void *arg, struct bytes key, const uint8_t *plain,
    size_t n), void *arg)
{
	uint8_t plain[ROWS_MAX];
	struct buf key, value;
	enum rc rc = RC_OK;

	buf_init(&key, DB_KEY_MAX);
	buf_init(&value, DB_VALUE_MAX);
	while (rc == RC_OK &&
	    (rc = db_next(s->db, table, &key, &value)) == RC_OK) {
		struct bytes k = { key.data, key.len };

		rc = open_value(s, table, k,
		    (struct bytes){ value.data, value.len }, plain);
		if (rc == RC_OK)
			rc = take(arg, k, plain, value.len - CRYPT_OVERHEAD);
	}
	secret_zero(plain, sizeof(plain));
	buf_free(&key);
	buf_free(&value);
	return rc == RC_END ? RC_OK : rc;
}

enum rc
sealed_unpack(const struct sealed *s, const struct rows_shape *shape,
    const uint8_t *plain, size_t n, void *row)
{
	if (rows_unpack(shape, plain, n, row) == RC_OK)
		return RC_OK;
	SAY(M_STORE, F_WORD("tenant", s->tenant),
	    F_WORD("text", "a row has a form that is not known"));
	return RC_FATAL;
}

enum rc
sealed_row_get(const struct sealed *s, int table, struct bytes key,
    const struct rows_shape *shape, void *row)
{
	uint8_t plain[ROWS_MAX];
	size_t n = 0;
	enum rc rc = sealed_get(s, table, key, plain, &n);

	if (rc == RC_OK)
		rc = sealed_unpack(s, shape, plain, n, row);
	secret_zero(plain, n);
	return rc;
}

void
sealed_row_put(const struct sealed *s, int table, struct bytes key,
    const struct rows_shape *shape, const void *row)
{
	uint8_t plain[ROWS_MAX];
	size_t n = rows_pack(shape, row, plain);

	sealed_put(s, table, key, plain, n);
	secret_zero(plain, n);
}
