/* SPDX-License-Identifier: ISC */
#include "vault/rekey.h"

#include "base/clock.h"
#include "base/file.h"
#include "pins/succession.h"
#include "vault/privkey.h"

#include <stdlib.h>

void
rekey_free(struct rekey *r)
{
	signer_free(&r->successor);
}

/* The statement --------------------------------------------------------------------------- */

static bool
sign_statement(const struct rekey *r, const struct buf *pub, struct buf *out, struct err *e)
{
	BUF_AUTO comment = BUF_NONE;
	char now[CLOCK_TEXT], old[MINISIGN_PUB_TEXT];

	clock_format(clock_now(), now);
	minisign_pub_encode(&r->old->pub, old);
	buf_addf(&comment, SUCCESSION_COMMENT "%zu of %s, %s %s",
		r->store->state.keys_before_count + 1, old, r->store->state.name, now);
	return buf_ok(&comment, e) &&
	       signer_minisig(r->old, pub->data, pub->len, comment.data, out, e);
}

static bool
add_statement(struct rekey *r, struct filebatch *files, json_t *hashes, struct err *e)
{
	BUF_AUTO pub = BUF_NONE;
	BUF_AUTO signature = BUF_NONE;
	AUTO_STR path = NULL;
	AUTO_STR signature_path = NULL;

	minisign_pub_file(&r->successor.pub, &pub);
	return buf_ok(&pub, e) && sign_statement(r, &pub, &signature, e) &&
	       file_path(&path, e, SUCCESSION_FILE,
		       (unsigned)r->store->state.keys_before_count + 1) &&
	       file_path(&signature_path, e, "%s.minisig", path) &&
	       store_add_file(r->store, files, hashes, path, 0644, pub.data, pub.len, e) &&
	       store_add_file(r->store, files, hashes, signature_path, 0644, signature.data,
		       signature.len, e);
}

static bool
add_secret(struct rekey *r, struct filebatch *files, json_t *hashes, struct err *e)
{
	const char *cost = r->store->state.kdf;
	const struct signer_kdf *kdf;
	SECRET_AUTO file = SECRET_NONE;
	AUTO_STR path = NULL;

	return signer_kdf_find(cost ? cost : "sensitive", &kdf, e) &&
	       signer_encode(&r->successor, r->passphrase, kdf, &file, e) &&
	       file_path(&path, e, "vault-%u.sec", r->store->state.sec_number + 1) &&
	       store_add_file(r->store, files, hashes, path, 0600, file.data, file.len, e);
}

static bool
add_files(void *context, struct filebatch *files, json_t *hashes, struct err *e)
{
	struct rekey *r = context;

	return add_statement(r, files, hashes, e) && add_secret(r, files, hashes, e);
}

/* The admission --------------------------------------------------------------------------- */

static bool
commit_member(const struct rekey *r, json_t **out, struct err *e)
{
	char key[MINISIGN_PUB_TEXT];
	AUTO_STR removes = NULL;

	minisign_pub_encode(&r->successor.pub, key);
	if (!file_path(&removes, e, "vault-%u.sec", r->store->state.sec_number))
		return false;
	*out = json_pack("{s:{s:s, s:I, s:s}}", "rekey", "key", key, "number",
		(json_int_t)r->store->state.sec_number + 1, "removes", removes);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
admit(struct rekey *r, struct spare *spare, json_t *member, struct err *e)
{
	struct admit a = {
		.store = r->store,
		.entropy = r->entropy,
		.kind = "rekey",
		.deal = {
			.state = &r->store->state,
			.signer = &r->successor,
			.holders = r->holders,
			.threshold = r->store->state.threshold,
			.created = clock_now(),
		},
		.allow_online = r->allow_online,
		.spares = spare,
		.count = 1,
		.more = member,
		.add = add_files,
		.context = r,
	};

	if (!admit_run(&a, e))
		return false;
	r->subsets = a.subsets;
	return true;
}

static bool
make_spare(struct rekey *r, uint8_t *payloads, struct spare *out, struct err *e)
{
	AUTO_EVP_PKEY key = NULL;
	struct spare_recipe recipe = {
		.id = r->id,
		.threshold = r->store->state.threshold,
		.shares = (unsigned)r->holders->count,
		.origin = r->allow_online ? ORIGIN_ONLINE : ORIGIN_OFFLINE,
	};

	return signer_to_key(&r->successor, &key, e) &&
	       spare_from_key(&recipe, key, r->entropy, payloads, out, e);
}

bool
rekey_run(struct rekey *r, struct err *e)
{
	SECRET_AUTO payloads = SECRET_NONE;
	JSON_AUTO member = NULL;
	struct spare spare = { 0 };
	struct err why;

	if (r->store->state.keys_before_count == SUCCESSION_MAX)
		return err_set(e, ERR_REFUSED, "a vault has at most %d successors of its key",
			SUCCESSION_MAX);
	state_signing_id(r->store->state.keys_before_count + 1, r->id);
	if (!signer_new(r->entropy, &r->successor, e) || !commit_member(r, &member, e) ||
		!secret_new(&payloads, r->holders->count * SHARE_DATA_LEN, e) ||
		!make_spare(r, payloads.data, &spare, e))
		return false;
	bool ok = admit(r, &spare, member, e);
	spare_free(&spare);
	/* The line stands: a file that cannot be removed now is one to be removed later. */
	r->left = ok && !store_sweep(r->store, &why);
	return ok;
}
