/*
 * signin.h - rotate-credentials --login: who may use the dashboard.
 */
#ifndef SIGNIN_H
#define SIGNIN_H

#include "cmd.h"

/* --login EMAIL [TENANT], and --forget; the exit code. */
int signin_run(struct cmd *c);

#endif
