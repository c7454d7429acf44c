/*
 * due.h - rotate-credentials --refresh and --older-than.
 */
#ifndef DUE_H
#define DUE_H

#include "cmd.h"

int due_run(struct cmd *c);

#endif
