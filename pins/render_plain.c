/* SPDX-License-Identifier: ISC */
#include "pins/quote.h"
#include "pins/renderjob.h"

#include <string.h>

bool
render_plain_list(const struct renderjob *job, struct buf *out, struct err *e)
{
	static const struct renderjob_style lines = { RENDERJOB_BASE64, "", "\n", "" };

	(void)e;
	renderjob_pins(job, job->domains, &lines, out);
	return true;
}

static json_t *
json_pin(const struct manifest_pin *p)
{
	char base64[PIN_TEXT], hex[PIN_HEX];

	pin_encode(&p->pin, base64);
	pin_encode_hex(&p->pin, hex);
	return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s?}", "pin", base64, "hex", hex, "role",
		manifest_role_name(p->role), "ca", manifest_ca_name(p->ca), "algorithm",
		p->algorithm, "key", p->key);
}

static json_t *
json_pins(const struct manifest_domain *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->pin_count; i++)
		if (json_array_append_new(list, json_pin(&d->pins[i])) != 0)
			return renderjob_json_drop(list);
	return list;
}

static json_t *
json_domain(const struct renderjob *job, const struct manifest_domain *d)
{
	return json_pack("{s:s, s:o, s:b, s:I, s:b, s:s?, s:o}", "domain", d->domain, "names",
		renderjob_json_names(d), "include_subdomains", d->include_subdomains, "max_age",
		(json_int_t)d->max_age, "report_only", renderjob_reports_only(job, d), "report_uri",
		d->report_uri, "pins", json_pins(d));
}

static json_t *
json_domains(const struct renderjob *job)
{
	json_t *list = json_array();

	for (size_t i = 0; i < job->count; i++)
		if (json_array_append_new(list, json_domain(job, &job->domains[i])) != 0)
			return renderjob_json_drop(list);
	return list;
}

bool
render_plain_json(const struct renderjob *job, struct buf *out, struct err *e)
{
	JSON_AUTO all = json_pack("{s:s, s:I, s:o, s:o, s:o}", "format", "coldspare-plain-1",
		"serial", (json_int_t)job->m->serial, "created", json_time(job->m->created),
		"valid_until", json_time(job->m->valid_until), "domains", json_domains(job));

	if (!all)
		return err_set(e, ERR_MEMORY, "out of memory");
	return json_write(all, true, out, e);
}

static void
env_line(struct buf *out, const char *key, const char *text)
{
	buf_addf(out, "%s=", key);
	quote_add(out, &quote_shell, text ? text : "");
	buf_adds(out, "\n");
}

/* The pins of one role, or of every one, separated by blanks. */
static bool
env_pins(const struct manifest_domain *d, const char *key, const char *role, struct buf *out,
	struct err *e)
{
	BUF_AUTO value = BUF_NONE;

	for (size_t i = 0; i < d->pin_count; i++) {
		char base64[PIN_TEXT];

		if (role && strcmp(manifest_role_name(d->pins[i].role), role) != 0)
			continue;
		pin_encode(&d->pins[i].pin, base64);
		buf_addf(&value, "%s%s", value.len > 0 ? " " : "", base64);
	}
	env_line(out, key, value.data);
	return buf_ok(&value, e);
}

bool
render_plain_env(const struct renderjob *job, struct buf *out, struct err *e)
{
	const struct manifest_domain *d = job->domains;
	BUF_AUTO names = BUF_NONE;

	for (size_t i = 0; i < d->name_count; i++)
		buf_addf(&names, "%s%s", i > 0 ? " " : "", d->names[i]);
	buf_addf(out, "COLDSPARE_SERIAL='%lld'\n", (long long)job->m->serial);
	env_line(out, "COLDSPARE_DOMAIN", d->domain);
	env_line(out, "COLDSPARE_NAMES", names.data);
	buf_addf(out, "COLDSPARE_MAX_AGE='%lld'\n", (long long)d->max_age);
	return buf_ok(&names, e) && env_pins(d, "COLDSPARE_PINS", NULL, out, e) &&
	       env_pins(d, "COLDSPARE_PINS_ACTIVE", "active", out, e) &&
	       env_pins(d, "COLDSPARE_PINS_BACKUP", "backup", out, e) &&
	       env_pins(d, "COLDSPARE_PINS_CA", "ca", out, e);
}
