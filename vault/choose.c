/* SPDX-License-Identifier: ISC */
#include "vault/choose.h"

#include <stdlib.h>
#include <string.h>

/* It signs no more: nobody needs its shares. Who names it gets it. */
static bool
was_signing_key(const struct state *s, const struct state_key *k)
{
	return share_is_signing_key(k->id) && k != state_signing_key(s);
}

bool
choose_names(const struct opts *o, const struct state *s, const char ***out, size_t *count,
	struct err *e)
{
	bool all = opt_flag(o, "all");
	const char **names;
	size_t n = 0;

	if (all == (o->operand_count > 0))
		return err_set(e, ERR_USAGE, "give keys, or --all, and not both");
	if (all && !s)
		return err_set(e, ERR_USAGE, "--all needs the vault folder: give --vault");
	names = calloc(all ? s->key_count + 1 : o->operand_count, sizeof *names);
	if (!names)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; !all && i < o->operand_count; i++)
		names[n++] = o->operands[i];
	for (size_t i = 0; all && i < s->key_count; i++)
		if (s->keys[i]->state != STATE_VOID && state_current_set(s->keys[i]) &&
			!was_signing_key(s, s->keys[i]))
			names[n++] = s->keys[i]->id;
	*out = names;
	*count = n;
	return true;
}

static bool
no_shares(const struct state_key *k, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s has no shares: it is void, or destroyed", k->id);
	return err_hint(e, "name keys that have some, or leave this one out: `coldspare status` "
			   "shows them");
}

static bool
find_one(const struct state *s, const char *name, struct state_key **keys, size_t n, struct err *e)
{
	if (!state_find_key(s, name, &keys[n], e))
		return false;
	if (!state_current_set(keys[n]))
		return no_shares(keys[n], e);
	for (size_t i = 0; i < n; i++)
		if (keys[i] == keys[n])
			return err_set(e, ERR_USAGE, "%s is named twice", keys[n]->id);
	return true;
}

bool
choose_keys(const struct opts *o, const struct state *s, struct state_key ***out, size_t *count,
	struct err *e)
{
	const char **names;
	size_t n;
	bool ok = true;

	if (!choose_names(o, s, &names, &n, e))
		return false;
	struct state_key **keys = calloc(n + 1, sizeof(struct state_key *));
	if (!keys)
		ok = err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; ok && i < n; i++)
		ok = find_one(s, names[i], keys, i, e);
	free(names);
	if (!ok) {
		free(keys);
		return false;
	}
	*out = keys;
	*count = n;
	return true;
}
