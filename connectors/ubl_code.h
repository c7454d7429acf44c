/*
 * ubl_code.h - the code lists that EN 16931 holds a document to.
 */
#ifndef UBL_CODE_H
#define UBL_CODE_H

#include <stdbool.h>

bool ubl_code_country(const char *code);	/* ISO 3166-1 alpha-2, or XI */
bool ubl_code_currency(const char *code);	/* ISO 4217 */

#endif
