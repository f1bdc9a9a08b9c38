/* SPDX-License-Identifier: ISC */
#include "vault/cardwork.h"

#include "base/term.h"

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

bool
cardwork_confirm_erase(const char *question, const char *serial, struct err *e)
{
	if (term_confirm(question, serial, e))
		return true;
	err_wrap(e, "%s", serial);
	return err_hint(e, "nothing was erased; its serial typed on the terminal erases it");
}

bool
cardwork_no_such(const char *name, const char *what, struct err *e)
{
	err_set(e, ERR_MISSING, "the %s has no share %s", what, name);
	return err_hint(e, "nothing was erased; `coldspare share list` shows the names");
}
