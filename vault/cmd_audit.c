/* SPDX-License-Identifier: ISC */
#include "vault/audit.h"
#include "vault/cmd.h"

#include <stdio.h>

/* A journal that is damaged has no end to compare with. */
static bool
end_of_journal(const struct opts *o, const struct audit *a, json_t *doc, struct err *e)
{
	return !a->store.journal.dir || cmd_journal_line(o, &a->store, doc, e);
}

static bool
print_json(const struct opts *o, const struct audit *a, struct err *e)
{
	json_t *findings = json_array();
	JSON_AUTO doc = json_pack("{s:s, s:b, s:I, s:I, s:I, s:o}", "vault", a->store.state.name,
		"ok", a->errors == 0, "files", (json_int_t)a->files, "keys", (json_int_t)a->keys,
		"manifests", (json_int_t)a->manifests, "findings", findings);

	for (size_t i = 0; doc && i < a->count; i++) {
		const struct audit_finding *f = &a->items[i];
		json_t *item = json_pack("{s:s, s:s, s:s}", "severity",
			audit_severity_name(f->severity), "where", f->where, "message", f->what);
		if (!item || json_array_append_new(findings, item) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return end_of_journal(o, a, doc, e) && json_print(doc, e);
}

static bool
print_text(const struct opts *o, const struct audit *a, struct err *e)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct audit_finding *f = &a->items[i];
		printf("%s: %s%s%s\n", audit_severity_name(f->severity), f->where,
			*f->where ? ": " : "", f->what);
	}
	printf("checked: %zu files, %zu keys, %zu manifests\n", a->files, a->keys, a->manifests);
	return end_of_journal(o, a, NULL, e);
}

/* Something not authentic weighs more than something malformed. */
static enum err_code
worst(const struct audit *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].code == ERR_AUTH)
			return ERR_AUTH;
	return ERR_FORMAT;
}

static bool
run(const struct opts *o, struct err *e)
{
	AUDIT_AUTO a = { 0 };
	const char *dir = NULL;

	if (!cmd_vault_path(o, &dir, e) || !audit_run(dir, &a, e) ||
		!(cmd_json(o) ? print_json : print_text)(o, &a, e))
		return false;
	if (a.errors == 0)
		return true;
	return err_set(e, worst(&a), "%zu thing%s wrong with the vault %s", a.errors,
		a.errors == 1 ? " is" : "s are", dir);
}

const struct command cmd_audit = {
	.name = "audit",
	.operands = "",
	.summary = "check every line, file, hash, signature and pin of the vault",
	.detail = "Errors are what was altered, removed or added: exit status 77, or 65 when "
		  "something is only malformed or torn. Notes explain what a killed command left, "
		  "and are no error. Compare the journal's count and head with the last ones on "
		  "paper: a cut tail shows nowhere else.",
	.run = run,
};
