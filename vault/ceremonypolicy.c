/* SPDX-License-Identifier: ISC */
#include "vault/ceremonyrun.h"

#include <string.h>

static bool
differs(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

static bool
put(json_t *body, const char *member, json_t *value, struct err *e)
{
	return json_object_set_new(body, member, value) == 0 ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

/* `body` is consumed. What changes nothing is no line. */
static bool
append(struct ceremony *c, const char *domain, json_t *body, struct err *e)
{
	JSON_AUTO line = body;

	if (!line)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (json_object_size(line) == 0)
		return true;
	return put(line, "domain", domain ? json_string(domain) : json_null(), e) &&
	       store_append(&c->store, "policy", json_incref(line), e);
}

/* The notes of all custodians, `member` being contact or location. */
static bool
add_notes(const struct ceremony *c, bool location, json_t *body, struct err *e)
{
	json_t *notes = json_object();
	bool ok = true;

	for (size_t i = 0; ok && i < c->plan->custodian_count; i++) {
		const struct plan_custodian *who = &c->plan->custodians[i];
		const struct state_custodian *known =
			state_find_custodian(&c->store.state, who->name);
		const char *text = location ? who->location : who->contact;

		if (text && (!known || differs(location ? known->location : known->contact, text)))
			ok = put(notes, who->name, json_string(text), e);
	}
	if (ok && json_object_size(notes) > 0)
		return put(body, location ? "location" : "contact", notes, e);
	json_decref(notes);
	return ok;
}

static bool
add_number(json_t *body, const char *member, int64_t wanted, int64_t known, struct err *e)
{
	return wanted == CLOCK_NONE || wanted == known ||
	       put(body, member, json_integer(wanted), e);
}

static bool
set_vault(struct ceremony *c, struct err *e)
{
	const struct state *s = &c->store.state;
	JSON_AUTO body = json_object();

	return add_notes(c, false, body, e) && add_notes(c, true, body, e) &&
	       add_number(body, "valid_for", c->plan->valid_for, s->policy.valid_for, e) &&
	       add_number(body, "drill_every", c->plan->drill_every, s->drill_every, e) &&
	       add_number(body, "backups", c->plan->backups, s->policy.backups, e) &&
	       append(c, NULL, json_incref(body), e);
}

static bool
set_domain(struct ceremony *c, const struct plan_domain *d, struct err *e)
{
	const struct state_domain *known = state_find_domain(&c->store.state, d->name);
	JSON_AUTO body = json_object();

	if (!known)
		return err_set(e, ERR_INTERNAL, "the vault has no domain %s", d->name);
	if (!add_number(body, "max_age", d->max_age, known->policy.max_age, e))
		return false;
	if (d->report_uri && differs(d->report_uri, known->policy.report_uri) &&
		!put(body, "report_uri", json_string(d->report_uri), e))
		return false;
	if (d->include_subdomains >= 0 &&
		d->include_subdomains != known->policy.include_subdomains &&
		!put(body, "include_subdomains", json_boolean(d->include_subdomains), e))
		return false;
	return append(c, d->name, json_incref(body), e);
}

bool
ceremonypolicy_set(struct ceremony *c, struct err *e)
{
	if (!set_vault(c, e))
		return false;
	for (size_t i = 0; i < c->plan->domain_count; i++)
		if (!set_domain(c, &c->plan->domains[i], e))
			return false;
	return true;
}
