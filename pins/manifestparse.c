/* SPDX-License-Identifier: ISC */
#include "pins/manifestparse.h"

#include <stdlib.h>
#include <string.h>

#define VAULT_NAME_MAX 32
#define HOST_MAX 255
#define ALGORITHM_MAX 31
#define KEY_ID_MAX 255
#define URI_MAX 2048
#define HASH_HEX 64

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define VAULT_NAME_CHARS ALNUM " ._-"
#define WORD_CHARS ALNUM ":._-"
#define URI_CHARS ALNUM "-._~:/?#[]@!$&'()*+,;=%" /* RFC 3986 section 2 */
#define HEX_CHARS "0123456789abcdef"

FALLIBLE static bool
copy(const char *text, char **out, struct err *e)
{
	*out = strdup(text);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

/* A string of `min` to `max` characters of `chars`, copied. */
FALLIBLE static bool
take_text(const json_t *o, const char *name, size_t min, size_t max, const char *chars, char **out,
	struct err *e)
{
	const char *text;
	if (!json_get_str(o, name, &text, e))
		return false;
	size_t len = strlen(text);
	if (len < min || len > max)
		return err_set(
			e, ERR_FORMAT, "%s: %zu characters, not %zu to %zu", name, len, min, max);
	size_t good = strspn(text, chars);
	if (good < len)
		return err_set(
			e, ERR_FORMAT, "%s: character %zu may not stand there", name, good + 1);
	return copy(text, out, e);
}

static bool
is_null(const json_t *o, const char *name)
{
	const json_t *value = json_object_get(o, name);
	return !value || json_is_null(value);
}

FALLIBLE static bool
take_text_opt(const json_t *o, const char *name, size_t min, size_t max, const char *chars,
	char **out, struct err *e)
{
	return is_null(o, name) || take_text(o, name, min, max, chars, out, e);
}

FALLIBLE static bool
take_time(const json_t *o, const char *name, int64_t *out, struct err *e)
{
	const char *text;
	if (!json_get_str(o, name, &text, e))
		return false;
	return clock_parse(text, out, e) || err_wrap(e, "%s", name);
}

FALLIBLE static bool
take_time_opt(const json_t *o, const char *name, int64_t *out, struct err *e)
{
	*out = CLOCK_NONE;
	return is_null(o, name) || take_time(o, name, out, e);
}

FALLIBLE static bool
take_int(const json_t *o, const char *name, int64_t min, int64_t max, int64_t *out, struct err *e)
{
	if (!json_get_int(o, name, out, e))
		return false;
	if (*out < min || *out > max)
		return err_set(e, ERR_FORMAT, "%s: out of range", name);
	return true;
}

/*
 * A host name is only kept from doing harm here: what may stand in any file we render, of any
 * script. Whether it is a good name is lint's to say, with a rule and a source.
 */
FALLIBLE static bool
copy_host(const char *text, char **out, struct err *e)
{
	size_t len = strlen(text);
	if (len == 0 || len > HOST_MAX)
		return err_set(e, ERR_FORMAT, "name of %zu characters, not 1 to %d", len, HOST_MAX);
	for (const char *p = text; *p; p++) {
		bool ascii = (unsigned char)*p < 0x80;
		bool control = (unsigned char)p[0] == 0xc2 && (unsigned char)p[1] < 0xa0; /* C1 */
		if (control || (ascii && !strchr(ALNUM "-._*:", *p)))
			return err_set(e, ERR_FORMAT, "character %zu is none of a name",
				(size_t)(p - text) + 1);
	}
	return copy(text, out, e);
}

FALLIBLE static bool
take_names(const json_t *o, struct manifest_domain *d, struct err *e)
{
	json_t *array;
	if (!json_get_array(o, "names", &array, e))
		return false;
	size_t count = json_array_size(array);
	d->names = calloc(count ? count : 1, sizeof *d->names);
	if (!d->names)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (; d->name_count < count; d->name_count++) {
		const char *text = json_string_value(json_array_get(array, d->name_count));
		if (!text)
			return err_set(e, ERR_FORMAT, "names[%zu]: not a string", d->name_count);
		if (!copy_host(text, &d->names[d->name_count], e))
			return err_wrap(e, "names[%zu]", d->name_count);
	}
	if (count == 0 || strcmp(d->names[0], d->domain) != 0)
		return err_set(e, ERR_FORMAT, "names: the domain itself must come first");
	return true;
}

FALLIBLE static bool
take_words(const json_t *o, struct manifest_pin *p, struct err *e)
{
	const char *role, *origin, *state = NULL, *ca = NULL;
	if (!json_get_str(o, "role", &role, e) || !json_get_str(o, "origin", &origin, e) ||
		!json_get_str_opt(o, "state", &state, e) || !json_get_str_opt(o, "ca", &ca, e))
		return false;
	if (!manifest_role_parse(role, &p->role, e) ||
		!manifest_origin_parse(origin, &p->origin, e) ||
		!manifest_state_parse(state, &p->state, e) || !manifest_ca_parse(ca, &p->ca, e))
		return false;
	if (p->state == STATE_COMPROMISED || p->state == STATE_VOID)
		return err_set(e, ERR_FORMAT, "state: a %s key may not stand in a manifest", state);
	return true;
}

FALLIBLE static bool
take_pin(const json_t *o, struct manifest_pin *p, struct err *e)
{
	const char *text;
	if (!json_is_object(o))
		return err_set(e, ERR_FORMAT, "not an object");
	if (!json_get_str(o, "pin", &text, e))
		return false;
	if (strlen(text) != PIN_TEXT - 1 || !pin_parse(text, &p->pin, e))
		return err_set(e, ERR_FORMAT, "pin: not 32 bytes in canonical base64");
	return take_words(o, p, e) &&
	       take_text(o, "algorithm", 1, ALGORITHM_MAX, WORD_CHARS, &p->algorithm, e) &&
	       take_text_opt(o, "key", 1, KEY_ID_MAX, WORD_CHARS, &p->key, e) &&
	       json_get_bool(o, "released", &p->released, e) &&
	       take_time_opt(o, "deployed", &p->deployed, e) &&
	       take_time_opt(o, "ready", &p->ready, e);
}

FALLIBLE static bool
take_pins(const json_t *o, struct manifest_domain *d, struct err *e)
{
	json_t *array;
	if (!json_get_array(o, "pins", &array, e))
		return false;
	size_t count = json_array_size(array);
	d->pins = calloc(count ? count : 1, sizeof *d->pins);
	if (!d->pins)
		return err_set(e, ERR_MEMORY, "out of memory");
	/* Counted before it is filled, so that a pin refused half-way is freed with the rest. */
	while (d->pin_count < count) {
		size_t i = d->pin_count++;
		if (!take_pin(json_array_get(array, i), &d->pins[i], e))
			return err_wrap(e, "pins[%zu]", i);
	}
	return true;
}

bool
manifestparse_domain(const json_t *o, struct manifest_domain *d, struct err *e)
{
	const char *domain;
	if (!json_is_object(o))
		return err_set(e, ERR_FORMAT, "not an object");
	if (!json_get_str(o, "domain", &domain, e))
		return false;
	if (!copy_host(domain, &d->domain, e))
		return err_wrap(e, "domain");
	if (!take_names(o, d, e) ||
		!json_get_bool(o, "include_subdomains", &d->include_subdomains, e) ||
		!take_int(o, "max_age", 0, CLOCK_DURATION_MAX, &d->max_age, e) ||
		!json_get_bool(o, "report_only", &d->report_only, e) ||
		!take_text_opt(o, "report_uri", 1, URI_MAX, URI_CHARS, &d->report_uri, e) ||
		!take_pins(o, d, e))
		return err_wrap(e, "%s", d->domain);
	return true;
}

FALLIBLE static bool
take_vault(const json_t *o, struct manifest *m, struct err *e)
{
	json_t *vault;
	const char *key;
	if (!json_get_object(o, "vault", &vault, e))
		return false;
	if (!take_text(vault, "name", 1, VAULT_NAME_MAX, VAULT_NAME_CHARS, &m->vault_name, e) ||
		!json_get_str(vault, "key", &key, e) || !minisign_pub_parse(key, &m->vault_key, e))
		return err_wrap(e, "vault");
	return true;
}

FALLIBLE static bool
take_journal(const json_t *o, struct manifest *m, struct err *e)
{
	json_t *journal;
	if (!json_get_object(o, "journal", &journal, e))
		return false;
	if (!take_int(journal, "entries", 0, INT64_MAX, &m->journal_entries, e) ||
		!take_text(journal, "head", HASH_HEX, HASH_HEX, HEX_CHARS, &m->journal_head, e))
		return err_wrap(e, "journal");
	return true;
}

FALLIBLE static bool
check_format(const json_t *o, struct err *e)
{
	const char *format;
	if (!json_is_object(o))
		return err_set(e, ERR_FORMAT, "not a manifest: no JSON object");
	if (!json_get_str(o, "format", &format, e))
		return err_wrap(e, "not a manifest");
	if (strcmp(format, MANIFEST_FORMAT) == 0)
		return true;
	err_set(e, ERR_FORMAT, "format \"%.40s\" is not %s", format, MANIFEST_FORMAT);
	return err_hint(e, "a newer coldspare-pins may know it");
}

bool
manifestparse_head(const json_t *o, struct manifest *m, struct err *e)
{
	if (!check_format(o, e) || !take_vault(o, m, e) ||
		!take_int(o, "serial", 1, INT64_MAX, &m->serial, e) ||
		!take_time(o, "created", &m->created, e) ||
		!take_time_opt(o, "valid_until", &m->valid_until, e) ||
		!json_get_bool(o, "offline", &m->offline, e) ||
		!take_text_opt(o, "previous", HASH_HEX, HASH_HEX, HEX_CHARS, &m->previous, e) ||
		!take_journal(o, m, e))
		return false;
	return !json_object_get(o, "rehearsal") || json_get_bool(o, "rehearsal", &m->rehearsal, e);
}
