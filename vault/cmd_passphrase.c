/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/term.h"
#include "vault/cmd.h"
#include "vault/guard.h"
#include "vault/media.h"
#include "vault/privkey.h"
#include "vault/regather.h"

#include <sodium.h>
#include <stdio.h>

static const struct opt_spec options[] = {
	GATHER_OPTION,
	{ "new-passphrase-fd", OPT_ONE, "N", "read the new passphrase from descriptor N" },
	{ "kdf", OPT_ONE, "COST", "its cost, sensitive or interactive; default: as it was" },
	{ 0 },
};

struct change {
	struct store store;
	struct signer signer;
	const struct signer_kdf *kdf;
	bool recovered;  /* by custodians, for want of the old passphrase */
	json_t *seen;    /* whose shares were read */
	char *path;      /* of the new file, below the vault */
	char *removes;   /* of the one before */
	struct err left; /* why that could not be removed */
};

static void
change_free(struct change *c)
{
	free(c->path);
	free(c->removes);
	json_decref(c->seen);
	signer_free(&c->signer);
	store_close(&c->store);
}

/* The signing key -------------------------------------------------------------------------- */

static bool
from_custodians(const struct opts *o, struct change *c, struct err *e)
{
	MEDIA_AUTO media = { 0 };
	GATHER_AUTO from = { 0 };
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	const struct state *s = &c->store.state;
	const struct state_key *k = state_signing_key(s);

	c->recovered = true;
	if (!k)
		return err_set(e, ERR_MISSING, "the vault has no shares of its signing key");
	if (!media_init(o, &media, e) || !gather_open(&media.host, o, &from, e) ||
		!regather_key(&from, &c->store, k, &q, &kek, &key, e) ||
		!regather_record(&q, c->seen, e) || !signer_from_key(key, s->key.id, &c->signer, e))
		return err_wrap(e, "the passphrase was not changed");
	return minisign_pub_equal(&c->signer.pub, &s->key) ||
	       err_set(e, ERR_AUTH, "the shares hold another key than the vault's");
}

static bool
ask_new(const struct opts *o, struct secret *out, struct err *e)
{
	int fd = -1;

	return cmd_fd(o, "new-passphrase-fd", &fd, e) &&
	       term_secret(fd, "New passphrase of the vault", true, "--new-passphrase-fd", out, e);
}

/* The old one opens the file; or k custodians do without. Then the new one. */
static bool
unlock(const struct opts *o, struct change *c, struct secret *fresh, struct err *e)
{
	SECRET_AUTO old = SECRET_NONE;

	if (opt_count(o, "from") > 0)
		return from_custodians(o, c, e) && ask_new(o, fresh, e);
	if (!cmd_passphrase(o, false, &old, e))
		return false;
	if (!store_signer(&c->store, &old, &c->signer, e))
		return e->code != ERR_AUTH
			       ? false
			       : err_hint(e,
					 "where it is forgotten, k custodians do: --from MEDIUM");
	if (!ask_new(o, fresh, e))
		return false;
	if (opt_get(o, "kdf") || old.len != fresh->len ||
		sodium_memcmp(old.data, fresh->data, old.len) != 0)
		return true;
	return err_set(e, ERR_REFUSED, "that is the passphrase of now: nothing was changed");
}

/* The new file ----------------------------------------------------------------------------- */

/* What was written opens with the new passphrase, and holds the key. */
static bool
read_back(const struct change *c, const struct secret *passphrase, struct err *e)
{
	SECRET_AUTO file = SECRET_NONE;
	SIGNER_AUTO signer = { 0 };
	AUTO_STR path = NULL;

	if (!file_path(&path, e, "%s/%s", c->store.dir, c->path) ||
		!file_reread_secret(path, FILE_LIMIT, &file, e) ||
		!signer_decode(&file, passphrase, &signer, e))
		return err_wrap(e, "reading %s back", c->path);
	return minisign_pub_equal(&signer.pub, &c->signer.pub) ||
	       err_set(e, ERR_INTERNAL, "%s holds another key than was written", c->path);
}

static bool
append(struct change *c, json_t *hashes, struct err *e)
{
	json_t *body = json_pack("{s:I, s:s, s:b, s:O, s:s}", "number",
		(json_int_t)c->store.state.sec_number + 1, "kdf", c->kdf->name, "recovered",
		c->recovered, "files", hashes, "removes", c->removes);

	if (!body || (c->recovered && json_object_set(body, "from", c->seen) != 0)) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return store_append(&c->store, "passphrase", body, e);
}

static bool
write_file(const struct opts *o, struct change *c, const struct secret *passphrase, struct err *e)
{
	FILEBATCH_AUTO files = NULL;
	JSON_AUTO hashes = json_object();
	SECRET_AUTO text = SECRET_NONE;
	unsigned now = c->store.state.sec_number;

	if (!file_path(&c->path, e, "vault-%u.sec", now + 1) ||
		!file_path(&c->removes, e, "vault-%u.sec", now) ||
		!signer_encode(&c->signer, passphrase, c->kdf, &text, e) ||
		!filebatch_new(&files, e) ||
		!store_add_file(&c->store, files, hashes, c->path, 0600, text.data, text.len, e) ||
		!filebatch_sync(files, e) || !read_back(c, passphrase, e) ||
		!guard_offline(cmd_online(o), e))
		return err_wrap(e, "the passphrase was not changed");
	/* A line that fails half-way may yet be on disk: then this file must be there too. */
	filebatch_keep(files);
	if (!append(c, hashes, e))
		return err_hint(e, "run `coldspare audit`: it says which file counts");
	return true;
}

static bool
print_result(const struct opts *o, const struct change *c, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:s, s:b, s:s, s:b}", "file", c->path, "removed", c->removes,
			"left", c->left.code != ERR_NONE, "kdf", c->kdf->name, "recovered",
			c->recovered);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &c->store, doc, e) && json_print(doc, e);
	}
	printf("the signing key is under the new passphrase (%s), in %s\n", c->kdf->name, c->path);
	if (c->left.code == ERR_NONE)
		printf("%s is removed; copies of it, as in backups, still open with the\n"
		       "old passphrase\n",
			c->removes);
	else
		printf("%s could not be removed (%s): remove it; it still opens with the old "
		       "passphrase\n",
			c->removes, c->left.message);
	return cmd_journal_line(o, &c->store, NULL, e);
}

static bool
change(const struct opts *o, struct change *c, struct err *e)
{
	const char *kdf = opt_get(o, "kdf");
	SECRET_AUTO passphrase = SECRET_NONE;

	c->seen = json_array();
	if (!c->seen)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (kdf && !signer_kdf_find(kdf, &c->kdf, e))
		return false;
	if (!cmd_store_open(o, STORE_WRITE, &c->store, e))
		return false;
	if (!kdf)
		kdf = c->store.state.kdf ? c->store.state.kdf : "sensitive";
	if (!signer_kdf_find(kdf, &c->kdf, e) || !unlock(o, c, &passphrase, e) ||
		!write_file(o, c, &passphrase, e))
		return false;
	/* The line stands: what cannot be removed now is to be removed later. */
	if (store_sweep(&c->store, &c->left))
		c->left.code = ERR_NONE;
	return print_result(o, c, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct change c = { .store = { .lock_fd = -1 } };
	bool ok = change(o, &c, e);

	change_free(&c);
	return ok;
}

const struct command cmd_change_passphrase = {
	.name = "passphrase",
	.operands = "[--from MEDIUM ...]",
	.summary = "change the operator's passphrase, or replace a forgotten one",
	.detail = "The old passphrase opens the signing key or, with --from, k custodians bring it "
		  "back. It is written under the new one, read back, journalled, and the file "
		  "before is removed: copies of that one still open with the old passphrase.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
