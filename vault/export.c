/* SPDX-License-Identifier: ISC */
#include "vault/export.h"

#include "vault/ramp.h"

#include <stdlib.h>
#include <string.h>

/* What the pins of one manifest are made from. */
struct maker {
	const struct store *store;
	struct ready_history history;
	int64_t now;
};

static char *
copy(const char *text, bool *ok)
{
	char *c = text ? strdup(text) : NULL;

	*ok = *ok && (!text || c);
	return c;
}

static enum manifest_state
external_state(const struct state_pin *p)
{
	return p->displaced ? STATE_RETIRED : p->role == ROLE_ACTIVE ? STATE_ACTIVE : STATE_NONE;
}

static bool
add_pin(const struct maker *mk, const struct state_domain *d, struct manifest_domain *out,
	const struct manifest_pin *like, const char *algorithm, const char *key, struct err *e)
{
	struct manifest_pin *p = &out->pins[out->pin_count++];
	bool ok = true;

	*p = *like;
	p->algorithm = copy(algorithm, &ok);
	p->key = copy(key, &ok);
	ready_when(&mk->history, d->name, &p->pin,
		state_policy_of(&mk->store->state, d).prior_max_age, &p->deployed, &p->ready);
	return ok || err_set(e, ERR_MEMORY, "out of memory");
}

/* The pins of one role, so that a manifest lists active ones first, then backups, then CAs. */
static bool
add_role(const struct maker *mk, const struct state_domain *d, enum manifest_role role,
	struct manifest_domain *out, struct err *e)
{
	for (size_t i = 0; i < d->key_count; i++) {
		const struct state_key *k = d->keys[i];
		struct manifest_pin p = {
			.pin = k->pin,
			.role = role,
			.state = k->state,
			.origin = k->origin,
			.released = k->released,
		};

		if (state_is_pinned(k) && state_key_role(k) == role &&
			!add_pin(mk, d, out, &p, k->algorithm, k->id, e))
			return false;
	}
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct state_pin *x = &d->pins[i];
		struct manifest_pin p = {
			.pin = x->pin,
			.role = role,
			.state = external_state(x),
			.origin = ORIGIN_EXTERNAL,
			.ca = x->ca,
		};

		if (!x->removed && state_pin_role(x) == role &&
			!add_pin(mk, d, out, &p, x->algorithm, NULL, e))
			return false;
	}
	return true;
}

static bool
add_names(const struct state_domain *d, struct manifest_domain *out, struct err *e)
{
	bool ok = true;

	out->names = calloc(d->name_count + 1, sizeof *out->names);
	if (!out->names)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (; out->name_count < d->name_count; out->name_count++)
		out->names[out->name_count] = copy(d->names[out->name_count], &ok);
	return ok || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
add_domain(const struct maker *mk, const struct state_domain *d, struct manifest_domain *out,
	struct err *e)
{
	const struct state *s = &mk->store->state;
	struct state_policy policy = state_policy_of(s, d);
	struct ramp ramp;
	bool ok = true;

	out->domain = copy(d->name, &ok);
	out->report_uri = copy(policy.report_uri, &ok);
	out->include_subdomains = policy.include_subdomains == 1;
	out->report_only = policy.report_only == 1;
	out->max_age = ramp_max_age(s, &mk->history, d, &ramp);
	out->pins = calloc(d->key_count + d->pin_count + 1, sizeof *out->pins);
	if (!ok || !out->pins)
		return err_set(e, ERR_MEMORY, "out of memory");
	return add_names(d, out, e) && add_role(mk, d, ROLE_ACTIVE, out, e) &&
	       add_role(mk, d, ROLE_BACKUP, out, e) && add_role(mk, d, ROLE_CA, out, e);
}

static bool
add_domains(const struct maker *mk, struct manifest *m, struct err *e)
{
	const struct state *s = &mk->store->state;

	m->domains = calloc(s->domain_count + 1, sizeof *m->domains);
	if (!m->domains)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < s->domain_count; i++)
		if (!add_domain(mk, &s->domains[i], &m->domains[m->domain_count++], e))
			return false;
	return true;
}

static bool
all_offline(const struct manifest *m)
{
	for (size_t i = 0; i < m->domain_count; i++)
		for (size_t j = 0; j < m->domains[i].pin_count; j++) {
			const struct manifest_pin *p = &m->domains[i].pins[j];

			if (p->key && p->origin != ORIGIN_OFFLINE)
				return false;
		}
	return true;
}

static bool
fill_head(const struct maker *mk, int64_t valid_for, bool online, struct manifest *m, struct err *e)
{
	const struct state *s = &mk->store->state;
	const struct state_manifest *last = state_last_manifest(s);
	bool ok = true;

	if (valid_for == CLOCK_NONE)
		valid_for = s->policy.valid_for;
	m->vault_name = copy(s->name, &ok);
	m->vault_key = s->key;
	m->serial = state_next_serial(s);
	m->created = mk->now;
	m->valid_until = valid_for == CLOCK_NONE ? CLOCK_NONE : mk->now + valid_for;
	m->offline = s->offline && !online && all_offline(m);
	m->rehearsal = s->rehearsal;
	m->previous = copy(last ? last->hash : NULL, &ok);
	m->journal_entries = mk->store->journal.entries;
	m->journal_head = copy(mk->store->journal.head, &ok);
	return ok || err_set(e, ERR_MEMORY, "out of memory");
}

bool
export_build(const struct store *s, int64_t now, int64_t valid_for, bool online,
	struct manifest *out, struct err *e)
{
	struct maker mk = { .store = s, .now = now };
	MANIFEST_AUTO m = { 0 };
	bool ok = ready_load(s, &mk.history, e) && add_domains(&mk, &m, e) &&
		  fill_head(&mk, valid_for, online, &m, e);

	ready_free(&mk.history);
	if (!ok)
		return false;
	*out = m;
	m = (struct manifest){ 0 };
	return true;
}

static bool
check_domain(const struct store *s, const struct manifest_domain *d, bool force,
	struct buf *warnings, struct err *e)
{
	size_t backups = 0, served = 0;

	for (size_t i = 0; i < d->pin_count; i++) {
		backups += manifest_is_backup(&d->pins[i]);
		served += d->pins[i].role != ROLE_BACKUP;
	}
	if (backups > 0 && served > 0)
		return true;
	const char *lacks = backups == 0 ? "no backup pin outside the served chain"
					 : "no pin in the served chain (the live certificate's, or "
					   "its CA's)";
	if (d->pin_count == 0) {
		err_set(e, ERR_REFUSED, "%s: no pin is left to publish", d->domain);
		return err_hint(e, "make backup keys with `generate --domain %s`", d->domain);
	}
	if (force || state_find_domain(&s->state, d->domain)->compromised) {
		buf_addf(warnings, "coldspare: warning: %s: %s%s\n", d->domain, lacks,
			force ? "" : ", since a compromised one had to leave");
		return true;
	}
	err_set(e, ERR_REFUSED, "%s: %s: clients would be locked out sooner or later", d->domain,
		lacks);
	return err_hint(e,
		backups == 0
			? "make backup keys with `generate`, or publish all the same with --force"
			: "record it with `add-pin --role active`, or publish all the same with "
			  "--force");
}

bool
export_check(const struct store *s, const struct manifest *m, bool force, struct buf *warnings,
	struct err *e)
{
	if (m->domain_count == 0) {
		err_set(e, ERR_REFUSED, "there is nothing to export yet");
		return err_hint(e, "make backup keys with `generate` first");
	}
	for (size_t i = 0; i < m->domain_count; i++)
		if (!check_domain(s, &m->domains[i], force, warnings, e))
			return false;
	return true;
}
