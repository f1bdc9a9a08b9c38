/* SPDX-License-Identifier: ISC */
#include "vault/oldshares.h"

#include "base/clock.h"

#include <stdio.h>

static unsigned
not_destroyed(const struct state_set *set)
{
	unsigned n = 0;

	for (size_t i = 0; i < set->share_count; i++)
		n += set->shares[i].destroyed == CLOCK_NONE;
	return n;
}

/* Nobody is to open it any more. */
static bool
is_old(const struct state_set *set)
{
	return set->committed && (set->superseded || set->destroyed);
}

unsigned
oldshares_left(const struct state_set *set)
{
	unsigned n = not_destroyed(set);

	if (!is_old(set) || n < set->threshold)
		return 0;
	return n - set->threshold + 1;
}

bool
oldshares_is_old(const struct state_set *set, const struct state_share *share)
{
	return (is_old(set) || (set->committed && share->replaced)) &&
	       share->destroyed == CLOCK_NONE;
}

/* Once each, in a JSON object: it keeps the order. */
static bool
note_names(const struct state_set *set, json_t *seen, struct buf *out)
{
	for (size_t i = 0; i < set->share_count; i++) {
		const char *name = set->shares[i].custodian;

		if (set->shares[i].destroyed != CLOCK_NONE || json_object_get(seen, name))
			continue;
		buf_addf(out, "%s%s", json_object_size(seen) > 0 ? ", " : "", name);
		if (json_object_set_new(seen, name, json_true()) != 0)
			return false;
	}
	return true;
}

void
oldshares_names(const struct state *s, struct buf *out)
{
	JSON_AUTO seen = json_object();

	for (size_t i = 0; i < s->key_count; i++)
		for (size_t j = 0; j < s->keys[i]->set_count; j++)
			if (oldshares_left(&s->keys[i]->sets[j]) > 0 &&
				!note_names(&s->keys[i]->sets[j], seen, out))
				return;
}

static json_t *
shares_json(const struct state_set *set)
{
	json_t *shares = json_array();

	for (size_t i = 0; i < set->share_count; i++) {
		const struct state_share *share = &set->shares[i];

		if (share->destroyed == CLOCK_NONE &&
			json_array_append_new(shares,
				json_pack("{s:i, s:s, s:s, s:b}", "number", (int)share->number,
					"custodian", share->custodian, "medium", share->medium,
					"sealed", !share->detached)) != 0) {
			json_decref(shares);
			return NULL;
		}
	}
	return shares;
}

static json_t *
set_json(const struct state *s, const struct state_key *k, const struct state_set *set)
{
	char path[SEALED_KEY_ID_MAX + 64];

	(void)snprintf(path, sizeof(path), "keys/%s/sealed-%s.txt", k->id, set->id);
	return json_pack("{s:s, s:s, s:i, s:i, s:o, s:s?}", "key", k->id, "set", set->id,
		"threshold", (int)set->threshold, "destroy", (int)oldshares_left(set), "shares",
		shares_json(set), "sealed", json_object_get(s->files, path) ? path : NULL);
}

bool
oldshares_list(const struct state *s, const struct state_key *k, json_t *out, struct err *e)
{
	for (size_t i = 0; i < k->set_count; i++)
		if (oldshares_left(&k->sets[i]) > 0 &&
			json_array_append_new(out, set_json(s, k, &k->sets[i])) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "?";
}

static void
add_set(const json_t *set, struct buf *out)
{
	const json_t *shares = json_object_get(set, "shares"), *share;
	const char *sealed = json_string_value(json_object_get(set, "sealed"));
	size_t i;

	buf_addf(out, "  %s, set %s: destroy %lld of these %zu\n", text_of(set, "key"),
		text_of(set, "set"), (long long)json_integer_value(json_object_get(set, "destroy")),
		json_array_size(shares));
	json_array_foreach(shares, i, share) buf_addf(out, "    number %lld: %s, %s%s\n",
		(long long)json_integer_value(json_object_get(share, "number")),
		text_of(share, "custodian"), text_of(share, "medium"),
		json_is_true(json_object_get(share, "sealed")) ? ", with the sealed key" : "");
	buf_addf(out, "    the sealed key is in %s%sbackups of the vault too\n",
		sealed ? sealed : "", sealed ? " and in " : "");
}

void
oldshares_text(const json_t *list, struct buf *out)
{
	const json_t *set;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	buf_adds(out, "old shares go on opening the key, any k of a set with a copy of its\n"
		      "sealed key, until too few are left:\n");
	json_array_foreach(list, i, set) add_set(set, out);
	buf_adds(out, "have them destroyed, then record it: coldspare reshare --destroyed NAME\n");
}
