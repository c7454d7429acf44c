/*
 * prepare.c - from an admitted sale to its document.
 */
#include "prepare.h"

#include <string.h>

#include "buf.h"
#include "log.h"
#include "str.h"

void
prepare_tell(struct prepare *p, const struct sale *s,
    const struct document *d)
{
	const char *zone = config_zone(p->cfg, p->t, s->source);

	log_about(p->t->name, s->source);
	oddrate_say(&p->odd, d, clock_day_of(s->placed_at, zone), s->number);
	log_about(p->t->name, NULL);
	for (size_t i = 0; i < d->lines_n; i++)
		p->unruled += d->lines[i].unruled;
}

enum rc
prepare_document(struct prepare *p, const struct sale *s,
    const struct admit *a, struct document *d, struct map_why *why)
{
	const char *zone = config_zone(p->cfg, p->t, s->source);
	enum rc rc = map_sale(p->t, zone, s, d, why);

	if (rc != RC_OK)
		return rc;
	(void)str_copy(d->date, sizeof(d->date), a->date);
	if (a->note[0] != '\0')
		(void)str_copy(d->note, sizeof(d->note), a->note);
	prepare_tell(p, s, d);
	return RC_OK;
}
