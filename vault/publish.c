/* SPDX-License-Identifier: ISC */
#include "vault/publish.h"

#include "base/file.h"
#include "pins/succession.h"
#include "vault/cmd.h"
#include "vault/export.h"
#include "vault/guard.h"

#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

void
publish_free(struct publish *p)
{
	filenew_abandon(&p->pins);
	filebatch_free(&p->files);
	manifest_free(&p->manifest);
	buf_free(&p->bytes);
	buf_free(&p->signature);
	buf_free(&p->warnings);
	json_decref(p->hashes);
	p->hashes = NULL;
}

/* Nothing else may lie there: least of all shares, in a folder that goes online. */
static bool
check_target(const struct publish *p, struct err *e)
{
	if (!cmd_outside(p->to, p->store->dir, e))
		return false;
	if (!file_is_dir(p->to) || file_check_empty(p->to, e))
		return true;
	return err_hint(e, "everything in an export folder is published: give each its own");
}

bool
publish_prepare(struct publish *p, struct err *e)
{
	return check_target(p, e) &&
	       export_build(p->store, clock_now(), p->valid_for, p->online, &p->manifest, e) &&
	       export_check(p->store, &p->manifest, p->force, &p->warnings, e) &&
	       buf_ok(&p->warnings, e);
}

static bool
sign(struct publish *p, const struct signer *signer, struct err *e)
{
	BUF_AUTO comment = BUF_NONE;
	char created[CLOCK_TEXT];

	clock_format(p->manifest.created, created);
	buf_addf(&comment, "%s serial %lld %s", p->manifest.vault_name,
		(long long)p->manifest.serial, created);
	return buf_ok(&comment, e) && manifest_encode(&p->manifest, &p->bytes, e) &&
	       signer_minisig(signer, p->bytes.data, p->bytes.len, comment.data, &p->signature, e);
}

/* What an export that was killed before its journal line left under this serial: nobody got it. */
static bool
remove_leftover(const struct publish *p, const char *relative, struct err *e)
{
	AUTO_STR path = NULL;

	if (json_object_get(p->store->state.files, relative))
		return err_set(e, ERR_INTERNAL, "%s is in the journal already", relative);
	return file_path(&path, e, "%s/%s", p->store->dir, relative) &&
	       (!file_exists(path) || file_remove(path, e));
}

static bool
keep_copy(struct publish *p, const char *suffix, const struct buf *bytes, struct err *e)
{
	AUTO_STR relative = NULL;

	return file_path(&relative, e, "manifests/%06lld.json%s", (long long)p->manifest.serial,
		       suffix) &&
	       remove_leftover(p, relative, e) &&
	       store_add_file(
		       p->store, p->files, p->hashes, relative, 0644, bytes->data, bytes->len, e);
}

static bool
copy_out(struct publish *p, const char *from, const char *to, struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;
	AUTO_STR path = NULL;

	return store_read_file(p->store, from, FILE_LIMIT, &bytes, e) &&
	       file_path(&path, e, "%s/%s", p->to, to) &&
	       filebatch_add(p->files, path, 0644, bytes.data, bytes.len, e);
}

static bool
make_folder(struct publish *p, const char *name, struct err *e)
{
	AUTO_STR path = NULL;

	return file_path(&path, e, "%s%s", p->to, name) &&
	       (file_is_dir(path) || filebatch_mkdir(p->files, path, 0755, e));
}

static bool
copy_request(struct publish *p, const struct state_key *k, struct err *e)
{
	char from[STATE_PATH];
	AUTO_STR to = NULL;

	state_request_path(k, k->request_number, from);
	return file_path(&to, e, "requests/%s.csr", k->id) && copy_out(p, from, to, e);
}

/* The latest one; the folder is there only when there is one to go into it. */
static bool
copy_certificate(struct publish *p, const struct state_key *k, struct err *e)
{
	const struct state_certificate *c = state_certificate(k);
	AUTO_STR to = NULL;

	return !c || (make_folder(p, "/certificates", e) &&
			     file_path(&to, e, "certificates/%s.pem", k->id) &&
			     copy_out(p, c->path, to, e));
}

/* What goes to CAs and servers, of each key that is pinned. */
static bool
copy_public(struct publish *p, struct err *e)
{
	if (!make_folder(p, "/requests", e))
		return false;
	for (size_t i = 0; i < p->manifest.domain_count; i++)
		for (size_t n = 0; n < p->manifest.domains[i].pin_count; n++) {
			const char *id = p->manifest.domains[i].pins[n].key;
			const struct state_key *k =
				id ? state_key_by_id(&p->store->state, id) : NULL;

			if (k && (!copy_request(p, k, e) || !copy_certificate(p, k, e)))
				return false;
		}
	return true;
}

/* The key that signed, and how it came to be the vault's. */
static bool
copy_vault_key(struct publish *p, struct err *e)
{
	const struct state *s = &p->store->state;
	AUTO_STR now = NULL;

	for (size_t i = 1; i <= s->keys_before_count; i++) {
		AUTO_STR path = NULL;
		AUTO_STR signature = NULL;

		if (!file_path(&path, e, SUCCESSION_FILE, (unsigned)i) ||
			!file_path(&signature, e, "%s.minisig", path) ||
			!copy_out(p, path, path, e) || !copy_out(p, signature, signature, e))
			return false;
	}
	if (minisign_pub_equal(&s->key, &s->first))
		return copy_out(p, "vault.pub", "vault.pub", e);
	return file_path(&now, e, SUCCESSION_FILE, (unsigned)s->keys_before_count) &&
	       copy_out(p, now, "vault.pub", e);
}

/* Everything on disk, but for the name pins.json: a folder without it was never exported. */
static bool
write_folder(struct publish *p, struct err *e)
{
	AUTO_STR signature = NULL;
	AUTO_STR pins = NULL;

	return filebatch_new(&p->files, e) && keep_copy(p, "", &p->bytes, e) &&
	       keep_copy(p, ".minisig", &p->signature, e) && make_folder(p, "", e) &&
	       copy_public(p, e) && copy_vault_key(p, e) &&
	       file_path(&signature, e, "%s/pins.json.minisig", p->to) &&
	       filebatch_add(p->files, signature, 0644, p->signature.data, p->signature.len, e) &&
	       filebatch_sync(p->files, e) && file_path(&pins, e, "%s/pins.json", p->to) &&
	       filenew_write(&p->pins, pins, 0644, p->bytes.data, p->bytes.len, e) &&
	       (fsync(p->pins.fd) == 0 || err_errno(e, "%s", pins));
}

static bool
commit(struct publish *p, struct err *e)
{
	char hash[PIN_HEX];
	json_t *body;

	manifest_hash(p->bytes.data, p->bytes.len, hash);
	body = json_pack("{s:I, s:s, s:o, s:s, s:O}", "serial", (json_int_t)p->manifest.serial,
		"hash", hash, "created", json_time(p->manifest.created), "to", p->to, "files",
		p->hashes);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	filebatch_keep(p->files);
	return store_append(p->store, "export", body, e);
}

/* From here on the manifest counts: should its name fail, the vault's own copy is there. */
static bool
name_it(struct publish *p, struct err *e)
{
	if (filenew_name(&p->pins, e) && file_sync_dir(p->to, e) && filenew_keep(&p->pins, NULL, e))
		return true;
	err_wrap(e, "manifest %lld is signed and journalled", (long long)p->manifest.serial);
	return err_hint(e, "export again to another folder: the next serial replaces this one");
}

bool
publish_run(struct publish *p, const struct signer *signer, struct err *e)
{
	p->hashes = json_object();
	return sign(p, signer, e) && write_folder(p, e) && guard_offline(p->online, e) &&
	       commit(p, e) && name_it(p, e);
}

/* After a kill ------------------------------------------------------------------------------ */

static bool
remove_named(const char *dir, const char *name, struct err *e)
{
	AUTO_STR path = NULL;

	return file_path(&path, e, "%s/%s", dir, name) &&
	       (!file_exists(path) || file_is_dir(path) || file_remove(path, e));
}

static bool
remove_requests(const char *to, struct err *e)
{
	AUTO_STR dir = NULL;
	struct file_list files;
	bool ok = true;

	if (!file_path(&dir, e, "%s/requests", to))
		return false;
	if (!file_is_dir(dir))
		return true;
	if (!file_list(dir, &files, e))
		return false;
	for (size_t i = 0; ok && i < files.count; i++)
		if (fnmatch("?*.csr", files.names[i], 0) == 0 ||
			fnmatch(".coldspare-??????.tmp", files.names[i], 0) == 0)
			ok = remove_named(dir, files.names[i], e);
	file_list_free(&files);
	if (ok)
		rmdir(dir); /* where anything else is in it, it stays and is in the way */
	return ok;
}

bool
publish_clear(const char *to, struct err *e)
{
	AUTO_STR pins = NULL;
	struct file_list files;
	bool ok = true;

	if (!file_path(&pins, e, "%s/pins.json", to))
		return false;
	if (!file_is_dir(to) || file_exists(pins))
		return true;
	if (!file_list(to, &files, e))
		return false;
	for (size_t i = 0; ok && i < files.count; i++)
		if (fnmatch(".coldspare-??????.tmp", files.names[i], 0) == 0)
			ok = remove_named(to, files.names[i], e);
	file_list_free(&files);
	return ok && remove_named(to, "pins.json.minisig", e) && remove_named(to, "vault.pub", e) &&
	       remove_requests(to, e);
}

/* Whether it was this folder that the manifest went to: its signature is there already. */
static bool
is_signed_there(const struct store *s, int64_t serial, const char *to)
{
	AUTO_STR from = NULL;
	AUTO_STR there = NULL;
	BUF_AUTO a = BUF_NONE, b = BUF_NONE;
	struct err none;

	return file_path(&from, &none, "manifests/%06lld.json.minisig", (long long)serial) &&
	       file_path(&there, &none, "%s/pins.json.minisig", to) &&
	       store_read_file(s, from, FILE_LIMIT, &a, &none) &&
	       file_read(there, FILE_LIMIT, &b, &none) && a.len == b.len &&
	       memcmp(a.data, b.data, a.len) == 0;
}

bool
publish_finish(const struct store *s, int64_t serial, const char *to, struct err *e)
{
	AUTO_STR from = NULL;
	AUTO_STR pins = NULL;
	BUF_AUTO bytes = BUF_NONE;

	if (!file_path(&pins, e, "%s/pins.json", to))
		return false;
	if (file_exists(pins) || !is_signed_there(s, serial, to))
		return true;
	if (file_path(&from, e, "manifests/%06lld.json", (long long)serial) &&
		store_read_file(s, from, FILE_LIMIT_LARGE, &bytes, e) &&
		file_write_new(pins, 0644, bytes.data, bytes.len, e))
		return true;
	err_wrap(e, "manifest %lld is signed and journalled", (long long)serial);
	return err_hint(e, "export again to another folder: the next serial replaces this one");
}
