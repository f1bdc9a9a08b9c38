/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "vault/cmd.h"
#include "vault/statusview.h"

#include <stdio.h>

static bool
print(const struct opts *o, const struct statusview *v, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (cmd_json(o))
		return statusview_json(v, &doc, e) && cmd_journal_line(o, v->store, doc, e) &&
		       json_print(doc, e);
	if (!statusview_print(v, e))
		return false;
	printf("\n");
	return cmd_journal_line(o, v->store, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	READY_HISTORY_AUTO h = { 0 };
	MANIFEST_AUTO newest = { 0 };
	struct statusview v = { .store = &s, .history = &h, .now = clock_now() };

	if (!cmd_store_open(o, STORE_READ, &s, e) || !ready_load(&s, &h, e))
		return false;
	if (s.state.manifest_count > 0) {
		if (!store_manifest(&s, state_last_manifest(&s.state)->serial, &newest, e))
			return false;
		v.newest = &newest;
	}
	return print(o, &v, e);
}

const struct command cmd_status = {
	.name = "status",
	.heading = "Looking",
	.operands = "",
	.summary = "show the keys and pins of every domain, and the next thing to do",
	.detail = "A pin is ready when no client can hold a policy any more that lacks it. \"-\" "
		  "under DEPLOYED: no manifest with it is known to be live.",
	.run = run,
};
