/* SPDX-License-Identifier: ISC */
#include "vault/found.h"

#include "base/clock.h"
#include "vault/privkey.h"

static bool
identity_json(const struct found *f, const struct signer *signer, struct buf *out, struct err *e)
{
	char key[MINISIGN_PUB_TEXT], created[CLOCK_TEXT];
	JSON_AUTO j = NULL;

	minisign_pub_encode(&signer->pub, key);
	clock_format(clock_now(), created);
	j = json_pack("{s:s, s:s, s:s, s:s}", "format", STORE_FORMAT, "name", f->name, "key", key,
		"created", created);
	if (!j)
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
