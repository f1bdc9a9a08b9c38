/* SPDX-License-Identifier: ISC */
#include "vault/ceremonyrun.h"
#include "vault/pinning.h"

/* One file of the plan, loaded against the vault as it is now. */
static bool
load(struct ceremony *c, const struct plan_domain *d, const char *path, enum manifest_role role,
	struct pinning *out, struct err *e)
{
	*out = (struct pinning){
		.path = path,
		.domain = state_find_domain(&c->store.state, d->name),
		.role = role,
	};
	if (!out->domain)
		return err_set(e, ERR_INTERNAL, "the vault has no domain %s", d->name);
	return pinning_load(out, &c->store.state, e);
}

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "?";
}

static bool
show(struct ceremony *c, struct pinning *p, bool *missing, struct err *e)
{
	const json_t *pin;
	size_t i;

	(void)e;
	*missing |= p->known < p->file.count;
	ceremony_say(c, "%s, %s%s", p->domain->name, manifest_role_name(p->role),
		p->known < p->file.count ? ":" : ", recorded already:");
	json_array_foreach(p->pins, i, pin)
	{
		ceremony_row(c, "subject", "%s", text_of(pin, "label"));
		ceremony_row(c, "pin", "%s", text_of(pin, "pin"));
	}
	return true;
}

/* An interrupted run has recorded some: those stay as they are. */
static bool
record(struct ceremony *c, struct pinning *p, bool *missing, struct err *e)
{
	(void)missing;
	if (p->known == p->file.count)
		return true;
	return pinning_record(p, &c->store, e);
}

typedef bool (*visit)(struct ceremony *c, struct pinning *p, bool *missing, struct err *e);

static bool
each_file(struct ceremony *c, const struct plan_domain *d, const struct plan_list *files,
	enum manifest_role role, visit v, bool *missing, struct err *e)
{
	for (size_t i = 0; i < files->count; i++) {
		PINNING_AUTO p = { 0 };

		if (!load(c, d, files->items[i], role, &p, e) || !v(c, &p, missing, e))
			return false;
	}
	return true;
}

static bool
each(struct ceremony *c, visit v, bool *missing, struct err *e)
{
	for (size_t i = 0; i < c->plan->domain_count; i++) {
		const struct plan_domain *d = &c->plan->domains[i];

		if (!each_file(c, d, &d->active, ROLE_ACTIVE, v, missing, e) ||
			!each_file(c, d, &d->ca, ROLE_CA, v, missing, e))
			return false;
	}
	return true;
}

static bool
check_files(const struct plan_domain *d, const struct plan_list *files, enum manifest_role role,
	struct err *e)
{
	struct state_domain domain = { .name = d->name };
	struct state none = { 0 };

	for (size_t i = 0; i < files->count; i++) {
		PINNING_AUTO p = { .path = files->items[i], .domain = &domain, .role = role };

		if (!pinning_load(&p, &none, e))
			return err_wrap(e, "%s", d->name);
	}
	return true;
}

bool
ceremonypins_check(struct ceremony *c, struct err *e)
{
	for (size_t i = 0; i < c->plan->domain_count; i++) {
		const struct plan_domain *d = &c->plan->domains[i];

		if (d->active.count + d->ca.count == 0) {
			err_set(e, ERR_REFUSED,
				"%s: the plan names no live certificate and no CA, so its pins "
				"could "
				"not be published",
				d->name);
			return err_hint(e, "give it active = {...} or ca = {...}");
		}
		if (!check_files(d, &d->active, ROLE_ACTIVE, e) ||
			!check_files(d, &d->ca, ROLE_CA, e))
			return false;
	}
	return true;
}

bool
ceremonypins_run(struct ceremony *c, struct err *e)
{
	bool missing = false;

	if (!ceremonysteps_applies(c->plan, CEREMONY_PINS))
		return true;
	ceremony_announce(c, CEREMONY_PINS);
	if (!each(c, show, &missing, e))
		return false;
	if (!missing) {
		ceremony_say(c, "All of them were recorded in an earlier run.");
		return true;
	}
	return ceremony_ask(c, CEREMONY_PINS, e) && each(c, record, &missing, e) &&
	       ceremony_done(c, CEREMONY_PINS, NULL, e) && ceremony_log(c, "pins", e);
}
