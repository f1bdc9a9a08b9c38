/* SPDX-License-Identifier: ISC */
#include "vault/found.h"

#include "base/clock.h"
#include "base/file.h"
#include "vault/privkey.h"

#include <fnmatch.h>
#include <string.h>

static bool
identity_json(const struct found *f, const struct signer *signer, struct buf *out, struct err *e)
{
	char key[MINISIGN_PUB_TEXT];
	JSON_AUTO j = NULL;

	minisign_pub_encode(&signer->pub, key);
	j = json_pack("{s:s, s:s, s:s, s:o}", "format", STORE_FORMAT, "name", f->name, "key", key,
		"created", json_time(clock_now()));
	if (!j || (f->plan && json_object_set_new(j, "plan", json_string(f->plan)) != 0))
		return err_set(e, ERR_MEMORY, "out of memory");
	return json_write(j, true, out, e);
}

static bool
append_create(const struct found *f, struct store *s, const struct signer *signer, json_t *files,
	struct err *e)
{
	char key[MINISIGN_PUB_TEXT];
	json_t *custodians = json_array();
	json_t *body;

	minisign_pub_encode(&signer->pub, key);
	for (size_t i = 0; i < f->custodian_count; i++)
		json_array_append_new(custodians,
			json_pack("{s:s, s:s}", "name", f->custodians[i], "medium", f->media[i]));
	body = json_pack("{s:s, s:s, s:i, s:o, s:I, s:s, s:O}", "name", f->name, "key", key,
		"threshold", (int)f->threshold, "custodians", custodians, "max_age",
		(json_int_t)f->max_age, "kdf", f->kdf->name, "files", files);
	if (!body || (f->plan && json_object_set_new(body, "plan", json_string(f->plan)) != 0) ||
		(f->rebuilt && json_object_set(body, "rebuilt", f->rebuilt) != 0) ||
		(f->rehearsal && json_object_set_new(body, "rehearsal", json_true()) != 0)) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return store_append(s, "create", body, e);
}

/* The three identity files and line 1 of the journal. */
static bool
write_identity(const struct found *f, struct store *s, const struct signer *signer,
	const struct secret *secret_file, struct filebatch *files, struct err *e)
{
	JSON_AUTO hashes = json_object();
	BUF_AUTO identity = BUF_NONE;
	BUF_AUTO public_file = BUF_NONE;

	minisign_pub_file(&signer->pub, &public_file);
	return buf_ok(&public_file, e) && identity_json(f, signer, &identity, e) &&
	       store_add_file(
		       s, files, hashes, "vault.json", 0644, identity.data, identity.len, e) &&
	       store_add_file(
		       s, files, hashes, "vault.pub", 0644, public_file.data, public_file.len, e) &&
	       store_add_file(s, files, hashes, "vault-1.sec", 0600, secret_file->data,
		       secret_file->len, e) &&
	       filebatch_sync(files, e) && append_create(f, s, signer, hashes, e);
}

bool
found_begin(const struct found *f, const struct signer *signer, const struct secret *secret_file,
	struct filebatch **files, struct store *out, struct err *e)
{
	STORE_AUTO s = { 0 };
	FILEBATCH_AUTO batch = NULL;

	if (!store_create(f->dir, f->online, &s, e))
		return false;
	if (!filebatch_new(&batch, e) || !write_identity(f, &s, signer, secret_file, batch, e)) {
		filebatch_free(&batch);
		store_discard(&s);
		return false;
	}
	*files = batch;
	batch = NULL;
	*out = s;
	s = (struct store){ .lock_fd = -1 };
	return true;
}

/* In the order in which they go: what says whose they are goes last. */
static const char *const leftovers[] = { JOURNAL_FILE, "vault-1.sec", "vault.pub", "vault.json" };

static bool
is_leftover(const char *name)
{
	if (fnmatch(".coldspare-??????.tmp", name, 0) == 0)
		return true;
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++)
		if (strcmp(leftovers[i], name) == 0)
			return true;
	return false;
}

/* The identity is the first file to get its name, and it names the plan. */
static bool
is_of_plan(const char *dir, const char *plan)
{
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;
	JSON_AUTO identity = NULL;
	const char *named;
	struct err none;

	return file_path(&path, &none, "%s/vault.json", dir) &&
	       file_read(path, FILE_LIMIT, &text, &none) &&
	       json_parse(text.data, text.len, &identity, &none) &&
	       json_get_str(identity, "plan", &named, &none) && strcmp(named, plan) == 0;
}

static bool
check_leftovers(const char *dir, const char *plan, const struct file_list *files, struct err *e)
{
	bool ours = is_of_plan(dir, plan);

	for (size_t i = 0; i < files->count; i++)
		if (!is_leftover(files->names[i]) || (files->names[i][0] != '.' && !ours)) {
			err_set(e, ERR_EXISTS,
				"%s holds %s, which this plan's ceremony did not "
				"make",
				dir, files->names[i]);
			return err_hint(e, "a vault is made in a new folder or an empty one");
		}
	return true;
}

static bool
remove_leftovers(const char *dir, const struct file_list *files, struct err *e)
{
	for (size_t i = 0; i < files->count; i++) {
		AUTO_STR path = NULL;

		if (files->names[i][0] == '.' &&
			(!file_path(&path, e, "%s/%s", dir, files->names[i]) ||
				!file_remove(path, e)))
			return false;
	}
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++) {
		AUTO_STR path = NULL;

		if (!file_path(&path, e, "%s/%s", dir, leftovers[i]) ||
			(file_exists(path) && !file_remove(path, e)))
			return false;
	}
	return true;
}

bool
found_clear(const char *dir, const char *plan, bool *left, struct err *e)
{
	AUTO_FD lock = -1;
	struct file_list files;

	*left = false;
	if (!file_is_dir(dir))
		return true;
	if (!file_lock(dir, true, &lock, e) || !file_list(dir, &files, e))
		return false;
	*left = files.count > 0;
	bool ok = check_leftovers(dir, plan, &files, e) && remove_leftovers(dir, &files, e);
	file_list_free(&files);
	return ok;
}

bool
found_spare(const struct signer *signer, unsigned threshold, unsigned shares,
	enum manifest_origin origin, struct entropy *x, uint8_t *payloads, struct spare *out,
	struct err *e)
{
	AUTO_EVP_PKEY key = NULL;
	struct spare_recipe recipe = {
		.id = SHARE_SIGNING_KEY,
		.threshold = threshold,
		.shares = shares,
		.origin = origin,
	};

	return signer_to_key(signer, &key, e) && spare_from_key(&recipe, key, x, payloads, out, e);
}
