/* SPDX-License-Identifier: ISC */
#include "vault/stateceremony.h"

#include "base/clock.h"
#include "vault/statebuild.h"

#include <string.h>

bool
stateceremony_plan(struct state *s, const json_t *body, struct err *e)
{
	const char *plan;

	s->ceremony_done = CLOCK_NONE;
	if (!json_object_get(body, "plan"))
		return true;
	return statebuild_hex(body, "plan", ENCODE_HASH_HEX - 1, &plan, e) &&
	       statebuild_copy(&s->plan, plan, e);
}

bool
stateceremony_apply(struct state *s, const struct journal_line *line, struct err *e)
{
	const char *step, *plan;

	if (!json_get_str(line->body, "step", &step, e) ||
		!statebuild_hex(line->body, "plan", ENCODE_HASH_HEX - 1, &plan, e))
		return false;
	if (!s->plan || strcmp(plan, s->plan) != 0)
		return err_set(e, ERR_FORMAT, "a ceremony of another plan than the vault's");
	if (s->ceremony_done != CLOCK_NONE)
		return err_set(e, ERR_FORMAT, "a ceremony that goes on after its end");
	if (strcmp(step, STATE_CEREMONY_END) == 0)
		s->ceremony_done = line->time;
	return !json_object_get(line->body, "files") || statebuild_files(s, line->body, e);
}
