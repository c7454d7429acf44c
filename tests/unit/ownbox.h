/*
 * ownbox.h - the operator's store to test with.
 */
#ifndef OWNBOX_H
#define OWNBOX_H

#include "box.h"

#include "operator.h"
#include "str.h"

#define DATA "store/operator/data.mdb"

static inline struct operator_store *
open_own(enum store_mode mode)
{
	struct operator_store *o = NULL;

	assert_int_equal(operator_open(&at, mode, &o), RC_OK);
	assert_non_null(o);
	return o;
}

#endif
