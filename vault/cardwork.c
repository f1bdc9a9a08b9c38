/* SPDX-License-Identifier: ISC */
#include "vault/cardwork.h"

void
cardwork_free(struct cardwork *w)
{
	onecard_close(&w->card);
	media_free(&w->media);
}

bool
cardwork_open(const struct opts *o, struct cardwork *w, struct err *e)
{
	const char *place = o->operands[0];

	w->o = o;
	return onecard_check(place, e) && media_init(o, &w->media, e) &&
	       onecard_open(&w->card, &w->media.host, NULL, place, place, e);
}
