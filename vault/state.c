/* SPDX-License-Identifier: ISC */
#include "vault/state.h"

#include "base/clock.h"
#include "vault/stateevents.h"
#include "vault/statepolicy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_SHOWN 4

bool
state_init(struct state *s, struct err *e)
{
	*s = (struct state){
		.created = CLOCK_NONE,
		.offline = true,
		.policy = STATE_POLICY_UNSET,
		.drill_every = STATE_DRILL_EVERY_DEFAULT,
		.files = json_object(),
		.destroyed = json_object(),
		.key_index = json_object(),
		.pin_index = json_object(),
		.domain_index = json_object(),
		.open = json_object(),
	};
	if (s->files && s->destroyed && s->key_index && s->pin_index && s->domain_index && s->open)
		return true;
	state_free(s);
	return err_set(e, ERR_MEMORY, "out of memory");
}

static void
free_key(struct state_key *k)
{
	for (size_t i = 0; i < k->set_count; i++) {
		for (size_t j = 0; j < k->sets[i].share_count; j++)
			free(k->sets[i].shares[j].medium);
		free(k->sets[i].shares);
	}
	for (size_t i = 0; i < k->certificate_count; i++) {
		free(k->certificates[i].serial);
		free(k->certificates[i].issuer);
		free(k->certificates[i].path);
	}
	free(k->certificates);
	free(k->sets);
	free(k->id);
	free(k->algorithm);
	free(k->domain);
	free(k);
}

static void
free_domain(struct state_domain *d)
{
	for (size_t i = 0; i < d->name_count; i++)
		free(d->names[i]);
	for (size_t i = 0; i < d->pin_count; i++) {
		free(d->pins[i].algorithm);
		free(d->pins[i].label);
		free(d->pins[i].group);
	}
	free(d->names);
	free(d->keys);
	free(d->pins);
	free(d->name);
	statepolicy_free(&d->policy);
}

void
state_free(struct state *s)
{
	for (size_t i = 0; i < s->key_count; i++)
		free_key(s->keys[i]);
	for (size_t i = 0; i < s->domain_count; i++)
		free_domain(&s->domains[i]);
	statepolicy_free_custodians(s->custodians, s->custodian_count);
	statepolicy_free(&s->policy);
	statepolicy_free_issuers(s);
	free(s->keys);
	free(s->domains);
	free(s->manifests);
	free(s->backup.to);
	free(s->keys_before);
	free(s->plan);
	free(s->kdf);
	json_decref(s->files);
	json_decref(s->destroyed);
	json_decref(s->key_index);
	json_decref(s->pin_index);
	json_decref(s->domain_index);
	json_decref(s->open);
	*s = (struct state){ 0 };
}

/* Replaying -------------------------------------------------------------------------------- */

static bool
apply(struct state *s, const struct stateevents_row *row, const struct journal_line *line,
	struct err *e)
{
	if ((line->n == 1) != (strcmp(line->event, "create") == 0))
		return err_set(e, ERR_FORMAT, "the first line creates the vault, and no other");
	if (line->online && row->signs)
		s->offline = false;
	return row->apply(s, line, e);
}

bool
state_apply(void *state, const struct journal_line *line, struct err *e)
{
	const struct stateevents_row *row = stateevents_find(line->event);

	if (!row) {
		err_set(e, ERR_FORMAT, "the event \"%s\" is unknown to this version", line->event);
		return err_hint(e, "use the version of coldspare that wrote it, or a later one");
	}
	if (apply(state, row, line, e))
		return true;
	/* Whatever a check calls it elsewhere: here it is a line that says what it cannot say. */
	if (e->code != ERR_MEMORY)
		e->code = ERR_FORMAT;
	return false;
}

/* Looking up ------------------------------------------------------------------------------- */

static size_t
indexed(const json_t *index, const char *text)
{
	const json_t *at = json_object_get(index, text);

	return at ? (size_t)json_integer_value(at) : SIZE_MAX;
}

struct state_key *
state_key_by_id(const struct state *s, const char *id)
{
	size_t at = indexed(s->key_index, id);

	return at == SIZE_MAX ? NULL : s->keys[at];
}

void
state_signing_id(size_t successor, char out[static SEALED_KEY_ID_MAX + 1])
{
	if (successor == 0)
		strcpy(out, SHARE_SIGNING_KEY);
	else
		(void)snprintf(out, SEALED_KEY_ID_MAX + 1, SHARE_SIGNING_KEY "-%zu", successor + 1);
}

struct state_key *
state_signing_key(const struct state *s)
{
	char id[SEALED_KEY_ID_MAX + 1];

	state_signing_id(s->keys_before_count, id);
	return state_key_by_id(s, id);
}

bool
state_is_vault_key(const struct state *s, const struct minisign_pub *key)
{
	for (size_t i = 0; i < s->keys_before_count; i++)
		if (minisign_pub_equal(&s->keys_before[i], key))
			return true;
	return minisign_pub_equal(&s->key, key);
}

struct state_key *
state_key_by_pin(const struct state *s, const struct pin *pin)
{
	char text[PIN_TEXT];

	pin_encode(pin, text);
	size_t at = indexed(s->pin_index, text);
	return at == SIZE_MAX || s->keys[at]->state == STATE_VOID ? NULL : s->keys[at];
}

struct state_domain *
state_find_domain(const struct state *s, const char *domain)
{
	size_t at = indexed(s->domain_index, domain);

	return at == SIZE_MAX ? NULL : &s->domains[at];
}

bool
state_has_name(const struct state_domain *d, const char *name)
{
	for (size_t i = 0; i < d->name_count; i++)
		if (strcmp(d->names[i], name) == 0)
			return true;
	return false;
}

struct state_pin *
state_find_pin(const struct state_domain *d, const struct pin *pin)
{
	for (size_t i = 0; i < d->pin_count; i++)
		if (pin_equal(&d->pins[i].pin, pin))
			return &d->pins[i];
	return NULL;
}

bool
state_was_compromised(const struct state *s, const struct pin *pin)
{
	const struct state_key *k = state_key_by_pin(s, pin);

	if (k && k->state == STATE_COMPROMISED)
		return true;
	for (size_t i = 0; i < s->domain_count; i++) {
		const struct state_pin *p = state_find_pin(&s->domains[i], pin);
		if (p && p->compromised)
			return true;
	}
	return false;
}

static bool
ambiguous(const struct state *s, const char *wanted, size_t hits, struct err *e)
{
	BUF_AUTO list = BUF_NONE;
	size_t len = strlen(wanted), shown = 0;

	for (size_t i = 0; i < s->key_count && shown < CANDIDATES_SHOWN; i++) {
		const struct state_key *k = s->keys[i];
		if (k->state != STATE_VOID && strncmp(k->id, wanted, len) == 0)
			buf_addf(&list, "%s%s", shown++ > 0 ? ", " : "", k->id);
	}
	if (!buf_ok(&list, e))
		return false;
	err_set(e, ERR_USAGE, "%zu keys begin with \"%s\"", hits, wanted);
	return err_hint(e, "one of %s%s", list.data, hits > shown ? ", ..." : "");
}

static bool
find_by_prefix(const struct state *s, const char *wanted, struct state_key **out, struct err *e)
{
	size_t len = strlen(wanted), hits = 0;
	struct state_key *found = NULL;

	for (size_t i = 0; len > 0 && i < s->key_count; i++) {
		struct state_key *k = s->keys[i];
		if (k->state == STATE_VOID || strncmp(k->id, wanted, len) != 0)
			continue;
		found = k;
		hits++;
	}
	if (hits > 1)
		return ambiguous(s, wanted, hits, e);
	if (hits == 0) {
		err_set(e, ERR_MISSING, "the vault has no key \"%s\"", wanted);
		return err_hint(e, "`coldspare status` lists the keys");
	}
	*out = found;
	return true;
}

bool
state_find_key(const struct state *s, const char *wanted, struct state_key **out, struct err *e)
{
	struct err no_pin;
	struct pin pin;
	struct state_key *k = state_key_by_id(s, wanted);

	if (!k && pin_parse(wanted, &pin, &no_pin))
		k = state_key_by_pin(s, &pin);
	if (!k)
		return find_by_prefix(s, wanted, out, e);
	*out = k;
	return true;
}

const struct state_set *
state_current_set(const struct state_key *k)
{
	for (size_t i = k->set_count; i-- > 0;)
		if (k->sets[i].committed && !k->sets[i].destroyed)
			return &k->sets[i];
	return NULL;
}

struct state_custodian *
state_find_custodian(const struct state *s, const char *name)
{
	for (size_t i = 0; i < s->custodian_count; i++)
		if (strcmp(s->custodians[i].name, name) == 0)
			return &s->custodians[i];
	return NULL;
}

const struct state_certificate *
state_certificate(const struct state_key *k)
{
	return k->certificate_count > 0 ? &k->certificates[k->certificate_count - 1] : NULL;
}

enum manifest_role
state_key_role(const struct state_key *k)
{
	return k->state == STATE_ACTIVE ? ROLE_ACTIVE : ROLE_BACKUP;
}

enum manifest_role
state_pin_role(const struct state_pin *p)
{
	return p->displaced ? ROLE_BACKUP : p->role;
}

bool
state_share_counts(const struct state_share *share)
{
	return !share->replaced && share->destroyed == CLOCK_NONE;
}

unsigned
state_set_held(const struct state_set *set)
{
	unsigned n = 0;

	for (size_t i = 0; i < set->share_count; i++)
		n += state_share_counts(&set->shares[i]);
	return n;
}

bool
state_set_is_detached(const struct state_set *set)
{
	size_t without = 0;

	for (size_t i = 0; i < set->share_count; i++)
		without += set->shares[i].detached && state_share_counts(&set->shares[i]);
	return without >= set->threshold;
}

bool
state_set_is_newer_than_backup(const struct state *s, const struct state_set *set)
{
	return set->line > s->backup.line;
}

struct state_manifest *
state_manifest(const struct state *s, int64_t serial)
{
	for (size_t i = s->manifest_count; i-- > 0;)
		if (s->manifests[i].serial == serial)
			return &s->manifests[i];
	return NULL;
}

const struct state_manifest *
state_last_manifest(const struct state *s)
{
	return s->manifest_count > 0 ? &s->manifests[s->manifest_count - 1] : NULL;
}

int64_t
state_next_serial(const struct state *s)
{
	const struct state_manifest *last = state_last_manifest(s);

	return last ? last->serial + 1 : 1;
}

bool
state_is_proven(const struct state_key *k)
{
	const struct state_set *set = state_current_set(k);

	return k->state != STATE_VOID && set && set->proven > 0 &&
	       state_set_held(set) >= set->threshold;
}

void
state_request_path(const struct state_key *k, unsigned n, char out[static STATE_PATH])
{
	if (n <= 1)
		(void)snprintf(out, STATE_PATH, "keys/%s/request.csr", k->id);
	else
		(void)snprintf(out, STATE_PATH, "keys/%s/request-%u.csr", k->id, n);
}

bool
state_is_spare(const struct state_key *k)
{
	return (k->state == STATE_STANDBY || k->state == STATE_PRESIGNED) && state_is_proven(k);
}

bool
state_is_pinned(const struct state_key *k)
{
	return k->state == STATE_ACTIVE || k->displaced || state_is_spare(k);
}

bool
state_is_backup(const struct state_key *k)
{
	return state_is_spare(k) && !k->released;
}
