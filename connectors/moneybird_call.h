/*
 * moneybird_call.h - one question to Moneybird, or one change.
 *
 * A path is a struct buf that starts with "/"; each function frees the path
 * and body that it is given, whatever it returns.
 */
#ifndef MONEYBIRD_CALL_H
#define MONEYBIRD_CALL_H

#include <stdbool.h>

#include "buf.h"
#include "connector.h"
#include "json.h"
#include "rc.h"

/* Start a path within our administration: "/123/". */
void moneybird_call_path(const struct connection *c, struct buf *path);

/* {"NAME": { ... }}: what every change of theirs looks like. */
void moneybird_call_open(struct json_out *o, struct buf *body,
    const char *name);
void moneybird_call_close(struct json_out *o);
/* A member, unless the text is empty. */
void moneybird_call_put(struct json_out *o, const char *key,
    const char *text);

/* GET.  RC_END: 404.  RC_OK: v is an array if `list` is set. */
MUST enum rc moneybird_call_get(struct connection *c, struct buf *path,
    bool list, const struct json **v);

/* Call each for every item of a list, page by page, until it returns another
 * thing than RC_OK.  The path holds a "?" already. */
MUST enum rc moneybird_call_pages(struct connection *c, struct buf *path,
    int per_page, enum rc (*each)(struct connection *c,
    const struct json *item, void *arg), void *arg);

/* One request that changes something.  RC_OK: v is an object with an id.
 * RC_REJECT: refused, for `why`. */
MUST enum rc moneybird_call_change(struct connection *c, const char *method,
    struct buf *path, struct buf *body, enum msg why, const struct json **v);

/* Delete one thing.  RC_END: it is not there. */
MUST enum rc moneybird_call_delete(struct connection *c, struct buf *path,
    enum msg why);

/* The answer can't be used: RC_LATER. */
MUST enum rc moneybird_call_garbage(struct connection *c, const char *text);

/* True for one of the vendor's ids: a decimal number. */
bool moneybird_call_id(const char *s);

#endif
