/* SPDX-License-Identifier: ISC */
#include "pins/name.h"
#include "vault/cmd.h"
#include "vault/pinning.h"

#include <stdio.h>

static const struct opt_spec options[] = {
	{ "domain", OPT_ONE, "D", "the domain that the pin is for" },
	{ "role", OPT_ONE, "R",
		"active (the live certificate), backup (one held elsewhere), or ca" },
	{ "group", OPT_ONE, "NAME", "name of a bundle of CA certificates; default: the file's" },
	{ 0 },
};

struct job {
	struct store store;
	struct pinning pinning;
};

static void
job_free(struct job *j)
{
	pinning_free(&j->pinning);
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
	if (!manifest_role_parse(opt_get(o, "role"), &j->pinning.role, e)) {
		e->code = ERR_USAGE;
		return err_wrap(e, "--role");
	}
	if (!cmd_store_open(o, STORE_WRITE, &j->store, e))
		return false;
	j->pinning.domain = state_find_domain(&j->store.state, name);
	if (j->pinning.domain)
		return true;
	err_set(e, ERR_MISSING, "the vault has no domain %s", name);
	return err_hint(e, "make its backup keys first, with `generate --domain %s`", name);
}

static bool
print_result(const struct opts *o, const struct job *j, struct err *e)
{
	const struct pinning *p = &j->pinning;
	JSON_AUTO doc = NULL;
	json_t *item;
	size_t i;

	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:O}", "domain", p->domain->name, "pins", p->pins);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
	}
	json_array_foreach(p->pins, i, item)
		printf("%s pin for %s: %s\n  %s, %s\n", manifest_role_name(p->role),
			p->domain->name, json_string_value(json_object_get(item, "pin")),
			json_string_value(json_object_get(item, "algorithm")),
			json_string_value(json_object_get(item, "label")));
	if (p->role == ROLE_BACKUP)
		printf("unproven: whether its private key can be brought back, this vault cannot "
		       "tell\n");
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { .pinning = { .path = o->operands[0], .group = opt_get(o, "group") } };
	bool ok = find_domain(o, &j, e) && pinning_load(&j.pinning, &j.store.state, e) &&
		  pinning_record(&j.pinning, &j.store, e) && print_result(o, &j, e);

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
