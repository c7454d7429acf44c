/*
 * pace.h - so many requests a minute and no more.
 */
#ifndef PACE_H
#define PACE_H

#include <stdint.h>

struct pace {
	int64_t step_ms;	/* between requests, in the long run; 0: any */
	int64_t early_ms;	/* how far ahead of its time one may go */
	int64_t next_ms;	/* the next one's time (clock_mono_ms) */
};

/* At most rate in any minute; 0: any number. */
void pace_init(struct pace *p, int rate);

/* Count one request and return how long to wait before it, in ms. */
int64_t pace_take(struct pace *p, int64_t now_ms);

#endif
