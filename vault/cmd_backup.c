/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "vault/audit.h"
#include "vault/backup.h"
#include "vault/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct opt_spec options[] = {
	{ "to", OPT_ONE, "DIR", "where the copy goes: a new folder, or an empty one" },
	{ "with-signing-key", OPT_FLAG, NULL,
		"the signing key too, under the operator's passphrase" },
	{ 0 },
};

/* A copy of a damaged vault would pass for a good one, and push a good one out of the safe. */
static bool
check_sound(const char *dir, struct err *e)
{
	AUDIT_AUTO a = { 0 };

	if (!audit_run(dir, &a, e))
		return false;
	if (a.errors == 0)
		return true;
	for (size_t i = 0; i < a.count; i++)
		if (a.items[i].severity == AUDIT_ERROR) {
			err_set(e, a.items[i].code, "the vault %s is not sound: %s%s%s", dir,
				a.items[i].where, *a.items[i].where ? " " : "", a.items[i].what);
			break;
		}
	return err_hint(e, "no copy is made of a damaged vault: `coldspare audit` shows all of it");
}

static bool
check_target(const struct store *s, const char *to, struct err *e)
{
	if (!err_is_clean(to))
		return err_set(e, ERR_USAGE, "--to: a name with control characters");
	if (!cmd_outside(to, s->dir, e))
		return false;
	if (!file_exists(to) || file_check_empty(to, e))
		return true;
	return err_hint(e, "each backup gets a folder of its own; one without journal.jsonl was "
			   "cut short and is none");
}

static bool
journal_backup(
	struct store *s, const char *place, bool signing_key, const struct backup *b, struct err *e)
{
	json_t *body = json_pack("{s:s, s:I, s:s, s:I, s:I, s:b}", "to", place, "entries",
		(json_int_t)s->journal.entries, "head", s->journal.head, "files",
		(json_int_t)b->files, "bytes", (json_int_t)b->bytes, "signing_key", signing_key);

	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (store_append(s, "backup", body, e))
		return true;
	err_wrap(e, "%s is a whole copy, but not journalled", place);
	return false;
}

static bool
print_result(const struct opts *o, const struct store *s, const char *place, const struct backup *b,
	struct err *e)
{
	JSON_AUTO doc = NULL;

	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:I, s:I, s:b}", "to", place, "files", (json_int_t)b->files,
			"bytes", (json_int_t)b->bytes, "signing_key", !b->skipped);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, s, doc, e) && json_print(doc, e);
	}
	printf("backup: %zu files, %" PRIu64 " bytes in %s,\n"
	       "  each read back and held against the journal\n",
		b->files, b->bytes, place);
	if (b->skipped)
		printf("  without the signing key: nothing in it opens without k shares; in a copy "
		       "that\n  has to serve, `passphrase --from MEDIUM ...` brings the signing "
		       "key "
		       "back\n");
	else
		printf("  with the signing key, under the operator's passphrase: guard it like the "
		       "vault\n");
	printf("  this entry is not in the copy, which ends before it\n");
	return cmd_journal_line(o, s, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	AUTO_STR place = NULL;
	const char *dir = NULL, *to = opt_get(o, "to");
	bool signing_key = opt_flag(o, "with-signing-key");
	struct backup b;

	if (!to || !*to)
		return err_set(e, ERR_USAGE, "--to is missing");
	if (!cmd_vault_path(o, &dir, e) || !check_sound(dir, e) ||
		!cmd_store_open(o, STORE_WRITE, &s, e) || !check_target(&s, to, e) ||
		!backup_make(&s, to, signing_key, &b, e))
		return false;
	place = realpath(to, NULL);
	return journal_backup(&s, place ? place : to, signing_key, &b, e) &&
	       print_result(o, &s, place ? place : to, &b, e);
}

const struct command cmd_backup = {
	.name = "backup",
	.operands = "--to DIR",
	.summary = "copy the vault's folder, read it back, and journal the date",
	.detail = "The copy is a vault's folder itself, without the file of the signing key: so "
		  "nothing in it opens a key without k shares. A vault that does not pass an audit "
		  "is not copied. Use one of the two, never both: each has a journal.",
	.options = options,
	.run = run,
};
