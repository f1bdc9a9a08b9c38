/* SPDX-License-Identifier: ISC */
/*
 * The form of net/http/transport_security_state_static.json. Its pinsets name hashes that stand in
 * transport_security_state_static.pins beside it: `spki_hashes` has what is to be added there.
 */
#include "pins/renderjob.h"

#include <string.h>

#define SPKI_NAME 32

/* The names become identifiers of C++. */
static void
spki_name(const struct pin *pin, char out[static SPKI_NAME])
{
	char hex[PIN_HEX];

	pin_encode_hex(pin, hex);
	memcpy(out, "Coldspare_", 10);
	memcpy(out + 10, hex, 16);
	out[26] = '\0';
}

/* One to one: a label neither begins nor ends with '-'. */
static void
pinset_name(const char *domain, char out[static 2 * NAME_MAX_DNS + 1])
{
	for (; *domain; domain++) {
		*out++ = *domain == '.' || *domain == '-' || *domain == '*' ? '_' : *domain;
		if (*domain == '-')
			*out++ = '_';
	}
	*out = '\0';
}

static json_t *
pinset(const struct manifest_domain *d)
{
	char name[2 * NAME_MAX_DNS + 1], spki[SPKI_NAME];
	json_t *hashes = json_array();

	for (size_t i = 0; i < d->pin_count; i++) {
		spki_name(&d->pins[i].pin, spki);
		if (json_array_append_new(hashes, json_string(spki)) != 0)
			return renderjob_json_drop(hashes);
	}
	pinset_name(d->domain, name);
	return json_pack("{s:s, s:o, s:s*}", "name", name, "static_spki_hashes", hashes,
		"report_uri", d->report_uri);
}

static bool
add_entries(const struct renderjob *job, const struct manifest_domain *d, json_t *entries)
{
	char name[2 * NAME_MAX_DNS + 1];
	struct renderjob_host h;

	pinset_name(d->domain, name);
	for (size_t i = 0; i < d->name_count; i++) {
		if (!renderjob_host(job, d, i, &h))
			continue;
		if (json_array_append_new(entries,
			    json_pack("{s:s, s:s, s:b, s:s}", "name", h.name, "policy", "custom",
				    "include_subdomains", d->include_subdomains, "pins", name)) !=
			0)
			return false;
	}
	return true;
}

static bool
add_hashes(const struct manifest_domain *d, json_t *hashes)
{
	char spki[SPKI_NAME], base64[PIN_TEXT];

	for (size_t i = 0; i < d->pin_count; i++) {
		spki_name(&d->pins[i].pin, spki);
		pin_encode(&d->pins[i].pin, base64);
		if (json_object_set_new(hashes, spki, json_sprintf("sha256/%s", base64)) != 0)
			return false;
	}
	return true;
}

bool
render_chromium_json(const struct renderjob *job, struct buf *out, struct err *e)
{
	JSON_AUTO pinsets = json_array();
	JSON_AUTO entries = json_array();
	JSON_AUTO hashes = json_object();
	JSON_AUTO all = NULL;

	for (size_t i = 0; i < job->count; i++) {
		const struct manifest_domain *d = &job->domains[i];

		if (json_array_append_new(pinsets, pinset(d)) != 0 ||
			!add_entries(job, d, entries) || !add_hashes(d, hashes))
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	all = json_pack(
		"{s:O, s:O, s:O}", "pinsets", pinsets, "entries", entries, "spki_hashes", hashes);
	if (!all)
		return err_set(e, ERR_MEMORY, "out of memory");
	return json_write(all, true, out, e);
}
