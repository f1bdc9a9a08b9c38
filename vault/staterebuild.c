/* SPDX-License-Identifier: ISC */
#include "vault/staterebuild.h"

#include "base/clock.h"
#include "vault/statebatch.h"
#include "vault/statebuild.h"
#include "vault/statedomain.h"
#include "vault/stateevents.h"
#include "vault/statepolicy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
staterebuild_base(struct state *s, const json_t *body, struct err *e)
{
	json_t *base;
	const char *head;

	if (!json_object_get(body, "rebuilt"))
		return true;
	if (!json_get_object(body, "rebuilt", &base, e) ||
		!json_get_int(base, "serial", &s->rebuilt.serial, e) ||
		!json_get_int(base, "entries", &s->rebuilt.entries, e) ||
		!statebuild_hex(base, "head", ENCODE_HASH_HEX - 1, &head, e))
		return false;
	if (s->rebuilt.serial < 1)
		return err_set(e, ERR_FORMAT, "rebuilt from no manifest");
	memcpy(s->rebuilt.head, head, sizeof(s->rebuilt.head));
	return true;
}

/* A part of the line, for what applies it where it is a line of its own. */
static struct journal_line
part(const struct journal_line *line, json_t *body)
{
	struct journal_line p = *line;

	p.body = body;
	return p;
}

/* Shares ----------------------------------------------------------------------------------- */

/* One that was not there has a holder whom nobody named. */
static bool
unseen(struct state_share *share, unsigned number, bool detached, struct err *e)
{
	*share = (struct state_share){
		.number = number,
		.seen = CLOCK_NONE,
		.destroyed = CLOCK_NONE,
		.detached = detached,
	};
	(void)snprintf(share->custodian, sizeof(share->custodian), "unknown-%u", number);
	return statebuild_copy(&share->medium, "unknown:", e);
}

static struct state_share *
share_with_number(struct state_set *set, int64_t number)
{
	for (size_t i = 0; i < set->share_count; i++)
		if (set->shares[i].number == number)
			return &set->shares[i];
	return NULL;
}

static bool
take_seen(struct state_set *set, const json_t *item, int64_t time, struct err *e)
{
	int64_t number;
	const char *medium, *commitment;

	if (!json_get_int(item, "number", &number, e))
		return false;
	if (number < 1 || number > SHARE_COUNT_MAX)
		return err_set(e, ERR_FORMAT, "a share with the number %lld", (long long)number);
	struct state_share *share = share_with_number(set, number);
	if (!share) { /* a replacement: numbers go on behind those of the splitting */
		share = &set->shares[set->share_count];
		if (!unseen(share, (unsigned)number, false, e))
			return false;
		set->share_count++;
	}
	if ((unsigned)number > set->number_max)
		set->number_max = (unsigned)number;
	share->seen = time;
	if (!statebuild_name(item, "custodian", share->custodian, e) ||
		!json_get_str(item, "medium", &medium, e) ||
		!statebuild_copy(&share->medium, medium, e) ||
		!statebuild_hex(item, "commitment", SHARE_HASH_TEXT - 1, &commitment, e) ||
		!json_get_bool(item, "detached", &share->detached, e))
		return false;
	memcpy(share->commitment, commitment, sizeof(share->commitment));
	return true;
}

/* Where one that was seen lacks the sealed key, those that were not may lack it too. */
static bool
any_detached(const json_t *seen)
{
	const json_t *item;
	size_t i;

	json_array_foreach(seen, i, item)
	{
		if (json_is_true(json_object_get(item, "detached")))
			return true;
	}
	return false;
}

static bool
take_shares(struct state_set *set, const json_t *item, int64_t count, int64_t time, struct err *e)
{
	json_t *seen, *one;
	size_t i;

	if (!json_get_array(item, "seen", &seen, e))
		return false;
	set->shares = calloc((size_t)count + json_array_size(seen), sizeof(*set->shares));
	if (!set->shares)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (; set->share_count < (size_t)count; set->share_count++)
		if (!unseen(&set->shares[set->share_count], (unsigned)set->share_count + 1,
			    any_detached(seen), e))
			return false;
	set->number_max = (unsigned)count;
	json_array_foreach(seen, i, one)
	{
		if (!take_seen(set, one, time, e))
			return false;
	}
	return json_array_size(seen) >= set->threshold ||
	       err_set(e, ERR_FORMAT, "%zu shares of a set of which %u are needed",
		       json_array_size(seen), set->threshold);
}

/* The keys that signed before --------------------------------------------------------------- */

static bool
take_before(struct state *s, const json_t *body, struct err *e)
{
	json_t *list, *text;
	size_t i;

	if (!json_get_array(body, "keys_before", &list, e))
		return false;
	json_array_foreach(list, i, text)
	{
		struct minisign_pub *keys = statebuild_room(s->keys_before, i, sizeof(*keys), e);
		if (!keys)
			return false;
		s->keys_before = keys;
		if (!json_is_string(text) ||
			!minisign_pub_parse(json_string_value(text), &s->keys_before[i], e))
			return err_set(e, ERR_FORMAT, "key %zu of before is none", i + 1);
		s->keys_before_count++;
	}
	return true;
}

static bool
take_signer(const struct state *s, struct state_set *set, const json_t *item, struct err *e)
{
	const char *text;

	if (!json_get_str(item, "signer", &text, e) || !minisign_pub_parse(text, &set->signer, e))
		return false;
	return state_is_vault_key(s, &set->signer) ||
	       err_set(e, ERR_FORMAT, "shares signed by no key of the vault");
}

/* Keys ------------------------------------------------------------------------------------- */

static bool
take_set(const struct state *s, struct state_key *k, const struct journal_line *line,
	const json_t *item, struct err *e)
{
	const char *id;
	int64_t threshold, count, subsets;

	if (!statebuild_hex(item, "set", SEALED_SET_TEXT - 1, &id, e) ||
		!json_get_int(item, "threshold", &threshold, e) ||
		!json_get_int(item, "shares", &count, e) ||
		!json_get_int(item, "subsets", &subsets, e) ||
		!share_counts_check((long)threshold, (long)count, e))
		return false;
	if (subsets < 1)
		return err_set(e, ERR_FORMAT, "a key without a proof");
	k->sets = statebuild_room(NULL, 0, sizeof(*k->sets), e);
	if (!k->sets)
		return false;
	k->set_count = 1;
	k->sets[0] = (struct state_set){
		.threshold = (unsigned)threshold,
		.drilled = line->time,
		.committed = true,
		.proven = (uint64_t)subsets,
		.line = line->n,
	};
	memcpy(k->sets[0].id, id, sizeof(k->sets[0].id));
	return take_signer(s, &k->sets[0], item, e) &&
	       take_shares(&k->sets[0], item, count, line->time, e);
}

static bool
take_key(struct state *s, const struct journal_line *line, json_t *item, struct err *e)
{
	const char *state, *origin;
	struct state_key *k = NULL;

	if (!statebatch_take_key(s, item, &k, e) || !json_get_str(item, "state", &state, e) ||
		!manifest_state_parse(state, &k->state, e) ||
		!json_get_str(item, "origin", &origin, e) ||
		!manifest_origin_parse(origin, &k->origin, e) ||
		!json_get_bool(item, "released", &k->released, e) ||
		!statebuild_time(item, "created", &k->created, e) || !take_set(s, k, line, item, e))
		return false;
	if (k->state != STATE_STANDBY && k->state != STATE_ACTIVE && k->state != STATE_RETIRED)
		return err_set(e, ERR_FORMAT, "a rebuilt key that is %s", state);
	k->displaced = k->state == STATE_RETIRED; /* the manifest had it, so it stays pinned */
	k->request_number = 1;
	statebuild_handled(s, k, line);
	return statedomain_join(s, k, e);
}

/* Domains, pins, the manifest -------------------------------------------------------------- */

static bool
take_domain(struct state *s, const struct journal_line *line, json_t *item, struct err *e)
{
	struct journal_line policy = part(line, item);
	const char *name;
	struct state_domain *d;

	return json_get_str(item, "domain", &name, e) && statedomain_take(s, item, e) &&
	       statebuild_domain(s, name, &d, e) && statepolicy_take(&d->policy, &policy, e);
}

/* As an `add-pin` line has them; `displaced` besides. */
static bool
take_pins(struct state *s, const struct journal_line *line, json_t *item, struct err *e)
{
	struct journal_line add = part(line, item);
	const char *domain;
	bool displaced;
	json_t *pins, *one;
	size_t i;

	if (!stateevents_add_pin(s, &add, e) || !json_get_str(item, "domain", &domain, e) ||
		!json_get_bool(item, "displaced", &displaced, e) ||
		!json_get_array(item, "pins", &pins, e))
		return false;
	struct state_domain *d = state_find_domain(s, domain);
	json_array_foreach(pins, i, one)
	{
		struct pin pin;
		if (!statebuild_pin(one, "pin", &pin, e))
			return false;
		struct state_pin *p = state_find_pin(d, &pin);
		if (p)
			p->displaced = displaced;
	}
	return true;
}

static bool
take_manifest(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_manifest m = { .deployed = CLOCK_NONE, .signer = s->key };
	json_t *item;
	const char *hash;

	if (!json_get_object(line->body, "manifest", &item, e) ||
		!json_get_int(item, "serial", &m.serial, e) ||
		!statebuild_hex(item, "hash", PIN_HEX - 1, &hash, e) ||
		!statebuild_time(item, "created", &m.created, e))
		return false;
	if (m.serial != s->rebuilt.serial)
		return err_set(e, ERR_FORMAT, "manifest %lld where the vault was rebuilt from %lld",
			(long long)m.serial, (long long)s->rebuilt.serial);
	memcpy(m.hash, hash, sizeof(m.hash));
	s->manifests = statebuild_room(NULL, 0, sizeof(*s->manifests), e);
	if (!s->manifests)
		return false;
	s->manifests[s->manifest_count++] = m;
	return true;
}

static bool
each(struct state *s, const struct journal_line *line, const char *member,
	bool (*take)(struct state *s, const struct journal_line *line, json_t *item, struct err *e),
	struct err *e)
{
	json_t *items, *item;
	size_t i;

	if (!json_get_array(line->body, member, &items, e))
		return false;
	json_array_foreach(items, i, item)
	{
		if (!take(s, line, item, e))
			return err_wrap(e, "%s", member);
	}
	return true;
}

bool
staterebuild_apply(struct state *s, const struct journal_line *line, struct err *e)
{
	bool offline;

	if (s->rebuilt.serial == 0 || s->ready || line->n != STATE_REBUILT_LINE)
		return err_set(e, ERR_FORMAT, "this vault was not being rebuilt");
	if (!json_get_bool(line->body, "offline", &offline, e) || !take_before(s, line->body, e) ||
		!each(s, line, "domains", take_domain, e) || !each(s, line, "pins", take_pins, e) ||
		!each(s, line, "keys", take_key, e) || !take_manifest(s, line, e) ||
		!statebuild_files(s, line->body, e))
		return false;
	if (!offline)
		s->offline = false;
	s->ready = true;
	return true;
}
