/* SPDX-License-Identifier: ISC */
#include "base/term.h"
#include "pins/name.h"
#include "pins/pubfile.h"
#include "vault/cmd.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static const struct opt_spec options[] = {
	{ "domain", OPT_ONE, "D", "the domain that the pin is for" },
	{ "role", OPT_ONE, "R",
		"active (the live certificate), backup (one held elsewhere), or ca" },
	{ "group", OPT_ONE, "NAME", "name of a bundle of CA certificates; default: the file's" },
	{ 0 },
};

struct job {
	const char *path;
	enum manifest_role role;
	const char *group; /* NULL for what is no bundle */
	struct store store;
	const struct state_domain *domain;
	struct pubfile file;
	json_t *pins;
};

static void
job_free(struct job *j)
{
	json_decref(j->pins);
	pubfile_free(&j->file);
	store_close(&j->store);
}

static bool
find_domain(const struct opts *o, struct job *j, struct err *e)
{
	char name[NAME_MAX_DNS + 1];

	if (!opt_get(o, "domain") || !opt_get(o, "role"))
		return err_set(e, ERR_USAGE, "--domain and --role are needed");
	if (!name_domain(opt_get(o, "domain"), name, e))
		return err_wrap(e, "--domain");
	if (!manifest_role_parse(opt_get(o, "role"), &j->role, e)) {
		e->code = ERR_USAGE;
		return err_wrap(e, "--role");
	}
	if (!cmd_store_open(o, STORE_WRITE, &j->store, e))
		return false;
	j->domain = state_find_domain(&j->store.state, name);
	if (j->domain)
		return true;
	err_set(e, ERR_MISSING, "the vault has no domain %s", name);
	return err_hint(e, "make its backup keys first, with `generate --domain %s`", name);
}

/* Of a chain the leaf is meant; of a CA file every certificate, as one group. */
static bool
check_items(const struct opts *o, struct job *j, struct err *e)
{
	const char *slash = strrchr(j->path, '/');

	if (j->file.count == 0) {
		err_set(e, ERR_FORMAT, "%s holds a private key and no public one", j->path);
		return err_hint(e, "`import` takes private keys in");
	}
	if (j->role != ROLE_CA) {
		j->file.count = j->file.count > 1 && j->file.items[0].kind != PUBFILE_CERTIFICATE
					? j->file.count
					: 1;
		return j->file.count == 1 ||
		       err_set(e, ERR_FORMAT, "%s holds %zu keys, one is wanted", j->path,
			       j->file.count);
	}
	for (size_t i = 0; i < j->file.count; i++)
		if (!j->file.items[i].certificate ||
			X509_check_ca(j->file.items[i].certificate) != 1)
			return err_set(
				e, ERR_FORMAT, "%s: item %zu is no CA certificate", j->path, i + 1);
	if (opt_get(o, "group"))
		j->group = opt_get(o, "group");
	else if (j->file.count > 1)
		j->group = slash ? slash + 1 : j->path;
	return true;
}

static bool
is_known(const struct job *j, const struct pin *pin)
{
	if (state_key_by_pin(&j->store.state, pin))
		return true;
	for (size_t i = 0; i < j->domain->pin_count; i++)
		if (!j->domain->pins[i].removed && pin_equal(&j->domain->pins[i].pin, pin))
			return true;
	return false;
}

static const char *
ca_word(const struct job *j, const struct pubfile_item *item)
{
	if (j->role != ROLE_CA)
		return NULL;
	return manifest_ca_name(X509_get_extension_flags(item->certificate) & EXFLAG_SS
					? CA_ROOT
					: CA_INTERMEDIATE);
}

static bool
add_items(struct job *j, struct err *e)
{
	j->pins = json_array();
	for (size_t i = 0; i < j->file.count; i++) {
		const struct pubfile_item *item = &j->file.items[i];
		char pin[PIN_TEXT], label[256];

		pin_encode(&item->pin, pin);
		if (is_known(j, &item->pin))
			return err_set(e, ERR_REFUSED, "%s: the pin %s is recorded for %s already",
				j->path, pin, j->domain->name);
		term_safe(label, sizeof label, item->subject ? item->subject : j->path);
		if (json_array_append_new(j->pins,
			    json_pack("{s:s, s:s, s:s?, s:s}", "pin", pin, "algorithm",
				    item->algorithm, "ca", ca_word(j, item), "label", label)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

static bool
append(struct job *j, struct err *e)
{
	json_t *body = json_pack("{s:s, s:s, s:s?, s:O}", "domain", j->domain->name, "role",
		manifest_role_name(j->role), "group", j->group, "pins", j->pins);

	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&j->store, "add-pin", body, e);
}

static bool
print_result(const struct opts *o, const struct job *j, struct err *e)
{
	JSON_AUTO doc = NULL;
	json_t *item;
	size_t i;

	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:O}", "domain", j->domain->name, "pins", j->pins);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
	}
	json_array_foreach(j->pins, i, item)
		printf("%s pin for %s: %s\n  %s, %s\n", manifest_role_name(j->role),
			j->domain->name, json_string_value(json_object_get(item, "pin")),
			json_string_value(json_object_get(item, "algorithm")),
			json_string_value(json_object_get(item, "label")));
	if (j->role == ROLE_BACKUP)
		printf("unproven: whether its private key can be brought back, this vault cannot "
		       "tell\n");
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { .path = o->operands[0] };
	bool ok = find_domain(o, &j, e) && pubfile_load(j.path, &j.file, e) &&
		  check_items(o, &j, e) && add_items(&j, e) && append(&j, e) &&
		  print_result(o, &j, e);

	job_free(&j);
	return ok;
}

const struct command cmd_add_pin = {
	.name = "add-pin",
	.operands = "--domain D --role R FILE",
	.min = 1,
	.max = 1,
	.summary = "record a pin from outside: the live certificate, a CA, a backup",
	.detail = "FILE is a certificate, chain, CSR or public key, PEM or DER. Of a chain the "
		  "leaf is pinned; with --role ca every certificate of the file, as a group.",
	.options = options,
	.run = run,
};
