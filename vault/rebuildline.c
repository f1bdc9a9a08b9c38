/* SPDX-License-Identifier: ISC */
#include "vault/rebuild.h"

#include <stdio.h>
#include <string.h>

/* As the `policy` and `commit` lines have them. */
static json_t *
domain_json(const struct manifest_domain *d)
{
	json_t *names = json_array();

	for (size_t i = 0; i < d->name_count; i++)
		json_array_append_new(names, json_string(d->names[i]));
	return json_pack("{s:s, s:o, s:I, s:b, s:b, s:s?}", "domain", d->domain, "names", names,
		"max_age", (json_int_t)d->max_age, "include_subdomains", d->include_subdomains,
		"report_only", d->report_only, "report_uri", d->report_uri);
}

static bool
was_lost(const struct rebuild *r, const struct manifest_pin *p)
{
	json_t *item;
	size_t i;

	json_array_foreach(r->lost, i, item)
	{
		if (p->key && strcmp(p->key, json_string_value(json_object_get(item, "key"))) == 0)
			return true;
	}
	return false;
}

static bool
is_displaced(const struct manifest_pin *p)
{
	return p->state == STATE_RETIRED;
}

/* The role it had when it was recorded: a displaced pin was active. */
static enum manifest_role
recorded_role(const struct manifest_pin *p)
{
	return is_displaced(p) ? ROLE_ACTIVE : p->role;
}

static json_t *
pin_json(const struct rebuild *r, const char *domain, const struct manifest_pin *p)
{
	char pin[PIN_TEXT], label[128];

	pin_encode(&p->pin, pin);
	if (p->key)
		(void)snprintf(label, sizeof label, "%.80s, not brought back", p->key);
	else
		(void)snprintf(label, sizeof label, "from manifest %lld",
			(long long)r->from.manifest.serial);
	return json_pack("{s:s, s:s, s:n, s:b, s:[{s:s, s:s, s:s?, s:s}]}", "domain", domain,
		"role", manifest_role_name(recorded_role(p)), "group", "displaced", is_displaced(p),
		"pins", "pin", pin, "algorithm", p->algorithm ? p->algorithm : "unknown", "ca",
		manifest_ca_name(p->ca), "label", label);
}

/* An active pin recorded after another displaces it: the displaced ones come first. */
static bool
add_pins(const struct rebuild *r, const struct manifest_domain *d, bool displaced, json_t *out)
{
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct manifest_pin *p = &d->pins[i];
		bool kept = p->key ? was_lost(r, p) && p->state != STATE_STANDBY &&
					     p->state != STATE_PRESIGNED
				   : true;

		if (kept && is_displaced(p) == displaced &&
			json_array_append_new(out, pin_json(r, d->domain, p)) != 0)
			return false;
	}
	return true;
}

static bool
fill(const struct rebuild *r, json_t *domains, json_t *pins)
{
	const struct manifest *m = &r->from.manifest;

	for (size_t i = 0; i < m->domain_count; i++) {
		const struct manifest_domain *d = &m->domains[i];

		if (json_array_append_new(domains, domain_json(d)) != 0 ||
			!add_pins(r, d, true, pins) || !add_pins(r, d, false, pins))
			return false;
	}
	return true;
}

static json_t *
before_json(const struct rebuild *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->before_count; i++) {
		char key[MINISIGN_PUB_TEXT];

		minisign_pub_encode(&r->before[i], key);
		json_array_append_new(list, json_string(key));
	}
	return list;
}

bool
rebuild_line(const struct rebuild *r, json_t *files, json_t **out, struct err *e)
{
	const struct manifest *m = &r->from.manifest;
	JSON_AUTO domains = json_array();
	JSON_AUTO pins = json_array();
	char hash[PIN_HEX];

	manifest_hash(r->from.bytes.data, r->from.bytes.len, hash);
	if (!fill(r, domains, pins))
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = json_pack("{s:{s:I, s:s, s:o}, s:b, s:o, s:O, s:O, s:O, s:O, s:O}", "manifest",
		"serial", (json_int_t)m->serial, "hash", hash, "created", json_time(m->created),
		"offline", r->offline, "keys_before", before_json(r), "domains", domains, "pins",
		pins, "keys", r->keys, "lost", r->lost, "files", files);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}
