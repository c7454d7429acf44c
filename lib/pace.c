/*
 * pace.c - spaces requests evenly, with a small burst after a pause.
 *
 * A burst of a tenth of the rate may go at once.  The spacing is as much
 * wider, so that a vendor who counts in minutes never counts more than the
 * rate, wherever his minute starts.
 */
#include "pace.h"

#define MINUTE_MS 60000

void
pace_init(struct pace *p, int rate)
{
	int64_t burst = rate >= 20 ? rate / 10 : 1;
	int64_t left = rate - burst + 1;

	*p = (struct pace){ .step_ms = 0 };
	if (rate <= 0)
		return;
	p->step_ms = (MINUTE_MS + left - 1) / left;
	p->early_ms = (burst - 1) * p->step_ms;
}

int64_t
pace_take(struct pace *p, int64_t now_ms)
{
	int64_t wait_ms;

	if (p->step_ms == 0)
		return 0;
	if (p->next_ms < now_ms)
		p->next_ms = now_ms;
	wait_ms = p->next_ms - now_ms - p->early_ms;
	p->next_ms += p->step_ms;
	return wait_ms > 0 ? wait_ms : 0;
}
