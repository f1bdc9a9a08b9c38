/* SPDX-License-Identifier: ISC */
#include "vault/statesets.h"

#include "base/clock.h"
#include "vault/statebuild.h"

#include <stdlib.h>
#include <string.h>

bool
statesets_known(const struct state *s, const json_t *item, struct state_key **out, struct err *e)
{
	const char *id;
	struct pin pin;

	if (!statebuild_key_id(item, "key", &id, e) || !statebuild_pin(item, "pin", &pin, e))
		return false;
	struct state_key *k = state_key_by_id(s, id);
	if (!k || !state_current_set(k))
		return err_set(e, ERR_FORMAT, "the vault has no key %s to share again", id);
	if (!pin_equal(&k->pin, &pin))
		return err_set(e, ERR_FORMAT, "the key %s has another pin", id);
	*out = k;
	return true;
}

void
statesets_supersede(struct state_key *k, const struct state_set *now)
{
	for (size_t i = 0; i < k->set_count; i++)
		if (&k->sets[i] != now && k->sets[i].committed)
			k->sets[i].superseded = true;
}

/* One share made anew ---------------------------------------------------------------------- */

static struct state_share *
find_share(const struct state_set *set, int64_t number)
{
	for (size_t i = 0; i < set->share_count; i++)
		if ((int64_t)set->shares[i].number == number)
			return &set->shares[i];
	return NULL;
}

static bool
get_share(const struct state_set *set, const json_t *o, const char *name, struct state_share **out,
	struct err *e)
{
	int64_t number;

	if (!json_get_int(o, name, &number, e))
		return false;
	*out = find_share(set, number);
	return *out ||
	       err_set(e, ERR_FORMAT, "the set %s has no share %lld", set->id, (long long)number);
}

bool
statesets_begin_share(
	struct state *s, const struct journal_line *line, const json_t *item, struct err *e)
{
	struct state_key *k;
	struct state_set *set;
	struct state_share *lost;
	int64_t number;

	if (!statebuild_get_set(s, item, &k, &set, e) ||
		!json_get_int(item, "number", &number, e) ||
		!get_share(set, item, "replaces", &lost, e))
		return false;
	if (set != state_current_set(k))
		return err_set(e, ERR_FORMAT, "%s is not the current set of %s", set->id, k->id);
	if (number <= (int64_t)set->number_max || number > SHARE_COUNT_MAX)
		return err_set(e, ERR_FORMAT, "the number %lld was given before in the set %s",
			(long long)number, set->id);
	set->number_max = (unsigned)number;
	statebuild_handled(s, k, line);
	return true;
}

/* The item of the begin line, which this one of the commit line must be. */
static bool
begun_share(const json_t *begin, size_t at, const struct state_key *k, const struct state_set *set,
	const json_t **out, struct err *e)
{
	const json_t *item = json_array_get(json_object_get(begin, "keys"), at);
	const char *key, *set_id;

	if (!json_get_str(item, "key", &key, e) || !json_get_str(item, "set", &set_id, e))
		return false;
	*out = item;
	return (strcmp(key, k->id) == 0 && strcmp(set_id, set->id) == 0) ||
	       err_set(e, ERR_FORMAT, "a share of the set %s of %s was not begun with this batch",
		       set->id, k->id);
}

static bool
take_commitment(struct state_share *share, const json_t *item, struct err *e)
{
	const char *text;

	if (!statebuild_hex(item, "commitment", SHARE_HASH_TEXT - 1, &text, e))
		return false;
	memcpy(share->commitment, text, sizeof(share->commitment));
	return true;
}

/* Where it went: as the batch began, or as the holder was asked for in between. */
static bool
take_medium(struct state_share *share, const json_t *holder, const json_t *media, struct err *e)
{
	const char *medium, *asked = NULL;

	return json_get_str(holder, "medium", &medium, e) &&
	       (!media || json_get_str_opt(media, share->custodian, &asked, e)) &&
	       statebuild_copy(&share->medium, asked ? asked : medium, e);
}

/* `begun` says its number, `holder` whose it is; `item` is of the line that commits. */
static bool
add_share(struct state_set *set, const json_t *begun, const json_t *holder, const json_t *item,
	const struct journal_line *line, struct err *e)
{
	struct state_share *shares =
		reallocarray(set->shares, set->share_count + 1, sizeof(*shares));
	int64_t number;

	if (!shares)
		return err_set(e, ERR_MEMORY, "out of memory");
	set->shares = shares;
	struct state_share *share = &shares[set->share_count++];
	*share = (struct state_share){ .seen = line->time, .destroyed = CLOCK_NONE };
	if (!json_get_int(begun, "number", &number, e) ||
		!json_get_bool(item, "detached", &share->detached, e) ||
		!statebuild_name(holder, "name", share->custodian, e) ||
		!take_commitment(share, item, e))
		return false;
	share->number = (unsigned)number;
	return take_medium(share, holder, json_object_get(line->body, "media"), e);
}

bool
statesets_commit_share(struct state *s, const struct journal_line *line, const json_t *begin,
	const json_t *item, size_t at, struct err *e)
{
	const json_t *holder = json_array_get(json_object_get(begin, "holders"), 0);
	const json_t *begun;
	struct state_key *k;
	struct state_set *set;
	struct state_share *lost;
	int64_t subsets;

	if (!statebuild_get_set(s, item, &k, &set, e) ||
		!begun_share(begin, at, k, set, &begun, e) ||
		!json_get_int(line->body, "subsets", &subsets, e) ||
		!get_share(set, begun, "replaces", &lost, e))
		return false;
	if (subsets < 1)
		return err_set(e, ERR_FORMAT, "a commit without a proof");
	lost->replaced = true;
	statebuild_handled(s, k, line);
	return add_share(set, begun, holder, item, line, e);
}

/* Shares seen, shares destroyed ------------------------------------------------------------ */

bool
statesets_from(struct state *s, const struct journal_line *line, struct err *e)
{
	json_t *keys, *item;
	size_t i;

	if (!json_object_get(line->body, "from"))
		return true;
	if (!json_get_array(line->body, "from", &keys, e))
		return false;
	json_array_foreach(keys, i, item)
	{
		struct state_key *k;
		struct state_set *set;

		if (!statebuild_brought_back(s, item, line, &k, &set, e))
			return false;
	}
	return true;
}

static bool
destroy_share(struct state *s, const char *who, const json_t *item, int64_t time, struct err *e)
{
	struct state_key *k;
	struct state_set *set;
	struct state_share *share;

	if (!statebuild_get_set(s, item, &k, &set, e) || !get_share(set, item, "number", &share, e))
		return false;
	if (strcmp(share->custodian, who) != 0)
		return err_set(
			e, ERR_FORMAT, "share %u of %s is not %s's", share->number, k->id, who);
	share->destroyed = time;
	return true;
}

bool
statesets_destroyed(struct state *s, const struct journal_line *line, struct err *e)
{
	char who[SHARE_NAME_MAX + 1];
	json_t *shares, *item;
	size_t i;

	if (!statebuild_name(line->body, "who", who, e) ||
		!json_get_array(line->body, "shares", &shares, e))
		return false;
	json_array_foreach(shares, i, item)
	{
		if (!destroy_share(s, who, item, line->time, e))
			return false;
	}
	return true;
}
