/*
 * rc.h - the one error type, ordered by how much it spoils.
 *
 * The value says what to do next.  The words were said once, through log.h,
 * where the fault was found; higher up only what is new is added.
 */
#ifndef RC_H
#define RC_H

enum rc {
	RC_OK = 0,	/* done */
	RC_END,		/* nothing (more) there: end of input, not found */
	RC_REJECT,	/* this sale can't be booked; the others can */
	RC_UNSURE,	/* a change was asked and the answer was lost */
	RC_LATER,	/* not now: remote out of reach, busy, rate limit */
	RC_AUTH,	/* this connection's credentials are refused */
	RC_CONFIG,	/* the configuration is wrong; a person must act */
	RC_FATAL	/* store, disk, memory or the program itself */
};

#define MUST __attribute__((warn_unused_result))

/* "OK", "END", ...: for tests and debugging. */
const char *rc_name(enum rc rc);

/* The worse of two. */
static inline enum rc rc_worse(enum rc a, enum rc b) { return a > b ? a : b; }

#endif
