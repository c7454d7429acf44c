/*
 * retain.h - makes the plan: the rules of rule.h against what is stored.
 */
#ifndef RETAIN_H
#define RETAIN_H

#include <stdint.h>

#include "config.h"
#include "dated.h"
#include "plan.h"
#include "rc.h"

/* What must be done; nothing is changed.  What can't be looked at is said and
 * left out, and the worst is returned; *out is there all the same. */
MUST enum rc retain_plan(const struct config *cfg, const struct master *m,
    struct plan **out);

/* The files that a rule is about; *dir is room for the path of theirs. */
MUST enum rc retain_files(const struct config *cfg, enum rule rule,
    char dir[FILE_PATH], struct dated *out);

/* When the next thing of a tenant is due; 0 when nothing is. */
int64_t retain_next(const struct config *cfg, const struct tenant *t,
    int64_t oldest_detail_at);

#endif
