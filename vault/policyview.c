/* SPDX-License-Identifier: ISC */
#include "vault/policyview.h"

#include "base/clock.h"

#include <stdio.h>

/* JSON ------------------------------------------------------------------------------------- */

static json_t *
ramp_json(const struct state_policy *p)
{
	json_t *steps = p->ramp_count > 0 ? json_array() : json_null();

	for (unsigned i = 0; i < p->ramp_count; i++)
		if (json_array_append_new(steps, json_integer(p->ramp[i])) != 0) {
			json_decref(steps);
			return NULL;
		}
	return steps;
}

static bool
add_settings(json_t *o, const struct state_policy *p)
{
	return json_object_set_new(o, "backups", json_integer(p->backups)) == 0 &&
	       json_object_set_new(o, "ramp", ramp_json(p)) == 0 &&
	       json_object_set_new(o, "max_age", json_seconds(p->max_age)) == 0 &&
	       json_object_set_new(o, "prior_max_age", json_seconds(p->prior_max_age)) == 0 &&
	       json_object_set_new(o, "valid_for", json_seconds(p->valid_for)) == 0 &&
	       json_object_set_new(
		       o, "include_subdomains", json_boolean(p->include_subdomains == 1)) == 0 &&
	       json_object_set_new(o, "report_only", json_boolean(p->report_only == 1)) == 0 &&
	       json_object_set_new(o, "report_uri",
		       p->report_uri ? json_string(p->report_uri) : json_null()) == 0;
}

static json_t *
custodians_json(const struct state *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->custodian_count; i++) {
		const struct state_custodian *c = &s->custodians[i];
		json_t *item = json_pack("{s:s, s:s, s:s?, s:s?}", "name", c->name, "medium",
			c->medium, "contact", c->contact, "location", c->location);
		if (!item || json_array_append_new(list, item) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *
policyview_issuers(const struct state *s)
{
	json_t *list = json_object();

	for (size_t i = 0; i < s->issuer_count; i++)
		if (json_object_set_new(
			    list, s->issuers[i].name, json_string(s->issuers[i].text)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
vault_json(const struct state *s)
{
	JSON_AUTO o = json_pack("{s:s}", "name", s->name);
	struct state_policy p = state_policy_of(s, NULL);

	if (!o || !add_settings(o, &p) ||
		json_object_set_new(o, "drill_every", json_integer(s->drill_every)) != 0 ||
		json_object_set_new(o, "issuers", policyview_issuers(s)) != 0 ||
		json_object_set_new(o, "threshold", json_integer(s->threshold)) != 0 ||
		json_object_set_new(o, "custodians", custodians_json(s)) != 0)
		return NULL;
	return json_incref(o);
}

static json_t *
domain_json(const struct state *s, const struct state_domain *d)
{
	JSON_AUTO o = json_pack("{s:s, s:[]}", "domain", d->name, "names");
	struct state_policy p = state_policy_of(s, d);
	json_t *names = json_object_get(o, "names");

	for (size_t i = 0; i < d->name_count; i++)
		if (json_array_append_new(names, json_string(d->names[i])) != 0)
			return NULL;
	return o && add_settings(o, &p) ? json_incref(o) : NULL;
}

bool
policyview_json(const struct state *s, const struct state_domain *only, json_t **out, struct err *e)
{
	JSON_AUTO doc = json_pack("{s:o, s:[]}", "vault", vault_json(s), "domains");
	json_t *domains = json_object_get(doc, "domains");

	for (size_t i = 0; doc && i < s->domain_count; i++)
		if ((!only || only == &s->domains[i]) &&
			json_array_append_new(domains, domain_json(s, &s->domains[i])) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = json_incref(doc);
	return true;
}

/* Text ------------------------------------------------------------------------------------- */

static void
print_setting(const char *name, const char *value, bool inherited)
{
	printf("  %-19s %s%s\n", name, value, inherited ? " (as the vault)" : "");
}

static void
print_seconds(const char *name, int64_t t, bool inherited)
{
	char text[CLOCK_DURATION_TEXT] = "none";

	if (t != CLOCK_NONE)
		clock_duration_format(t, text);
	print_setting(name, text, inherited);
}

/* "5m, 1d, 60d" */
static void
print_ramp(const struct state_policy *p, bool inherited)
{
	char text[STATE_RAMP_MAX * (CLOCK_DURATION_TEXT + 2)], *at = text;

	for (unsigned i = 0; i < p->ramp_count; i++) {
		char step[CLOCK_DURATION_TEXT];

		clock_duration_format(p->ramp[i], step);
		at += snprintf(
			at, sizeof(text) - (size_t)(at - text), "%s%s", i > 0 ? ", " : "", step);
	}
	print_setting("ramp", text, inherited);
}

/* What applies, and whether the domain says so itself. */
static void
print_settings(const struct state *s, const struct state_domain *d)
{
	const struct state_policy p = state_policy_of(s, d);
	const struct state_policy *own = d ? &d->policy : NULL;
	char backups[16];

	(void)snprintf(backups, sizeof(backups), "%d", p.backups);
	print_setting("backups", backups, own && own->backups < 0);
	if (p.ramp_count > 0)
		print_ramp(&p, own && own->ramp_count == 0);
	print_seconds(p.ramp_count > 0 ? "max-age, no ramp" : "max-age", p.max_age,
		own && own->max_age == CLOCK_NONE);
	print_seconds("prior-max-age", p.prior_max_age, own && own->prior_max_age == CLOCK_NONE);
	print_setting("include-subdomains", p.include_subdomains == 1 ? "yes" : "no",
		own && own->include_subdomains < 0);
	print_setting(
		"report-only", p.report_only == 1 ? "yes" : "no", own && own->report_only < 0);
	print_setting("report-uri", p.report_uri ? p.report_uri : "none", own && !own->report_uri);
}

static void
print_vault(const struct state *s)
{
	printf("vault %s\n", s->name);
	print_settings(s, NULL);
	print_seconds("valid-for", s->policy.valid_for, false);
	print_seconds("drill-every", s->drill_every, false);
	for (size_t i = 0; i < s->issuer_count; i++)
		printf("  %-19s %s: %s\n", i == 0 ? "issuers" : "", s->issuers[i].name,
			s->issuers[i].text);
	printf("  %-19s %u of %zu\n", "threshold", s->threshold, s->custodian_count);
	for (size_t i = 0; i < s->custodian_count; i++) {
		const struct state_custodian *c = &s->custodians[i];
		printf("  %-19s %s, %s\n", i == 0 ? "custodians" : "", c->name, c->medium);
		if (c->contact)
			printf("  %-21s contact: %s\n", "", c->contact);
		if (c->location)
			printf("  %-21s location: %s\n", "", c->location);
	}
}

static void
print_domain(const struct state *s, const struct state_domain *d)
{
	printf("domain %s\n", d->name);
	for (size_t i = 1; i < d->name_count; i++)
		printf("  %-19s %s\n", i == 1 ? "also" : "", d->names[i]);
	print_settings(s, d);
}

void
policyview_print(const struct state *s, const struct state_domain *only)
{
	if (!only)
		print_vault(s);
	for (size_t i = 0; i < s->domain_count; i++)
		if (!only || only == &s->domains[i])
			print_domain(s, &s->domains[i]);
}
