/*
 * connector.h - what a connector is: a constant table and a few functions.
 *
 * A connector speaks one vendor's API.  It reads settings and secrets through
 * the functions below, talks through http.h, reads JSON through json.h and
 * fills in sales or documents.  It has no disk (but file.h's readers,
 * append and add for the file connectors), no environment, no clock, no store, no
 * sleep and no threads.  connectors/example.c is there to be copied.
 *
 * A function that returns anything but RC_OK and RC_END has said why through
 * connector_fail, or has its code from http_send, which said it already.
 */
#ifndef CONNECTOR_H
#define CONNECTOR_H

#include "connection.h"
#include "document.h"
#include "http.h"
#include "json.h"
#include "rc.h"
#include "sale.h"

enum setting_type { SET_TEXT, SET_URL, SET_PATH, SET_INT, SET_BOOL,
    SET_DURATION, SET_DATE, SET_LIST, SET_COUNTRY };

struct setting {		/* a YAML key of the connection */
	const char *name;
	enum setting_type type;
	bool required;
	const char *preset;	/* NULL: none; a list's: "one, two" */
	const char *help;	/* one line */
	bool which;		/* says which books these are: tenants that
				 * agree in it and in url have the same */
};

struct secret_key {		/* in the vendor's own words */
	const char *name;
	bool required;
	const char *help;
	int group;		/* what is required of one group is enough */
};

/* How a booked document is found again after a lost answer; see design. */
enum books_class { CLASS_K = 'K', CLASS_U = 'U', CLASS_L = 'L', CLASS_N = 'N' };
enum maturity { MATURITY_PROVEN, MATURITY_CONTRACT, MATURITY_SAMPLES };

struct source_ops {
	/* Outside a run (started_at 0): prove the credentials, without side
	 * effects.  In a run: no request, the first list proves them. */
	enum rc (*open)(struct connection *c);
	/* The next sale changed since c->cursor, an order before its refunds.
	 * RC_REJECT: out->id, ->number and ->kind are filled in, the sale is
	 * refused for c->why, and next may be called again. */
	enum rc (*next)(struct connection *c, struct sale *out);
	/* Make next deliver this sale and its refunds, and nothing else.
	 * RC_END when the shop has no such sale. */
	enum rc (*fetch)(struct connection *c, const char *id);
	void (*close)(struct connection *c);
};

struct books_ops {
	enum rc (*open)(struct connection *c);	/* as a source's */
	/* Call take for each VAT code and ledger account. */
	enum rc (*options)(struct connection *c,
	    void (*take)(void *arg, const struct option *o), void *arg);
	/* Find a debtor's contact by what the books know: their own customer
	 * number in d->id ("": not known), else by address; RC_END: none. */
	enum rc (*debtor_find)(struct connection *c, const struct debtor *d,
	    char contact[CODE_MAX]);
	/* Make one: exactly one request that changes something. */
	enum rc (*debtor_add)(struct connection *c, const struct debtor *d,
	    char contact[CODE_MAX]);
	/* Find by reference, in any year; RC_END: none. */
	enum rc (*find)(struct connection *c, const char *reference,
	    struct posted *out);
	/* How many steps (requests that change something) this takes. */
	int (*steps)(struct connection *c, const struct document *d);
	/* Do step number `step` (from 0): at most one request that changes
	 * something.  p holds what the earlier steps gave, and is filled in.
	 * M_CONTACT_GONE: nothing was made, another contact may do. */
	enum rc (*book)(struct connection *c, const struct document *d,
	    int step, struct posted *p);
	/* Call take for each document dated from..to (ISO days, inclusive). */
	enum rc (*list)(struct connection *c, const char *from, const char *to,
	    enum rc (*take)(void *arg, const struct posted *p), void *arg);
	/* Read a document of ours back, as the books have it and as `book`
	 * would write it, payments included.  p: what `find` says of it.
	 * RC_END: none.  RC_REJECT: it holds what can't be read.  NULL: such
	 * books correct nothing. */
	enum rc (*read)(struct connection *c, const char *reference,
	    struct document *out, struct posted *p);
	/* Delete a draft that was found: one request.  RC_END: it is gone. */
	enum rc (*drop)(struct connection *c, const struct posted *p);
	void (*close)(struct connection *c);
};

struct connector {
	const char *name, *title;	/* as in YAML; for people */
	enum maturity maturity;
	const struct setting *settings;	/* NULL-name ended; beside those that
					 * all take: url, ca_file, ... */
	const struct secret_key *secrets; /* NULL-name ended, or NULL */
	const struct oauth *oauth;	/* NULL: none */
	const char *url;		/* preset base URL; NULL: none */
	bool local;			/* files, no network: takes no url */
	const struct source_ops *source; /* exactly one of the two */
	const struct books_ops *books;
	/* books alone: */
	enum books_class class;
	int search_lag_s;	/* a booked one is found after at most */
	int reference_max;		/* length of the vendor's field */
	int rate;			/* requests a minute; 0: unlimited */
	bool computes_vat;		/* the books work VAT out themselves */
	bool takes_rate;		/* and write down the rate of exchange */
	bool tells_keys;		/* posted_vat has keys of the rules */
	bool takes_payouts;		/* and what is no invoice: sale_payout */
};

/* A setting's text; its preset, or "" when there is none. */
const char *connector_setting(const struct connection *c, const char *name);
/* The i-th item of a list setting, NULL past the end. */
const char *connector_item(const struct connection *c, const char *name,
    size_t i);
bool connector_flag(const struct connection *c, const char *name);
/* Of SET_INT, or the seconds of SET_DURATION; 0 when absent. */
int64_t connector_number(const struct connection *c, const char *name);
/* A secret; "" when it was never set. */
const char *connector_secret(const struct connection *c, const char *name);

/* Note why, and return rc: return connector_fail(c, RC_REJECT, M_X, "..."). */
enum rc connector_fail(struct connection *c, enum rc rc, enum msg why,
    const char *text);

/* base URL (setting url or the preset) + path, percent-encoding is the
 * caller's, into out, cleared first. */
void connector_url(const struct connection *c, struct buf *out,
    const char *path);

/*
 * GET or send JSON and parse the answer into c->json.  2xx with a JSON body
 * or an empty 204: RC_OK.  401, 403: RC_AUTH.  404: RC_END.  Other 4xx:
 * RC_REJECT.  3xx: RC_LATER.  Unparsable 2xx: RC_UNSURE when the request
 * changes something, else RC_LATER.  *v: the parsed body, or NULL.  On a 4xx
 * the vendor's words are in c->why_debtor, a bare code of theirs in why_text.
 * Where access tokens end, the bearer is the secret `token`, renewed in time.
 */
enum rc connector_call(struct connection *c, const struct http_request *q,
    struct http_answer *a, const struct json **v);

#endif
