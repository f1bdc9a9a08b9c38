/* SPDX-License-Identifier: ISC */
#include "vault/statebatch.h"

#include "base/clock.h"
#include "vault/statebuild.h"
#include "vault/statedealt.h"
#include "vault/statedomain.h"
#include "vault/statelife.h"
#include "vault/statepolicy.h"
#include "vault/staterekey.h"
#include "vault/statesets.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_DIGITS 16

/* Begin ------------------------------------------------------------------------------------ */

static bool
add_share(struct state_set *set, const json_t *holder, struct err *e)
{
	struct state_share *share = &set->shares[set->share_count];
	const char *medium;

	*share = (struct state_share){
		.number = (unsigned)set->share_count + 1,
		.seen = CLOCK_NONE,
		.destroyed = CLOCK_NONE,
	};
	if (!statebuild_name(holder, "name", share->custodian, e) ||
		!json_get_str(holder, "medium", &medium, e) ||
		!statebuild_copy(&share->medium, medium, e))
		return false;
	set->share_count++;
	return true;
}

static bool
add_set(struct state_key *k, const json_t *item, int64_t threshold, const json_t *holders,
	struct err *e)
{
	const char *id;
	const json_t *holder;
	size_t i;

	if (!statebuild_hex(item, "set", SEALED_SET_TEXT - 1, &id, e))
		return false;
	if (statebuild_find_set(k, id))
		return err_set(e, ERR_FORMAT, "the set %s was begun before", id);
	struct state_set *sets = statebuild_room(k->sets, k->set_count, sizeof(*sets), e);
	if (!sets)
		return false;
	k->sets = sets;
	struct state_set *set = &sets[k->set_count];
	*set = (struct state_set){ .threshold = (unsigned)threshold, .drilled = CLOCK_NONE };
	memcpy(set->id, id, sizeof(set->id));
	set->shares = calloc(json_array_size(holders), sizeof(*set->shares));
	if (!set->shares)
		return err_set(e, ERR_MEMORY, "out of memory");
	k->set_count++;
	json_array_foreach(holders, i, holder)
	{
		if (!add_share(set, holder, e))
			return false;
	}
	set->number_max = (unsigned)set->share_count;
	return true;
}

static bool
begin_set(struct state_key *k, const struct journal_line *line, const json_t *item, struct err *e)
{
	json_t *holders;
	int64_t threshold;

	return json_get_int(line->body, "threshold", &threshold, e) &&
	       json_get_array(line->body, "holders", &holders, e) &&
	       share_counts_check((long)threshold, (long)json_array_size(holders), e) &&
	       add_set(k, item, threshold, holders, e);
}

static bool
fill_key(struct state_key *k, const char *id, const struct pin *pin, const json_t *item,
	struct err *e)
{
	const char *algorithm, *domain;

	k->pin = *pin;
	return json_get_str(item, "algorithm", &algorithm, e) &&
	       json_get_str_opt(item, "domain", &domain, e) && statebuild_copy(&k->id, id, e) &&
	       statebuild_copy(&k->algorithm, algorithm, e) &&
	       statebuild_copy(&k->domain, domain, e);
}

static bool
new_key(struct state *s, const char *id, const struct pin *pin, const json_t *item,
	struct state_key **out, struct err *e)
{
	struct state_key **keys = statebuild_room(s->keys, s->key_count, sizeof(*keys), e);

	if (!keys)
		return false;
	s->keys = keys;
	struct state_key *k = calloc(1, sizeof(*k));
	if (!k)
		return err_set(e, ERR_MEMORY, "out of memory");
	keys[s->key_count++] = k;
	*out = k;
	return fill_key(k, id, pin, item, e) &&
	       statebuild_index(s->key_index, id, (json_int_t)s->key_count - 1, e);
}

/* The id of a signing key does not tell its pin: another try at a successor makes another one. */
static bool
begin_anew(struct state *s, struct state_key *k, const struct pin *pin)
{
	char old[PIN_TEXT];

	if (!share_is_signing_key(k->id))
		return false;
	pin_encode(&k->pin, old);
	json_object_del(s->pin_index, old);
	k->pin = *pin;
	return true;
}

/* A new key, or one that an earlier batch left void. Its pin leads to it from here on. */
bool
statebatch_take_key(struct state *s, const json_t *item, struct state_key **out, struct err *e)
{
	const char *id;
	struct pin pin;
	char text[PIN_TEXT];

	if (!statebuild_key_id(item, "key", &id, e) || !statebuild_pin(item, "pin", &pin, e))
		return false;
	struct state_key *k = state_key_by_id(s, id);
	if ((k && k->state != STATE_VOID) || state_key_by_pin(s, &pin))
		return err_set(e, ERR_FORMAT, "the vault has the key %s, or its pin, already", id);
	if (k && !pin_equal(&k->pin, &pin) && !begin_anew(s, k, &pin))
		return err_set(e, ERR_FORMAT, "the key %s was begun with another pin", id);
	if (!k && !new_key(s, id, &pin, item, &k, e))
		return false;
	*out = k;
	pin_encode(&pin, text);
	return statebuild_index(
		s->pin_index, text, json_integer_value(json_object_get(s->key_index, id)), e);
}

static bool
begin_key(struct state *s, const struct journal_line *line, const json_t *item, struct err *e)
{
	const char *origin;
	struct state_key *k = NULL;

	if (!statebatch_take_key(s, item, &k, e) || !json_get_str(item, "origin", &origin, e) ||
		!manifest_origin_parse(origin, &k->origin, e))
		return false;
	k->state = STATE_VOID;
	k->created = line->time;
	statebuild_handled(s, k, line);
	return begin_set(k, line, item, e);
}

/* A key that is in the vault stays what it is: only a set is begun. */
static bool
begin_again(struct state *s, const struct journal_line *line, const json_t *item, struct err *e)
{
	struct state_key *k;

	if (!statesets_known(s, item, &k, e))
		return false;
	statebuild_handled(s, k, line);
	return begin_set(k, line, item, e);
}

/* Commit ----------------------------------------------------------------------------------- */

/* Was this very set part of the batch? */
static bool
check_in_batch(const json_t *begin, const char *key, const char *set, size_t at, struct err *e)
{
	const json_t *item = json_array_get(json_object_get(begin, "keys"), at);
	const char *begun_key, *begun_set;

	if (json_get_str(item, "key", &begun_key, e) && json_get_str(item, "set", &begun_set, e) &&
		strcmp(begun_key, key) == 0 && strcmp(begun_set, set) == 0)
		return true;
	return err_set(e, ERR_FORMAT, "the set %s of %s was not begun with this batch", set, key);
}

static bool
commit_set(struct state *s, const struct journal_line *line, const json_t *begin,
	const json_t *item, size_t at, struct state_key **key, struct err *e)
{
	struct state_key *k;
	struct state_set *set;
	int64_t subsets;

	if (!statebuild_get_set(s, item, &k, &set, e) ||
		!check_in_batch(begin, k->id, set->id, at, e) ||
		!statedealt_take(set, line, item, e) ||
		!json_get_int(line->body, "subsets", &subsets, e))
		return false;
	if (subsets < 1)
		return err_set(e, ERR_FORMAT, "a commit without a proof");
	set->proven = (uint64_t)subsets;
	set->committed = true;
	set->line = line->n;
	set->signer = s->key;
	statesets_supersede(k, set);
	statebuild_handled(s, k, line);
	*key = k;
	return true;
}

static bool
commit_key(struct state *s, const struct journal_line *line, const json_t *begin,
	const json_t *item, size_t at, struct err *e)
{
	struct state_key *k;

	if (!commit_set(s, line, begin, item, at, &k, e))
		return false;
	if (k->state != STATE_VOID)
		return err_set(e, ERR_FORMAT, "the key %s is committed twice", k->id);
	k->state = STATE_STANDBY;
	k->request_number = 1;
	if (!statedomain_join(s, k, e))
		return false;
	statelife_adopt(s, k);
	return true;
}

static bool
commit_again(struct state *s, const struct journal_line *line, const json_t *begin,
	const json_t *item, size_t at, struct err *e)
{
	struct state_key *k;

	return commit_set(s, line, begin, item, at, &k, e);
}

/* Kinds of batches ------------------------------------------------------------------------- */

struct kind {
	const char *name;
	bool (*begin)(struct state *s, const struct journal_line *line, const json_t *item,
		struct err *e);
	bool (*commit)(struct state *s, const struct journal_line *line, const json_t *begin,
		const json_t *item, size_t at, struct err *e);
};

/* The last row stands for every other kind: those that bring new keys. */
static const struct kind *
kind_of(const char *name)
{
	static const struct kind kinds[] = {
		{ "reshare", begin_again, commit_again },
		{ "replace", statesets_begin_share, statesets_commit_share },
		{ NULL, begin_key, commit_key },
	};
	const struct kind *k = kinds;

	while (k->name && strcmp(k->name, name) != 0)
		k++;
	return k;
}

bool
statebatch_begin(struct state *s, const struct journal_line *line, struct err *e)
{
	const char *batch, *kind;
	json_t *keys, *item;
	size_t i;

	if (!statebuild_hex(line->body, "batch", BATCH_DIGITS, &batch, e) ||
		!json_get_str(line->body, "kind", &kind, e) ||
		!json_get_array(line->body, "keys", &keys, e))
		return false;
	if (json_object_get(s->open, batch))
		return err_set(e, ERR_FORMAT, "the batch %s was begun before", batch);
	json_array_foreach(keys, i, item)
	{
		if (!kind_of(kind)->begin(s, line, item, e))
			return false;
	}
	if (json_object_set(s->open, batch, line->body) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

/* The vault is made when its signing key is in the custodians' hands. */
static void
close_batch(struct state *s, const char *batch, const char *kind)
{
	if (strcmp(kind, "init") == 0)
		s->ready = true;
	json_object_del(s->open, batch);
}

bool
statebatch_commit(struct state *s, const struct journal_line *line, struct err *e)
{
	const char *batch, *kind;
	json_t *keys, *item;
	size_t i;

	if (!statebuild_hex(line->body, "batch", BATCH_DIGITS, &batch, e) ||
		!json_get_array(line->body, "keys", &keys, e))
		return false;
	const json_t *begin = json_object_get(s->open, batch);
	if (!begin)
		return err_set(e, ERR_FORMAT, "the batch %s was not begun", batch);
	if (json_array_size(json_object_get(begin, "keys")) != json_array_size(keys))
		return err_set(e, ERR_FORMAT, "the batch %s was begun with other keys", batch);

	if (!statedomain_take_all(s, json_object_get(line->body, "domain"), e))
		return false;
	if (!json_get_str(begin, "kind", &kind, e) ||
		!staterekey_take(s, line, strcmp(kind, "rekey") == 0, e))
		return false;
	json_array_foreach(keys, i, item)
	{
		if (!kind_of(kind)->commit(s, line, begin, item, i, e))
			return false;
	}
	if (json_object_get(line->body, "custodians") && !statepolicy_custodians(s, line->body, e))
		return false;
	if (!statesets_from(s, line, e) || !statebuild_files(s, line->body, e))
		return false;
	close_batch(s, batch, kind);
	return true;
}
