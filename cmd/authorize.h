/*
 * authorize.h - rotate-credentials --authorize: a person's consent.
 */
#ifndef AUTHORIZE_H
#define AUTHORIZE_H

#include "cmd.h"

int authorize_run(struct cmd *c);

#endif
