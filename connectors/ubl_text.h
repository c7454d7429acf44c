/*
 * ubl_text.h - the text of a document in UBL 2.1.
 */
#ifndef UBL_TEXT_H
#define UBL_TEXT_H

#include "buf.h"
#include "connector.h"
#include "document.h"
#include "rc.h"
#include "ubl_tax.h"

/* Append the Invoice or CreditNote to out.  RC_REJECT: c->why says what keeps
 * it from being one. */
MUST enum rc ubl_text_put(struct connection *c, const struct document *d,
    const struct ubl_sums *s, struct buf *out);

#endif
