/*
 * options.h - what pull, push and sync share of the command line.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "cmd.h"
#include "pull.h"

/* --source, --order, --since, --until, --retry; 0, or an exit code. */
int options_pull(const struct cmd *c, struct pull_job *job);

/* --take-over: make this host the owner of the tenants' stores, and where
 * none is named of the operator's own; 0, or an exit code. */
int options_take_over(const struct cmd *c);

/* A tenant is synced within its contract only; said when not. */
bool options_in_contract(const struct cmd *c, const struct tenant *t);

#endif
