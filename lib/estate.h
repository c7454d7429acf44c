/*
 * estate.h - the operator's own: customers, invoices, logins and visits under
 * the rules of rule.h.
 */
#ifndef ESTATE_H
#define ESTATE_H

#include "operator.h"
#include "plan.h"
#include "rc.h"

/* The tenants that the operator's store knows, by plan_name.  o may be NULL:
 * there is none yet. */
MUST enum rc estate_names(struct plan *p, struct operator_store *o);
/* What it knows of each, after plan_names_end; and when purge last ran. */
MUST enum rc estate_know(struct plan *p, struct operator_store *o);
/* Its rows, once it is known which tenants are judged. */
MUST enum rc estate_plan(struct plan *p, struct operator_store *o);

/* Within a transaction: delete what is due, and note which tenants have
 * ended.  A tenant of whom something is left stays known. */
MUST enum rc estate_sweep(struct plan *p, struct operator_store *o);

#endif
