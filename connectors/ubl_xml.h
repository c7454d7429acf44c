/*
 * ubl_xml.h - the elements of a UBL document, as text.
 */
#ifndef UBL_XML_H
#define UBL_XML_H

#include <stdbool.h>

#include "buf.h"
#include "money.h"

struct ubl_xml {
	struct buf *out;
	const char *currency;		/* of all amounts */
	int depth;			/* of the element we are in */
};

void ubl_xml_start(struct ubl_xml *x, const char *name);
void ubl_xml_end(struct ubl_xml *x, const char *name);

/* An element with a text; none where the text is blank.  attribute: with its
 * value, or NULL. */
void ubl_xml_put(struct ubl_xml *x, const char *name, const char *text);
void ubl_xml_put_with(struct ubl_xml *x, const char *name,
    const char *attribute, const char *text);
/* An element with one in it. */
void ubl_xml_put_in(struct ubl_xml *x, const char *outer, const char *name,
    const char *text);
void ubl_xml_amount(struct ubl_xml *x, const char *name, struct money m);
void ubl_xml_quantity(struct ubl_xml *x, const char *name, struct money m);
/* True where nothing of it would be written. */
bool ubl_xml_blank(const char *text);

#endif
