/* SPDX-License-Identifier: ISC */
#include "vault/cmd.h"
#include "vault/runbook.h"

#include <stdio.h>

static bool
make_all(const struct store *s, const char *wanted, json_t *list, struct err *e)
{
	struct leave lost;

	return leave_find(&s->state, wanted, &lost, e) &&
	       runbook_all(s, &lost, lost.key && lost.key->state == STATE_COMPROMISED, list, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	JSON_AUTO doc = json_pack("{s:[]}", "runbooks");
	json_t *list = json_object_get(doc, "runbooks"), *runbook;
	size_t i;

	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!cmd_store_open(o, STORE_READ, &s, e) || !make_all(&s, o->operands[0], list, e))
		return false;
	if (cmd_json(o))
		return json_print(doc, e);
	json_array_foreach(list, i, runbook)
	{
		printf("%s", i > 0 ? "\n" : "");
		runbook_print(runbook);
	}
	return true;
}

const struct command cmd_runbook = {
	.name = "runbook",
	.operands = "KEY|PIN",
	.min = 1,
	.max = 1,
	.summary = "print what to do if this key is compromised, for planning",
	.detail = "Which backup to use, who must come and where their media are, which CAs could "
		  "sign, each command with its real names, and when the old policy is out of every "
		  "client. `compromise` prints the same. Contacts and locations are private: keep "
		  "what comes out.",
	.run = run,
};
