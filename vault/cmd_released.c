/* SPDX-License-Identifier: ISC */
#include "vault/cmd.h"

#include <stdio.h>

static bool
find_key(const struct store *s, const char *wanted, struct state_key **out, struct err *e)
{
	if (!state_find_key(&s->state, wanted, out, e))
		return false;
	if ((*out)->state == STATE_VOID)
		return err_set(e, ERR_REFUSED, "%s is void", (*out)->id);
	return !(*out)->released ||
	       err_set(e, ERR_REFUSED, "%s is released already: no longer cold", (*out)->id);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	struct state_key *k = NULL;
	JSON_AUTO doc = NULL;

	if (!cmd_store_open(o, STORE_WRITE, &s, e) || !find_key(&s, o->operands[0], &k, e))
		return false;
	doc = json_pack("{s:s}", "key", k->id);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!store_append(&s, "released", json_deep_copy(doc), e))
		return false;
	if (cmd_json(o))
		return cmd_journal_line(o, &s, doc, e) && json_print(doc, e);
	printf("%s is released: no longer cold, and no backup to count on\n", k->id);
	return cmd_journal_line(o, &s, NULL, e);
}

const struct command cmd_released = {
	.name = "released",
	.operands = "KEY",
	.min = 1,
	.max = 1,
	.summary = "record that a private key left the vault: it is no longer cold",
	.detail = "`recover` records that itself where it knows the vault. This is for a key "
		  "that was brought back without it.",
	.run = run,
};
