/*
 * rekey.h - the parts of rotate-credentials that replace salesync's own keys.
 */
#ifndef REKEY_H
#define REKEY_H

#include "cmd.h"

/* --master-key; the exit code. */
int rekey_master(struct cmd *c);
/* --tenant-key; the same. */
int rekey_tenants(struct cmd *c);

#endif
