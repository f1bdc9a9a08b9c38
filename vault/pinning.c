/* SPDX-License-Identifier: ISC */
#include "vault/pinning.h"

#include "base/term.h"

#include <openssl/x509v3.h>
#include <string.h>

void
pinning_free(struct pinning *p)
{
	json_decref(p->pins);
	pubfile_free(&p->file);
	p->pins = NULL;
}

static bool
check_items(struct pinning *p, struct err *e)
{
	const char *slash = strrchr(p->path, '/');

	if (p->file.count == 0) {
		err_set(e, ERR_FORMAT, "%s holds a private key and no public one", p->path);
		return err_hint(e, "`import` takes private keys in");
	}
	if (p->role != ROLE_CA) {
		p->file.count = p->file.count > 1 && p->file.items[0].kind != PUBFILE_CERTIFICATE
					? p->file.count
					: 1;
		return p->file.count == 1 ||
		       err_set(e, ERR_FORMAT, "%s holds %zu keys, one is wanted", p->path,
			       p->file.count);
	}
	for (size_t i = 0; i < p->file.count; i++)
		if (!p->file.items[i].certificate ||
			X509_check_ca(p->file.items[i].certificate) != 1)
			return err_set(
				e, ERR_FORMAT, "%s: item %zu is no CA certificate", p->path, i + 1);
	if (!p->group && p->file.count > 1)
		p->group = slash ? slash + 1 : p->path;
	return true;
}

static bool
is_known(const struct pinning *p, const struct state *s, const struct pin *pin)
{
	const struct state_pin *known = state_find_pin(p->domain, pin);

	return state_key_by_pin(s, pin) || (known && !known->removed);
}

/* One that is there may be taken into another role, and a displaced one back into production. */
static bool
may_change(const struct pinning *p, const struct pin *pin)
{
	const struct state_pin *known = state_find_pin(p->domain, pin);

	return known && !known->removed && (known->displaced || known->role != p->role);
}

static const char *
ca_word(const struct pinning *p, const struct pubfile_item *item)
{
	if (p->role != ROLE_CA)
		return NULL;
	return manifest_ca_name(X509_get_extension_flags(item->certificate) & EXFLAG_SS
					? CA_ROOT
					: CA_INTERMEDIATE);
}

static bool
list_pins(struct pinning *p, const struct state *s, struct err *e)
{
	p->pins = json_array();
	for (size_t i = 0; i < p->file.count; i++) {
		const struct pubfile_item *item = &p->file.items[i];
		char pin[PIN_TEXT], label[256];

		pin_encode(&item->pin, pin);
		p->known += is_known(p, s, &item->pin);
		term_safe(label, sizeof label, item->subject ? item->subject : p->path);
		if (json_array_append_new(p->pins,
			    json_pack("{s:s, s:s, s:s?, s:s}", "pin", pin, "algorithm",
				    item->algorithm, "ca", ca_word(p, item), "label", label)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

bool
pinning_load(struct pinning *p, const struct state *s, struct err *e)
{
	return pubfile_load(p->path, &p->file, e) && check_items(p, e) && list_pins(p, s, e);
}

static bool
check_new(const struct pinning *p, const struct state *s, struct err *e)
{
	for (size_t i = 0; i < p->file.count; i++) {
		char pin[PIN_TEXT];

		pin_encode(&p->file.items[i].pin, pin);
		if (state_was_compromised(s, &p->file.items[i].pin)) {
			err_set(e, ERR_REFUSED, "%s: the key of the pin %s was compromised",
				p->path, pin);
			return err_hint(e, "it is not to be pinned again: take another key");
		}
		if (is_known(p, s, &p->file.items[i].pin) && !may_change(p, &p->file.items[i].pin))
			return err_set(e, ERR_REFUSED, "%s: the pin %s is recorded for %s already",
				p->path, pin, p->domain->name);
	}
	return true;
}

bool
pinning_record(struct pinning *p, struct store *s, struct err *e)
{
	json_t *body;

	if (!check_new(p, &s->state, e))
		return false;
	body = json_pack("{s:s, s:s, s:s?, s:O}", "domain", p->domain->name, "role",
		manifest_role_name(p->role), "group", p->group, "pins", p->pins);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(s, "add-pin", body, e);
}
