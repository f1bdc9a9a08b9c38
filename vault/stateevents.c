/* SPDX-License-Identifier: ISC */
#include "vault/stateevents.h"

#include "base/clock.h"
#include "vault/statebackup.h"
#include "vault/statebatch.h"
#include "vault/statebuild.h"
#include "vault/stateceremony.h"
#include "vault/statelife.h"
#include "vault/statepolicy.h"
#include "vault/staterebuild.h"
#include "vault/statesec.h"
#include "vault/statesets.h"

#include <inttypes.h>
#include <string.h>

static bool
apply_create(struct state *s, const struct journal_line *line, struct err *e)
{
	const char *key, *kdf;

	if (!statebuild_name(line->body, "name", s->name, e) ||
		!json_get_str(line->body, "key", &key, e) || !minisign_pub_parse(key, &s->key, e) ||
		!statepolicy_custodians(s, line->body, e) ||
		!statepolicy_take(&s->policy, line, e) || !statepolicy_drills(s, line->body, e) ||
		!stateceremony_plan(s, line->body, e) || !staterebuild_base(s, line->body, e))
		return false;
	if (json_object_get(line->body, "rehearsal") &&
		!json_get_bool(line->body, "rehearsal", &s->rehearsal, e))
		return false;
	s->created = line->time;
	s->first = s->key;
	s->sec_number = 1;
	return json_get_str_opt(line->body, "kdf", &kdf, e) && statebuild_copy(&s->kdf, kdf, e) &&
	       statebuild_files(s, line->body, e);
}

/* External pins ---------------------------------------------------------------------------- */

static bool
new_pin(struct state_domain *d, const struct pin *pin, struct state_pin **out, struct err *e)
{
	struct state_pin *pins = statebuild_room(d->pins, d->pin_count, sizeof(*pins), e);

	if (!pins)
		return false;
	d->pins = pins;
	*out = &pins[d->pin_count++];
	**out = (struct state_pin){ .pin = *pin };
	return true;
}

/* A pin that is there already gets the new role and label. */
static bool
take_pin(struct state_domain *d, const struct journal_line *line, const json_t *item, struct err *e)
{
	const char *role, *ca, *algorithm, *label, *group;
	struct pin pin;

	if (!statebuild_pin(item, "pin", &pin, e) || !json_get_str(line->body, "role", &role, e) ||
		!json_get_str_opt(line->body, "group", &group, e) ||
		!json_get_str(item, "algorithm", &algorithm, e) ||
		!json_get_str_opt(item, "ca", &ca, e) || !json_get_str(item, "label", &label, e))
		return false;
	struct state_pin *p = state_find_pin(d, &pin);
	if (!p && !new_pin(d, &pin, &p, e))
		return false;
	if (p->compromised)
		return err_set(e, ERR_FORMAT, "the pin of %s was compromised", label);
	p->removed = false;
	p->displaced = false;
	return manifest_role_parse(role, &p->role, e) && manifest_ca_parse(ca, &p->ca, e) &&
	       statebuild_copy(&p->algorithm, algorithm, e) &&
	       statebuild_copy(&p->label, label, e) && statebuild_copy(&p->group, group, e) &&
	       (p->role != ROLE_ACTIVE || (statelife_displace(d, algorithm, &pin), true));
}

bool
stateevents_add_pin(struct state *s, const struct journal_line *line, struct err *e)
{
	const char *domain;
	json_t *pins, *item;
	struct state_domain *d;
	size_t i;

	if (!json_get_str(line->body, "domain", &domain, e) ||
		!json_get_array(line->body, "pins", &pins, e) ||
		!statebuild_domain(s, domain, &d, e))
		return false;
	json_array_foreach(pins, i, item)
	{
		if (!take_pin(d, line, item, e))
			return false;
	}
	return true;
}

/* Manifests -------------------------------------------------------------------------------- */

static bool
apply_export(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_manifest m = { .deployed = CLOCK_NONE, .signer = s->key };
	const char *hash;

	if (!json_get_int(line->body, "serial", &m.serial, e) ||
		!statebuild_hex(line->body, "hash", PIN_HEX - 1, &hash, e) ||
		!statebuild_time(line->body, "created", &m.created, e))
		return false;
	if (m.serial != state_next_serial(s))
		return err_set(e, ERR_FORMAT, "serial %" PRId64 " where %" PRId64 " is next",
			m.serial, state_next_serial(s));
	memcpy(m.hash, hash, sizeof(m.hash));
	struct state_manifest *manifests =
		statebuild_room(s->manifests, s->manifest_count, sizeof(*manifests), e);
	if (!manifests)
		return false;
	s->manifests = manifests;
	manifests[s->manifest_count++] = m;
	statelife_exported(s);
	return statebuild_files(s, line->body, e);
}

/* Said again, the later time counts: people correct themselves. */
static bool
apply_deployed(struct state *s, const struct journal_line *line, struct err *e)
{
	int64_t serial, at;

	if (!json_get_int(line->body, "serial", &serial, e) ||
		!statebuild_time(line->body, "at", &at, e))
		return false;
	struct state_manifest *m = state_manifest(s, serial);
	if (!m)
		return err_set(e, ERR_FORMAT, "there is no manifest %" PRId64, serial);
	m->deployed = at;
	return true;
}

/* Recoveries and drills -------------------------------------------------------------------- */

static bool
apply_recover(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_key *k;
	struct state_set *set;

	if (!statebuild_brought_back(s, line->body, line, &k, &set, e))
		return false;
	k->released = true;
	return true;
}

static bool
apply_drill(struct state *s, const struct journal_line *line, struct err *e)
{
	json_t *keys, *item;
	size_t i;

	if (!json_get_array(line->body, "keys", &keys, e))
		return false;
	json_array_foreach(keys, i, item)
	{
		struct state_key *k;
		struct state_set *set;

		if (!statebuild_brought_back(s, item, line, &k, &set, e))
			return false;
		set->drilled = line->time;
	}
	return true;
}

static bool
apply_repair(struct state *s, const struct journal_line *line, struct err *e)
{
	return statebuild_files(s, line->body, e);
}

static const struct stateevents_row rows[] = {
	{ "create", true, apply_create },
	{ "begin", true, statebatch_begin },
	{ "commit", true, statebatch_commit },
	{ "policy", false, statepolicy_apply },
	{ "add-pin", false, stateevents_add_pin },
	{ "export", true, apply_export },
	{ "deployed", false, apply_deployed },
	{ "recover", false, apply_recover },
	{ "drill", false, apply_drill },
	{ "destroyed", false, statesets_destroyed },
	{ "passphrase", true, statesec_passphrase },
	{ "repair", false, apply_repair },
	{ "rebuild", true, staterebuild_apply },
	{ "backup", false, statebackup_apply },
	{ "attach", false, statelife_attach },
	{ "promote", false, statelife_promote },
	{ "retire", false, statelife_retire },
	{ "compromise", false, statelife_compromise },
	{ "released", false, statelife_released },
	{ "destroy", false, statelife_destroy },
	{ "csr", false, statelife_csr },
	{ "ceremony", true, stateceremony_apply },
};

const struct stateevents_row *
stateevents_find(const char *event)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].event, event) == 0)
			return &rows[i];
	return NULL;
}
