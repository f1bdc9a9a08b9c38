/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/filenew.h"
#include "vault/cmd.h"
#include "vault/export.h"
#include "vault/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct opt_spec options[] = {
	{ "to", OPT_ONE, "DIR", "the export folder; made when it is not there" },
	{ "valid-for", OPT_ONE, "T", "the manifest expires after this; default: the policy's" },
	{ "force", OPT_FLAG, NULL, "publish a pin set that is not safe" },
	{ 0 },
};

struct job {
	const char *to;
	struct store store;
	struct manifest manifest;
	struct signer signer;
	struct buf bytes;     /* pins.json */
	struct buf signature; /* pins.json.minisig */
	struct buf warnings;
	struct filebatch *files;
	struct filenew pins; /* pins.json in the export folder, on disk and not named yet */
	json_t *hashes;      /* of the vault's own copies */
};

static void
job_free(struct job *j)
{
	filenew_abandon(&j->pins);
	filebatch_free(&j->files);
	manifest_free(&j->manifest);
	signer_free(&j->signer);
	buf_free(&j->bytes);
	buf_free(&j->signature);
	buf_free(&j->warnings);
	json_decref(j->hashes);
	store_close(&j->store);
}

/* Nothing else may lie there: least of all shares, in a folder that goes online. */
static bool
check_target(const struct job *j, struct err *e)
{
	if (!cmd_outside(j->to, j->store.dir, e))
		return false;
	if (!file_is_dir(j->to) || file_check_empty(j->to, e))
		return true;
	return err_hint(e, "everything in an export folder is published: give each its own");
}

static bool
open_job(const struct opts *o, struct job *j, struct err *e)
{
	int64_t valid_for = CLOCK_NONE;

	j->to = opt_get(o, "to");
	j->hashes = json_object();
	if (!j->to)
		return err_set(e, ERR_USAGE, "--to is missing");
	return opt_duration(o, "valid-for", &valid_for, e) &&
	       cmd_store_open(o, STORE_WRITE, &j->store, e) && check_target(j, e) &&
	       export_build(&j->store, clock_now(), valid_for, cmd_online(o), &j->manifest, e) &&
	       export_check(&j->store, &j->manifest, opt_flag(o, "force"), &j->warnings, e) &&
	       buf_ok(&j->warnings, e);
}

static bool
sign(const struct opts *o, struct job *j, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;
	BUF_AUTO comment = BUF_NONE;
	char created[CLOCK_TEXT];

	clock_format(j->manifest.created, created);
	buf_addf(&comment, "%s serial %lld %s", j->manifest.vault_name,
		(long long)j->manifest.serial, created);
	return buf_ok(&comment, e) && manifest_encode(&j->manifest, &j->bytes, e) &&
	       cmd_passphrase(o, false, &passphrase, e) &&
	       store_signer(&j->store, &passphrase, &j->signer, e) &&
	       signer_minisig(
		       &j->signer, j->bytes.data, j->bytes.len, comment.data, &j->signature, e);
}

/* What an export that was killed before its journal line left under this serial: nobody got it. */
static bool
remove_leftover(const struct job *j, const char *relative, struct err *e)
{
	AUTO_STR path = NULL;

	if (json_object_get(j->store.state.files, relative))
		return err_set(e, ERR_INTERNAL, "%s is in the journal already", relative);
	return file_path(&path, e, "%s/%s", j->store.dir, relative) &&
	       (!file_exists(path) || file_remove(path, e));
}

static bool
keep_copy(struct job *j, const char *suffix, const struct buf *bytes, struct err *e)
{
	AUTO_STR relative = NULL;

	return file_path(&relative, e, "manifests/%06lld.json%s", (long long)j->manifest.serial,
		       suffix) &&
	       remove_leftover(j, relative, e) &&
	       store_add_file(
		       &j->store, j->files, j->hashes, relative, 0644, bytes->data, bytes->len, e);
}

static bool
copy_out(struct job *j, const char *from, const char *to, struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;
	AUTO_STR path = NULL;

	return store_read_file(&j->store, from, FILE_LIMIT, &bytes, e) &&
	       file_path(&path, e, "%s/%s", j->to, to) &&
	       filebatch_add(j->files, path, 0644, bytes.data, bytes.len, e);
}

static bool
make_folder(struct job *j, const char *name, struct err *e)
{
	AUTO_STR path = NULL;

	return file_path(&path, e, "%s%s", j->to, name) &&
	       (file_is_dir(path) || filebatch_mkdir(j->files, path, 0755, e));
}

static bool
copy_requests(struct job *j, struct err *e)
{
	if (!make_folder(j, "/requests", e))
		return false;
	for (size_t i = 0; i < j->manifest.domain_count; i++)
		for (size_t p = 0; p < j->manifest.domains[i].pin_count; p++) {
			const char *key = j->manifest.domains[i].pins[p].key;
			AUTO_STR from = NULL;
			AUTO_STR to = NULL;

			if (key && (!file_path(&from, e, "keys/%s/request.csr", key) ||
					   !file_path(&to, e, "requests/%s.csr", key) ||
					   !copy_out(j, from, to, e)))
				return false;
		}
	return true;
}

/* Everything on disk, but for the name pins.json: a folder without it was never exported. */
static bool
write_folder(struct job *j, struct err *e)
{
	AUTO_STR signature = NULL;
	AUTO_STR pins = NULL;

	return filebatch_new(&j->files, e) && keep_copy(j, "", &j->bytes, e) &&
	       keep_copy(j, ".minisig", &j->signature, e) && make_folder(j, "", e) &&
	       copy_requests(j, e) && copy_out(j, "vault.pub", "vault.pub", e) &&
	       file_path(&signature, e, "%s/pins.json.minisig", j->to) &&
	       filebatch_add(j->files, signature, 0644, j->signature.data, j->signature.len, e) &&
	       filebatch_sync(j->files, e) && file_path(&pins, e, "%s/pins.json", j->to) &&
	       filenew_write(&j->pins, pins, 0644, j->bytes.data, j->bytes.len, e) &&
	       (fsync(j->pins.fd) == 0 || err_errno(e, "%s", pins));
}

static bool
commit(struct job *j, struct err *e)
{
	char hash[PIN_HEX], created[CLOCK_TEXT];
	json_t *body;

	manifest_hash(j->bytes.data, j->bytes.len, hash);
	clock_format(j->manifest.created, created);
	body = json_pack("{s:I, s:s, s:s, s:s, s:O}", "serial", (json_int_t)j->manifest.serial,
		"hash", hash, "created", created, "to", j->to, "files", j->hashes);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	filebatch_keep(j->files);
	return store_append(&j->store, "export", body, e);
}

/* From here on the manifest counts: should its name fail, the vault's own copy is there. */
static bool
publish(struct job *j, struct err *e)
{
	if (filenew_name(&j->pins, e) && file_sync_dir(j->to, e) && filenew_keep(&j->pins, NULL, e))
		return true;
	err_wrap(e, "manifest %lld is signed and journalled", (long long)j->manifest.serial);
	return err_hint(e, "export again to another folder: the next serial replaces this one");
}

static bool
print_result(const struct opts *o, const struct job *j, struct err *e)
{
	const struct manifest *m = &j->manifest;
	size_t pins = 0;
	JSON_AUTO doc = NULL;

	for (size_t i = 0; i < m->domain_count; i++)
		pins += m->domains[i].pin_count;
	if (cmd_json(o)) {
		doc = json_pack("{s:I, s:s, s:b, s:i, s:i}", "serial", (json_int_t)m->serial, "to",
			j->to, "offline", m->offline, "domains", (int)m->domain_count, "pins",
			(int)pins);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
	}
	printf("manifest %lld: %zu pin%s of %zu domain%s, in %s\n", (long long)m->serial, pins,
		pins == 1 ? "" : "s", m->domain_count, m->domain_count == 1 ? "" : "s", j->to);
	printf("  offline: %s\n", m->offline ? "yes" : "no, for good");
	printf("  verify:  minisign -Vm %s/pins.json -p %s/vault.pub\n", j->to, j->to);
	printf("  once it is live in production: coldspare deployed %lld\n", (long long)m->serial);
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool export(const struct opts *o, struct job *j, struct err *e)
{
	if (!open_job(o, j, e) || !sign(o, j, e) || !write_folder(j, e) ||
		!guard_offline(cmd_online(o), e) || !commit(j, e) || !publish(j, e))
		return false;
	if (j->warnings.len > 0)
		(void)fputs(j->warnings.data, stderr);
	return print_result(o, j, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { .pins = FILENEW_NONE };
	bool ok = export(o, &j, e);

	job_free(&j);
	return ok;
}

const struct command cmd_export = {
	.name = "export",
	.heading = "Publishing",
	.operands = "--to DIR",
	.summary = "sign the next manifest and write the export folder",
	.detail = "pins.json with its signature, vault.pub and the CSRs: nothing secret, ever. A "
		  "set that could lock clients out is refused. An export that fails uses up no "
		  "serial.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
