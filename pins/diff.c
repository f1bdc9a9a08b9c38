/* SPDX-License-Identifier: ISC */
#include "pins/diff.h"

#include "pins/index.h"

#include <stdlib.h>
#include <string.h>

const char *
diff_kind_name(enum diff_kind kind)
{
	static const char *const names[] = {
		[DIFF_ADDED] = "added",
		[DIFF_REMOVED] = "removed",
		[DIFF_CHANGED] = "changed",
	};
	return names[kind];
}

static void
free_change(struct diff_change *c)
{
	for (size_t i = 0; i < c->field_count; i++) {
		free(c->fields[i].from);
		free(c->fields[i].to);
	}
	free(c->fields);
}

void
diff_free(struct diff *d)
{
	for (size_t i = 0; i < d->count; i++)
		free_change(&d->list[i]);
	free(d->list);
	*d = (struct diff){ 0 };
}

/* Each field of a manifest, domain or pin as text: two are alike when their texts are. */

static void
add_text(struct buf *out, const char *text)
{
	buf_adds(out, text ? text : "none");
}

static void
add_time(struct buf *out, int64_t t)
{
	char text[CLOCK_TEXT];
	clock_format(t, text);
	buf_adds(out, t == CLOCK_NONE ? "none" : text);
}

static void
add_bool(struct buf *out, bool value)
{
	buf_adds(out, value ? "true" : "false");
}

#define TEXT_OF(name, type, call)                                                                  \
	static void name(const void *entity, struct buf *out)                                      \
	{                                                                                          \
		const struct type *it = entity;                                                    \
		call;                                                                              \
	}

TEXT_OF(pin_role, manifest_pin, add_text(out, manifest_role_name(it->role)))
TEXT_OF(pin_state, manifest_pin, add_text(out, manifest_state_name(it->state)))
TEXT_OF(pin_origin, manifest_pin, add_text(out, manifest_origin_name(it->origin)))
TEXT_OF(pin_ca, manifest_pin, add_text(out, manifest_ca_name(it->ca)))
TEXT_OF(pin_algorithm, manifest_pin, add_text(out, it->algorithm))
TEXT_OF(pin_key, manifest_pin, add_text(out, it->key))
TEXT_OF(pin_released, manifest_pin, add_bool(out, it->released))
TEXT_OF(pin_deployed, manifest_pin, add_time(out, it->deployed))
TEXT_OF(pin_ready, manifest_pin, add_time(out, it->ready))
TEXT_OF(domain_subdomains, manifest_domain, add_bool(out, it->include_subdomains))
TEXT_OF(domain_report_only, manifest_domain, add_bool(out, it->report_only))
TEXT_OF(domain_report_uri, manifest_domain, add_text(out, it->report_uri))
TEXT_OF(vault_name, manifest, add_text(out, it->vault_name))
TEXT_OF(serial, manifest, buf_addf(out, "%lld", (long long)it->serial))
TEXT_OF(created, manifest, add_time(out, it->created))
TEXT_OF(valid_until, manifest, add_time(out, it->valid_until))
TEXT_OF(offline, manifest, add_bool(out, it->offline))
TEXT_OF(rehearsal, manifest, add_bool(out, it->rehearsal))
#undef TEXT_OF

static void
vault_key(const void *entity, struct buf *out)
{
	const struct manifest *m = entity;
	char text[MINISIGN_PUB_TEXT];
	minisign_pub_encode(&m->vault_key, text);
	buf_adds(out, text);
}

static void
domain_names(const void *entity, struct buf *out)
{
	const struct manifest_domain *d = entity;
	for (size_t i = 0; i < d->name_count; i++)
		buf_addf(out, "%s%s", i ? " " : "", d->names[i]);
}

static void
domain_max_age(const void *entity, struct buf *out)
{
	const struct manifest_domain *d = entity;
	char text[CLOCK_DURATION_TEXT];
	clock_duration_format(d->max_age, text);
	buf_adds(out, text);
}

struct field {
	const char *name;
	void (*text)(const void *entity, struct buf *out);
};

static const struct field manifest_fields[] = {
	{ "vault.name", vault_name },
	{ "vault.key", vault_key },
	{ "serial", serial },
	{ "created", created },
	{ "valid_until", valid_until },
	{ "offline", offline },
	{ "rehearsal", rehearsal },
	{ 0 },
};

static const struct field domain_fields[] = {
	{ "names", domain_names },
	{ "include_subdomains", domain_subdomains },
	{ "max_age", domain_max_age },
	{ "report_only", domain_report_only },
	{ "report_uri", domain_report_uri },
	{ 0 },
};

static const struct field pin_fields[] = {
	{ "role", pin_role },
	{ "state", pin_state },
	{ "origin", pin_origin },
	{ "ca", pin_ca },
	{ "algorithm", pin_algorithm },
	{ "key", pin_key },
	{ "released", pin_released },
	{ "deployed", pin_deployed },
	{ "ready", pin_ready },
	{ 0 },
};

#define FIELDS_MAX 10 /* of any of the tables */

/* The list under construction: grown by doubling. */
struct changes {
	struct diff diff;
	size_t capacity;
};

FALLIBLE static bool
add_change(struct changes *c, const struct diff_change *change, struct err *e)
{
	if (c->diff.count == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 16;
		struct diff_change *list = reallocarray(c->diff.list, capacity, sizeof *list);
		if (!list)
			return err_set(e, ERR_MEMORY, "out of memory");
		c->diff.list = list;
		c->capacity = capacity;
	}
	c->diff.list[c->diff.count++] = *change;
	return true;
}

FALLIBLE static bool
compare_field(const struct field *f, const void *from, const void *to, struct diff_change *change,
	struct err *e)
{
	BUF_AUTO before = BUF_NONE;
	BUF_AUTO after = BUF_NONE;
	f->text(from, &before);
	f->text(to, &after);
	if (!buf_ok(&before, e) || !buf_ok(&after, e))
		return false;
	if (strcmp(before.data, after.data) == 0)
		return true;
	change->fields[change->field_count++] =
		(struct diff_field){ f->name, before.data, after.data };
	before = after = BUF_NONE;
	return true;
}

/* Adds a change when any of the fields differs. */
FALLIBLE static bool
compare(struct changes *c, const struct field *table, const void *from, const void *to,
	const char *domain, const struct manifest_pin *pin, struct err *e)
{
	struct diff_change change = { DIFF_CHANGED, domain, pin, NULL, 0 };
	change.fields = calloc(FIELDS_MAX, sizeof *change.fields);
	bool ok = change.fields || err_set(e, ERR_MEMORY, "out of memory");
	for (const struct field *f = table; ok && f->name; f++)
		ok = compare_field(f, from, to, &change, e);
	if (ok && change.field_count > 0 && add_change(c, &change, e))
		return true;
	ok = ok && change.field_count == 0;
	free_change(&change);
	return ok;
}

FALLIBLE static bool
add_all(struct changes *c, enum diff_kind kind, const struct manifest_domain *d, struct err *e)
{
	bool ok = add_change(c, &(struct diff_change){ kind, d->domain, NULL, NULL, 0 }, e);
	for (size_t i = 0; ok && i < d->pin_count; i++)
		ok = add_change(
			c, &(struct diff_change){ kind, d->domain, &d->pins[i], NULL, 0 }, e);
	return ok;
}

FALLIBLE static bool
compare_pins(struct changes *c, const struct manifest_domain *from,
	const struct manifest_domain *to, struct err *e)
{
	INDEX_PINS_AUTO old = { 0 };
	INDEX_PINS_AUTO new = { 0 };
	if (!index_pins_new(from, &old, e) || !index_pins_new(to, &new, e))
		return false;
	for (size_t i = 0; i < to->pin_count; i++) {
		const struct manifest_pin *pin = &to->pins[i];
		const struct manifest_pin *before = index_pins_find(&old, &pin->pin);
		const struct diff_change added = { DIFF_ADDED, to->domain, pin, NULL, 0 };
		if (before ? !compare(c, pin_fields, before, pin, to->domain, pin, e)
			   : !add_change(c, &added, e))
			return false;
	}
	for (size_t i = 0; i < from->pin_count; i++) {
		const struct manifest_pin *pin = &from->pins[i];
		const struct diff_change gone = { DIFF_REMOVED, from->domain, pin, NULL, 0 };
		if (!index_pins_find(&new, &pin->pin) && !add_change(c, &gone, e))
			return false;
	}
	return true;
}

FALLIBLE static bool
compare_domains(
	struct changes *c, const struct manifest *from, const struct manifest *to, struct err *e)
{
	INDEX_DOMAINS_AUTO old = { 0 };
	INDEX_DOMAINS_AUTO new = { 0 };
	if (!index_domains_new(from, &old, e) || !index_domains_new(to, &new, e))
		return false;
	for (size_t i = 0; i < to->domain_count; i++) {
		const struct manifest_domain *d = &to->domains[i];
		const struct manifest_domain *before = index_domains_find(&old, d->domain);
		if (!before ? !add_all(c, DIFF_ADDED, d, e)
			    : !compare(c, domain_fields, before, d, d->domain, NULL, e) ||
					!compare_pins(c, before, d, e))
			return false;
	}
	for (size_t i = 0; i < from->domain_count; i++) {
		const struct manifest_domain *d = &from->domains[i];
		if (!index_domains_find(&new, d->domain) && !add_all(c, DIFF_REMOVED, d, e))
			return false;
	}
	return true;
}

bool
diff_manifests(
	const struct manifest *from, const struct manifest *to, struct diff *out, struct err *e)
{
	struct changes c = { 0 };
	if (!compare(&c, manifest_fields, from, to, NULL, NULL, e) ||
		!compare_domains(&c, from, to, e)) {
		diff_free(&c.diff);
		return false;
	}
	*out = c.diff;
	return true;
}
