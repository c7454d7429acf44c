/*
 * certificate.h - the proof that a purge deleted: counts, signed.
 *
 * STORE/certificates/purge-YYYY-MM-DDTHHMMSSZ.json is one line, a JSON object
 * whose last member is the Ed25519 signature, in hexadecimal, of all bytes
 * before its comma.  The key follows from the operator's index key, which is
 * never replaced.
 */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "crypt.h"
#include "json.h"
#include "operator.h"
#include "plan.h"
#include "rc.h"

/* Of what went by a plan that was carried out; when nothing did, none. */
MUST enum rc certificate_write(const struct plan *p, struct operator_store *o,
    const char *program);

/* Parse one into d and check it.  RC_REJECT, said: altered, not one, or of
 * another store.  RC_CONFIG, said: no such file. */
MUST enum rc certificate_read(struct operator_store *o, const char *path,
    struct json_doc *d, const struct json **out);

void certificate_pem(struct operator_store *o, char pem[CRYPT_PEM]);

#endif
