/* SPDX-License-Identifier: ISC */
#include "vault/affirm.h"

#include "base/term.h"
#include "vault/cmd.h"
#include "vault/oldshares.h"

#include <stdio.h>
#include <string.h>

/* The old shares of `who` that this key has, as {"key", "set", "number"}, and as lines of text. */
static bool
add_old(const struct state_key *k, const char *who, json_t *list, struct buf *text, struct err *e)
{
	for (size_t i = 0; i < k->set_count; i++)
		for (size_t j = 0; j < k->sets[i].share_count; j++) {
			const struct state_set *set = &k->sets[i];
			const struct state_share *share = &set->shares[j];

			if (strcmp(share->custodian, who) != 0 || !oldshares_is_old(set, share))
				continue;
			if (json_array_append_new(
				    list, json_pack("{s:s, s:s, s:i}", "key", k->id, "set", set->id,
						  "number", (int)share->number)) != 0)
				return err_set(e, ERR_MEMORY, "out of memory");
			buf_addf(text, "  %s, set %s, number %u: %s\n", k->id, set->id,
				share->number, share->medium);
		}
	return true;
}

static bool
find_old(const struct opts *o, const struct state *s, const char *who, json_t *list,
	struct buf *text, struct err *e)
{
	for (size_t i = 0; i < o->operand_count; i++) {
		struct state_key *k;

		if (!state_find_key(s, o->operands[i], &k, e) || !add_old(k, who, list, text, e))
			return false;
	}
	for (size_t i = 0; o->operand_count == 0 && i < s->key_count; i++)
		if (!add_old(s->keys[i], who, list, text, e))
			return false;
	if (json_array_size(list) > 0)
		return buf_ok(text, e);
	err_set(e, ERR_MISSING, "%s has no old share that is not destroyed", who);
	return err_hint(e, "`coldspare status` says whose are left; names are written as in there");
}

static bool
confirm(const struct opts *o, const char *who, size_t count, struct buf *text, struct err *e)
{
	if (opt_flag(o, "yes"))
		return true;
	buf_addf(text, "%s affirms that %s destroyed, with every copy.", who,
		count == 1 ? "this share is" : "these shares are");
	if (!buf_ok(text, e))
		return false;
	if (term_confirm(text->data, "yes", e))
		return true;
	err_wrap(e, "nothing was recorded");
	return err_hint(e, "type yes on the terminal, or give --yes");
}

/* What is left of all keys, whoever was asked about: the question is whether it is over. */
static bool
print_result(
	const struct opts *o, const struct store *s, const char *who, json_t *list, struct err *e)
{
	JSON_AUTO doc = NULL;
	JSON_AUTO left = json_array();
	BUF_AUTO text = BUF_NONE;

	for (size_t i = 0; i < s->state.key_count; i++)
		if (!oldshares_list(&s->state, s->state.keys[i], left, e))
			return false;
	if (cmd_json(o)) {
		doc = json_pack(
			"{s:s, s:O, s:O}", "custodian", who, "destroyed", list, "superseded", left);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, s, doc, e) && json_print(doc, e);
	}
	oldshares_text(left, &text);
	if (!buf_ok(&text, e))
		return false;
	printf("%zu old share%s of %s recorded as destroyed\n%s", json_array_size(list),
		json_array_size(list) == 1 ? "" : "s", who, text.len ? text.data : "");
	if (json_array_size(left) == 0)
		printf("no old set of shares opens any key any more\n");
	return cmd_journal_line(o, s, NULL, e);
}

bool
affirm_run(const struct opts *o, const char *who, struct err *e)
{
	STORE_AUTO s = { .lock_fd = -1 };
	JSON_AUTO list = json_array();
	BUF_AUTO text = BUF_NONE;
	json_t *body;

	if (opt_flag(o, "all") || opt_get(o, "from") || opt_get(o, "custodian") ||
		opt_get(o, "threshold") || opt_flag(o, "detached"))
		return err_set(e, ERR_USAGE, "--destroyed goes with keys and --yes alone");
	if (!share_name_check("--destroyed", who, e) || !cmd_store_open(o, STORE_WRITE, &s, e) ||
		!find_old(o, &s.state, who, list, &text, e) ||
		!confirm(o, who, json_array_size(list), &text, e))
		return false;
	body = json_pack("{s:s, s:O}", "who", who, "shares", list);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&s, "destroyed", body, e) && print_result(o, &s, who, list, e);
}
