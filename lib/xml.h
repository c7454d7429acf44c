/*
 * xml.h - a strict reading of XML, element by element.  Only xml.c knows
 * expat.
 *
 * Refused: more than 1 MiB, deeper than 64, any DOCTYPE and with it every
 * entity but the five of XML itself, other encodings than UTF-8.
 */
#ifndef XML_H
#define XML_H

#include <stddef.h>

#include "rc.h"

#define XML_MAX (1u << 20)

/*
 * take is called at the end of each element with its path of local names,
 * "Invoice/TaxTotal/TaxAmount", and its text without the blanks around it (of
 * one with elements inside: what stands behind the last); before that, at its
 * start, for each attribute: ".../TaxAmount@currencyID"; and for the root
 * first of all with the name space: "Invoice@xmlns".
 * RC_REJECT: not such XML; then *why and *line tell, and what was taken counts
 * for nothing.
 */
MUST enum rc xml_read(const char *bytes, size_t n,
    void (*take)(void *arg, const char *path, const char *text), void *arg,
    const char **why, size_t *line);

#endif
